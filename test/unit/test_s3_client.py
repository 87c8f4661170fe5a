"""Both clients on servers that misbehave: other regions, wrong clocks, broken answers, no credentials, no server."""

from __future__ import annotations

import email.utils
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from stub_s3 import Reply, Request, StubS3, error_body

from tfm.errors import (
    S3AuthError,
    S3BaseError,
    S3ChangedError,
    S3ConnectionError,
    S3ExistsError,
    S3GenericError,
    S3NotFoundError,
    S3RateLimitError,
    S3TimeoutError,
)
from tfm.s3.client import Boto3Client, profiles
from tfm.s3.fast.client import FastClient
from tfm.s3.fast.finding import find_access
from tfm.s3.protocol import Place, Probe, WriteOptions
from tfm.s3.verbs import Verbs

LISTING = b'<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated>%s</ListBucketResult>'
ROW = (
    b'<Contents><Key>k</Key><LastModified>2026-01-02T03:04:05Z</LastModified><ETag>"e"</ETag><Size>3</Size></Contents>'
)
DATED = {"Last-Modified": "Fri, 02 Jan 2026 03:04:05 GMT", "ETag": '"e"'}

Serve = Callable[[Callable[[Request], Reply]], StubS3]
Make = Callable[..., Verbs]


@pytest.fixture(params=["boto3", "fast"])
def make(request: pytest.FixtureRequest) -> Make:
    """Makes a client of a place: boto3's, or the fast one with boto3's behind it."""

    def fast(place: Place | None = None) -> Verbs:
        boto3 = Boto3Client(place)
        return FastClient(boto3, lambda: find_access(boto3.place, boto3))

    return Boto3Client if request.param == "boto3" else fast


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Start a stub server, and point the environment at it."""
    started: list[StubS3] = []
    # Retries go on as always, but nobody waits for them.
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    monkeypatch.setattr("tfm.s3.fast.retrying.delay", lambda *_: 0)

    def start(answer: Callable[[Request], Reply]) -> StubS3:
        stub = StubS3(answer)
        started.append(stub.__enter__())
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", stub.endpoint)
        return stub

    yield start
    for stub in started:
        stub.__exit__()


def always(*replies: Reply) -> Callable[[Request], Reply]:
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


# Regions


@pytest.mark.parametrize("status", [301, 400])
def test_a_bucket_in_another_region_just_works(make: Make, serve: Serve, status: int) -> None:
    def answer(request: Request) -> Reply:
        if "/eu-central-1/s3/" in request.headers.get("Authorization", ""):
            return Reply(200, LISTING % ROW)
        code = "PermanentRedirect" if status == 301 else "AuthorizationHeaderMalformed"
        region = {"x-amz-bucket-region": "eu-central-1"}
        return Reply(status, error_body(code, "wrong", "<Region>eu-central-1</Region>"), region)

    stub = serve(answer)
    client = make()
    assert client.probe("bucket", "k").facts is not None
    assert len(stub.requests) >= 2
    before = len(stub.requests)
    assert client.probe("bucket", "k").facts is not None
    assert len(stub.requests) == before + 1, "the region is remembered"


def test_a_redirect_to_nowhere_says_what_to_do(make: Make, serve: Serve) -> None:
    serve(always(Reply(301, error_body("PermanentRedirect", "elsewhere"))))
    with pytest.raises(S3GenericError, match=r"another region.*AWS_DEFAULT_REGION"):
        make().probe("bucket", "k")


@pytest.mark.parametrize(("region", "constraint"), [("eu-west-3", b"eu-west-3"), ("us-east-1", None)])
def test_a_bucket_is_made_in_the_places_region(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, region: str, constraint: bytes | None
) -> None:
    bodies: list[Any] = []
    serve(lambda request: Reply(404 if request.method == "HEAD" else 200))
    client = Boto3Client(Place(region=region))
    client._boto3().meta.events.register(
        "before-send.s3.CreateBucket", lambda request, **_: bodies.append(request.body)
    )
    client.create_bucket("new-bucket")
    assert len(bodies) == 1
    if constraint is None:
        assert not bodies[0]
    else:
        assert b"<LocationConstraint>eu-west-3</LocationConstraint>" in bodies[0]


# Credentials and clocks


def test_a_wrong_clock_is_named(make: Make, serve: Serve) -> None:
    far = email.utils.formatdate(time.time() - 7200, usegmt=True)
    headers = {"Date": far, "x-amz-request-id": "REQ1"}
    serve(always(Reply(403, error_body("RequestTimeTooSkewed", "The difference is too large."), headers)))
    with pytest.raises(S3AuthError, match=r"clock.*set the clock right") as caught:
        make().probe("bucket", "k")
    assert (caught.value.code, caught.value.status, caught.value.request_id) == ("RequestTimeTooSkewed", 403, "REQ1")


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment without credentials; gives the config file."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    config = tmp_path / "config"
    config.write_text("")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    return config


def test_no_credentials(make: Make, nobody: Path) -> None:
    with pytest.raises(S3AuthError, match="no credentials") as caught:
        make().list_buckets()
    for word in ("aws configure", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "aws sso login"):
        assert word in str(caught.value)


def test_half_of_the_credentials(make: Make, nobody: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    with pytest.raises(S3AuthError, match="AWS_SECRET_ACCESS_KEY") as caught:
        make().head("bucket", "k")
    assert "AKIA" not in str(caught.value)


def test_a_profile_that_is_not_there(make: Make, nobody: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nope")
    with pytest.raises(S3AuthError, match="nope"):
        make().list_buckets()
    with pytest.raises(S3AuthError, match="nope"):
        make().call("get_bucket_acl", Bucket="b")
    with pytest.raises(S3AuthError, match="nope"):
        make().create_bucket("new-bucket")


def test_a_sign_in_that_has_expired(make: Make, nobody: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody.write_text(
        "[profile work]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n"
        "[sso-session s]\nsso_start_url = https://example.com\nsso_region = us-east-1\n"
    )
    with pytest.raises(S3AuthError, match="aws sso login"):
        make(Place("work", profile="work")).list_buckets()


def test_a_config_file_that_is_broken(make: Make, nobody: Path) -> None:
    nobody.write_text("[profile work\nnonsense")
    with pytest.raises(S3AuthError, match="config"):
        make().list_buckets()
    with pytest.raises(S3AuthError, match="config"):
        profiles()


def test_without_a_home(make: Make, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(always(Reply(200, LISTING % ROW)))
    for name in ("HOME", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.delenv(name)
    assert make().probe("bucket", "k").facts is not None


# Permissions


def test_without_listing_a_head_answers(make: Make, serve: Serve) -> None:
    def answer(request: Request) -> Reply:
        if request.method == "GET":
            return Reply(403, error_body("AccessDenied", "no"))
        return Reply(200, b"", {**DATED, "Content-Length": "3"}) if "/bucket/k" in request.path else Reply(404)

    serve(answer)
    client = make()
    found = client.probe("bucket", "k")
    assert found.facts is not None
    assert (found.facts.size, found.below) == (3, False)
    with pytest.raises(S3AuthError) as caught:
        client.probe("bucket", "missing")
    assert caught.value.code == "AccessDenied"


@pytest.mark.parametrize("code", ["InvalidAccessKeyId", "SignatureDoesNotMatch", "RequestTimeTooSkewed"])
def test_who_is_not_known_gets_no_second_request(make: Make, serve: Serve, code: str) -> None:
    stub = serve(always(Reply(403, error_body(code))))
    with pytest.raises(S3AuthError):
        make().probe("bucket", "k")
    assert [request.method for request in stub.requests] == ["GET"]


# Answers that break or make no sense


@pytest.mark.parametrize(
    "body",
    [LISTING[:60], b"<html><body>Welcome</body></html>", b"", b"<ListAllMyBucketsResult/>"],
    ids=["half", "page", "nothing", "another"],
)
def test_what_is_no_listing_never_looks_empty(make: Make, serve: Serve, body: bytes) -> None:
    serve(always(Reply(200, body)))
    with pytest.raises(S3BaseError):
        list(make().pages("bucket"))


def test_half_a_listing_is_asked_for_again(make: Make, serve: Serve) -> None:
    stub = serve(always(Reply(200, (LISTING % ROW)[:90]), Reply(200, LISTING % ROW)))
    assert [facts.key for page in make().pages("bucket") for facts in page.objects] == ["k"]
    assert len(stub.requests) == 2


def test_an_error_inside_a_success(make: Make, serve: Serve) -> None:
    serve(always(Reply(200, error_body("InternalError", "We failed."))))
    with pytest.raises(S3GenericError) as caught:
        list(make().pages("bucket"))
    assert caught.value.code == "InternalError"


def test_a_server_that_asks_for_less_is_asked_again_and_then_named(make: Make, serve: Serve) -> None:
    stub = serve(always(Reply(503, error_body("SlowDown", "Please reduce your request rate."))))
    with pytest.raises(S3RateLimitError, match="fewer requests"):
        make().head("bucket", "k")
    assert len(stub.requests) == 3


def test_the_users_own_number_of_attempts_counts(make: Make, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    stub = serve(always(Reply(503, error_body("SlowDown"))))
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
    monkeypatch.setenv("AWS_RETRY_MODE", "standard")
    with pytest.raises(S3RateLimitError):
        make().head("bucket", "k")
    assert len(stub.requests) == 2


@pytest.mark.parametrize("size", [-1, 4, 100])
def test_a_body_that_breaks_off(make: Make, serve: Serve, size: int) -> None:
    serve(always(Reply(200, b"0123", DATED, length=10)))
    body = make().get("bucket", "k")
    assert body.facts.size == 10

    def read_all() -> None:
        while body.read(size):
            pass

    with pytest.raises(S3ConnectionError) as caught:
        read_all()
    assert (caught.value.bucket, caught.value.key, caught.value.filename) == ("bucket", "k", "s3://bucket/k")
    body.close()


def test_a_range_beyond_the_end_is_empty_and_a_missing_object_is_not(make: Make, serve: Serve) -> None:
    def answer(request: Request) -> Reply:
        if request.method == "GET":
            return Reply(416, error_body("InvalidRange"))
        return Reply(200, b"", {**DATED, "Content-Length": "0"}) if request.path.endswith("/empty") else Reply(404)

    serve(answer)
    client = make()
    body = client.get("bucket", "empty", start=5)
    assert (body.read(), body.read(3), body.facts.size) == (b"", b"", 0)
    body.close()
    with pytest.raises(S3NotFoundError):
        client.get("bucket", "gone", start=5)


@pytest.mark.parametrize(("start", "stop"), [(3, None), (3, 6), (0, 6)])
def test_a_server_that_ignores_ranges_gives_no_wrong_bytes(
    make: Make, serve: Serve, start: int, stop: int | None
) -> None:
    serve(always(Reply(200, b"0123456789", DATED)))
    with pytest.raises(S3GenericError, match="whole object"):
        make().get("bucket", "k", start=start, stop=stop)
    serve(always(Reply(206, b"0123", {**DATED, "Content-Range": "bytes 0-3/10"})))
    if start:
        with pytest.raises(S3GenericError, match="whole object"):
            make().get("bucket", "k", start=start, stop=stop)
    serve(always(Reply(200, b"0123456789", DATED)))
    body = make().get("bucket", "k", stop=10)
    assert body.read() == b"0123456789"
    body.close()


def test_deleted_is_only_what_the_answer_names(make: Make, serve: Serve) -> None:
    reply = (
        b"<DeleteResult><Deleted><Key>a</Key></Deleted>"
        b"<Error><Key>b</Key><Code>AccessDenied</Code><Message>no</Message></Error>"
        b"<Error><Key>d</Key><Code>NoSuchKey</Code></Error></DeleteResult>"
    )
    serve(always(Reply(200, reply)))
    errors = make().delete_many("bucket", ["a", "b", "c", "d"])
    assert {key: type(error) for key, error in errors.items()} == {"b": S3AuthError, "c": S3GenericError}
    assert errors["b"].filename == "s3://bucket/b"  # type: ignore[attr-defined]
    assert "does not say that it was deleted" in str(errors["c"])


def test_a_server_that_says_what_was_not_there(make: Make, serve: Serve) -> None:
    serve(always(Reply(404, error_body("NoSuchKey"))))
    make().delete("bucket", "k")


def test_keys_that_xml_cannot_carry_go_one_by_one(make: Make, serve: Serve) -> None:
    def answer(request: Request) -> Reply:
        if request.method == "POST":
            return Reply(200, b"<DeleteResult><Deleted><Key>plain</Key></Deleted></DeleteResult>")
        return Reply(403, error_body("AccessDenied")) if request.path.endswith("%0A") else Reply(204)

    stub = serve(answer)
    errors = make().delete_many("bucket", ["plain", "a\x01", "b\n"])
    assert [*errors] == ["b\n"]
    assert sorted(request.path.partition("?")[0] for request in stub.requests) == [
        "/bucket", "/bucket/a%01", "/bucket/b%0A"
    ]  # fmt: skip


@pytest.mark.parametrize("lost", [Reply(0), Reply(500), Reply(504)])
def test_a_conditional_write_of_unknown_outcome(make: Make, serve: Serve, lost: Reply) -> None:
    for reply, verb in (
        (Reply(412), lambda client: client.put("bucket", "k", b"", WriteOptions(if_none_match=True))),
        (Reply(412), lambda client: client.put("bucket", "k", b"", WriteOptions(if_match='"e"'))),
        (Reply(409), lambda client: client.complete_upload("bucket", "k", "u", [], WriteOptions(if_none_match=True))),
        (Reply(404, error_body("NoSuchUpload")), lambda client: client.complete_upload("bucket", "k", "u", [])),
    ):
        serve(always(lost, reply))
        with pytest.raises(S3ConnectionError, match="may have worked"):
            verb(make())
    for before in ([], [Reply(503, error_body("SlowDown"))]):
        serve(always(*before, Reply(412)))
        with pytest.raises(S3ExistsError):
            make().put("bucket", "k", b"", WriteOptions(if_none_match=True))
    serve(always(lost, Reply(412)))
    with pytest.raises(S3ChangedError):
        make().get("bucket", "k", if_match='"e"')


def test_every_page_of_buckets(make: Make, serve: Serve) -> None:
    def answer(request: Request) -> Reply:
        more = b"" if "continuation-token=t" in request.path else b"<ContinuationToken>t</ContinuationToken>"
        name = b"two" if not more else b"one"
        body = b"<ListAllMyBucketsResult><Buckets><Bucket><Name>%s</Name></Bucket></Buckets>%s</ListAllMyBucketsResult>"
        return Reply(200, body % (name, more))

    serve(answer)
    assert [bucket.name for bucket in make().list_buckets()] == ["one", "two"]


def test_what_a_put_sends(make: Make, serve: Serve) -> None:
    date = email.utils.formatdate(1_700_000_000, usegmt=True)
    stub = serve(always(Reply(200, b"", {"ETag": '"new"', "Date": date})))
    options = WriteOptions(if_match='"old"', content_type="text/css", metadata={"colour": "red"})
    facts = make().put("bucket", "k", b"body", options)
    assert (facts.etag, facts.size) == ('"new"', 4)
    sent = {name.lower(): value for name, value in stub.requests[0].headers.items()}
    assert (sent["if-match"], sent["content-type"], sent["x-amz-meta-colour"]) == ('"old"', "text/css", "red")
    assert "tfm" in sent["user-agent"]


# No server


def test_nobody_listens(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    monkeypatch.setattr("tfm.s3.fast.retrying.delay", lambda *_: 0)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{closed.getsockname()[1]}")
    with pytest.raises(S3ConnectionError, match="AWS_ENDPOINT_URL"):
        make().list_buckets()


def test_a_server_that_never_answers(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tfm.s3.client.READ_SECONDS", 0.2)
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    monkeypatch.setattr("tfm.s3.fast.retrying.delay", lambda *_: 0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(S3TimeoutError, match="did not answer"):
            make().list_buckets()


# What can't be sent


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda client: client.head("in valid", "k"), "bucket name"),
        (lambda client: client.head("bucket", "\ud800"), "surrogates"),
        (lambda client: client.head("bucket", ""), "Key"),
        (lambda client: client.put("bucket", "k", b"", WriteOptions(metadata={"k": "ü"})), "ascii|ASCII"),
    ],
)
def test_names_that_s3_cannot_have(make: Make, serve: Serve, ask: Callable[[Verbs], Any], words: str) -> None:
    stub = serve(always(Reply(200)))
    with pytest.raises(S3GenericError, match=words):
        ask(make())
    assert stub.requests == []


def test_an_endpoint_that_is_no_url(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(S3GenericError, match="endpoint"):
        make(Place(endpoint="nonsense")).list_buckets()
    monkeypatch.setenv("AWS_DEFAULT_REGION", "no region")
    with pytest.raises(S3GenericError, match="region"):
        make().list_buckets()


# How it is made


def test_nothing_is_loaded_or_read_before_the_first_request() -> None:
    code = (
        "import sys; from tfm.s3.client import Boto3Client; c = Boto3Client(); c.place;"
        "assert not {'boto3', 'botocore', 'urllib3'} & set(sys.modules), sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_threads_make_one_client(serve: Serve) -> None:
    serve(always(Reply(200, LISTING % ROW)))
    client = Boto3Client()
    made = set()
    barrier = threading.Barrier(8)

    def work() -> None:
        barrier.wait(10)
        client.probe("bucket", "k")
        made.add(id(client._boto3()))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(made) == 1


def test_addressing_and_endpoint_of_a_place(make: Make, serve: Serve) -> None:
    stub = serve(always(Reply(200, LISTING % ROW)))
    other = StubS3(always(Reply(200, LISTING % ROW)))
    with other:
        client = make(Place("p", endpoint=other.endpoint, region="eu-west-1", addressing="path"))
        client.probe("bucket", "k")
    assert stub.requests == []
    assert other.requests[0].path.startswith("/bucket?")
    assert "/eu-west-1/s3/" in other.requests[0].headers["Authorization"]


def test_a_profile_brings_its_own_endpoint_and_region(make: Make, serve: Serve, nobody: Path) -> None:
    stub = serve(always(Reply(200, LISTING % ROW)))
    own = StubS3(always(Reply(200, LISTING % ROW)))
    keys = "aws_access_key_id = a\naws_secret_access_key = b\nregion = eu-north-1\n"
    with own:
        nobody.write_text(
            f"[profile one]\n{keys}endpoint_url = {own.endpoint}\n"
            f"[profile two]\n{keys}services = s\n[services s]\ns3 =\n  endpoint_url = {own.endpoint}\n"
            f"[profile three]\n{keys}"
        )
        for name in ("one", "two", "three"):
            make(Place(name, profile=name)).probe("bucket", "k")
    assert profiles() == ["one", "three", "two"]
    assert len(own.requests) == 2
    assert len(stub.requests) == 1
    for request in own.requests + stub.requests:
        assert "/eu-north-1/s3/" in request.headers["Authorization"]


def test_mock_aws_in_process() -> None:
    code = (
        "from moto import mock_aws\n"
        "import os; os.environ.pop('AWS_ENDPOINT_URL', None)\n"
        "from tfm.s3.client import Boto3Client\n"
        "with mock_aws():\n"
        "    c = Boto3Client(); c.create_bucket('bbb'); c.put('bbb', 'd/k +x', b'1')\n"
        "    assert [f.key for p in c.pages('bbb', delimiter='') for f in p.objects] == ['d/k +x']\n"
        "    assert c.probe('bbb', 'd').below and c.get('bbb', 'd/k +x').read() == b'1'\n"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_ENDPOINT")}
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_a_probe_of_many_neighbours_asks_twice_at_most(make: Make, serve: Serve) -> None:
    rows = b"".join(ROW.replace(b"<Key>k", b"<Key>k-%d" % number) for number in range(100))
    truncated = b"<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>"
    stub = serve(always(Reply(200, truncated + rows + b"</ListBucketResult>"), Reply(200, LISTING % b"")))
    assert make().probe("bucket", "k") == Probe(None, False)
    assert len(stub.requests) == 2
    assert "prefix=k%2F" in stub.requests[1].path
    assert "max-keys=1&" in stub.requests[1].path + "&"
