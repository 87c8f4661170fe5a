"""Bytes that come in ranges, or after a break, are compared with the checksum of the whole or of its parts."""

from __future__ import annotations

import hashlib
import os
import threading
import zlib
from base64 import b64encode
from collections.abc import Callable, Sequence
from pathlib import Path as LocalPath
from typing import Any

import pytest

from tfm import Path
from tfm.errors import S3ConnectionError, S3GenericError
from tfm.s3 import filling, reader
from tfm.s3.places import use_client
from tfm.s3.protocol import Body, Checksum
from tfm.s3.reader import S3Reader
from tfm.testing import MemoryS3
from tfm.testing.wrappers import WrappingClient
from tfm.transfer.engine import transfer

MIB = 1024 * 1024
SIZE = 11 * MIB + 12_345
DATA = os.urandom(SIZE)


def whole(data: bytes) -> Checksum:
    return Checksum("CRC32", b64encode(zlib.crc32(data).to_bytes(4, "big")).decode())


def composed(data: bytes, cuts: Sequence[int]) -> Checksum:
    checks, at = b"", 0
    for size in cuts:
        checks += zlib.crc32(data[at : at + size]).to_bytes(4, "big")
        at += size
    assert at == len(data)
    return Checksum("CRC32", f"{whole(checks).value}-{len(cuts)}", whole=False)


class Seen:
    """A body that says which checksum the object has, and that a test can change."""

    def __init__(self, body: Body, checksum: Checksum | None, change: Callable[[memoryview], None]) -> None:
        self._body, self._checksum, self._change = body, checksum, change
        self.facts, self.close = body.facts, body.close

    def take_checksum(self) -> Checksum | None:
        return self._checksum

    def read(self, size: int = -1) -> bytes:
        data = bytearray(self._body.read(size))
        self._change(memoryview(data))
        return bytes(data)

    def readinto(self, buffer: Any) -> int:
        count = self._body.readinto(buffer)
        self._change(memoryview(buffer)[:count])
        return count


class Broken(WrappingClient):
    """A way to the server on which one bit changes, in the range that begins at `hit`."""

    def __init__(self, client: MemoryS3, checksum: Checksum | None, cuts: Sequence[int] = ()) -> None:
        super().__init__(client)
        self.checksum, self.cuts = checksum, cuts
        self.hit = -1
        self.resets = 0
        self.heads = 0
        self._lock = threading.Lock()

    def get(self, bucket: str, key: str, **options: Any) -> Body:
        start = options.get("start", 0)
        ranged = start or options.get("stop") is not None

        def change(view: memoryview) -> None:
            with self._lock:
                hit, self.hit = (start == self.hit and bool(view)), -1 if start == self.hit else self.hit
            if hit:
                view[len(view) // 2] ^= 8
            if self.resets and view and not ranged:
                self.resets -= 1
                raise S3ConnectionError("reset")

        return Seen(super().get(bucket, key, **options), None if ranged else self.checksum, change)

    def call(self, operation: str, *, ttl: float | None = None, **parameters: Any) -> dict[str, Any]:
        answer = super().call(operation, ttl=ttl, **{n: v for n, v in parameters.items() if n != "PartNumber"})
        if self.cuts and "PartNumber" in parameters:
            self.heads += 1
            answer["ContentLength"] = self.cuts[parameters["PartNumber"] - 1]
        return answer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> MemoryS3:
    """A bucket with one object, which comes in ranges of 2 MiB."""
    memory = MemoryS3()
    memory.create_bucket("b")
    memory.put("b", "k", DATA)
    monkeypatch.setattr(filling, "RANGE", 2 * MIB)
    for module in (filling, reader):
        monkeypatch.setattr(module, "LARGE", 4 * MIB)
    return memory


def down(client: Broken, target: LocalPath) -> bytes:
    use_client("", client)
    source = Path("s3://b/k")
    transfer(source, Path(target), source.facts())
    return target.read_bytes()


def in_memory(client: Broken, _: LocalPath) -> bytes:
    use_client("", client)
    return Path("s3://b/k").read_bytes()


def straight(client: Broken, _: LocalPath) -> bytes:
    with S3Reader(client, "b", "k", "s3://b/k") as stream:
        return b"".join(iter(lambda: stream.read(70_001), b""))


WAYS = [down, in_memory, straight]
EVEN = (5 * MIB, 5 * MIB, MIB + 12_345)
ODD = (3 * MIB, MIB, 7 * MIB + 12_345)
SPLIT = (5_000_000, 5_000_000, SIZE - 10_000_000)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("cuts", [(), EVEN, (8 * MIB, 3 * MIB + 12_345), ODD, (SIZE,)])
@pytest.mark.parametrize("hit", [-1, 0, 6 * MIB, 10 * MIB])
def test_one_bit_is_found(
    server: MemoryS3, tmp_path: LocalPath, way: Callable[..., bytes], cuts: Sequence[int], hit: int
) -> None:
    client = Broken(server, composed(DATA, cuts) if cuts else whole(DATA), cuts)
    client.hit = 0 if way is straight and hit > 0 else hit
    if hit < 0:
        assert way(client, tmp_path / "k") == DATA
        assert client.heads == (len(ODD) if cuts == ODD else 0), "the usual ways to cut need no question"
        return
    with pytest.raises(S3GenericError, match=r"s3://b/k.*differ from their checksum"):
        way(client, tmp_path / "k")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("way", WAYS)
def test_one_bit_is_found_where_a_connection_broke(
    server: MemoryS3, tmp_path: LocalPath, way: Callable[..., bytes]
) -> None:
    client = Broken(server, whole(DATA))
    client.resets = 1
    assert way(client, tmp_path / "k") == DATA
    client = Broken(server, whole(DATA[:-1] + b"?"))
    client.resets = 1
    with pytest.raises(S3GenericError, match="differ from their checksum"):
        way(client, tmp_path / "other")


def test_a_small_object_that_breaks_off_is_compared_too(server: MemoryS3, tmp_path: LocalPath) -> None:
    server.put("b", "k", DATA[: 3 * MIB])
    client = Broken(server, whole(DATA[: 3 * MIB]))
    client.resets = 1
    assert down(client, tmp_path / "k") == DATA[: 3 * MIB]
    client = Broken(server, whole(b"other"))
    client.resets = 1
    with pytest.raises(S3GenericError, match="differ from their checksum"):
        down(client, tmp_path / "other")


@pytest.mark.parametrize("cuts", [SPLIT, ODD])
def test_what_cannot_be_told_is_no_error(server: MemoryS3, tmp_path: LocalPath, cuts: Sequence[int]) -> None:
    """Parts that begin where no check does, and parts of odd sizes on a server that doesn't tell them."""
    client = Broken(server, composed(DATA, cuts), SPLIT if cuts == SPLIT else ())
    client.hit = 6 * MIB
    assert down(client, tmp_path / "k") != DATA


@pytest.mark.parametrize("algorithm", ["SHA256", "XXHASH64"])
@pytest.mark.parametrize("kind", [True, False])
def test_a_hash_is_compared_where_all_comes_straight(server: MemoryS3, algorithm: str, kind: bool) -> None:
    right = b64encode(hashlib.sha256(DATA).digest()).decode()
    for value in (right, "wrong"):
        client = Broken(server, Checksum(algorithm, value if kind else f"{value}-2", kind))
        if value == "wrong" and algorithm == "SHA256" and kind:
            with pytest.raises(S3GenericError, match="checksum"):
                straight(client, LocalPath())
        else:
            assert straight(client, LocalPath()) == DATA


def test_who_skips_or_goes_back_compares_nothing(server: MemoryS3) -> None:
    client = Broken(server, whole(b"other"))
    with S3Reader(client, "b", "k", "s3://b/k") as stream:
        stream.seek(5)
        assert stream.read(10) == DATA[5:15]
        stream.seek(0)
        assert stream.read(5) == DATA[:5]
        stream.seek(SIZE - 5)
        assert stream.read() == DATA[-5:]
