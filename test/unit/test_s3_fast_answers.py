"""The same answers given to both clients: the facts, the bytes and the errors that come of them are alike."""

from __future__ import annotations

import hashlib
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from stub_s3 import Reply, StubS3, error_body

from tfm.errors import S3GenericError
from tfm.s3 import crc
from tfm.s3.client import Boto3Client
from tfm.s3.fast import answers, checksums
from tfm.s3.fast.access import Access, Credentials
from tfm.s3.fast.client import FastClient
from tfm.s3.verbs import Verbs

DATED = {"Last-Modified": "Fri, 02 Jan 2026 03:04:05 GMT", "ETag": '"e"', "Date": "Sat, 03 Jan 2026 00:00:00 GMT"}
DESCRIBED = {
    **DATED,
    "Content-Type": "text/x; charset=utf-8",
    "Content-Length": "12",
    "x-amz-version-id": "v1",
    "x-amz-storage-class": "GLACIER",
    "x-amz-server-side-encryption": "aws:kms",
    "x-amz-server-side-encryption-aws-kms-key-id": "kid",
    "x-amz-server-side-encryption-bucket-key-enabled": "true",
    "Cache-Control": "max-age=1",
    "Content-Disposition": 'attachment; filename="a;b"',
    "Content-Encoding": "gzip",
    "Content-Language": "de",
    "Expires": "Fri, 02 Jan 2026 00:00:00 GMT",
    "x-amz-website-redirect-location": "/r",
    "x-amz-meta-Colour": "red; 1",
    "x-amz-meta-empty": "",
    "x-amz-tagging-count": "3",
    "x-amz-request-id": "REQ9",
}


class Both:
    """Both clients on one server whose answer a test sets."""

    def __init__(self, stub: StubS3) -> None:
        self.stub = stub
        self.reply = Reply()
        boto3 = Boto3Client()
        access = Access(stub.endpoint, "us-east-1", False, lambda: Credentials("test", "test"))
        self.boto3 = boto3
        self.clients: list[Verbs] = [boto3, FastClient(boto3, lambda: access)]

    def ask(self, reply: Reply, verb: Callable[[Verbs], Any]) -> Any:
        """Give what both make of an answer: their result, or what is to be seen of their error."""
        self.reply = reply
        seen: list[Any] = []
        for client in self.clients:
            try:
                seen.append(verb(client))
            except OSError as error:
                what = {name: getattr(error, name) for name in ("code", "status", "request_id", "bucket", "key")}
                seen.append((type(error), str(error), what))
        assert seen[1] == seen[0]
        return seen[1]


@pytest.fixture(scope="module")
def both() -> Iterator[Both]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tfm.s3.fast.retrying.delay", lambda *_: 0)
        patch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
        with StubS3(lambda _: made.reply) as stub:
            patch.setenv("AWS_ENDPOINT_URL_S3", stub.endpoint)
            made = Both(stub)
            yield made
            made.boto3.sdk().close()


def test_facts_are_read_alike(both: Both) -> None:
    facts = both.ask(Reply(200, b"", DESCRIBED), lambda client: client.head("bucket", "k"))
    assert (facts.size, facts.metadata, facts.tag_count) == (12, {"Colour": "red; 1", "empty": ""}, 3)
    assert facts.described.expires == datetime(2026, 1, 2, tzinfo=UTC)
    assert facts.described.bucket_key
    both.ask(Reply(200, b"", DATED), lambda client: client.head("bucket", "k"))
    both.ask(Reply(200, b"", {"Content-Length": "7"}), lambda client: client.head("bucket", "k"))
    without = {name: value for name, value in DESCRIBED.items() if name != "Expires"}
    assert both.ask(Reply(200, b"", without), lambda client: client.head("bucket", "k")).described.expires is None
    dates = ["Friday, 02-Jan-26 03:04:05 GMT", "Fri Jan  2 03:04:05 2026", "Fri, 02 Jan 2026 04:04:05 +0100"]
    for text in dates:
        facts = both.ask(Reply(200, b"", {"Last-Modified": text}), lambda client: client.head("bucket", "k"))
        assert facts.mtime == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp()


def test_parts_tell_the_size_of_the_whole(both: Both) -> None:
    reply = Reply(206, b"345", {**DATED, "Content-Range": "bytes 3-5/10"})
    data, facts = both.ask(reply, lambda client: read(client, start=3, stop=6))
    assert (data, facts.size) == (b"345", 10)


def read(client: Verbs, **more: Any) -> tuple[bytes, Any]:
    body = client.get("bucket", "k", **more)
    try:
        return body.read(), body.facts
    finally:
        body.close()


def test_what_writes_tell(both: Both) -> None:
    written = {"ETag": "e", "x-amz-version-id": "v2", "Date": "Sat, 03 Jan 2026 00:00:00 GMT"}
    facts = both.ask(Reply(200, b"", written), lambda client: client.put("bucket", "k", b"123"))
    assert (facts.etag, facts.version_id, facts.size, facts.mtime) == ('"e"', "v2", 3, 1_767_398_400.0)
    space = b' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
    for inside in (b"<LastModified>2026-01-02T03:04:05.678Z</LastModified>", b""):
        copied = b"<?xml version='1.0'?><CopyObjectResult%s><ETag>&quot;e&quot;</ETag>%s</CopyObjectResult>"
        reply = Reply(200, copied % (space, inside), written)
        assert both.ask(reply, lambda client: client.copy(("bucket", "a"), "bucket", "b")).etag == '"e"'
    reply = Reply(200, b'<CopyPartResult><ETag>"p"</ETag></CopyPartResult>')
    assert both.ask(reply, lambda client: client.copy_part(("bucket", "a"), 0, 1, "bucket", "b", "u", 1)) == '"p"'
    begun = b"<InitiateMultipartUploadResult%s><UploadId>a&amp;b/+</UploadId></InitiateMultipartUploadResult>" % space
    assert both.ask(Reply(200, begun), lambda client: client.create_upload("bucket", "k")) == "a&b/+"
    assert (
        both.ask(Reply(200, b"", {"ETag": '"p"'}), lambda client: client.upload_part("bucket", "k", "u", 1, b""))
        == '"p"'
    )
    deleted = b"<DeleteResult%s><Deleted><Key>a</Key></Deleted>%s</DeleteResult>"
    failed = b"<Error><Key>b&lt;</Key><Code>AccessDenied</Code><Message>no</Message></Error>"
    for inside in (failed, b""):
        errors = both.ask(
            Reply(200, deleted % (space, inside)), lambda client: sorted(client.delete_many("bucket", ["a", "b<"]))
        )
        assert errors == ["b<"]


REFUSALS = {
    "document": Reply(403, error_body("AccessDenied", "no"), {"x-amz-request-id": "REQ1"}),
    "inner": Reply(400, b"<ErrorResponse><Error><Code>InvalidArgument</Code></Error></ErrorResponse>"),
    "nothing": Reply(404),
    "html": Reply(502, b"<html><body><h1>502 Bad Gateway</h1></body></html>", {"Content-Type": "text/html"}),
    "text": Reply(400, b"Bad Request"),
    "cut": Reply(404, error_body("NoSuchKey", "So we say.")[:60]),
    "unknown": Reply(418, error_body("Teapot", "I am one.")),
    "expired": Reply(400, error_body("ExpiredToken", "The provided token has expired.")),
    "changed": Reply(412, error_body("PreconditionFailed", "So.", "<Condition>If-Match</Condition>")),
    "key": Reply(404, error_body("NoSuchKey", "So we say.")),
    "bucket": Reply(404, error_body("NoSuchBucket", "So we say.")),
    "not modified": Reply(304),
    "conflict": Reply(409, error_body("ConditionalRequestConflict", "So we say.")),
    "range": Reply(409, error_body("InvalidRange", "So we say.")),
    "unimplemented": Reply(501, error_body("NotImplemented", "So we say.")),
    "broken": Reply(500, error_body("InternalError", "So we say.")),
    "busy": Reply(503, error_body("SlowDown", "So we say.")),
}
VERBS: dict[str, Callable[[Verbs], Any]] = {
    "head": lambda client: client.head("bucket", "k"),
    "get": lambda client: read(client, if_match='"x"')[0],
    "put": lambda client: client.put("bucket", "k", b"x"),
    "list": lambda client: list(client.pages("bucket")),
    "copy": lambda client: client.copy(("bucket", "a"), "bucket", "b"),
    "delete-many": lambda client: client.delete_many("bucket", ["k"]),
    "delete": lambda client: client.delete("bucket", "k"),
    "head-bucket": lambda client: client.head_bucket("bucket"),
    "complete": lambda client: client.complete_upload("bucket", "k", "u", ['"e"']),
}


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
@pytest.mark.parametrize("reply", REFUSALS.values(), ids=REFUSALS)
def test_refusals_are_told_alike(both: Both, reply: Reply, verb: Callable[[Verbs], Any]) -> None:
    both.ask(reply, verb)


def test_errors_of_an_odd_form_are_read_too() -> None:
    def error(body: bytes) -> tuple[str, str]:
        found = answers.refused(403, {}, body)["Error"]
        return found["Code"], found["Message"]

    assert error(b'<e:Error xmlns:e="x"><e:Code>A</e:Code><e:Message>m</e:Message></e:Error>') == ("A", "m")
    assert error(b"<Error><Message>m</Message></Error>") == ("403", "m")
    assert error(b"<Error/>") == ("403", "Forbidden")
    assert answers.refused(999, {}, b"")["Error"] == {"Code": "999", "Message": ""}


# Checksums


def b64(digest: bytes) -> str:
    return b64encode(digest).decode()


DATA = bytes(range(256)) * 4000
SUMS = {
    "crc32": b64(zlib.crc32(DATA).to_bytes(4, "big")),
    "sha1": b64(hashlib.sha1(DATA).digest()),
    "sha256": b64(hashlib.sha256(DATA).digest()),
}


@pytest.mark.parametrize("name", SUMS)
@pytest.mark.parametrize("size", [-1, 1000, 100_000, len(DATA)])
def test_what_differs_from_its_checksum_is_never_whole(both: Both, name: str, size: int) -> None:
    def take(client: Verbs) -> tuple[int, bool]:
        body = client.get("bucket", "k")
        got = 0
        try:
            while data := body.read(size):
                got += len(data)
        except S3GenericError as error:
            return -1, "checksum" in str(error) and got < len(DATA)
        finally:
            body.close()
        return got, False

    right = Reply(200, DATA, {**DATED, f"x-amz-checksum-{name}": SUMS[name]})
    assert both.ask(right, take) == (len(DATA), False)
    wrong = Reply(200, DATA[:-1] + b"x", {**DATED, f"x-amz-checksum-{name}": SUMS[name]})
    assert both.ask(wrong, take) == (-1, True)
    part = Reply(206, DATA[:10], {**DATED, "Content-Range": "bytes 0-9/1024000"})
    both.ask(part, lambda client: read(client, stop=10))


@pytest.mark.parametrize("whole", [True, False])
def test_buffers_get_no_last_byte_that_was_not_compared(both: Both, whole: bool) -> None:
    def take(client: Verbs) -> int:
        body = client.get("bucket", "k")
        buffer = bytearray(len(DATA) if whole else 300_000)
        got = 0
        while count := body.readinto(buffer):
            got += count
        body.close()
        return got

    right = Reply(200, DATA, {**DATED, "x-amz-checksum-crc32": SUMS["crc32"]})
    assert both.ask(right, take) == len(DATA)
    wrong = Reply(200, DATA[:-1] + b"x", {**DATED, "x-amz-checksum-crc32": SUMS["crc32"]})
    assert both.ask(wrong, take)[0] is S3GenericError


@pytest.mark.parametrize(
    "headers",
    [
        {"x-amz-checksum-crc32": "AAAAAA==-3"},
        {"x-amz-checksum-crc32": "AAAAAA==", "x-amz-checksum-type": "COMPOSITE"},
        {"x-amz-checksum-unheard-of": "AAAAAA=="},
        {},
    ],
)
def test_checksums_of_parts_and_unknown_ones_are_passed_over(both: Both, headers: dict[str, str]) -> None:
    both.reply = Reply(200, b"bytes", {**DATED, **headers})
    assert read(both.clients[1])[0] == b"bytes"
    assert checksums.comparison(headers) is None


def test_a_body_without_a_length_is_compared_at_its_end(both: Both) -> None:
    def chunked(data: bytes) -> Reply:
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data)
        sums = {"x-amz-checksum-crc32": SUMS["crc32"], "Transfer-Encoding": "chunked"}
        return Reply(200, body, {**DATED, **sums, "Content-Length": str(len(DATA))})

    fast = both.clients[1]
    for size in (-1, len(DATA), 5000):
        both.reply = chunked(DATA)
        body = fast.get("bucket", "k")
        assert b"".join(iter(lambda: body.read(size), b"")) == DATA  # noqa: B023 (it is used up at once)
        both.reply = chunked(DATA[:-1] + b"x")
        body = fast.get("bucket", "k")
        with pytest.raises(S3GenericError, match="checksum"):
            b"".join(iter(lambda: body.read(size), b""))  # noqa: B023


COPIED = b"<?xml version='1.0'?>\n<CopyObjectResult%s>%s</CopyObjectResult>"
SPACE = b' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
TIME = b"<LastModified>2026-01-02T03:04:05.000Z</LastModified>"


@pytest.mark.parametrize(
    ("body", "usual"),
    [
        (COPIED % (SPACE, TIME + b"<ETag>&quot;0a-2&quot;</ETag>"), True),
        (COPIED % (b"", b'<ETag>"0a"</ETag>' + TIME), True),
        (COPIED % (b"", b" <ETag>0a</ETag>\n<ChecksumCRC32>AA==</ChecksumCRC32><ChecksumType>X</ChecksumType> "), True),
        (COPIED % (b"", b"<ETag>a&amp;b</ETag>"), False),
        (COPIED % (b"", b"<ETag>0a</ETag><New/>"), False),
        (COPIED % (b"", b"<!-- <ETag>no</ETag> --><ETag>0a</ETag>"), False),
        (COPIED % (b"", b"<ETag/>"), False),
        (b"  " + COPIED % (b"", b"<ETag>0a</ETag>"), False),
        (error_body("InternalError"), False),
    ],
)
def test_the_outline_of_a_copy_tells_what_the_parser_reads(body: bytes, usual: bool) -> None:
    assert (answers._COPIED.fullmatch(body) is not None) is usual
    outlined, read = (each("copy_object", 200, {}, body) for each in (answers.outline, answers.read))
    assert outlined.get("Error") == read.get("Error")
    assert outlined.get("CopyObjectResult", {}).get("ETag") == read.get("CopyObjectResult", {}).get("ETag")


@pytest.mark.parametrize(
    "body", [b"", b"<a/>", COPIED % (b"", b"<LastModified>x</ETag><ETag>0a</ETag>"), (COPIED % (b"", b"<ETag>0a"))[:-5]]
)
def test_an_outline_is_of_whole_documents_only(body: bytes) -> None:
    with pytest.raises(answers.BrokenAnswer):
        answers.outline("copy_object", 200, {}, body)


def test_awscrt_is_used_where_it_is_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    class Crt:
        @staticmethod
        def crc64nvme(data: bytes, previous: int = 0) -> int:
            return previous + len(data)

    headers = {"x-amz-checksum-crc64nvme": b64((5).to_bytes(8, "big"))}
    monkeypatch.setattr(crc, "_is_installed", lambda name: False)
    assert checksums.comparison(headers) is None
    monkeypatch.setattr(crc, "_is_installed", lambda name: True)
    monkeypatch.setattr(crc, "import_module", lambda name: Crt)
    compared = checksums.comparison(headers)
    assert compared is not None
    compared.update(b"12")
    assert not compared.matches()
    compared.update(b"345")
    assert compared.matches()
    assert checksums.comparison({"x-amz-checksum-crc32c": "AAAAAA=="}) is None, "this awscrt is too old for it"


def test_md5_may_be_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: Any, **__: Any) -> Any:
        raise ValueError("disabled for FIPS")

    assert checksums.md5(b"") == "1B2M2Y8AsgTpgAmY7PhCfg=="
    monkeypatch.setattr(checksums.hashlib, "md5", forbidden)
    assert checksums.md5(b"") == ""
