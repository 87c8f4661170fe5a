"""The bench's S3 server in C answers boto3 as S3 would: every verb that is measured, and what clients ask around it."""

from __future__ import annotations

import hashlib
import http.client
import io
import socket
import sys
import zlib
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from bench.server import BenchFailure, Server, build, certificate, compiler

needs_compiler = pytest.mark.skipif(
    sys.platform != "linux" or compiler() is None, reason="the server needs Linux and a C compiler"
)
MIB = 1 << 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    programs = build(tmp_path_factory.mktemp("bench"))
    chain = certificate(tmp_path_factory.mktemp("certificate")) if programs.tls else None
    with Server(programs, chain) as running:
        yield running


def client_of(endpoint: str, **more: Any) -> Any:
    config = Config(retries={"total_max_attempts": 1})
    return boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", config=config, **more)


@pytest.fixture
def client(server: Server) -> Any:
    server.control(clear="b")
    server.control(reset=1, latency=0, keep=0)
    made = client_of(server.endpoint)
    yield made
    made.close()


def code_of(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    answer = error.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


@needs_compiler
class TestObjects:
    def test_what_is_put_is_got(self, client: Any) -> None:
        for key, body in (("short", b"x" * 4096), ("empty", b""), ("a b+c/ü&<%41", bytes(range(256)) * 1000)):
            put = client.put_object(Bucket="b", Key=key, Body=body, ContentType="text/plain", Metadata={"who": "me"})
            assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
            assert put["ChecksumCRC32"] == b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
            got = client.get_object(Bucket="b", Key=key)
            assert got["Body"].read() == body
            head = client.head_object(Bucket="b", Key=key)
            facts = (head["ContentLength"], head["ETag"], head["ContentType"], head["Metadata"])
            assert facts == (len(body), put["ETag"], "text/plain", {"who": "me"})

    def test_a_stream_in_chunks_with_a_trailer(self, client: Any, server: Server) -> None:
        config = Config(s3={"payload_signing_enabled": False}, retries={"total_max_attempts": 1})
        streaming = boto3.client("s3", endpoint_url=server.endpoint, region_name="us-east-1", config=config)
        body = bytes(range(251)) * 1000
        streaming.put_object(Bucket="b", Key="k", Body=io.BytesIO(body), ChecksumAlgorithm="CRC32")
        got = client.get_object(Bucket="b", Key="k")
        assert got["Body"].read() == body
        assert "ContentEncoding" not in got
        streaming.close()

    def test_a_wrong_checksum_is_refused(self, client: Any) -> None:
        with pytest.raises(ClientError) as error:
            client.put_object(Bucket="b", Key="k", Body=b"x", ChecksumCRC32="AAAAAA==")
        assert code_of(error) == ("XAmzContentChecksumMismatch", 400)
        with pytest.raises(ClientError) as error:
            client.put_object(Bucket="b", Key="k", Body=b"x", ContentMD5=b64encode(b"0" * 16).decode())
        assert code_of(error) == ("BadDigest", 400)

    @pytest.mark.parametrize(
        ("asked", "begin", "end"),
        [("bytes=0-0", 0, 1), ("bytes=5-", 5, 100), ("bytes=-7", 93, 100), ("bytes=90-1000", 90, 100)],
    )
    def test_ranges(self, client: Any, asked: str, begin: int, end: int) -> None:
        body = bytes(range(100))
        client.put_object(Bucket="b", Key="k", Body=body)
        got = client.get_object(Bucket="b", Key="k", Range=asked)
        assert got["Body"].read() == body[begin:end]
        assert got["ContentRange"] == f"bytes {begin}-{end - 1}/100"

    def test_a_range_behind_the_end(self, client: Any) -> None:
        client.put_object(Bucket="b", Key="k", Body=b"x")
        with pytest.raises(ClientError) as error:
            client.get_object(Bucket="b", Key="k", Range="bytes=1-")
        assert code_of(error) == ("InvalidRange", 416)

    def test_conditions(self, client: Any) -> None:
        etag = client.put_object(Bucket="b", Key="k", Body=b"x", IfNoneMatch="*")["ETag"]
        refused: list[tuple[str, dict[str, Any], int]] = [
            ("put_object", {"Key": "k", "IfNoneMatch": "*"}, 412),
            ("put_object", {"Key": "k", "IfMatch": '"other"'}, 412),
            ("put_object", {"Key": "none", "IfMatch": etag}, 404),
            ("get_object", {"Key": "k", "IfMatch": '"other"'}, 412),
            ("get_object", {"Key": "k", "IfNoneMatch": etag}, 304),
            ("copy_object", {"Key": "c", "CopySource": "b/k", "CopySourceIfMatch": '"other"'}, 412),
            ("copy_object", {"Key": "c", "CopySource": "b/none"}, 404),
            ("copy_object", {"Key": "k", "CopySource": "b/k"}, 400),
        ]
        for verb, asked, status in refused:
            with pytest.raises(ClientError) as error:
                getattr(client, verb)(Bucket="b", **asked)
            assert code_of(error)[1] == status, (verb, asked)
        assert client.get_object(Bucket="b", Key="k", IfMatch=etag)["Body"].read() == b"x"
        client.put_object(Bucket="b", Key="k", Body=b"y", IfMatch=etag)
        assert client.get_object(Bucket="b", Key="k")["Body"].read() == b"y"

    def test_copies(self, client: Any) -> None:
        client.put_object(Bucket="b", Key="a ü?", Body=b"text", Metadata={"one": "1"})
        client.copy_object(Bucket="b", Key="c", CopySource={"Bucket": "b", "Key": "a ü?"})
        client.put_object(Bucket="b", Key="a ü?", Body=b"other")
        got = client.get_object(Bucket="b", Key="c")
        assert (got["Body"].read(), got["Metadata"]) == (b"text", {"one": "1"})
        client.copy_object(Bucket="b", Key="c", CopySource="b/c", MetadataDirective="REPLACE", Metadata={"two": "2"})
        got = client.get_object(Bucket="b", Key="c")
        assert (got["Body"].read(), got["Metadata"]) == (b"text", {"two": "2"})

    def test_what_is_missing(self, client: Any) -> None:
        for verb, bucket, expected in (
            ("get_object", "b", ("NoSuchKey", 404)),
            ("head_object", "b", ("404", 404)),
            ("get_object", "none", ("NoSuchBucket", 404)),
        ):
            with pytest.raises(ClientError) as error:
                getattr(client, verb)(Bucket=bucket, Key="k")
            assert code_of(error) == expected

    def test_deleting(self, client: Any) -> None:
        names = ["a", "b&c", "d<e>", "ü 'x'"]
        for name in names:
            client.put_object(Bucket="b", Key=name, Body=b"")
        client.delete_object(Bucket="b", Key="a")
        kept = client.put_object(Bucket="b", Key="kept", Body=b"1")["ETag"]
        named = [{"Key": name} for name in [*names, "missing"]]
        answer = client.delete_objects(Bucket="b", Delete={"Objects": [*named, {"Key": "kept", "ETag": '"other"'}]})
        assert [each["Key"] for each in answer["Deleted"]] == [*names, "missing"]
        assert [each["Key"] for each in answer["Errors"]] == ["kept"]
        assert [each["ETag"] for each in client.list_objects_v2(Bucket="b")["Contents"]] == [kept]
        quiet = client.delete_objects(Bucket="b", Delete={"Objects": [{"Key": "kept"}], "Quiet": True})
        assert "Deleted" not in quiet
        assert client.list_objects_v2(Bucket="b")["KeyCount"] == 0


@needs_compiler
class TestUploads:
    def test_parts_are_joined_in_order(self, client: Any) -> None:
        upload = client.create_multipart_upload(Bucket="b", Key="k", ContentType="text/plain")["UploadId"]
        bodies = {1: b"1" * 5 * MIB, 3: b"3"}
        client.put_object(Bucket="b", Key="source", Body=b"0123456789")
        named = {"Bucket": "b", "Key": "k", "UploadId": upload}
        parts = [
            {"PartNumber": number, "ETag": client.upload_part(PartNumber=number, Body=body, **named)["ETag"]}
            for number, body in bodies.items()
        ]
        copied = client.upload_part_copy(PartNumber=4, CopySource="b/source", CopySourceRange="bytes=2-4", **named)
        with pytest.raises(ClientError) as error:
            client.complete_multipart_upload(MultipartUpload={"Parts": parts[::-1]}, **named)
        assert code_of(error) == ("InvalidPart", 400)
        parts_4 = [*parts, {"PartNumber": 4, "ETag": copied["CopyPartResult"]["ETag"]}]
        with pytest.raises(ClientError) as error:
            client.complete_multipart_upload(MultipartUpload={"Parts": parts_4}, **named)
        assert code_of(error) == ("EntityTooSmall", 400)
        client.complete_multipart_upload(MultipartUpload={"Parts": parts}, **named)
        head = client.head_object(Bucket="b", Key="k")
        assert (head["ContentLength"], head["ContentType"]) == (5 * MIB + 1, "text/plain")
        with pytest.raises(ClientError) as error:
            client.abort_multipart_upload(**named)
        assert code_of(error) == ("NoSuchUpload", 404)

    def test_long_bodies_are_kept_when_asked(self, client: Any, server: Server) -> None:
        body = bytes(range(256)) * (12 * MIB // 256) + b"end"
        server.control(keep=1)
        client.upload_fileobj(io.BytesIO(body), "b", "k")
        assert server.content("b", "k") == body
        server.control(keep=0)
        client.upload_fileobj(io.BytesIO(body), "b", "k")
        assert client.head_object(Bucket="b", Key="k")["ContentLength"] == len(body)
        assert server.control()["requests"]["upload_part"] == 4


@needs_compiler
class TestListings:
    KEYS = ("a", "a/b", "a/c/d", "a+b", "b&c", "d/e", "d/f", "é/ü", "z z")

    @pytest.fixture(autouse=True)
    def _keys(self, client: Any) -> None:
        for key in self.KEYS:
            client.put_object(Bucket="b", Key=key, Body=key.encode())

    def names(self, client: Any, **asked: Any) -> list[str]:
        found: list[str] = []
        for page in client.get_paginator("list_objects_v2").paginate(Bucket="b", **asked):
            objects = [each["Key"] for each in page.get("Contents", [])]
            prefixes = [each["Prefix"] for each in page.get("CommonPrefixes", [])]
            assert page["KeyCount"] == len(objects) + len(prefixes) <= asked.get("MaxKeys", 1000)
            found += objects + prefixes
        return found

    @pytest.mark.parametrize("most", [1, 2, 1000])
    def test_pages(self, client: Any, most: int) -> None:
        assert self.names(client, MaxKeys=most) == sorted(self.KEYS, key=str.encode)

    @pytest.mark.parametrize("most", [1, 2, 1000])
    def test_delimiter(self, client: Any, most: int) -> None:
        expected = {"a", "a+b", "a/", "b&c", "d/", "é/", "z z"}
        found = self.names(client, Delimiter="/", MaxKeys=most)
        assert (set(found), len(found)) == (expected, len(expected))
        assert sorted(self.names(client, Delimiter="/", Prefix="a/")) == ["a/b", "a/c/"]

    def test_begin_and_prefix(self, client: Any) -> None:
        assert self.names(client, StartAfter="a/c/d") == ["b&c", "d/e", "d/f", "z z", "é/ü"]
        assert self.names(client, StartAfter="a/", Prefix="a") == ["a/b", "a/c/d"]
        assert self.names(client, Prefix="none") == []
        assert client.list_objects_v2(Bucket="b", MaxKeys=0)["IsTruncated"] is False

    def test_version_1(self, client: Any) -> None:
        pages = client.get_paginator("list_objects").paginate(Bucket="b", PaginationConfig={"PageSize": 2})
        assert [each["Key"] for page in pages for each in page["Contents"]] == sorted(self.KEYS, key=str.encode)

    def test_facts(self, client: Any) -> None:
        first = client.list_objects_v2(Bucket="b", MaxKeys=1)["Contents"][0]
        head = client.head_object(Bucket="b", Key="a")
        assert (first["ETag"], first["Size"], first["LastModified"]) == (head["ETag"], 1, head["LastModified"])


@needs_compiler
class TestServer:
    def test_made_up_objects(self, client: Any, server: Server) -> None:
        for shape in ("flat", "tree", "dates", "uuid", "skew"):
            server.control(clear="b")
            server.control(fill="b", shape=shape, count=1234, size=4096, prefix="data/")
            pages = [*client.get_paginator("list_objects_v2").paginate(Bucket="b", Prefix="data/")]
            keys = [each["Key"] for page in pages for each in page["Contents"]]
            assert (len(pages), len({*keys}), keys) == (2, 1234, sorted(keys)), shape
            got = client.get_object(Bucket="b", Key=keys[7])
            body = got["Body"].read()
            assert got["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
            assert (len(body), got["ChecksumCRC32"]) == (4096, b64encode(zlib.crc32(body).to_bytes(4, "big")).decode())

    def test_counters_and_latency(self, client: Any, server: Server) -> None:
        server.control(latency=20)
        server.control(reset=1)
        answer = client.put_object(Bucket="b", Key="k", Body=b"x" * 100)
        client.get_object(Bucket="b", Key="k")["Body"].read()
        counted = server.control()
        assert counted["requests"] == {"get": 1, "put": 1}
        assert (counted["errors"], counted["continues"], counted["most_serving"]) == (0, 1, 1)
        assert counted["sent"] > 100
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200

    def test_the_digest_tells_what_is_there(self, client: Any, server: Server) -> None:
        client.put_object(Bucket="b", Key="a", Body=b"1")
        client.put_object(Bucket="b", Key="c", Body=b"22")
        lines = [f"a\t1\t{hashlib.md5(b'1').hexdigest()}\n", f"c\t2\t{hashlib.md5(b'22').hexdigest()}\n"]
        expected = hashlib.md5("".join(lines).encode()).hexdigest()
        assert server.control(digest="b") == {"objects": 2, "bytes": 3, "md5": expected}

    def test_several_requests_on_one_connection_at_once(self, client: Any, server: Server) -> None:
        client.put_object(Bucket="b", Key="k", Body=b"body")
        host, _, port = server.endpoint.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), 10) as plain:
            chunked = "PUT /b/c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
            chunked += "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n"
            plain.sendall(
                (chunked + "HEAD /b/c HTTP/1.1\r\n\r\n" + "GET /b/c HTTP/1.1\r\nConnection: close\r\n\r\n").encode()
            )
            answers = b""
            while more := plain.recv(65536):
                answers += more
        assert answers.count(b"HTTP/1.1 200 OK") == 3
        assert answers.endswith(b"\r\n\r\nabcde")

    def test_it_survives_rubbish(self, client: Any, server: Server) -> None:
        host, _, port = server.endpoint.removeprefix("http://").partition(":")
        for rubbish in (b"\r\n\r\n", b"GET\r\n\r\n", b"GET /%zz?=&&=x HTTP/1.1\r\nx\r\n:\r\n\r\n", b"x" * 70000):
            with socket.create_connection((host, int(port)), 10) as plain:
                try:
                    plain.sendall(rubbish)
                    plain.shutdown(socket.SHUT_WR)
                    plain.recv(100)
                except OSError:  # it closes the connection when a head is too long
                    pass
        assert client.list_objects_v2(Bucket="b")["KeyCount"] == 0

    def test_https(self, server: Server, client: Any, tmp_path: Path) -> None:
        if not server.tls_endpoint:
            pytest.skip("the server was built without TLS")
        client.put_object(Bucket="b", Key="k", Body=b"here")
        secure = client_of(server.tls_endpoint, verify=False)
        with pytest.warns(Warning, match="Unverified HTTPS request"):
            body = secure.get_object(Bucket="b", Key="k")["Body"].read()
        assert body == b"here"
        secure.close()

    def test_it_listens_on_the_loopback_interface_only(self, server: Server) -> None:
        port = int(server.endpoint.rpartition(":")[2])
        with pytest.raises(OSError, match="refused"):
            http.client.HTTPConnection("127.0.0.2", port, timeout=5).connect()


def test_without_a_compiler_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    with pytest.raises(BenchFailure, match="no compiler was found; install one"):
        build(tmp_path)


def test_elsewhere_than_on_linux_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(BenchFailure, match="runs on Linux only"):
        build(tmp_path)
