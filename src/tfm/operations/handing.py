"""Handing files to an executor, in batches, and booking what its workers tell of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import NamedTuple

from tfm import __version__
from tfm.daemonpool import DaemonPool, attempt
from tfm.errors import TfmError
from tfm.info import FileInfo
from tfm.operations.departing import Departing, Moved
from tfm.operations.existing import asked_anew
from tfm.operations.job import Job
from tfm.operations.ledger import Entry
from tfm.operations.placing import Place
from tfm.operations.record import Step
from tfm.operations.record import version_of as listed_version
from tfm.operations.remote import Batch, Fate, carry, packed
from tfm.operations.syncplan import version_of
from tfm.transfer.errors import TransferError
from tfm.transfer.source import proof

LARGEST = 250
"""Files in a batch, at most: what a task costs is little beside that, and what a dead worker had is soon repeated."""
BYTES = 128 * 1024 * 1024
"""Bytes from which a batch is full."""
SHARE = 8
"""A batch is no more than this part of what was handed out before, so that few files are spread over many workers."""
FEW = 2
"""Batches on their way below which nothing waits for more to come."""
MOST_ELSEWHERE = 40_000
"""Files that are handed out, at most."""

Changed = Callable[[Entry, Place, FileInfo | None], None]


class WorkersLostError(TfmError, RuntimeError):
    """The executor of a job takes nothing more."""


class _Handed(NamedTuple):
    entry: Entry
    place: Place


class Handing:
    """Carries files by the job's executor; see `Carriage`.

    Args:
        job: The job; it has an executor.
        settling: Takes the files that a worker says are copied.
        changed: Takes a file whose target is no longer what was seen, and what it is now.
    """

    def __init__(self, job: Job, settling: Departing, changed: Changed) -> None:
        assert job.executor is not None  # the caller's promise
        self._job = job
        self._executor = job.executor
        self._settling = settling
        self._changed = changed
        self._pool = DaemonPool(2, "tfm-booking")
        self._lock = threading.Lock()
        self._waiting: list[_Handed] = []
        self._bytes = 0
        self._given = 0
        self._away: set[Future[list[Fate]]] = set()
        self._batches = 0
        self._closed = False
        self._broken: RuntimeError | None = None

    def submit(self, entry: Entry, place: Place) -> None:
        """Hand a file out.

        Args:
            entry: Its account.
            place: Where from and where to.
        """
        self.check()
        self._job.here(entry, partial(self.carry, entry, place))

    def step(self, entry: Entry, step: Callable[[], None]) -> None:
        """Run a step here, in one of the job's threads.

        Args:
            entry: Whose.
            step: What to run.
        """
        self.check()
        self._job.submit(entry, step)

    def carry(self, entry: Entry, place: Place) -> None:
        """Hand a file out, after waiting while too many are.

        Args:
            entry: Its account.
            place: Where from and where to.
        """
        if self._broken is not None:
            raise _lost(entry, place, self._broken)
        self._job.elsewhere.hand_out(MOST_ELSEWHERE)
        with self._lock:
            self._waiting.append(_Handed(entry, place))
            self._bytes += entry.size
            self._given += 1
            batch = self._take()
        self._send(batch)

    def check(self) -> None:
        """End the job when the executor takes nothing more, after waiting for what it has; from the job's thread.

        Raises:
            WorkersLostError: It takes nothing more.
        """
        if self._broken is not None:
            self._job.drain()
            raise WorkersLostError(f"The workers take nothing more ({self._broken}): repeat what is left when they do.")

    def drain(self) -> None:
        """Wait until everything is back and settled, and all steps are done.

        Raises:
            TransferCancelledError: The job was cancelled.
        """
        self._job.drain()
        self._settling.finish()

    def close(self) -> None:
        """Call back what is not begun; of what is, nothing is heard any more. Each worker ends with its batch."""
        with self._lock:
            self._closed = True
            away = list(self._away)
        for future in away:
            future.cancel()
        self._settling.finish()
        self._pool.shutdown()

    def _take(self) -> list[_Handed]:
        """Take what waits, if it is enough for a batch, or if little is on its way: then nobody shall wait for more."""
        count = len(self._waiting)
        enough = count >= min(LARGEST, max(1, self._given // SHARE)) or self._bytes >= BYTES
        if not count or not (enough or self._batches < FEW):
            return []
        batch, self._waiting, self._bytes = self._waiting, [], 0
        self._batches += 1
        return batch

    def _send(self, batch: list[_Handed]) -> None:
        """Send a batch; when one ends at once, what waits by then is the next."""
        while batch:
            error = attempt(self._submit, batch)
            if error is None:
                return
            batch = self._ended(batch, partial(self._lost, batch, error))

    def _submit(self, batch: list[_Handed]) -> None:
        files = Batch([handed.place for handed in batch], self._job.at_once)
        if self._job.record is not None:
            self._job.record.begin(
                [
                    Step(place.source, place.target, listed_version(place.info), place.there is not None)
                    for _, place in batch
                ]
            )
        data = packed(files)
        try:
            future = self._executor.submit(carry, __version__, data)
        except RuntimeError as error:  # by which every executor says that it takes no more
            self._broken = error
            raise
        with self._lock:
            self._away.add(future)
        future.add_done_callback(partial(self._came, batch))

    def _came(self, batch: list[_Handed], future: Future[list[Fate]]) -> None:
        """Leave the booking to another thread: this one is the executor's."""
        with self._lock:
            self._away.discard(future)
            if not self._closed:
                self._pool.submit(self._book, batch, future)

    def _book(self, batch: list[_Handed], future: Future[list[Fate]]) -> None:
        if future.cancelled():
            book = partial(self._lost, batch, TransferError("the executor dropped it"))
        elif (error := future.exception()) is not None:
            book = partial(self._lost, batch, error)
        else:
            book = partial(self._settle, batch, future.result())
        self._send(self._ended(batch, book))

    def _ended(self, batch: list[_Handed], book: Callable[[], None]) -> list[_Handed]:
        """Book a batch that is here again, and take what waits, if it is to go now."""
        error = attempt(book)
        if error is not None:
            self._lost(batch, error)
        with self._lock:
            self._batches -= 1
            more = self._take()
        self._job.elsewhere.take_in(len(batch))
        return more

    def _lost(self, batch: list[_Handed], error: BaseException) -> None:
        for entry, place in batch:
            self._job.ledger.failed(entry, _lost(entry, place, error))

    def _settle(self, batch: list[_Handed], fates: list[Fate]) -> None:
        for (entry, place), fate in zip(batch, fates, strict=True):
            if fate.status == "failed":
                self._job.ledger.failed(entry, TransferError(fate.reason))
            elif fate.status == "changed":
                self._job.aside(entry, partial(self._look, entry, place))
            else:
                source, info, target, _ = place
                # Without an ETag, the storage can't compare by itself when it deletes a source.
                known = None if info.etag else proof(source, info)
                self._settling.add(Moved(entry, info, target, fate.size, known, fate.etag))

    def _look(self, entry: Entry, place: Place) -> None:
        """Find out what a target is now: what is done with it is decided by what is seen from here."""
        there = asked_anew(place.target)
        if version_of(there) == version_of(place.there):
            raise TransferError(
                f"A worker finds something else at {str(place.target)!r} than is seen from here: make sure that it "
                "reaches the same storage under this name."
            )
        self._changed(entry, place, there)


def _lost(entry: Entry, place: Place, error: BaseException) -> TransferError:
    why = getattr(error, "strerror", None) or str(error) or type(error).__name__
    told = f"no worker told what became of it ({why})"
    return TransferError(f"{str(entry.source)!r}: {told}: look whether {str(place.target)!r} is there, then repeat.")
