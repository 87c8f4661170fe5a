"""What a worker does: carries a batch of files in its own process, and tells what became of each."""

from __future__ import annotations

import os
import pickle
import socket
from typing import Literal, NamedTuple

from tfm import __version__
from tfm.errors import RefusedError
from tfm.info import FileInfo
from tfm.operations.existing import asked_anew
from tfm.operations.job import Job
from tfm.operations.ledger import Entry
from tfm.operations.placing import Place, Placing
from tfm.operations.proving import is_copy
from tfm.operations.scheduler import width_of_job
from tfm.operations.syncplan import version_of
from tfm.path import Path


class Batch(NamedTuple):
    """Files that one worker carries.

    Args:
        places: Where each comes from and goes to.
        at_once: Files at most at once; `None` leaves it to what is found out.
    """

    places: list[Place]
    at_once: int | None = None


class Fate(NamedTuple):
    """What became of a file.

    Args:
        status: `changed` when something else than was seen is at the target; then nothing was done.
        size: The bytes of the copy.
        etag: Of the copy, as the worker sees it; empty where the storage has none.
        reason: Why it failed.
    """

    status: Literal["done", "failed", "changed"]
    size: int = 0
    etag: str = ""
    reason: str = ""


def packed(batch: Batch) -> bytes:
    """Make the bytes that travel.

    Args:
        batch: What a worker is to do.
    """
    return pickle.dumps(batch, pickle.HIGHEST_PROTOCOL)


def introduce() -> str:
    """Give the version of tfm that a worker runs."""
    return __version__


def check_version(version: str, other: str, where: str) -> None:
    """Refuse to work together with another version of tfm.

    Args:
        version: Of whoever hands the work out.
        other: Of the worker.
        where: The worker's name.

    Raises:
        RefusedError: They differ.
    """
    if version != other:
        raise RefusedError(
            f"The worker {where} runs tfm {other}, and this job was made by tfm {version}: install the same on both."
        )


def carry(version: str, batch: bytes) -> list[Fate]:
    """Carry a batch, in a worker. A batch that is carried twice ends as one that was carried once.

    Args:
        version: Of whoever hands the work out; what travels is only read by the same one.
        batch: What `packed` gave.

    Returns:
        What became of each file, in order.

    Raises:
        RefusedError: This is another version.
    """
    check_version(version, __version__, worker())
    files: Batch = pickle.loads(batch)  # noqa: S301 - whoever may call this may run any code here
    errand = _Errand(files.places)
    job = Job(errand)
    job.limit(files.at_once)
    job.start()
    job.wait()
    return errand.fates(job)


def worker() -> str:
    """Name this process."""
    return f"{socket.gethostname()}:{os.getpid()}"


class _Errand:
    """The operation of carrying a batch."""

    title = "Carry a batch"

    def __init__(self, places: list[Place]) -> None:
        self._places = places
        self.width = width_of_job([places[0].target, places[0].source])

    def prepare(self, job: Job) -> None:
        group = job.ledger.group(self._places[0].source, self._places[0].target)
        self._entries = [Entry(group, each.source, each.target, each.info.size or 0) for each in self._places]

    def run(self, job: Job) -> None:
        self._carrying = _Carrying(job)
        try:
            for entry, place in zip(self._entries, self._places, strict=True):
                self._carrying.submit(entry, place)
            self._carrying.drain()
        finally:
            self._carrying.close()

    def fates(self, job: Job) -> list[Fate]:
        """Give what became of each file, of which those that arrived are looked at, many at once."""
        failed = {outcome.source: outcome.reason for outcome in job.report if outcome.status != "done"}
        arrived = [entry.target for entry in self._entries if entry in self._carrying.arrivals and entry.target]
        there = arrived[0].facts_now(arrived) if arrived else {}
        return [self._fate(entry, there, failed.get(entry.source, "it was not begun")) for entry in self._entries]

    def _fate(self, entry: Entry, there: dict[Path, FileInfo], failure: str) -> Fate:
        size = self._carrying.arrivals.get(entry)
        if entry in self._carrying.changed:
            return Fate("changed")
        if size is None or entry.target is None:
            return Fate("failed", reason=f"{failure} (worker {worker()})")
        info = there.get(entry.target)
        if info is None or info.size != size:
            text = f"{str(entry.target)!r} is not what was written: somebody else wrote it at the same time."
            return Fate("failed", reason=f"{text} (worker {worker()})")
        return Fate("done", size, info.etag or "")


class _Carrying(Placing):
    """Carries files; what refuses to be overwritten may be the copy itself, made by who had the batch before."""

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self.arrivals: dict[Entry, int] = {}
        self.changed: set[Entry] = set()

    def arrived(self, entry: Entry, place: Place, size: int) -> None:
        self.arrivals[entry] = size
        super().arrived(entry, place, size)

    def refused(self, entry: Entry, place: Place, error: OSError) -> None:
        there = asked_anew(place.target)
        if version_of(there) == version_of(place.there):
            raise error  # the target is what it was
        if there is not None and is_copy(place, there):
            self.arrived(entry, place, there.size or 0)
        else:
            self.changed.add(entry)
            self.job.ledger.withdraw(entry)
