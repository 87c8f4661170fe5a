"""Our signatures compared with those of botocore's own signer, byte for byte."""

from __future__ import annotations

import string
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials
from hypothesis import given
from hypothesis import strategies as st

from tfm.s3.fast.access import Credentials
from tfm.s3.fast.blanks import Blanks
from tfm.s3.fast.signing import Keys, canonical_request, stamp_of

printable = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40)
token = st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=20)
own_names = ["Range", "If-Match", "content-md5", "x-amz-copy-source", "expect", "user-agent", "Expires"]
own_names += ["x-amz-checksum-crc32", "x-amz-meta-100%s", "x-amz-meta-%"]
names = token.map(lambda name: f"x-amz-meta-{name}") | st.sampled_from(own_names)
keys = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    ["a/../b", "./x", "//", "a//b/", "%41+ ", "ü\n\r\x00", "~-._*'()", "?#&=;"]
)
moments = st.integers(946_684_800, 4_102_444_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(
    method=st.sampled_from(["GET", "PUT", "HEAD", "POST", "DELETE"]),
    host=st.sampled_from(["bucket.s3.eu-west-1.amazonaws.com", "127.0.0.1:9000", "[::1]:9000", "s3.example.org"]),
    key=keys,
    query=st.dictionaries(token, keys, max_size=4),
    headers=st.dictionaries(names, printable, max_size=6),
    body=st.binary(max_size=50),
    session=st.none() | token,
    secret=printable.filter(bool),
    region=st.sampled_from(["us-east-1", "eu-central-1", "ap-southeast-2", "auto"]),
    moment=moments,
)
def test_the_signature_is_botocores(
    method: str, host: str, key: str, query: dict[str, str], headers: dict[str, str], body: bytes, session: str | None,
    secret: str, region: str, moment: datetime,
) -> None:  # fmt: skip
    path = "/bucket/" + quote(key, safe="/~")
    headers = {name.lower(): value for name, value in headers.items()}
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query.items())
    canonical = "&".join(f"{name}={value}" for name, value in pairs)
    url = f"http://{host}{path}" + (f"?{canonical}" if canonical else "")
    theirs = AWSRequest(method, url, headers=headers, data=body)
    signer = S3SigV4Auth(BotoCredentials("AKID", secret, session), "s3", region)
    with patch("botocore.auth.get_current_datetime", lambda: moment):
        signer.add_auth(theirs)

    own = {**headers, "x-amz-content-sha256": theirs.headers["X-Amz-Content-SHA256"]}
    ours = {"host": host, **own, "x-amz-date": stamp_of(moment.timestamp())}
    if session is not None:
        ours["x-amz-security-token"] = session
    authorization = theirs.headers["Authorization"]
    credentials, mine, target = Credentials("AKID", secret, session), Blanks(), url.removeprefix(f"http://{host}")
    for _ in range(2):  # the second by the blank that was kept
        blank = mine.blank(credentials, region, method, {"host": host}, own, moment.timestamp())
        first, *lines, end, nothing = blank.fill(path, canonical, target, {**own}).decode().split("\r\n")
        assert (first, end, nothing) == (f"{method} {target} HTTP/1.1", "", "")
        assert sorted(lines) == sorted(
            f"{name}: {value}" for name, value in (*ours.items(), ("authorization", authorization))
        )
    del theirs.headers["Authorization"]
    written, signed = canonical_request(method, path, canonical, ours)
    assert written == signer.canonical_request(theirs)
    assert f"SignedHeaders={signed}," in authorization


def test_requests_of_one_kind_share_a_blank_for_a_second_and_differ_in_what_is_their_own() -> None:
    blanks, common = Blanks(), {"host": "h", "user-agent": "100% ours"}
    credentials = Credentials("id%s", "secret")

    def blank(
        now: float = 0.0, region: str = "a", method: str = "PUT", whose: Credentials = credentials, **own: str
    ) -> Any:
        return blanks.blank(whose, region, method, common, {"x-amz-content-sha256": "", **own}, now)

    first = blank(x="1")
    assert blank(0.9, x="2") is first
    others = [blank(), blank(x="", y=""), blank(region="b", x=""), blank(method="GET", x=""), blank(1.0, x="")]
    others.append(blank(whose=Credentials("id%s", "secret", "token"), x=""))
    assert len({first, *others}) == 7
    one, other = (first.fill("/", "", "/", {"x": value, "x-amz-content-sha256": ""}) for value in ("1", "2"))
    assert one != other, "the value is signed"
    assert b"user-agent: 100% ours\r\n" in one
    assert b"Credential=id%s/" in one


def test_days_regions_and_secrets_have_keys_of_their_own() -> None:
    keys = Keys()
    days = [stamp_of(number * 86_400.0)[:8] for number in range(100)]
    given_ = {keys.key(f"secret-{number % 2}", region, day) for number, day in enumerate(days) for region in ("a", "b")}
    assert len(given_) == 200
    assert len(keys._kept) <= 64


@pytest.mark.parametrize(("now", "text"), [(0.0, "19700101T000000Z"), (1_767_323_045.9, "20260102T030405Z")])
def test_a_stamp_is_utc_and_whole_seconds(now: float, text: str) -> None:
    assert stamp_of(now) == text
    assert stamp_of(now + 1) != text


def test_secrets_are_not_shown() -> None:
    assert "secret" not in repr(Credentials("id", "secret", "token")) + str(Credentials("id", "secret", "token"))
