"""Copies whose targets are decided: each in the place of just that version which was seen there, small ones in bulk."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, Protocol, TypeVar

from tfm.errors import S3ChangedError, S3RateLimitError
from tfm.info import FileInfo
from tfm.operations.entrycopy import ATTEMPTS
from tfm.operations.job import Job
from tfm.operations.ledger import Entry
from tfm.operations.record import Step, version_of
from tfm.operations.smallfiles import SmallFiles
from tfm.operations.takingup import forget_unclear_upload
from tfm.path import Path
from tfm.transfer.engine import transfer
from tfm.transfer.errors import TargetChangedError

T = TypeVar("T")

PAUSE = 0.2
"""Seconds before a step is begun anew whose storage asks to slow down; each time twice as long."""


class Place(NamedTuple):
    """Where a file comes from and goes to.

    Args:
        source: The file.
        info: What it is.
        target: Where it is to be.
        there: What is at the target and is replaced; `None` for nothing.
    """

    source: Path
    info: FileInfo
    target: Path
    there: FileInfo | None


class Carriage(Protocol):
    """What brings files to their places."""

    def submit(self, entry: Entry, place: Place) -> None:
        """Carry a file soon; called by the job's thread."""
        ...

    def carry(self, entry: Entry, place: Place) -> None:
        """Carry a file; called by a step of the entry."""
        ...

    def step(self, entry: Entry, step: Callable[[], None]) -> None:
        """Run another step of the job; called by the job's thread."""
        ...

    def drain(self) -> None:
        """Wait until all is done; raises `TransferCancelledError` when the job was cancelled."""
        ...

    def close(self) -> None:
        """Drop what is on its way after a cancel."""
        ...


def patiently(job: Job, step: Callable[[], T]) -> T:
    """Run a step, and run it anew when its storage asks to slow down, after the retries of its client.

    Args:
        job: Does less at once then.
        step: What to run.
    """
    for attempt in range(ATTEMPTS - 1):
        try:
            return step()
        except S3RateLimitError:
            job.slow_down()
            time.sleep(PAUSE * 2**attempt)
    return step()


class Placing:
    """Carries files in this process.

    Args:
        job: The job.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self._small = SmallFiles(job, self)

    def submit(self, entry: Entry, place: Place) -> None:
        """Carry a file in one of the job's threads, or in this one when it is small.

        Args:
            entry: Its account; the target is set.
            place: Where from and where to.
        """
        if place.there is None and self._small.offer(entry, place.info):
            return
        self.step(entry, partial(self.carry, entry, place))

    def step(self, entry: Entry, step: Callable[[], None]) -> None:
        """Run a step in one of the job's threads.

        Args:
            entry: Whose.
            step: What to run.
        """
        if self.job.would_wait():
            self._small.drain()  # nobody reads these answers while this thread waits
        self.job.submit(entry, step)

    def carry(self, entry: Entry, place: Place) -> None:
        """Carry a file in this thread.

        Args:
            entry: Its account.
            place: Where from and where to.
        """
        try:
            size = patiently(self.job, partial(self._transfer, entry, place))
        except (FileExistsError, FileNotFoundError, S3ChangedError, TargetChangedError) as error:
            self.refused(entry, place, error)
        else:
            self.arrived(entry, place, size)

    def arrived(self, entry: Entry, place: Place, size: int) -> None:
        """Book a file that is in its place.

        Args:
            entry: Its account.
            place: Where.
            size: Its bytes.
        """
        del place
        self.job.ledger.done(entry, size)

    def refused(self, entry: Entry, place: Place, error: OSError) -> None:
        """Deal with a source or target that is not what was seen; may raise.

        Args:
            entry: Whose.
            place: What was seen.
            error: What the transfer raised.
        """
        del entry, place
        raise error

    def drain(self) -> None:
        """Wait until everything that was submitted is done.

        Raises:
            TransferCancelledError: The job was cancelled.
        """
        self._small.drain()
        self.job.drain()

    def close(self) -> None:
        """Drop what is on its way after a cancel."""
        self._small.close()

    def _transfer(self, entry: Entry, place: Place) -> int:
        source, info, target, there = place
        step = Step(source, target, version_of(info), there is not None)
        if self.job.record is not None:
            forget_unclear_upload(self.job, step)
            self.job.record.begin([step])
        try:
            return transfer(
                source,
                target,
                info,
                overwrite=there is not None,
                absent=there is None,
                replaces=there,
                progress=partial(self.job.ledger.moved, entry),
                cancelled=self.job.cancelled,
                keeper=self.job.keeper(step),
            ).bytes
        except BaseException:
            self.job.ledger.take_back(entry)
            raise

    # What small files need; of these it is known that nothing is at the target

    def find(self, entry: Entry, target: Path) -> FileInfo | None:
        """Give nothing: the target was looked for, and no write replaces one that came since.

        Args:
            entry: Which.
            target: Where it is to be.
        """
        del entry, target
        return None

    def witness(self, entry: Entry, info: FileInfo) -> object:
        """Give nothing: the source stays.

        Args:
            entry: Which.
            info: What its source is.
        """
        del entry, info
        return None

    def settle(
        self, entry: Entry, info: FileInfo, target: Path, size: int, *, proof: object = None, etag: str | None = None
    ) -> None:
        """Book an entry whose target is there.

        Args:
            entry: Which.
            info: What its source was.
            target: Where it is.
            size: Its bytes.
            proof: Of no use: the source stays.
            etag: Of no use, likewise.
        """
        del proof, etag
        self.arrived(entry, Place(entry.source, info, target, None), size)

    def carry_alone(self, entry: Entry, info: FileInfo) -> None:
        """Carry an entry in a thread of its own, behind all that waits.

        Args:
            entry: Which.
            info: What its source is.
        """
        self.job.add(entry, partial(self.carry, entry, _new_place(entry, info)))

    def carry_in_turn(self, entry: Entry, info: FileInfo) -> None:
        """Carry an entry in a thread of its own, after waiting while too many wait.

        Args:
            entry: Which.
            info: What its source is.
        """
        self.step(entry, partial(self.carry, entry, _new_place(entry, info)))


def _new_place(entry: Entry, info: FileInfo) -> Place:
    """Give the place of an entry at whose target nothing is."""
    assert entry.target is not None  # set before it is submitted
    return Place(entry.source, info, entry.target, None)
