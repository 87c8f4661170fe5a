"""The same verbs through both clients, and what came at the server: method, path, query, headers and body are alike."""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stub_s3 import Reply, Request, StubS3

from tfm.errors import S3BaseError
from tfm.s3.client import Boto3Client
from tfm.s3.fast.access import Access, Credentials, StepAside
from tfm.s3.fast.client import FastClient
from tfm.s3.fast.requests import FORMS, write
from tfm.s3.protocol import Place, WriteOptions
from tfm.s3.verbs import Verbs

NOT_COMPARED = {
    "accept-encoding", "amz-sdk-invocation-id", "amz-sdk-request", "authorization", "expect", "user-agent",
    "x-amz-date",
}  # fmt: skip
DATED = {"Last-Modified": "Fri, 02 Jan 2026 03:04:05 GMT", "ETag": '"e"'}
ALL = WriteOptions(
    True, '"m"', "text/x", {"A-b": "v  w", "c": ""}, {"t 1": "a&b+c"}, "STANDARD_IA", "aws:kms", "kid", True,
    "max-age=1", 'attachment; filename="x"', "gzip", "de", datetime(2026, 1, 2, tzinfo=UTC), "/r",
)  # fmt: skip
KEYS = ["k", "./a/../k", "..", "a//b/", "/", "%41", "+ ?#&=;:@", "ü/日本", "\x01\x7f", "k~'()*!", "a\tb", '<&>"']


def answer(request: Request) -> Reply:
    """Answer everything well."""
    if "list-type" in request.path:
        return Reply(200, b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>")
    if "?uploads" in request.path:
        return Reply(200, b"<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>")
    if "?delete" in request.path:
        return Reply(200, b"<DeleteResult><Deleted><Key>k</Key></Deleted></DeleteResult>")
    if request.headers.get("x-amz-copy-source"):
        name = b"CopyPartResult" if "partNumber" in request.path else b"CopyObjectResult"
        time = b"<LastModified>2026-01-02T03:04:05.000Z</LastModified>"
        return Reply(200, b"<%s><ETag>&quot;e&quot;</ETag>%s</%s>" % (name, time, name))
    if request.method == "POST":
        return Reply(200, b"<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>")
    if asked := request.headers.get("Range"):
        first, _, last = asked.removeprefix("bytes=").partition("-")
        return Reply(206, b"", {**DATED, "Content-Range": f"bytes {first}-{last or 9}/10"})
    return Reply(200, b"", DATED)


@pytest.fixture(scope="module")
def stub() -> Iterator[StubS3]:
    with StubS3(answer) as started:
        yield started


Pair = Callable[..., tuple[Verbs, Verbs]]


@pytest.fixture(scope="module")
def pair(stub: StubS3) -> Iterator[Pair]:
    """Makes both clients of a place, with a session token."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_SESSION_TOKEN", "to/ken+")
        patch.setenv("AWS_ENDPOINT_URL_S3", stub.endpoint)
        made: dict[Place, tuple[Boto3Client, FastClient]] = {}

        def make(place: Place | None = None) -> tuple[Verbs, Verbs]:
            place = place or Place()
            if place not in made:
                boto3 = Boto3Client(place)
                credentials = None if place.anonymous else Credentials("test", "test", "to/ken+")
                access = Access(stub.endpoint, "us-east-1", False, lambda: credentials)
                made[place] = boto3, FastClient(boto3, lambda: access)
            return made[place]

        yield make
        for boto3, _ in made.values():
            boto3.sdk().close()


def told(request: Request) -> dict[str, Any]:
    """Give of a request what must be alike."""
    parts = urlsplit(request.path)
    headers = {
        name.lower(): " ".join(value.split())
        for name, value in request.headers.items()
        if name.lower() not in NOT_COMPARED
    }
    if request.method == "DELETE":
        headers.pop("content-length", None)  # which botocore sends, and which says nothing
    if "delete" in parts.query:
        headers.pop("content-md5", None)  # which some servers ask for, and botocore does not send
    path = request.path.partition("?")[0]
    query = sorted(parse_qsl(parts.query, keep_blank_values=True))
    raw = sorted(parts.query.split("&"))
    return {
        "method": request.method, "path": path, "query": query, "raw": raw, "headers": headers, "body": request.body
    }  # fmt: skip


def alike(stub: StubS3, clients: tuple[Verbs, Verbs], ask: Callable[[Verbs], Any]) -> list[dict[str, Any]]:
    """Ask both, compare what came, and give it."""
    seen = []
    for client in clients:
        stub.requests.clear()
        ask(client)
        seen.append([told(request) for request in stub.requests])
    assert seen[0] == seen[1]
    assert seen[0]
    return seen[1]


ASKS: dict[str, Callable[[Verbs], Any]] = {
    "head": lambda c: c.head("bucket", "k", version_id="v+1/="),
    "get": lambda c: c.get("bucket", "k").read(),
    "get-range": lambda c: c.get("bucket", "k", start=2, stop=9, if_match='"x"', version_id="null").read(),
    "get-tail": lambda c: c.get("bucket", "k", start=2).read(),
    "put": lambda c: c.put("bucket", "k", b"hello"),
    "put-empty": lambda c: c.put("bucket", "k", b""),
    "put-all": lambda c: c.put("bucket", "k", b"hello", ALL),
    "put-view": lambda c: c.put("bucket", "k", memoryview(b"0123456789")[2:7]),
    "put-large": lambda c: c.put("bucket", "k", b"x" * 3_000_000),
    "put-no-tags": lambda c: c.put("bucket", "k", b"", WriteOptions(tags={}, metadata={}, bucket_key=False)),
    "copy": lambda c: c.copy(("source", "s +é?&/../%"), "bucket", "k"),
    "copy-version": lambda c: c.copy(("source", "s"), "bucket", "k", if_match='"m"', version_id="v/1+ "),
    "copy-all": lambda c: c.copy(("source", "s"), "bucket", "k", options=ALL, replace=True),
    "copy-some": lambda c: c.copy(("source", "s"), "bucket", "k", options=ALL),
    "copy-itself": lambda c: c.copy(("bucket", "k"), "bucket", "k"),
    "create": lambda c: c.create_upload("bucket", "k", ALL),
    "part": lambda c: c.upload_part("bucket", "k", "u/+=", 3, b"data"),
    "part-copy": lambda c: c.copy_part(("source", "s"), 0, 5, "bucket", "k", "u", 1, if_match='"z"', version_id="v"),
    "complete": lambda c: c.complete_upload("bucket", "k", "u", ['"1"', "<&2>"], ALL),
    "abort": lambda c: c.abort_upload("bucket", "k", "u/+="),
    "pages": lambda c: list(c.pages("bucket", "p/ü &=+%")),
    "pages-after": lambda c: list(c.pages("bucket", "", delimiter="", start_after="a b\x01")),
    "probe": lambda c: c.probe("bucket", "k"),
    "probe-bucket": lambda c: c.probe("bucket", ""),
    "delete": lambda c: c.delete("bucket", "k"),
    "delete-if": lambda c: c.delete("bucket", "k", if_match='"m"'),
    "delete-many": lambda c: c.delete_many("bucket", ["k", "<&>\"é'", "a\x01"], etags={"k": '"m"'}),
    "head-bucket": lambda c: c.head_bucket("bucket"),
    "bucket-with-dots": lambda c: c.head("my.bucket.name", "k"),
}


@pytest.mark.parametrize("place", [Place(), Place("p", requester_pays=True), Place("p", anonymous=True)])
@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_both_clients_send_the_same(stub: StubS3, pair: Pair, ask: Callable[[Verbs], Any], place: Place) -> None:
    sent = alike(stub, pair(place), ask)
    signed = {"x-amz-content-sha256", "x-amz-security-token"} & set(sent[0]["headers"])
    assert len(signed) == (0 if place.anonymous else 2)


@pytest.mark.parametrize("key", KEYS)
def test_odd_keys_arrive_alike(stub: StubS3, pair: Pair, key: str) -> None:
    alike(stub, pair(), lambda client: client.head("bucket", key))
    alike(stub, pair(), lambda client: client.put("bucket", key, b"x"))
    alike(stub, pair(), lambda client: client.copy(("source", key), "bucket", key))
    alike(stub, pair(), lambda client: client.pages("bucket", key, start_after=key))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(key=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_any_key_arrives_alike(stub: StubS3, pair: Pair, key: str) -> None:
    alike(stub, pair(), lambda client: client.head("bucket", key))


ODD: dict[str, Callable[[Verbs], Any]] = {
    "bucket": lambda c: c.head("in valid", "k"),
    "surrogate": lambda c: c.head("bucket", "\ud800"),
    "no key": lambda c: c.head("bucket", ""),
    "metadata": lambda c: c.put("bucket", "k", b"", WriteOptions(metadata={"k": "ü"})),
    "line break": lambda c: c.put("bucket", "k", b"", WriteOptions(content_type="a\r\nx-amz-acl: public-read")),
    "name of metadata": lambda c: c.put("bucket", "k", b"", WriteOptions(metadata={"a\r\nb: c": "d"})),
    "range": lambda c: c._send("get_object", "bucket", "k", Range="bytes=0-1\r\nx: y"),
}


@pytest.mark.parametrize("ask", ODD.values(), ids=ODD)
def test_what_is_odd_is_refused_by_botocore(stub: StubS3, pair: Pair, ask: Callable[[Verbs], Any]) -> None:
    said = []
    for client in pair():
        stub.requests.clear()
        try:
            ask(client)
        except (S3BaseError, ValueError) as error:
            said.append((type(error), str(error)))
        assert not [1 for request in stub.requests if request.headers.get("x") or request.headers.get("x-amz-acl")]
        assert not [1 for request in stub.requests if request.headers.get("b")]
    assert said[1:] == said[:1]


@pytest.mark.parametrize(
    ("operation", "bucket", "parameters"),
    [
        ("head_object", "arn:aws:s3:us-east-1:1:accesspoint/x", {}),
        ("head_object", "name--use1-az1--x-s3", {}),
        ("head_object", "name--op-s3", {}),
        ("head_object", "bucket", {"IfModifiedSince": 1}),
        ("head_object", "bucket", {"Range": 1}),
        ("put_object", "bucket", {"Expires": "tomorrow"}),
        ("put_object", "bucket", {"Expires": datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)}),
        ("put_object", "bucket", {"Body": open}),
        ("put_object", "bucket", {"Body": "text"}),
        ("copy_object", "bucket", {"CopySource": "bucket/key"}),
        ("copy_object", "bucket", {"CopySource": {"Bucket": "arn:aws:s3:x", "Key": "k"}}),
        ("copy_object", "bucket", {"CopySource": {"Key": "k"}}),
        ("complete_multipart_upload", "bucket", {"MultipartUpload": {"Parts": [{"ChecksumCRC32": "x"}]}}),
    ],
)
def test_what_is_not_known_is_left_to_botocore(operation: str, bucket: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(StepAside):
        write(operation, bucket, "k", parameters)


def test_bodies_are_not_copied(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"0123456789")
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        view = memoryview(mapped)[2:5]
        body = write("put_object", "bucket", "k", {"Body": view}).body
        assert isinstance(body, memoryview)
        assert body.obj is mapped
        assert bytes(body) == b"234"
        body.release()
        view.release()
    data = b"bytes"
    assert write("put_object", "bucket", "k", {"Body": data}).body is data
    wide = memoryview(b"01234567").cast("I")
    assert len(write("put_object", "bucket", "k", {"Body": wide}).body) == 8


def test_what_may_be_repeated_without_a_trace() -> None:
    def repeatable(operation: str, **parameters: Any) -> bool:
        return write(operation, "bucket", "k" if FORMS[operation].key else "", parameters).repeatable

    assert repeatable("put_object", Body=b"")
    assert repeatable("get_object", IfMatch='"e"')
    assert repeatable("copy_object", CopySource={"Bucket": "bbb", "Key": "k"}, CopySourceIfMatch='"e"')
    assert not repeatable("put_object", Body=b"", IfNoneMatch="*")
    assert not repeatable("delete_object", IfMatch='"e"')
    assert not repeatable("complete_multipart_upload", UploadId="u", MultipartUpload={"Parts": []})
    assert not repeatable("create_multipart_upload")
