"""Sources go in batches, soon, and never after a cancel."""

import errno
import os

import pytest

from tfm import Path
from tfm.durable import Durability
from tfm.errors import S3ConnectionError
from tfm.info import FileInfo
from tfm.operations.departing import BATCH, SOON, Departing, Moved
from tfm.operations.ledger import Entry, Ledger
from tfm.s3.places import use_client
from tfm.testing import MemoryS3
from tfm.testing.wrappers import FailingClient, Rule
from tfm.transfer.source import proof

TOP = Path("s3://b/d")


class Desk:
    """A bucket of objects that were copied, and what goes."""

    def __init__(self, count=0):
        self.memory = MemoryS3()
        self.memory.create_bucket("b")
        use_client("", self.memory)
        self.now, self.stopped = 0.0, False
        self.ledger = Ledger()
        self.group = self.ledger.group(TOP, Path("s3://b/to"))
        self.group.tree = True
        self.departing = Departing(self.ledger, lambda: self.stopped, Durability(), lambda: self.now)
        for number in range(count):
            self.add(number)

    def add(self, number):
        etag = self.memory.put("b", f"d/{number:05}", b"x").etag
        path, target = TOP / f"{number:05}", Path(f"s3://b/to/{number:05}")
        entry = Entry(self.group, path, target, 1)
        self.ledger.started(entry)
        self.departing.add(Moved(entry, FileInfo(path.name, "file", 1, 0.0, etag=etag), target, 1))

    @property
    def left(self):
        return [facts.key for page in self.memory.pages("b", delimiter="") for facts in page.objects]

    def statuses(self):
        return {outcome.source.name: outcome.status for outcome in self.ledger.report()}


def test_nothing_goes_before_there_is_a_batch_or_an_end():
    desk = Desk(10)
    assert len(desk.left) == 10
    assert desk.group.done == 0
    desk.departing.finish()
    assert desk.left == []
    assert desk.group.done == 10
    assert desk.group.bytes == 10


def test_a_full_batch_goes_by_one_request():
    desk = Desk(BATCH - 1)
    desk.memory.requests.clear()
    desk.add(BATCH)
    assert desk.memory.requests["delete_objects"] == 1
    assert desk.left == []


def test_what_waits_goes_soon():
    desk = Desk(3)
    desk.now = SOON
    desk.add(3)
    assert desk.left == []
    desk.add(4)
    assert len(desk.left) == 1


def test_what_changed_or_is_refused_is_kept_and_named():
    desk = Desk(3)
    desk.memory.put("b", "d/00001", b"somebody else's")
    desk.departing.finish()
    assert desk.left == ["d/00001"]
    (outcome,) = desk.ledger.report()
    assert outcome.status == "failed"
    assert "changed while it was moved" in outcome.reason
    assert desk.group.done == 2


def test_a_request_that_fails_fails_all_of_its_batch():
    desk = Desk(3)
    use_client("", FailingClient(desk.memory, [Rule("delete_many", S3ConnectionError("gone"))]))
    desk.departing.finish()
    assert len(desk.left) == 3
    assert set(desk.statuses().values()) == {"failed"}


@pytest.mark.parametrize("late", [False, True])
def test_nothing_goes_after_a_cancel(late):
    desk = Desk(3)
    desk.stopped = True
    desk.departing.finish()
    if late:
        desk.add(3)  # it was under way
    assert len(desk.left) == 3 + late
    assert list(desk.statuses().values()) == ["cancelled"] * (3 + late)


def test_copies_on_a_disk_are_made_to_last_first(monkeypatch, tmp_path):
    desk, order = Desk(), []
    monkeypatch.setattr(Durability, "settle", lambda self, paths: order.append(list(paths)))
    real = type(TOP).unlink_copied
    monkeypatch.setattr(type(TOP), "unlink_copied", lambda *args: (order.append("delete"), real(*args))[1])
    for number in range(3):
        etag = desk.memory.put("b", f"d/{number}", b"x").etag
        entry = Entry(desk.group, TOP / str(number), Path(tmp_path / str(number)), 1)
        desk.departing.add(Moved(entry, FileInfo(str(number), "file", 1, 0.0, etag=etag), entry.target, 1))
    desk.departing.finish()
    assert order == [[str(tmp_path / str(number)) for number in range(3)], "delete"]


def test_no_local_source_goes_when_the_disk_could_not_keep_its_copy(monkeypatch, tmp_path):
    desk = Desk()
    (tmp_path / "to").mkdir()
    for name in ("a", "to/a"):
        (tmp_path / name).write_bytes(b"x")
    source, target = Path(tmp_path / "a"), Path(tmp_path / "to" / "a")
    entry = Entry(desk.ledger.group(source, target), source, target, 1)
    failure = OSError(errno.EIO, os.strerror(errno.EIO))

    def fail(self, paths):
        raise failure

    monkeypatch.setattr(Durability, "settle", fail)
    info = source.facts()
    desk.departing.add(Moved(entry, info, target, 1, proof(source, info)))
    desk.departing.finish()
    assert source.exists()
    assert desk.statuses() == {"a": "failed"}


def test_a_local_source_that_changed_since_it_was_copied_is_kept(tmp_path):
    desk = Desk()
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"x")
    for name in ("a", "b"):
        source, target = Path(tmp_path / name), Path(tmp_path / "to")
        entry = Entry(desk.ledger.group(source, target), source, target, 1)
        info = source.facts()
        (tmp_path / "to").write_bytes(b"x")
        desk.departing.add(Moved(entry, info, target, 1, proof(source, info)))
    (tmp_path / "a").write_bytes(b"newer")
    desk.departing.finish()
    assert sorted(os.listdir(tmp_path)) == ["a", "to"]
    assert desk.statuses() == {"a": "failed", "b": "done"}


def test_a_source_whose_copy_is_not_seen_stays():
    desk = Desk()
    etag = desk.memory.put("b", "d/x", b"x").etag
    desk.memory.put("b", "to/y", b"x")
    for name in ("x", "y"):
        desk.memory.put("b", f"d/{name}", b"x")
        path, target = TOP / name, Path(f"s3://b/to/{name}")
        entry = Entry(desk.group, path, target, 1)
        desk.ledger.started(entry)
        desk.departing.add(Moved(entry, FileInfo(name, "file", 1, 0.0, etag=etag), target, 1, None, etag))
    desk.departing.finish()
    assert desk.left == ["d/x", "to/y"]
    assert desk.statuses() == {"x": "failed"}
