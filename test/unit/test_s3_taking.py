"""A file on a disk becomes an object: whole and unchanged, or not at all."""

import os
import threading
import tracemalloc

import pytest

from tfm import Path
from tfm.errors import S3ConnectionError, S3ExistsError
from tfm.s3 import taking, writer
from tfm.s3.places import use_client
from tfm.s3.taking import MOST_HELD, PART, WIDTH, part_size
from tfm.s3.writer import S3Writer
from tfm.testing import MemoryS3
from tfm.testing.wrappers import FailingClient, Rule, WrappingClient
from tfm.transfer.engine import transfer
from tfm.transfer.errors import SourceChangedError, TransferCancelledError

MIB = 1024 * 1024
KIB = 1024


@pytest.fixture
def memory():
    """A bucket in memory that is the default place."""
    server = MemoryS3(smallest_part=1)
    server.create_bucket("b")
    use_client("", server)
    return server


@pytest.fixture
def narrow(monkeypatch):
    """Parts of 64 KiB, from 128 KiB on."""
    monkeypatch.setattr(taking, "part_size", lambda size: 64 * KIB)
    monkeypatch.setattr(writer, "LARGE", 128 * KIB)


def send(source, **options):
    path = Path(source)
    return transfer(path, Path("s3://b/k"), path.facts(), **options)


def stored(memory):
    return memory.get("b", "k").read()


def nothing_is_left(memory):
    uploads = memory.call("list_multipart_uploads", Bucket="b").get("Uploads", [])
    keys = [facts.key for page in memory.pages("b") for facts in page.objects]
    return not uploads and not keys


@pytest.mark.parametrize("size", [0, 1, 64 * KIB, 128 * KIB - 1, 128 * KIB, 640 * KIB + 7])
def test_every_byte_arrives_in_its_place(memory, narrow, tmp_path, size):
    data = os.urandom(size)
    (tmp_path / "f").write_bytes(data)
    moved = []
    assert send(tmp_path / "f", progress=moved.append).bytes == size
    assert stored(memory) == data
    assert sum(moved) == size


@pytest.mark.parametrize(
    ("size", "requests"),
    [
        (4096, {"put_object": 1}),
        (15 * MIB, {"put_object": 1}),
        (100 * MIB, {"create_multipart_upload": 1, "upload_part": 13, "complete_multipart_upload": 1}),
    ],
)
def test_a_file_costs_its_parts_and_nothing_else(memory, tmp_path, size, requests):
    with open(tmp_path / "f", "wb") as stream:
        stream.truncate(size)
    memory.requests.clear()
    send(tmp_path / "f")
    assert memory.requests == requests


@pytest.mark.parametrize("size", [0, 1, 80 * 1000 * MIB, 5 << 40, 48 << 40])
def test_no_object_needs_more_parts_than_there_may_be(size):
    length = part_size(size)
    assert -(-size // length) <= 10_000
    assert PART <= length <= 5 << 30
    assert length % MIB == 0


def test_a_part_that_fails_leaves_nothing(memory, narrow, tmp_path):
    (tmp_path / "f").write_bytes(os.urandom(640 * KIB))
    use_client("", FailingClient(memory, [Rule("upload_part", S3ConnectionError("gone"), skip=3)]))
    with pytest.raises(S3ConnectionError, match="gone"):
        send(tmp_path / "f")
    assert nothing_is_left(memory)


def test_a_cancel_leaves_nothing(memory, narrow, tmp_path):
    (tmp_path / "f").write_bytes(os.urandom(6400 * KIB))
    moved = []
    with pytest.raises(TransferCancelledError):
        send(tmp_path / "f", progress=moved.append, cancelled=lambda: sum(moved) > 0)
    assert memory.requests["upload_part"] <= 2 * WIDTH
    assert nothing_is_left(memory)


@pytest.mark.parametrize("size", [100 * KIB, 640 * KIB])
@pytest.mark.parametrize("change", ["cut", "written"])
def test_a_file_that_changes_meanwhile_does_not_become_an_object(memory, narrow, tmp_path, size, change):
    file = tmp_path / "f"
    file.write_bytes(os.urandom(size))
    os.utime(file, (1, 1))

    def progress(count):
        if change == "cut":
            os.truncate(file, 70 * KIB)
        else:
            with open(file, "r+b") as stream:
                stream.write(b"x")

    with pytest.raises(SourceChangedError):
        send(file, progress=progress)
    assert nothing_is_left(memory)


def test_a_file_is_not_put_over_an_object_unasked(memory, narrow, tmp_path):
    (tmp_path / "f").write_bytes(os.urandom(640 * KIB))
    memory.put("b", "k", b"theirs")
    with pytest.raises(S3ExistsError):
        send(tmp_path / "f")
    assert stored(memory) == b"theirs"
    send(tmp_path / "f", overwrite=True)
    assert stored(memory) == (tmp_path / "f").read_bytes()


def test_a_virtual_file_that_says_it_is_empty_is_read_to_its_end(memory):
    with open("/proc/self/status", "rb") as stream:
        assert os.fstat(stream.fileno()).st_size == 0
    Path("/proc/self/status").copy(Path("s3://b/k"))
    assert stored(memory).startswith(b"Name:")


class Slow(WrappingClient):
    """Counts the parts that are on their way at once."""

    def __init__(self, client):
        super().__init__(client)
        self.now = self.most = 0
        self._lock = threading.Lock()

    def upload_part(self, bucket, key, upload_id, number, body):
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            return super().upload_part(bucket, key, upload_id, number, b"x")
        finally:
            with self._lock:
                self.now -= 1


def test_memory_is_bounded_by_the_parts_on_their_way(memory, tmp_path):
    with open(tmp_path / "f", "wb") as stream:
        stream.truncate(256 * MIB)
    with open(tmp_path / "f", "rb") as stream, S3Writer(client := Slow(memory), "b", "k", "s3://b/k") as target:
        tracemalloc.start()
        try:
            assert target.take_file(stream.fileno(), 256 * MIB, lambda count: None) == 256 * MIB
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        target.abort()
    assert client.most <= WIDTH
    assert peak < WIDTH * PART + 4 * MIB


def test_writing_a_large_buffer_copies_no_more_than_the_parts_on_their_way(memory):
    data = bytes(128 * MIB)
    client = Slow(memory)
    tracemalloc.start()
    try:
        target = S3Writer(client, "b", "k", "s3://b/k")
        target.write(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        target.abort()
    assert peak < (writer.IN_FLIGHT + 3) * writer.PART + MIB


def test_many_files_hold_no_more_than_is_allowed_together(memory, tmp_path):
    with open(tmp_path / "f", "wb") as stream:
        stream.truncate(15 * MIB)
    targets = [S3Writer(memory, "b", f"k{number}", "s3://b/k") for number in range(6)]
    with open(tmp_path / "f", "rb") as stream:
        taken = threading.Semaphore(0)

        def take(target):
            target.take_file(stream.fileno(), 15 * MIB, lambda count: None)
            taken.release()

        threads = [threading.Thread(target=take, args=(target,), daemon=True) for target in targets]
        for thread in threads:
            thread.start()
        for _ in range(MOST_HELD // (15 * MIB)):
            assert taken.acquire(timeout=10)
        assert not taken.acquire(timeout=0.1)
        while any(thread.is_alive() for thread in threads):
            for target in targets:
                if not target.closed and target.tell():
                    target.close()
            threads[0].join(0.01)
    for target in targets:
        target.close()
    assert memory.requests["put_object"] == 6
    assert taking.held._held == 0
