"""A whole object straight into place: every byte of one version, or an error and nothing."""

import errno
import os
import resource
import threading
import tracemalloc

import pytest

from tfm import Path
from tfm.errors import S3ChangedError, S3ConnectionError, S3NotFoundError
from tfm.s3 import checking, filling, reader
from tfm.s3.filling import CHUNK, RANGE
from tfm.s3.places import use_client
from tfm.s3.protocol import ObjectFacts
from tfm.s3.reader import S3Reader
from tfm.testing import MemoryS3
from tfm.testing.wrappers import WrappingClient
from tfm.transfer.engine import transfer
from tfm.transfer.errors import TransferCancelledError

MIB = 1024 * 1024
SMALL_RANGE = 64 * 1024


@pytest.fixture
def memory():
    """A bucket in memory that is the default place."""
    server = MemoryS3()
    server.create_bucket("b")
    use_client("", server)
    return server


@pytest.fixture
def narrow(monkeypatch):
    """Ranges of 64 KiB, from 128 KiB on, in chunks of 16 KiB."""
    monkeypatch.setattr(filling, "RANGE", SMALL_RANGE)
    monkeypatch.setattr(filling, "CHUNK", SMALL_RANGE // 4)
    monkeypatch.setattr(checking, "GRAIN", SMALL_RANGE // 2)
    for module in (filling, reader):
        monkeypatch.setattr(module, "LARGE", 2 * SMALL_RANGE)


class Body:
    """A body that a test can break."""

    def __init__(self, body, breaks):
        self._body, self._breaks = body, breaks
        self.facts = body.facts
        self.close, self.take_checksum = body.close, body.take_checksum

    def read(self, size=-1):
        self._breaks()
        return self._body.read(size)

    def readinto(self, buffer):
        self._breaks()
        return self._body.readinto(buffer)


class Faulty(WrappingClient):
    """Lets a test do something before each read of a body."""

    def __init__(self, client, breaks):
        super().__init__(client)
        self._breaks = breaks

    def get(self, bucket, key, **options):
        body = super().get(bucket, key, **options)
        return Body(body, lambda: self._breaks(options.get("start", 0)))


def fetch(target, **options):
    source = Path("s3://b/k")
    return transfer(source, Path(target), source.facts(), **options)


@pytest.mark.parametrize("size", [0, 1, SMALL_RANGE, 2 * SMALL_RANGE - 1, 2 * SMALL_RANGE, 5 * SMALL_RANGE + 7])
def test_every_byte_arrives_in_its_place(memory, narrow, tmp_path, size):
    data = os.urandom(size)
    memory.put("b", "k", data)
    moved = []
    assert fetch(tmp_path / "k", progress=moved.append).bytes == size
    assert (tmp_path / "k").read_bytes() == data
    assert sum(moved) == size
    assert os.listdir(tmp_path) == ["k"]


@pytest.mark.parametrize("size", [0, 1, 2 * SMALL_RANGE - 1, 2 * SMALL_RANGE, 5 * SMALL_RANGE + 7])
def test_a_whole_object_is_read_into_memory(memory, narrow, size):
    data = os.urandom(size)
    memory.put("b", "k", data)
    assert Path("s3://b/k").read_bytes() == data
    with Path("s3://b/k").open("rb") as stream:
        assert stream.read(3) + stream.read() == data


def test_after_everything_was_read_at_once_the_reader_stands_at_the_end(memory, narrow):
    data = os.urandom(3 * SMALL_RANGE)
    memory.put("b", "k", data)
    with S3Reader(memory, "b", "k", "s3://b/k") as stream:
        assert stream.readall() == data
        assert stream.tell() == len(data)
        assert stream.read() == b""
        stream.seek(5)
        assert stream.read(3) == data[5:8]


def test_a_file_is_filled_whole_wherever_the_reader_stood(memory, narrow, tmp_path):
    data = os.urandom(3 * SMALL_RANGE)
    memory.put("b", "k", data)
    with S3Reader(memory, "b", "k", "s3://b/k") as stream, open(tmp_path / "k", "wb") as target:
        stream.read(7)
        assert stream.fill_file(target.fileno(), lambda count: None) == len(data)
    assert (tmp_path / "k").read_bytes() == data


@pytest.mark.parametrize(("size", "requests"), [(4096, 1), (31 * MIB, 1), (100 * MIB, 7)])
def test_an_object_costs_its_ranges_and_nothing_else(memory, tmp_path, size, requests):
    memory.put("b", "k", bytes(size))
    info = Path("s3://b/k").facts()
    memory.requests.clear()
    transfer(Path("s3://b/k"), Path(tmp_path / "k"), info)
    assert memory.requests == {"get_object": requests}


def test_a_range_whose_connection_breaks_is_taken_up_again_alone(memory, narrow, tmp_path):
    data = os.urandom(6 * SMALL_RANGE)
    memory.put("b", "k", data)
    reads = {}

    def breaks(start):
        reads[start] = reads.get(start, 0) + 1
        if start == 2 * SMALL_RANGE and reads[start] == 3:
            raise S3ConnectionError("reset")

    use_client("", Faulty(memory, breaks))
    memory.requests.clear()
    fetch(tmp_path / "k")
    assert (tmp_path / "k").read_bytes() == data
    assert memory.requests["get_object"] == 7
    assert 2 * SMALL_RANGE + SMALL_RANGE // 2 in reads


def test_a_range_that_always_breaks_fails_all_and_leaves_nothing(memory, narrow, tmp_path):
    memory.put("b", "k", os.urandom(6 * SMALL_RANGE))

    def breaks(start):
        if start == 3 * SMALL_RANGE:
            raise S3ConnectionError("reset")

    use_client("", Faulty(memory, breaks))
    with pytest.raises(S3ConnectionError, match="reset"):
        fetch(tmp_path / "k")
    assert os.listdir(tmp_path) == []


def test_a_body_that_ends_too_soon_is_no_success(memory, narrow, tmp_path):
    memory.put("b", "k", os.urandom(6 * SMALL_RANGE))

    class Short(WrappingClient):
        def get(self, bucket, key, **options):
            body = super().get(bucket, key, **options)
            if options.get("start"):
                body.readinto(bytearray(SMALL_RANGE))
            return body

    use_client("", Short(memory))
    with pytest.raises(S3ConnectionError, match="closed s3://b/k at byte"):
        fetch(tmp_path / "k")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("knows", [True, False])
@pytest.mark.parametrize("size", [6 * SMALL_RANGE, 4 * SMALL_RANGE])
def test_two_versions_are_never_mixed(memory, narrow, tmp_path, knows, size):
    memory.put("b", "k", os.urandom(6 * SMALL_RANGE))

    class Changing(WrappingClient):
        def get(self, bucket, key, **options):
            if options.get("start") == 4 * SMALL_RANGE - SMALL_RANGE:
                self.client.put("b", "k", bytes(size))
            if not knows:
                options["if_match"] = None
            return super().get(bucket, key, **options)

    use_client("", Changing(memory))
    with pytest.raises(S3ChangedError):
        fetch(tmp_path / "k")
    assert os.listdir(tmp_path) == []


def test_an_object_that_goes_meanwhile_leaves_nothing(memory, narrow, tmp_path):
    memory.put("b", "k", os.urandom(6 * SMALL_RANGE))
    with pytest.raises(S3NotFoundError):
        fetch(tmp_path / "k", progress=lambda count: memory.delete("b", "k"))
    assert os.listdir(tmp_path) == []


def test_a_cancel_is_answered_within_a_chunk_of_each_range(memory, narrow, tmp_path):
    memory.put("b", "k", os.urandom(64 * SMALL_RANGE))
    moved = []
    with pytest.raises(TransferCancelledError):
        fetch(tmp_path / "k", progress=moved.append, cancelled=lambda: len(moved) >= 2)
    assert sum(moved) <= 2 * SMALL_RANGE
    assert os.listdir(tmp_path) == []


def test_a_disk_that_has_no_room_says_so_before_anything_comes(memory, tmp_path, monkeypatch):
    memory.put("b", "k", bytes(40 * MIB))
    info = Path("s3://b/k").facts()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20 * MIB, hard))
    memory.requests.clear()
    try:
        with pytest.raises(OSError, match=r"File too large") as caught:
            transfer(Path("s3://b/k"), Path(tmp_path / "k"), info)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.errno == errno.EFBIG
    assert memory.requests == {"get_object": 1}
    assert os.listdir(tmp_path) == []


def test_ranges_of_a_file_that_was_closed_meanwhile_never_go_to_another_file(memory, narrow, tmp_path, monkeypatch):
    memory.put("b", "k", os.urandom(4 * SMALL_RANGE))
    begun, go_on, threads = threading.Event(), threading.Event(), []

    def breaks(start):
        begun.set()
        go_on.wait(10)

    def interrupted(count, width, name, moved, step):
        threads.append(threading.Thread(target=step, args=(1, moved), daemon=True))
        threads[0].start()
        begun.wait(10)
        raise KeyboardInterrupt

    monkeypatch.setattr(filling, "in_pieces", interrupted)
    with S3Reader(Faulty(memory, breaks), "b", "k", "s3://b/k") as stream:
        target = os.open(tmp_path / "k", os.O_WRONLY | os.O_CREAT)
        with pytest.raises(KeyboardInterrupt):
            stream.fill_file(target, lambda count: None)
        os.close(target)
    other = os.open(tmp_path / "other", os.O_WRONLY | os.O_CREAT)
    assert other == target
    go_on.set()
    threads[0].join(10)
    os.close(other)
    assert os.path.getsize(tmp_path / "other") == 0


class Zeros:
    """A body of nothing but zeros, made as it is read."""

    def __init__(self, facts, left):
        self.facts, self._left = facts, left

    def readinto(self, buffer):
        count = min(len(buffer), self._left)
        self._left -= count
        return count

    def take_checksum(self):
        return None

    def close(self):
        self._left = 0


class ZeroClient(MemoryS3):
    """A server with one large object that takes no memory."""

    facts = ObjectFacts("k", 96 * MIB, 1.0, '"e"')

    def get(self, bucket, key, *, start=0, stop=None, **_):
        return Zeros(self.facts, (self.facts.size if stop is None else stop) - start)


def test_memory_is_bounded_by_the_ranges_on_their_way(tmp_path, monkeypatch):
    monkeypatch.setattr(filling, "RANGE", 4 * MIB)
    with open(tmp_path / "k", "wb") as target, S3Reader(ZeroClient(), "b", "k", "s3://b/k") as stream:
        tracemalloc.start()
        try:
            assert stream.fill_file(target.fileno(), lambda count: None) == 96 * MIB
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        os.ftruncate(target.fileno(), 0)
    assert peak < (filling.MOST + 4) * CHUNK


def test_reading_into_memory_needs_the_room_once():
    with S3Reader(ZeroClient(), "b", "k", "s3://b/k") as stream:
        tracemalloc.start()
        try:
            assert len(stream.readall()) == 96 * MIB
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 96 * MIB + RANGE
