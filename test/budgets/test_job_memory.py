"""Jobs over many objects: memory doesn't grow with their number, and work begins before the listing ends."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from itertools import islice

import pytest
from jobs import finish
from made_up import MadeUp

from tfm import Path
from tfm.operations import Conflict, Job, JobState, copy, delete, sync
from tfm.operations.compare import compare
from tfm.s3.places import use_client

COUNT = 20_000
EARLY = 4_000
MOST = 60.0
"""Bytes for each object, of what is still there when it is done: less than a name in a set takes."""
WARM = 2_000


@pytest.fixture(autouse=True)
def _small_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is bounded come to its bounds soon."""
    monkeypatch.setattr("tfm.operations.existing.MOST_DIRECTORIES", 100)
    monkeypatch.setattr("tfm.operations.existing.MOST_NAMES", 1000)
    monkeypatch.setattr("tfm.operations.tree.MOST_PATHS", 100)
    monkeypatch.setattr("tfm.operations.outcomes.KEPT", 100)


class Growth:
    """Measures what is in memory when few of the objects are done, and when nearly all are."""

    def __init__(self) -> None:
        self.at: dict[int, int] = {}

    def __call__(self, done: int) -> None:
        if done == WARM and not tracemalloc.is_tracing():
            tracemalloc.start()
        if done in (EARLY, COUNT - 1000):
            gc.collect()
            self.at[done] = tracemalloc.get_traced_memory()[0]

    def each(self) -> float:
        """Bytes for each object between the two."""
        tracemalloc.stop()
        (first, before), (last, after) = sorted(self.at.items())
        return (after - before) / (last - first)


JOBS: dict[str, Callable[[], Job]] = {
    "copy": lambda: copy([Path("s3://full/data")], Path("s3://empty"), conflict=Conflict.OVERWRITE),
    "delete": lambda: delete([Path("s3://full/data")]),
    "sync": lambda: sync(Path("s3://full/data"), Path("s3://empty/data")),
}


@pytest.mark.parametrize("alone", [False, True], ids=["together", "alone"])
@pytest.mark.parametrize("name", JOBS)
def test_memory_does_not_grow_with_the_objects(name: str, alone: bool) -> None:
    growth = Growth()
    server = MadeUp(COUNT, growth, alone=alone)
    server.asked = _Forgetful()
    use_client("", server)
    job = finish(JOBS[name]())
    assert job.state is JobState.DONE, job.report[:3]
    assert server.done == COUNT
    assert len(job.report) == 1
    assert growth.each() < MOST


class _Forgetful(list[str]):
    """A list that keeps nothing."""

    def append(self, _: str) -> None:
        pass


def test_comparing_keeps_nothing() -> None:
    server = MadeUp(COUNT)
    server.asked = _Forgetful()
    use_client("", server)
    growth = Growth()
    rows = compare(Path("s3://full/data"), Path("s3://twin/data"))
    for number in range(1000, COUNT, 1000):
        assert all(row.verdict == "same" for row in islice(rows, 1000))
        growth(number)
    assert growth.each() < MOST


def test_what_was_left_out_is_named_without_being_held() -> None:
    """Of every object a sentence is told; only the first are in memory."""
    growth = Growth()
    server = MadeUp(COUNT)
    server.asked = _Forgetful()
    use_client("", server)
    job = copy([Path("s3://full/data")], Path("s3://twin"), conflict=Conflict.SKIP)
    skipped = 0

    def listen(_: object) -> None:
        nonlocal skipped
        skipped += 1
        growth(skipped)

    job.start(listen, only=("skipped",))
    assert job.wait(60)
    assert job.progress.skipped == COUNT
    assert growth.each() < MOST
    report = job.report
    assert len(report) == COUNT + 1
    assert sum(outcome.status == "skipped" for outcome in report) == COUNT
    assert str(report[COUNT - 1].source).startswith("s3://full/data/")


@pytest.mark.parametrize("name", JOBS)
def test_work_begins_before_the_listing_ends(name: str) -> None:
    server = MadeUp(COUNT // 2)
    use_client("", server)
    assert finish(JOBS[name]()).state is JobState.DONE
    pages = [place for place, verb in enumerate(server.asked) if verb == "page"]
    first = next(place for place, verb in enumerate(server.asked) if verb in ("copy", "delete"))
    assert len(pages) >= COUNT // 2000
    assert first < pages[4]
