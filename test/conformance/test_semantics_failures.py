"""The rules of docs/semantics.md on servers that fail and on others who write at the same time."""

from __future__ import annotations

import pathlib
import re
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
from stub_s3 import Reply, Request, StubS3, error_body

from tfm import Path
from tfm.errors import (
    S3AuthError,
    S3BaseError,
    S3ChangedError,
    S3ConnectionError,
    S3ExistsError,
    S3GenericError,
    S3NotFoundError,
    S3RateLimitError,
    UnsupportedOperation,
)
from tfm.s3 import appending, moving, writer
from tfm.s3.places import use_client
from tfm.s3.protocol import Place
from tfm.testing import FailingClient, MemoryS3, Rule, WrappingClient

T = TypeVar("T")
MIB = 1024 * 1024
ETAG = {"Last-Modified": "Fri, 02 Jan 2026 03:04:05 GMT", "ETag": '"e"'}
Serve = Callable[[Callable[[Request], Reply]], StubS3]


@pytest.fixture
def serve(engine: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Start a stub server for each engine, and point the environment at it."""
    started: list[StubS3] = []

    def start(answer: Callable[[Request], Reply]) -> StubS3:
        stub = StubS3(answer)
        started.append(stub.__enter__())
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", stub.endpoint)
        return stub

    yield start
    for stub in started:
        stub.__exit__()


@pytest.fixture
def memory() -> MemoryS3:
    """S3 in memory with a bucket `b`, as the default place."""
    client = MemoryS3(smallest_part=1)
    client.create_bucket("b")
    use_client("", client)
    return client


def content(memory: MemoryS3) -> dict[str, bytes]:
    """Read all of the bucket."""
    keys = [facts.key for page in memory.pages("b", delimiter="") for facts in page.objects]
    return {key: memory.get("b", key).read() for key in keys}


class Meanwhile(WrappingClient):
    """Let somebody else do something once, right after (or before) a verb."""

    def __init__(self, client: MemoryS3, verb: str, act: Callable[[], object], *, before: bool = False) -> None:
        super().__init__(client)
        self.verb, self.act, self.before = verb, act, before
        self.lock = threading.Lock()
        self.done = False

    def around(self, verb: str, bucket: str, key: str, action: Callable[[], T]) -> T:
        with self.lock:
            mine = verb == self.verb and not self.done
            self.done = self.done or mine
        if mine and self.before:
            self.act()
        answer = action()
        if mine and not self.before:
            self.act()
        return answer


# Bytes that are wrong


def crc32(data: bytes) -> str:
    import zlib

    return b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


@pytest.mark.parametrize("size", [10, 300_000])
def test_wrong_checksum(serve: Serve, size: int) -> None:
    """Bytes that don't match the checksum that came with them raise, and are never handed on silently."""
    data = b"x" * size
    right, wrong = crc32(data), crc32(b"other")
    sums = {"/b/right": right, "/b/wrong": wrong}
    serve(lambda request: Reply(200, data, {**ETAG, "x-amz-checksum-crc32": sums[request.path]}))
    assert Path("s3://b/right").read_bytes() == data
    path = Path("s3://b/wrong")
    with pytest.raises(S3GenericError, match=r"s3://b/wrong: .*checksum"):
        path.read_bytes()
    with pytest.raises(S3GenericError, match="checksum"):
        path.read_text()
    with path.open("rb") as stream, pytest.raises(S3GenericError, match="checksum"):
        list(iter(lambda: stream.read(1000), b""))


def test_truncated_bodies(serve: Serve) -> None:
    """A body that breaks off is taken up where it broke; when that goes on it is an error, never a short file."""
    data = bytes(range(256)) * 100

    def answer(request: Request) -> Reply:
        asked = re.match(r"bytes=(\d+)-", request.headers.get("Range", ""))
        start = int(asked[1]) if asked else 0
        if request.path == "/b/hopeless":
            return Reply(200 if not asked else 206, b"", {**ETAG, **ranged(start, len(data))}, length=len(data) - start)
        part = data[start : start + 10_000]
        headers = {**ETAG, **(ranged(start, len(data)) if asked else {})}
        return Reply(206 if asked else 200, part, headers, length=len(data) - start)

    serve(answer)
    assert Path("s3://b/k").read_bytes() == data
    with pytest.raises(S3ConnectionError):
        Path("s3://b/hopeless").read_bytes()


def ranged(start: int, size: int) -> dict[str, str]:
    return {"Content-Range": f"bytes {start}-{size - 1}/{size}"}


# Servers that fail


def test_server_errors(serve: Serve) -> None:
    """A server that fails is asked again, and when that goes on it is an error that says so."""
    left = [2]

    def answer(request: Request) -> Reply:
        if request.path.startswith("/b/busy"):
            return Reply(503, error_body("SlowDown"))
        if request.path.startswith("/b/broken"):
            return Reply(500, error_body("InternalError"))
        left[0] -= 1
        return Reply(500, error_body("InternalError")) if left[0] >= 0 else Reply(200, b"", {"ETag": '"e"'})

    stub = serve(answer)
    assert Path("s3://b/k").write_bytes(b"x") == 1
    assert [request.method for request in stub.requests] == ["PUT"] * 3
    with pytest.raises(S3RateLimitError, match="fewer requests"):
        Path("s3://b/busy").write_bytes(b"x")
    with pytest.raises(S3GenericError, match="the server failed"):
        Path("s3://b/broken").write_bytes(b"x")


@pytest.mark.parametrize("lost", [Reply(0), Reply(500, error_body("InternalError"))], ids=["broken", "failed"])
def test_answers_that_get_lost(serve: Serve, lost: Reply) -> None:
    """A write that must not replace and whose answer got lost is told as that: not as done nor as `FileExistsError`."""
    left = [lost]

    def answer(request: Request) -> Reply:
        if request.method != "PUT":
            return Reply(200, b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>")
        return left.pop() if left else Reply(412, error_body("PreconditionFailed"))

    serve(answer)
    with pytest.raises(S3ConnectionError, match="may have worked"), Path("s3://b/k").open("xb") as stream:
        stream.write(b"x")
    with pytest.raises(FileExistsError), Path("s3://b/k").open("xb") as stream:
        stream.write(b"x")


def test_credentials_that_expire(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials that expire between two parts fail the upload and are named: it is aborted, nothing appears."""
    monkeypatch.setattr(writer, "IN_FLIGHT", 1)

    def answer(request: Request) -> Reply:
        if request.method == "POST" and request.path.endswith("?uploads"):
            return Reply(200, b"<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>")
        if "partNumber=1" in request.path:
            return Reply(200, b"", {"ETag": '"1"'})
        return Reply(400, error_body("ExpiredToken", "The provided token has expired."))

    stub = serve(answer)
    with pytest.raises(S3AuthError, match="expired") as caught, Path("s3://b/k").open("wb") as stream:
        stream.write(b"x" * 32 * MIB)
    assert caught.value.code == "ExpiredToken"
    assert [request.method for request in stub.requests][-1] == "DELETE"
    assert not [request for request in stub.requests if request.method == "POST" and "uploadId" in request.path]


def test_buckets_that_vanish(memory: MemoryS3) -> None:
    """A bucket that vanishes is `FileNotFoundError` wherever it happens, and never an empty or shorter listing."""
    for number in range(5):
        memory.put("b", f"d/{number}", b"x")
    gone = S3NotFoundError("s3://b: the bucket does not exist.", code="NoSuchBucket", bucket="b")
    small = MemoryS3(page_size=2)
    small.create_bucket("b")
    for number in range(5):
        small.put("b", f"d/{number}", b"x")
    failing = FailingClient(small, [Rule("pages", gone, skip=1)])
    use_client("", failing)
    pages = Path("s3://b/d").scan()
    assert len(next(pages)) == 2
    with pytest.raises(FileNotFoundError, match="bucket"):
        list(pages)
    failing.rules[:] = [Rule("pages", gone, skip=1)]
    with pytest.raises(FileNotFoundError):
        Path("s3://b/d").rename(Path("s3://b/e"))
    assert [
        key for page in small.pages("b", delimiter="") for key in page.objects if not key.key.startswith("d/")
    ] == []
    failing.rules[:] = [Rule("put", gone)]
    with pytest.raises(FileNotFoundError, match="bucket"):
        Path("s3://b/d/new").write_bytes(b"x")
    failing.rules[:] = [Rule("*", gone)]
    with pytest.raises(FileNotFoundError):
        list(Path("s3://b").iterdir())
    with pytest.raises(FileNotFoundError):
        Path("s3://b/d/0").open("a")


def test_refused_operations(memory: MemoryS3) -> None:
    """A 403 on one operation is told by it and leaves what was there: no source goes before its copy is made."""
    for number in range(3):
        memory.put("b", f"d/{number}", b"x")
    before = content(memory)
    denied = S3AuthError("s3://b/d/1: no permission.", code="AccessDenied", bucket="b", key="d/1", status=403)
    failing = FailingClient(memory, [Rule("copy", denied, key="e/1")])
    use_client("", failing)
    with pytest.raises(PermissionError):
        Path("s3://b/d").rename(Path("s3://b/e"))
    assert {key: data for key, data in content(memory).items() if key.startswith("d/")} == before
    failing.rules[:] = [Rule("delete_many", denied), Rule("delete", denied)]
    with pytest.raises(PermissionError):
        Path("s3://b/d").rename(Path("s3://b/f"))
    with pytest.raises(PermissionError):
        Path("s3://b/d/0").rename(Path("s3://b/g"))
    assert {key: data for key, data in content(memory).items() if key.startswith("d/")} == before
    failing.rules[:] = [Rule("put", denied), Rule("create_upload", denied)]
    with pytest.raises(PermissionError):
        Path("s3://b/d/0").write_bytes(b"new")
    with pytest.raises(PermissionError):
        Path("s3://b/d/0").write_bytes(b"new" * 4 * MIB)
    assert content(memory)["d/0"] == b"x"
    failing.rules[:] = [Rule("get", denied)]
    assert Path("s3://b/d/0").exists()
    for read in (Path("s3://b/d/0").read_bytes, lambda: Path("s3://b/d/0").open("a"), Path("s3://b/d/0").open):
        with pytest.raises(PermissionError):
            read()


def test_markers_with_content(memory: MemoryS3, tmp_path: pathlib.Path) -> None:
    """The bytes of a marker are never dropped: `rmdir` refuses, and renaming and copying its directory keep them."""
    memory.put("b", "d/", b"a marker with bytes")
    path = Path("s3://b/d")
    assert path.is_dir()
    assert list(path.iterdir()) == []
    with pytest.raises(OSError, match=r"19 bytes"):
        path.rmdir()
    moved = path.rename(Path("s3://b/e"))
    assert content(memory) == {"e/": b"a marker with bytes"}
    assert moved.is_dir()

    memory.put("b", "e/f/", b"another")
    memory.put("b", "e/f/x", b"x")
    moved.copy(Path("s3://b/copy"))
    tree = {"/": b"a marker with bytes", "/f/": b"another", "/f/x": b"x"}
    assert content(memory) == {top + name: data for top in ("e", "copy") for name, data in tree.items()}

    elsewhere = MemoryS3(Place("elsewhere"))
    elsewhere.create_bucket("b")
    use_client("elsewhere", elsewhere)
    Path("s3://b/copy").move(Path("s3://elsewhere@b/moved"))
    assert content(elsewhere) == {"moved" + name: data for name, data in tree.items()}
    assert content(memory) == {"e" + name: data for name, data in tree.items()}

    memory.delete("b", "e/")
    for act in (moved.copy, moved.move):  # no directory of a disk can hold them
        with pytest.raises(UnsupportedOperation, match=r"'e/f/' holds 7 bytes"):
            act(tmp_path / act.__name__)
        assert content(memory) == {"e" + name: data for name, data in tree.items() if name != "/"}


# Others who write at the same time


def test_sources_that_change(memory: MemoryS3, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    """An object that somebody writes while it is moved or appended to loses nothing, and two writes are never mixed."""

    def write() -> None:
        memory.put("b", "d/1", b"theirs")

    for verb, before in (("pages", False), ("delete_many", True)):
        for number in range(3):
            memory.put("b", f"d/{number}", b"x")
        use_client("", Meanwhile(memory, verb, write, before=before))
        with pytest.raises(S3ChangedError):
            Path("s3://b/d").rename(Path("s3://b/e"))
        assert content(memory)["d/1"] == b"theirs"
        assert Path("s3://b/d").rename(Path("s3://b/f")).is_dir()
        assert content(memory)["f/1"] == b"theirs"
        assert not Path("s3://b/d").exists()
        memory.delete_many("b", list(content(memory)))

    memory.put("b", "d/1", b"x")
    use_client("", Meanwhile(memory, "copy", write))
    Path("s3://b/d/1").rename(Path("s3://b/moved"))
    assert content(memory) == {"moved": b"theirs"}

    for source, verb in (("d/1", "get"), ("d", "delete_many")):  # to another storage
        memory.put("b", "d/1", b"x")
        use_client("", Meanwhile(memory, verb, write, before=verb == "delete_many"))
        with pytest.raises(S3ChangedError):
            Path(f"s3://b/{source}").move(tmp_path / source.replace("/", "_"))
        assert content(memory) == {"moved": b"theirs", "d/1": b"theirs"}
    disk = Path(tmp_path / "disk")
    disk.write_bytes(b"x")
    use_client("", Meanwhile(memory, "put", lambda: disk.write_bytes(b"theirs")))
    with pytest.raises(OSError, match="after it was copied"):
        disk.move("s3://b/up")
    assert disk.read_bytes() == b"theirs"
    memory.delete("b", "up")

    monkeypatch.setattr(appending, "SMALLEST_PART", 4)
    memory.put("b", "d/1", b"first bytes")
    use_client("", Meanwhile(memory, "create_upload", write))
    with pytest.raises(S3ChangedError), Path("s3://b/d/1").open("ab") as stream:
        stream.write(b"more")
    assert content(memory) == {"moved": b"theirs", "d/1": b"theirs"}


def test_objects_with_an_etag_of_their_own(memory: MemoryS3) -> None:
    """An object that was uploaded in parts is moved too, whose copy has another ETag."""
    upload = memory.create_upload("b", "parts")
    etags = [memory.upload_part("b", "parts", upload, number, b"x" * number) for number in (1, 2)]
    memory.complete_upload("b", "parts", upload, etags)
    Path("s3://b/parts").rename(Path("s3://b/one"))
    assert content(memory) == {"one": b"xxx"}
    upload = memory.create_upload("b", "again")
    memory.complete_upload("b", "again", upload, [memory.upload_part("b", "again", upload, 1, b"yy")])
    (listed,) = [path for path in Path("s3://b").iterdir() if path.name == "again"]
    memory.requests.clear()
    listed.rename(Path("s3://b/two"))
    assert dict(memory.requests) == {"copy_object": 1, "delete_object": 1}  # the listing told the ETag
    assert content(memory) == {"one": b"xxx", "two": b"yy"}


def test_copies_that_must_not_replace(memory: MemoryS3) -> None:
    """A copy that must not replace anything doesn't, also when somebody writes the target at that moment."""
    memory.put("b", "source", b"ours")
    use_client("", Meanwhile(memory, "copy", lambda: memory.put("b", "target", b"theirs"), before=True))
    with pytest.raises(S3ExistsError):
        Path("s3://b/source").copy_native(Path("s3://b/target"), overwrite=False)
    assert content(memory) == {"source": b"ours", "target": b"theirs"}


@pytest.mark.parametrize("replace", [False, True])
def test_large_copies_in_parts(memory: MemoryS3, monkeypatch: pytest.MonkeyPatch, replace: bool) -> None:
    """A copy that is too large for one request is made in parts and keeps the same; a source that changes fails it."""
    monkeypatch.setattr(moving, "LARGEST_COPY", 4)
    monkeypatch.setattr(moving, "PART", 4)
    path: Any = Path("s3://b/large")
    path.write_bytes(b"0123456789", metadata={"a": "b"}, tags={"c": "d"}, storage_class="STANDARD_IA")
    too_large = S3GenericError("too large", code="InvalidRequest", status=400)
    failing = FailingClient(memory, [Rule("copy", too_large)])
    use_client("", failing)
    copied = path.copy(Path("s3://b/copy"))
    assert memory.requests["upload_part_copy"] == 3
    assert (copied.read_bytes(), copied.metadata, copied.tags) == (b"0123456789", {"a": "b"}, {"c": "d"})
    assert copied.storage_class == "STANDARD_IA"
    path.set_metadata({"new": "1"})
    assert (path.read_bytes(), path.metadata, path.tags) == (b"0123456789", {"new": "1"}, {"c": "d"})
    meanwhile = Meanwhile(memory, "create_upload", lambda: memory.put("b", "large", b"theirs, long enough"))
    use_client("", FailingClient(meanwhile, [Rule("copy", too_large)]))
    with pytest.raises(S3BaseError) as caught:
        path.set_metadata({"x": "y"}) if replace else path.copy(Path("s3://b/copy2"))
    assert isinstance(caught.value, S3ChangedError)
    assert content(memory)["large"] == b"theirs, long enough"
    assert "copy2" not in content(memory)
    assert memory.call("list_multipart_uploads", Bucket="b").get("Uploads", []) == []
