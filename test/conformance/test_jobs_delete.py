"""Delete jobs: exactly what was named, and nothing beside it."""

import os
import threading
import time

import pytest
from jobs import finish, read, statuses, write

from tfm import Path
from tfm.errors import S3AuthError
from tfm.info import FileInfo
from tfm.operations import JobState, delete, localdelete
from tfm.s3.path import S3PathImpl

FILE = FileInfo("d", "file")
DIRECTORY = FileInfo("d", "directory")


@pytest.fixture
def crowded(remote):
    """An object, a prefix of its name with markers, and neighbours that begin alike."""
    for key in ("d", "d/a", "d/sub/b", "d//c", "d/../e", "d2/x", "d.txt", "dd"):
        remote.put(key, b"x")
    for key in ("d/", "d/sub/", "d/empty/"):
        remote.put(key)
    return remote


NEIGHBOURS = {"d2/x", "d.txt", "dd"}


def test_a_tree_on_a_disk(here):
    write(here, {"d/a": b"a", "d/sub/b": b"b", "d/empty": None, "keep": b"k", "d2/x": b"x"})
    job = finish(delete([here / "d"]))
    assert job.state is JobState.DONE
    assert read(here) == {"keep": b"k", "d2/x": b"x"}
    assert job.progress.files_done == job.progress.files_found == 5
    assert [outcome.status for outcome in job.report] == ["done"]


def test_links_are_deleted_and_not_followed(here):
    write(here, {"victim/x": b"x", "d/a": b"a"})
    (here / "d" / "link").symlink_to(here / "victim")
    (here / "top-link").symlink_to(here / "victim")
    assert finish(delete([here / "d", here / "top-link"])).state is JobState.DONE
    assert read(here) == {"victim/x": b"x"}


def test_a_directory_that_becomes_a_link_meanwhile_is_not_followed(here, monkeypatch):
    write(here, {"victim/x": b"precious", "d/sub/a": b"a"})
    real = localdelete.os.scandir

    def swapping(descriptor):
        entries = list(real(descriptor))
        if any(entry.name == "sub" for entry in entries):
            os.rename(here / "d" / "sub", here / "moved")
            (here / "d" / "sub").symlink_to(here / "victim")

        class Found(list):
            def __enter__(self):
                return self

            def __exit__(self, *_):
                pass

        return Found(entries)

    monkeypatch.setattr(localdelete.os, "scandir", swapping)
    job = finish(delete([here / "d"]))
    monkeypatch.undo()
    assert job.state is JobState.FAILED
    assert read(here / "victim") == {"x": b"precious"}


def test_special_files_and_odd_names_go_too(here):
    write(here, {"d/" + os.fsdecode(b"caf\xe9"): b"x", "d/a\nb": b"y", "d/s3:/x": b"z"})
    os.mkfifo(here / "d" / "pipe")
    assert finish(delete([here / "d"])).state is JobState.DONE
    assert read(here) == {}


def test_a_very_deep_tree(here):
    descriptor = os.open(here, os.O_RDONLY)
    for _ in range(200):
        os.mkdir("d" * 100, dir_fd=descriptor)
        below = os.open("d" * 100, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    os.close(descriptor)
    job = finish(delete([here / ("d" * 100)]))
    assert job.state is JobState.DONE
    assert os.listdir(here) == []


def test_what_cannot_be_deleted_is_named_and_the_rest_goes(here, monkeypatch):
    write(here, {"d/a": b"a", "d/sub/stubborn": b"s", "d/sub/b": b"b", "d/c": b"c"})
    real = os.unlink

    def refusing(path, *, dir_fd=None):
        if path == "stubborn":
            raise PermissionError(1, "Operation not permitted", path)
        real(path, dir_fd=dir_fd)

    monkeypatch.setattr(localdelete.os, "unlink", refusing)
    job = finish(delete([here / "d"]))
    assert read(here) == {"d/sub/stubborn": b"s"}
    assert job.state is JobState.FAILED
    assert {o.source.name: o.status for o in job.report if o.reason.endswith("in it")} == {
        "sub": "skipped",
        "d": "skipped",
    }
    assert [outcome.source.name for outcome in job.report if outcome.status == "failed"] == ["stubborn", "d"]


def test_a_missing_path_fails_by_name(here, top):
    write(here, {"a": b"a"})
    job = finish(delete([here / "missing", here / "a", top / "missing"]))
    assert sorted(statuses(job).values()) == ["done", "failed"]
    assert [outcome.status for outcome in job.report].count("failed") == 2
    assert read(here) == {}


@pytest.mark.needs("empty_segments", "dot_segments")
def test_a_directory_of_s3_is_what_is_below_it(crowded, top):
    assert finish(delete([(top / "d", DIRECTORY)])).state is JobState.DONE
    assert set(crowded.listed()) == NEIGHBOURS | {"d"}


@pytest.mark.needs("empty_segments", "dot_segments")
def test_an_object_of_s3_is_itself(crowded, top):
    before = set(crowded.listed())
    assert finish(delete([(top / "d", FILE)])).state is JobState.DONE
    assert set(crowded.listed()) == before - {"d"}


@pytest.mark.needs("empty_segments", "dot_segments")
def test_both_can_be_named(crowded, top):
    assert finish(delete([(top / "d", FILE), (top / "d", DIRECTORY)])).state is JobState.DONE
    assert set(crowded.listed()) == NEIGHBOURS


@pytest.mark.needs("empty_segments", "dot_segments")
def test_a_name_that_is_both_is_not_guessed(crowded, top):
    before = set(crowded.listed())
    job = finish(delete([top / "d"]))
    assert job.state is JobState.FAILED
    assert "say which" in job.report[0].reason
    assert set(crowded.listed()) == before


def test_a_listing_that_is_no_longer_true_deletes_nothing(remote, top):
    remote.put("d/a", b"x")
    job = finish(delete([(top / "d", FILE)]))
    assert job.state is JobState.FAILED
    assert remote.listed() == ["d/a"]


def test_an_empty_directory_of_s3(remote, top):
    remote.put("d/")
    assert finish(delete([top / "d"])).state is JobState.DONE
    assert remote.listed() == []


def test_more_than_a_page_of_s3(remote, top, s3):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: remote.put(f"d/{number:04}", b""), range(1100)))
    events = []
    job = finish(delete([top / "d"]), events)
    assert job.state is JobState.DONE
    assert remote.listed() == []
    assert job.progress.files_done == job.progress.files_found == 1101
    assert sum(event.count for event in events if event.kind == "done") == 1101


def test_a_bucket_only_when_it_is_empty(remote, top, s3):
    remote.put("a", b"x")
    job = finish(delete([top]))
    assert job.state is JobState.FAILED
    assert "not empty" in job.report[0].reason
    assert remote.listed() == ["a"]
    s3.create_bucket(Bucket="an-empty-bucket")
    assert finish(delete([Path("s3://an-empty-bucket")])).state is JobState.DONE
    assert "an-empty-bucket" not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]


def test_keys_that_the_server_refuses_are_named(remote, top, monkeypatch):
    for key in ("d/a", "d/locked", "d/sub/b"):
        remote.put(key, b"x")
    real = S3PathImpl.delete_below

    def refusing(self, names):
        error = {"locked": S3AuthError("You may not delete it.")} if "locked" in names else {}
        return real(self, [name for name in names if name != "locked"]) | error

    monkeypatch.setattr(S3PathImpl, "delete_below", refusing)
    job = finish(delete([top / "d"]))
    assert remote.listed() == ["d/locked"]
    assert job.state is JobState.FAILED
    assert statuses(job)["locked"] == "failed"


def test_a_cancel_stops_deleting(here, monkeypatch):
    write(here, {f"d/f{number}": b"" for number in range(500)})
    gate, real = threading.Event(), os.unlink

    def slow(path, *, dir_fd=None):
        gate.set()
        time.sleep(0.005)
        real(path, dir_fd=dir_fd)

    monkeypatch.setattr(localdelete.os, "unlink", slow)
    job = delete([here / "d"])
    job.start()
    assert gate.wait(5)
    job.cancel()
    assert job.wait(5)
    assert job.state is JobState.CANCELLED
    assert 0 < len(read(here)) < 500
    assert [outcome.status for outcome in job.report] == ["cancelled"]
