"""The rules of docs/semantics.md on opening files, on each storage, against ground truth read by other means."""

from __future__ import annotations

import gc
import io
import os
import zipfile
from typing import Any

import pytest
from grounds import Ground, LocalGround, ServerGround

from tfm.errors import S3ChangedError, S3ConnectionError
from tfm.s3.places import client_for, use_client
from tfm.s3.reader import FIRST_WINDOW, S3Reader
from tfm.s3.writer import PART

MIB = 1024 * 1024


def uploads(s3: Any, bucket: str) -> list[str]:
    """List the keys of unfinished uploads, by plain boto3."""
    return [upload["Key"] for upload in s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])]


def test_reading(ground: Ground) -> None:
    """Reading is seekable, and text is decoded as the built-in `open` does."""
    ground.put("f", "first ü\r\nsecond\n".encode())
    path = ground.root / "f"
    assert path.read_bytes() == "first ü\r\nsecond\n".encode()
    assert path.read_text("utf-8") == "first ü\nsecond\n"
    with path.open(encoding="utf-8", newline="") as text:
        assert list(text) == ["first ü\r\n", "second\n"]
    with path.open("rb") as stream:
        assert stream.seekable()
        assert stream.readable()
        assert not stream.writable()
        assert stream.seek(-7, os.SEEK_END) == len("first ü\r\n".encode())
        assert stream.read(3) == b"sec"
        assert stream.seek(0) == 0
        assert stream.readline() == "first ü\r\n".encode()
        assert stream.seek(1000) == 1000
        assert stream.read() == b""
        assert stream.tell() == 1000
        with pytest.raises((ValueError, OSError)):
            stream.seek(-1)
    with pytest.raises(ValueError, match="closed"):
        stream.read()
    with path.open("rb", buffering=0) as raw:
        assert isinstance(raw, io.RawIOBase)
        assert raw.read(5) == b"first"
    ground.put("empty", b"")
    assert (ground.root / "empty").read_bytes() == b""


def test_zip_is_read_by_ranges(s3_ground: Ground) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", "hello")
        archive.writestr("b.bin", os.urandom(300_000))
    s3_ground.put("x.zip", packed.getvalue())
    with (s3_ground.root / "x.zip").open("rb") as stream, zipfile.ZipFile(stream) as archive:
        assert archive.namelist() == ["a.txt", "b.bin"]
        assert archive.read("a.txt") == b"hello"


def test_reading_at_random(server_ground: ServerGround) -> None:
    data = os.urandom(3 * FIRST_WINDOW + 17)
    server_ground.put("f", data)
    with (server_ground.root / "f").open("rb") as stream:
        for start, size in (
            (0, 10),
            (5, 10),
            (FIRST_WINDOW, 100),
            (FIRST_WINDOW + 50_000, 9),
            (3, 2 * FIRST_WINDOW),
            (len(data) - 3, 9),
        ):
            stream.seek(start)
            assert stream.read(size) == data[start : start + size]
        stream.seek(0)
        assert stream.read() == data


def test_reader_keeps_to_its_object(s3_ground: Ground) -> None:
    """A reader keeps to the object that it opened, and says so if another one takes its place."""
    s3_ground.put("f", b"a" * (2 * FIRST_WINDOW))
    with (s3_ground.root / "f").open("rb", buffering=0) as stream:
        assert stream.read(10) == b"a" * 10
        s3_ground.put("f", b"b" * (2 * FIRST_WINDOW))
        stream.seek(FIRST_WINDOW + 1)
        with pytest.raises(S3ChangedError):
            stream.read(10)


class _Breaking:
    """A body that breaks after some bytes."""

    def __init__(self, body: Any, left: int) -> None:
        self.facts = body.facts
        self._body = body
        self._left = left

    def read(self, size: int = -1) -> bytes:
        if not self._left:
            raise S3ConnectionError("the connection broke")
        size = self._left if size < 0 else min(size, self._left)
        data: bytes = self._body.read(size)
        self._left -= len(data)
        return data

    def take_checksum(self) -> Any:
        return self._body.take_checksum()

    def close(self) -> None:
        self._body.close()


class _BreakingClient:
    """A client whose bodies all break after some bytes, and that counts its GETs."""

    def __init__(self, client: Any, after: int) -> None:
        self._client = client
        self._after = after
        self.gets = 0

    def get(self, *args: Any, **options: Any) -> Any:
        self.gets += 1
        return _Breaking(self._client.get(*args, **options), self._after)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


def test_reader_goes_on(s3_ground: Ground) -> None:
    """A reader takes a broken connection up where it broke."""
    data = os.urandom(100_000)
    s3_ground.put("f", data)
    breaking = _BreakingClient(client_for(""), after=30_000)
    use_client("", breaking)
    assert (s3_ground.root / "f").read_bytes() == data
    assert breaking.gets == 4
    use_client("", _BreakingClient(breaking, after=0))
    with pytest.raises(S3ConnectionError):
        (s3_ground.root / "f").read_bytes()


def test_writing(ground: Ground) -> None:
    """Writing streams in parts, and the object appears when the file closes."""
    blocks = [os.urandom(3 * MIB) for _ in range(7)]
    path = ground.root / "f"
    with path.open("wb") as stream:
        for block in blocks:
            assert stream.write(block) == len(block)
        assert stream.tell() == 21 * MIB
        if not isinstance(ground, LocalGround):
            assert ground.get("f") is None
    assert ground.get("f") == b"".join(blocks)
    assert path.write_text("ü\n", encoding="utf-8", newline="\r\n") == 2
    assert ground.get("f") == b"\xc3\xbc\r\n"
    assert path.write_bytes(memoryview(b"abcd")[::1]) == 4
    with path.open("w", encoding="utf-8") as text:
        print("printed", file=text)
    assert ground.get("f") == b"printed\n"
    with path.open("a", encoding="utf-8", newline="") as text:  # "is it empty?" is how a header is written once
        assert text.tell() == 8
        text.write("ü")
        assert text.tell() == 10
    with pytest.raises(TypeError):
        path.write_text(b"bytes")  # type: ignore[arg-type]


def test_many_parts_go_up_as_one_object(server_ground: ServerGround, s3: Any, bucket: str) -> None:
    (server_ground.root / "f").write_bytes(bytes(2 * PART + 1))
    assert s3.head_object(Bucket=bucket, Key="top/f")["ETag"].endswith('-3"')
    assert uploads(s3, bucket) == []


@pytest.mark.parametrize("size", [10, PART + 1, 3 * PART])
def test_a_block_that_raises(server_ground: ServerGround, s3: Any, bucket: str, size: int) -> None:
    """If the block raises, there is no new object and no upload is left behind."""
    server_ground.put("old", b"old")

    def fail(name: str, mode: str, data: Any) -> None:
        with (server_ground.root / name).open(mode) as stream:
            stream.write(data)
            raise KeyError("the block's own error")

    for mode, data in (("wb", bytes(size)), ("w", "x" * size)):
        for name in ("new", "old"):
            with pytest.raises(KeyError):
                fail(name, mode, data)
    assert server_ground.files() == ["old"]
    assert server_ground.get("old") == b"old"
    assert uploads(s3, bucket) == []


def test_dropped_without_close(server_ground: ServerGround, s3: Any, bucket: str) -> None:
    """A file that is dropped without `close` is not written."""
    for mode, data in (("wb", bytes(PART + 1)), ("w", "text")):
        stream = (server_ground.root / "f").open(mode)
        stream.write(data)
        with pytest.warns(ResourceWarning, match="not written"):  # noqa: PT031 - collecting makes sure
            del stream
            gc.collect()
    assert server_ground.files() == []
    assert uploads(s3, bucket) == []


def test_exclusive(ground: Ground) -> None:
    """`x` is atomic: it never replaces a file."""
    with (ground.root / "f").open("xb") as stream:
        stream.write(b"first")
    with pytest.raises(FileExistsError), (ground.root / "f").open("xb") as stream:
        stream.write(b"second")
    with pytest.raises(FileExistsError), (ground.root / "f").open("x") as stream:
        stream.write("third")
    assert ground.get("f") == b"first"


def test_exclusive_in_parts(server_ground: ServerGround, s3: Any, bucket: str) -> None:
    server_ground.put("f", b"first")
    with pytest.raises(FileExistsError), (server_ground.root / "f").open("xb") as stream:
        stream.write(bytes(PART + 1))
    assert server_ground.get("f") == b"first"
    assert uploads(s3, bucket) == []


def test_opening_errors(ground: Ground) -> None:
    """
    A file opened to be read must be there and must not be a directory, and a wrong mode is refused before anything
    happens.
    """
    ground.put("d/f", b"x")
    with pytest.raises(FileNotFoundError):
        (ground.root / "missing").open()
    with pytest.raises(IsADirectoryError):
        (ground.root / "d").open("rb")
    for mode in ("", "q", "rw", "rbt", "rr", "b"):
        with pytest.raises(ValueError, match="mode"):
            (ground.root / "d/f").open(mode)
    with pytest.raises(ValueError, match="encoding"):
        (ground.root / "d/f").open("rb", encoding="utf-8")
    with pytest.raises(ValueError, match="unbuffered"):
        (ground.root / "d/f").open("r", buffering=0)
    if not isinstance(ground, LocalGround):
        with pytest.raises(LookupError):
            (ground.root / "d/g").open("w", encoding="no-such-codec")
        for path in (ground.root.parent, ground.root.parent.parent):
            with pytest.raises(IsADirectoryError):
                path.open("wb")
    assert ground.files() == ["d/f"]
    assert ground.get("d/f") == b"x"


def test_reader_says_what_it_is(s3_ground: Ground) -> None:
    s3_ground.put("f", b"x")
    path = s3_ground.root / "f"
    with path.open("rb", buffering=0) as reader, (s3_ground.root / "g").open("wb") as writer:
        assert isinstance(reader, S3Reader)
        assert reader.name == str(path)
        assert str(path) in repr(reader)
        assert writer.mode == "wb"
        assert str(s3_ground.root / "g") in repr(writer)
        with pytest.raises(TypeError):
            writer.write("text")
    with pytest.raises(ValueError, match="closed"):
        writer.write(b"x")


def test_appending(ground: Ground) -> None:
    """`a` keeps what is there, and fails rather than lose another writer's bytes."""
    path = ground.root / "f"
    with path.open("a", encoding="utf-8") as text:
        text.write("one ")
    assert ground.get("f") == b"one "
    with path.open("ab") as stream:
        stream.write(b"two")
    assert ground.get("f") == b"one two"
    with path.open("ab"):
        pass
    assert ground.get("f") == b"one two"
    big = os.urandom(6 * MIB)
    ground.put("big", big)
    with (ground.root / "big").open("ab") as stream:
        stream.write(b"tail")
    assert ground.get("big") == big + b"tail"
    if not isinstance(ground, LocalGround):
        for name in ("f", "big"):
            stream = (ground.root / name).open("ab")
            stream.write(b"lost?")
            ground.put(name, b"by another writer")
            with pytest.raises(S3ChangedError):
                stream.close()
            assert ground.get(name) == b"by another writer"
        stream = (ground.root / "new").open("ab")
        ground.put("new", b"by another writer")
        with pytest.raises(FileExistsError):
            stream.close()
        assert ground.get("new") == b"by another writer"


def test_appending_keeps_metadata(server_ground: ServerGround, s3: Any, bucket: str) -> None:
    for size in (3, 6 * MIB):
        s3.put_object(Bucket=bucket, Key="top/f", Body=bytes(size), Metadata={"a": "b"}, ContentType="text/x-test")
        with (server_ground.root / "f").open("ab") as stream:
            stream.write(b"x")
        head = s3.head_object(Bucket=bucket, Key="top/f")
        assert (head["ContentLength"], head["Metadata"], head["ContentType"]) == (size + 1, {"a": "b"}, "text/x-test")
    assert uploads(s3, bucket) == []


def test_editing(ground: Ground) -> None:
    """
    `r+`, `w+`, `x+` and `a+` work on a local copy, which replaces the object on close if it was changed and nobody else
    wrote it.
    """
    ground.put("f", b"0123456789")
    path = ground.root / "f"
    with path.open("r+b") as stream:
        assert stream.read(3) == b"012"
        stream.seek(5)
        stream.write(b"five")
        stream.seek(0)
        assert stream.read() == b"01234five9"
    assert ground.get("f") == b"01234five9"
    with path.open("r+") as text:
        text.truncate(2)
    assert ground.get("f") == b"01"
    with path.open("a+b") as stream:
        stream.seek(0)
        assert stream.read() == b"01"
        stream.seek(0)
        stream.write(b"2")
    assert ground.get("f") == b"012"
    with path.open("w+", encoding="utf-8") as text:
        text.write("new")
        text.seek(0)
        assert text.read() == "new"
    assert ground.get("f") == b"new"
    with (ground.root / "made").open("a+b") as stream:
        assert stream.read() == b""
    assert ground.get("made") == b""
    with pytest.raises(FileExistsError), path.open("x+b") as stream:
        stream.write(b"x")
    with pytest.raises(FileNotFoundError):
        (ground.root / "missing").open("r+b")
    assert ground.get("f") == b"new"


def test_editing_and_others(s3_ground: Ground) -> None:
    s3_ground.put("f", b"first")
    path = s3_ground.root / "f"
    stream = path.open("r+b")
    stream.write(b"ours")
    s3_ground.put("f", b"theirs")
    with pytest.raises(S3ChangedError):
        stream.close()
    assert s3_ground.get("f") == b"theirs"

    def fail() -> None:
        with path.open("r+b") as edited:
            edited.write(b"half")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    dropped = path.open("r+b")
    dropped.write(b"half")
    with pytest.warns(ResourceWarning, match="not written"):  # noqa: PT031 - collecting makes sure
        del dropped
        gc.collect()
    with path.open("r+b") as unchanged:
        unchanged.read()
    assert s3_ground.get("f") == b"theirs"
