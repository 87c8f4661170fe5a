"""A cancel in the middle of a large copy leaves nothing half-written, on either side."""

import os
import threading
import time

import pytest
from jobs import read, until, write
from stub_s3 import silent_server

from tfm import Path
from tfm.operations import Conflict, JobState, copy, move
from tfm.s3 import places

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def _every_step_is_told(monkeypatch):
    """Without the pause between two events, which a fast machine copies the rest of the file in."""
    monkeypatch.setattr("tfm.operations.ledger.PROGRESS_INTERVAL", 0)


def cancel_midway(job, at=8 * MIB):
    """Cancel once so many bytes have moved; gives the seconds that it took.

    The listener runs in the thread that moves the bytes, so the copy can't end before it is cancelled.
    """
    begun = []

    def listener(event):
        if event.kind == "progressed" and event.progress.bytes_done >= at and not begun:
            begun.append(time.monotonic())
            job.cancel()

    job.start(listener)
    assert job.wait(90)
    return time.monotonic() - begun[0]


@pytest.mark.parametrize("verb", [copy, move])
def test_an_upload(here, remote, top, verb):
    data = os.urandom(64 * MIB)
    write(here, {"large": data})
    job = verb([here / "large"], top)
    assert cancel_midway(job) < 10
    assert job.state is JobState.CANCELLED
    assert [outcome.status for outcome in job.report] == ["cancelled"]
    until(lambda: remote.uploads() == [])
    assert remote.listed() == []
    assert read(here) == {"large": data}


@pytest.mark.parametrize("verb", [copy, move])
def test_a_download(here, remote, top, verb):
    data = os.urandom(64 * MIB)
    remote.put("large", data)
    write(here, {"to/large": b"old"})
    job = verb([top / "large"], here / "to", conflict=Conflict.OVERWRITE)
    assert cancel_midway(job) < 10
    assert job.state is JobState.CANCELLED
    until(lambda: os.listdir(here / "to") == ["large"])
    assert read(here) == {"to/large": b"old"}
    assert remote.get("large") == data


def test_a_tree_of_many_files(here, remote, top, monkeypatch):
    monkeypatch.setattr("tfm.operations.departing.SOON", 0.02)  # sources go a few at a time, and not all at the end
    write(here, {f"d/f{number}": b"x" * 100 for number in range(300)})
    job = move([here / "d"], top)
    reached = threading.Event()
    job.start(lambda event: reached.set() if event.progress.files_done >= 20 else None)
    assert reached.wait(30)
    job.cancel()
    assert job.wait(10)
    assert job.state is JobState.CANCELLED
    moved = set(remote.listed())
    kept = set(read(here))
    assert 20 <= len(moved) < 300
    assert moved | kept == {f"d/f{number}" for number in range(300)}
    assert job.report[-1].status == "cancelled"


@pytest.mark.parametrize("way", ["from", "to"])
def test_a_server_that_never_answers_does_not_hold_up_the_cancel(here, monkeypatch, way):
    write(here, {"a": b"x"})
    with silent_server() as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
        places.reset()
        bucket = Path("s3://a-silent-bucket")
        job = copy([bucket / "x"], here / "to") if way == "from" else copy([here / "a"], bucket)
        job.start()
        time.sleep(0.3)
        assert job.state is JobState.RUNNING
        begun = time.monotonic()
        job.cancel()
        assert time.monotonic() - begun < 0.5
        assert job.wait(10)
        assert time.monotonic() - begun < 5
        assert job.state is JobState.CANCELLED
        assert {outcome.status for outcome in job.report} == {"cancelled"}
    assert read(here)["a"] == b"x"
