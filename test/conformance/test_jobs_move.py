"""Move jobs: a source goes only when its copy was verified."""

import errno
import os

import pytest
from jobs import finish, read, statuses, write

from tfm import Path
from tfm.errors import S3ConnectionError
from tfm.info import FileInfo
from tfm.operations import Conflict, JobState, move
from tfm.operations import move as move_function
from tfm.operations.move import EntryMove
from tfm.s3.bulk import S3Bulk
from tfm.s3.path import S3PathImpl
from tfm.transfer import engine, newname

TREE = {"d/a": b"a", "d/sub/b": b"bb", "d/sub/c/e": b"e", "d/empty": None}


@pytest.fixture
def two_devices(monkeypatch):
    """Let every rename between directories fail as between two devices."""

    def crossing(source, target, **options):
        if os.path.dirname(source) != os.path.dirname(target):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), source)

    real_rename, real_link, real_replace = os.rename, os.link, os.replace
    monkeypatch.setattr(os, "rename", lambda s, t: (crossing(s, t), real_rename(s, t))[1])
    monkeypatch.setattr(os, "replace", lambda s, t: (crossing(s, t), real_replace(s, t))[1])
    monkeypatch.setattr(os, "link", lambda s, t, **o: (crossing(s, t), real_link(s, t, **o))[1])
    one_step = newname._find_rename()
    if one_step is not None:
        monkeypatch.setattr(
            newname,
            "_find_rename",
            lambda: lambda s, t: errno.EXDEV if os.path.dirname(s) != os.path.dirname(t) else one_step(s, t),
        )


def test_a_tree_on_one_device_is_renamed(here):
    write(here / "from", TREE)
    inode = os.stat(here / "from" / "d" / "a").st_ino
    job = finish(move([here / "from" / "d"], here / "to"))
    assert job.state is JobState.DONE
    assert read(here / "to") == TREE
    assert read(here / "from") == {}
    assert os.stat(here / "to" / "d" / "a").st_ino == inode


def test_a_tree_is_merged_into_one_that_exists(here):
    write(here / "from", TREE)
    write(here / "to", {"d/a": b"old", "d/z": b"z"})
    job = finish(move([here / "from" / "d"], here / "to", conflict=Conflict.OVERWRITE))
    assert job.state is JobState.DONE
    assert read(here / "to") == TREE | {"d/z": b"z"}
    assert os.listdir(here / "from") == []


def test_what_is_skipped_stays_with_its_directories(here):
    write(here / "from", TREE)
    write(here / "to", {"d/sub/b": b"old"})
    job = finish(move([here / "from" / "d"], here / "to", conflict=Conflict.SKIP))
    assert read(here / "from") == {"d/sub/b": b"bb"}
    assert read(here / "to") == TREE | {"d/sub/b": b"old"}
    assert job.state is JobState.DONE
    kept = {outcome.source.name: outcome.reason for outcome in job.report if outcome.status == "skipped"}
    assert set(kept) == {"b", "sub", "d"}


def test_a_tree_between_two_devices(here, two_devices):
    write(here / "from", TREE)
    (here / "from" / "d" / "link").symlink_to("a")
    os.utime(here / "from" / "d" / "a", (1000, 2000))
    job = finish(move([here / "from" / "d"], here / "to"))
    assert job.state is JobState.DONE
    assert read(here / "to") == TREE | {"d/link": b"-> a"}
    assert os.stat(here / "to" / "d" / "a").st_mtime == 2000
    assert os.listdir(here / "from") == []


def test_a_tree_to_s3_and_back(here, remote, top):
    write(here / "from", TREE)
    assert finish(move([here / "from" / "d"], top / "x")).state is JobState.DONE
    assert os.listdir(here / "from") == []
    assert remote.all() == {"x/d/a": b"a", "x/d/sub/b": b"bb", "x/d/sub/c/e": b"e", "x/d/empty/": b""}
    assert finish(move([top / "x" / "d"], here / "back")).state is JobState.DONE
    assert read(here / "back") == TREE
    assert remote.listed() == []


@pytest.mark.needs("marker_beside_object")
def test_a_tree_inside_s3_and_nothing_beside_it(remote, top):
    for key in ("d/a", "d/sub/b", "d2/x", "d.txt", "d"):
        remote.put(key, key.encode())
    remote.put("d/")
    remote.put("d/sub/")
    job = finish(move([(top / "d", FileInfo("d", "directory"))], top / "to"))
    assert job.state is JobState.DONE
    assert remote.all() == {
        "to/d/a": b"d/a", "to/d/sub/b": b"d/sub/b", "d2/x": b"d2/x", "d.txt": b"d.txt", "d": b"d",
    }  # fmt: skip


def test_an_object_alone_leaves_the_directory_of_its_name(remote, top):
    remote.put("d", b"object")
    remote.put("d/x", b"below")
    assert finish(move([(top / "d", FileInfo("d", "file"))], top / "to")).state is JobState.DONE
    assert remote.all() == {"to/d": b"object", "d/x": b"below"}


def test_an_object_seen_through_two_places_is_never_moved_onto_itself(remote, top):
    from tfm.s3 import places

    places.use_client("other", places.client_for(""))
    remote.put("a", b"precious")
    remote.put("d/x", b"precious too")
    other = Path(f"s3://other@{remote.name}")
    job = finish(move([top / "a", top / "d"], other, conflict=Conflict.OVERWRITE))
    assert job.state is JobState.FAILED
    assert remote.all() == {"a": b"precious", "d/x": b"precious too"}


@pytest.mark.parametrize("together", [True, False])
def test_a_server_that_fails_midway_keeps_the_sources(here, remote, top, monkeypatch, together):
    write(here / "from", {f"d/f{number}": b"x" * 10 for number in range(10)})
    real, calls = S3PathImpl.open_writer, []

    def failing(self, *given):
        calls.append(self)
        if len(calls) > 4:
            raise S3ConnectionError("The server went away.")
        return real(self, *given)

    if together:
        real = S3Bulk.write
        monkeypatch.setattr(S3Bulk, "write", failing)
    else:
        monkeypatch.setattr(S3PathImpl, "bulk", lambda self, check: None)
        monkeypatch.setattr(S3PathImpl, "open_writer", failing)
    job = finish(move([here / "from" / "d"], top))
    assert job.state is JobState.FAILED
    moved, kept = set(remote.listed()), set(read(here / "from"))
    assert len(moved) == 4
    assert len(kept) == 6
    assert moved.isdisjoint(kept)


@pytest.mark.parametrize("together", [True, False])
def test_a_copy_of_another_size_keeps_the_source(here, remote, top, monkeypatch, together):
    write(here, {"a": b"precious"})
    real = S3PathImpl.facts

    def wrong(self, *, follow_symlinks=True):
        return real(self)._replace(size=1)

    if together:
        now = S3PathImpl.facts_now

        def wrong_now(self, files):
            return {path: info._replace(size=1) for path, info in now(self, files).items()}

        monkeypatch.setattr(S3PathImpl, "facts_now", wrong_now)
    else:
        monkeypatch.setattr(S3PathImpl, "bulk", lambda self, check: None)
        monkeypatch.setattr(S3PathImpl, "facts", wrong)
    job = finish(move([here / "a"], top))
    assert job.state is JobState.FAILED
    assert read(here) == {"a": b"precious"}


@pytest.mark.parametrize("way", ["up", "down", "across", "inside"])
def test_a_source_that_changes_after_its_copy_is_kept(here, remote, top, monkeypatch, way, request):
    if way == "across":
        request.getfixturevalue("two_devices")
    write(here, {"a": b"old"})
    remote.put("a", b"old")
    source = (top if way in ("down", "inside") else here) / "a"
    into = (top if way in ("up", "inside") else here) / "to"

    def change():
        write(here, {"a": b"new content"})
        remote.put("a", b"new content")

    def changed(self, entry, info, target, there, *, verify=False):
        result = engine.transfer(entry.source, target, info, overwrite=there is not None, verify=verify)
        change()
        return result

    settle = EntryMove.settle
    monkeypatch.setattr(EntryMove, "settle", lambda *given, **more: (change(), settle(*given, **more))[1])
    monkeypatch.setattr("tfm.operations.entrycopy.EntryCopy.carry", changed)
    job = finish(move([source], into))
    assert job.state is JobState.FAILED
    assert "changed while it was moved" in job.report[0].reason
    assert (remote.get("a") if way in ("down", "inside") else read(here)["a"]) == b"new content"


def test_a_name_that_the_target_cannot_hold_is_kept(here, remote, top):
    odd = os.fsdecode(b"caf\xe9")
    write(here, {"d/fine": b"x", "d/" + odd: b"y"})
    job = finish(move([here / "d"], top))
    assert remote.listed() == ["d/fine"]
    assert read(here) == {"d/" + odd: b"y"}
    assert job.state is JobState.FAILED


def test_a_link_to_a_directory_is_not_emptied(here, remote, top):
    write(here, {"real/a": b"a"})
    (here / "link").symlink_to("real")
    job = finish(move([here / "link"], top))
    assert job.state is JobState.FAILED
    assert read(here / "real") == {"a": b"a"}
    assert remote.listed() == []


def test_a_link_to_a_file_goes_and_its_file_stays(here, remote, top):
    write(here, {"real": b"a"})
    (here / "link").symlink_to("real")
    assert finish(move([here / "link"], top)).state is JobState.DONE
    assert read(here) == {"real": b"a"}
    assert remote.all() == {"link": b"a"}


def test_a_file_that_appears_in_a_moved_directory_keeps_it(here, remote, top, monkeypatch):
    write(here, {"d/a": b"a"})
    real = move_function.__globals__["TreeMove"].leave

    def leave(self, job, entry):
        write(here, {"d/new": b"new"})
        return real(self, job, entry)

    monkeypatch.setattr("tfm.operations.treecopy.TreeCopy.leave", leave)
    monkeypatch.setattr(move_function.__globals__["TreeMove"], "leave", leave)
    job = finish(move([here / "d"], top))
    assert job.state is JobState.FAILED
    assert read(here) == {"d/new": b"new"}
    assert statuses(job)["d"] == "failed"


def test_a_pipe_is_renamed_and_never_copied(here, remote, top):
    os.mkfifo(here / "pipe")
    job = finish(move([here / "pipe"], top))
    assert job.state is JobState.FAILED
    assert os.listdir(here) == ["pipe"]
    assert finish(move([here / "pipe"], here / "to")).state is JobState.DONE
    assert os.listdir(here / "to") == ["pipe"]


@pytest.mark.needs("marker_bytes")
def test_a_marker_that_holds_bytes_is_left_alone(here, remote, top):
    remote.put("d/a", b"a")
    remote.put("d/odd/", b"precious")
    for into in (here / "to", top / "to"):
        remote.put("d/a", b"a")
        job = finish(move([top / "d"], into))
        assert job.state is JobState.FAILED
        assert remote.get("d/odd/") == b"precious"
        assert "d/a" not in remote.listed()
