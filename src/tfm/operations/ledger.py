"""What became of every entry of a job: counts, the report, and the events for whoever listens."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

from tfm.daemonpool import attempt
from tfm.operations.events import EventKind, JobEvent, Outcome, Question, reason_of
from tfm.operations.outcomes import Outcomes
from tfm.operations.record import Record
from tfm.path import Path
from tfm.transfer.errors import TransferCancelledError
from tfm.transfer.progress import Meter

PROGRESS_INTERVAL = 0.1
"""Seconds between two `progressed` events."""

UNANSWERED = "no answer came before the job was cancelled: it ends at its deadline; look whether the target is there"

log = logging.getLogger(__name__)


@dataclass(eq=False)
class Group:
    """One of the paths that the job was asked for, with the sums of what is below it.

    Args:
        source: The path.
        target: Where it is to be.
    """

    source: Path
    target: Path | None
    done: int = 0
    failed: int = 0
    skipped: int = 0
    bytes: int = 0
    begun: bool = False
    tree: bool = False
    """Whether it is a directory, so that it has an outcome besides those of its entries."""
    listed: bool = False
    """Whether the report has an outcome of it that says all."""

    def outcome(self, cancelled: bool) -> Outcome:
        """Sum up.

        Args:
            cancelled: Whether the job was.
        """
        total = self.done + self.failed + self.skipped
        outcome = Outcome(self.source, self.target, "done", bytes=self.bytes)
        if self.failed:
            return replace(outcome, status="failed", reason=f"{self.failed:,} of {total:,} entries failed")
        if cancelled:
            reason = f"{self.done:,} entries were done by then" if self.begun else "it was not begun"
            return replace(outcome, status="cancelled", reason=reason)
        return replace(outcome, reason=f"{self.skipped:,} of {total:,} entries were skipped" if self.skipped else "")


@dataclass(eq=False, slots=True)
class Entry:
    """One file, link or directory on its way.

    Args:
        group: To which it belongs.
        source: Its path.
        target: Where it is to be; `None` for a delete.
        size: Its bytes, as far as known.
        directory: Whether it is the directory of that name, and not the file.
    """

    group: Group
    source: Path
    target: Path | None
    size: int = 0
    directory: bool = False
    moved: int = field(default=0, init=False)


class Ledger:
    """Counts and reports for one job, from any thread; after `close` nothing changes any more."""

    def __init__(self) -> None:
        self.meter = Meter()
        self.record: Record | None = None
        """The job's page in the journal."""
        self.pace: Callable[[int], None] | None = None
        """Told the bytes as they move; may wait."""
        self._listener: Callable[[JobEvent], None] | None = None
        self._only: Collection[EventKind] | None = None
        self._lock = threading.Lock()
        self._telling = threading.RLock()
        self._groups: list[Group] = []
        self._outcomes = Outcomes()
        self._active: dict[int, Entry] = {}
        self._closed = False
        self._told = 0.0

    def listen(self, listener: Callable[[JobEvent], None] | None, only: Collection[EventKind] | None) -> None:
        """Take who is told what happens, one event at a time.

        Args:
            listener: Called with every event that it wants; `None` for nobody.
            only: The kinds that it wants; `None` is all of them.
        """
        self._listener, self._only = listener, only

    def _wanted(self, kind: EventKind) -> bool:
        return self._listener is not None and (self._only is None or kind in self._only)

    # What happens

    def group(self, source: Path, target: Path | None) -> Group:
        """Open the account of one of the paths that the job was asked for.

        Args:
            source: The path.
            target: Where it is to be.
        """
        group = Group(source, target)
        with self._lock:
            self._groups.append(group)
        return group

    def found(self, path: Path, count: int, size: int) -> None:
        """Note that a listing found entries.

        Args:
            path: Where.
            count: How many.
            size: Their bytes.
        """
        self.meter.found(count, size)
        self.tell("found", path, count)

    def started(self, entry: Entry) -> None:
        """Note that an entry is worked on.

        Args:
            entry: Which.
        """
        self._active[id(entry)] = entry
        self.meter.begun(entry.source)
        self.tell("started", entry.source)

    def moved(self, entry: Entry, size: int) -> None:
        """Note that bytes were moved.

        Args:
            entry: Of which.
            size: How many.
        """
        if not size:
            return
        entry.moved += size
        self.meter.moved(size)
        if self.pace is not None and size > 0:
            self.pace(size)
        if not self._wanted("progressed"):
            return
        now = time.monotonic()
        with self._lock:
            due = now - self._told >= PROGRESS_INTERVAL
            if due:
                self._told = now
        if due:
            self.tell("progressed", None)

    def take_back(self, entry: Entry) -> None:
        """Take back the bytes of an attempt that came to nothing.

        Args:
            entry: Of which.
        """
        if entry.moved:
            self.meter.moved(-entry.moved)
            entry.moved = 0

    def withdraw(self, entry: Entry) -> None:
        """Forget that an entry is worked on: what it stood for is booked in another way.

        Args:
            entry: Which.
        """
        self._active.pop(id(entry), None)

    # What became of it

    def done(self, entry: Entry, size: int, target: Path | None = None) -> None:
        """Note that an entry was done and verified.

        Args:
            entry: Which.
            size: The bytes that its target has.
            target: Where it is, when that is not where it was to be.
        """
        self.moved(entry, size - entry.moved)
        if self.record is not None:
            self.record.done(entry.source, size=size, directory=entry.directory)
        group = entry.group
        if group.tree and not self._wanted("done"):  # it is counted, and that is all: most entries of most jobs
            with self._lock:
                self._active.pop(id(entry), None)
                if self._closed:
                    return
                group.done += 1
                group.bytes += size
            self.meter.done()
            return
        outcome = Outcome(entry.source, target or entry.target, "done", bytes=size)
        if self._settle(entry, outcome, listed=not group.tree):
            self.meter.done()
            self.tell("done", entry.source, outcome=outcome)

    def done_many(self, group: Group, path: Path, count: int) -> None:
        """Note that entries below a path were done in one request.

        Args:
            group: To which they belong.
            path: The directory.
            count: How many.
        """
        with self._lock:
            if self._closed:
                return
            group.done += count
        self.meter.done(count)
        self.tell("done", path, count)

    def skipped(self, entry: Entry, reason: str) -> None:
        """Note that an entry was left out.

        Args:
            entry: Which.
            reason: Why.
        """
        outcome = Outcome(entry.source, entry.target, "skipped", reason)
        if self._settle(entry, outcome, listed=True):
            self.meter.skipped(entry.size)
            self.tell("skipped", entry.source, outcome=outcome)

    def failed(self, entry: Entry, error: BaseException) -> None:
        """Note that an entry failed, or was cancelled.

        Args:
            entry: Which.
            error: Why.
        """
        self.take_back(entry)
        cancelled = isinstance(error, TransferCancelledError)
        reason = "the job was cancelled" if cancelled else reason_of(error)
        outcome = Outcome(entry.source, entry.target, "cancelled" if cancelled else "failed", reason)
        if self._settle(entry, outcome, listed=True) and not cancelled:
            self.meter.failed(entry.size)
            self.tell("failed", entry.source, outcome=outcome)

    def _settle(self, entry: Entry, outcome: Outcome, *, listed: bool) -> bool:
        """Book an outcome; a done entry below a directory is counted only, so that a report stays small."""
        group = entry.group
        with self._lock:
            self._active.pop(id(entry), None)
            if self._closed:
                return False
            group.done += outcome.status == "done"
            group.failed += outcome.status == "failed"
            group.skipped += outcome.status == "skipped"
            group.bytes += outcome.bytes
            if listed:
                whole = entry.source == group.source and outcome.status in ("failed", "cancelled")
                group.listed |= whole or not group.tree
                self._outcomes.append(outcome)
        return True

    # The whole

    @property
    def any_failed(self) -> bool:
        """Whether any entry failed."""
        with self._lock:
            return self._outcomes.counts["failed"] > 0

    def report(self) -> Sequence[Outcome]:
        """Give every outcome so far; for directories, only of the entries that were not done."""
        with self._lock:
            return self._outcomes.all()

    def close(self, *, cancelled: bool, failure: BaseException | None) -> None:
        """Sum up; what is still under way then counts as cancelled.

        Args:
            cancelled: Whether the job was.
            failure: What ended the job as a whole before its time.
        """
        with self._lock:
            if self._closed:
                return
            self._closed = True
            for entry in list(self._active.values()):
                entry.group.listed = True
                self._outcomes.append(Outcome(entry.source, entry.target, "cancelled", UNANSWERED))
            for group in self._groups:
                if group.listed:
                    continue
                if failure is not None:
                    reason = reason_of(failure)
                    self._outcomes.append(Outcome(group.source, group.target, "failed", reason, group.bytes))
                else:
                    self._outcomes.append(group.outcome(cancelled))

    def tell(
        self,
        kind: EventKind,
        path: Path | None,
        count: int = 1,
        *,
        outcome: Outcome | None = None,
        question: Question | None = None,
    ) -> None:
        """Tell the listener; one that raises does the job no harm.

        Args:
            kind: What happened.
            path: With whom.
            count: How many entries it stands for.
            outcome: What became of it.
            question: What is asked.
        """
        listener = self._listener
        if listener is None or not self._wanted(kind):
            return
        event = JobEvent(kind, self.meter.snapshot(), path, count, outcome, question)
        with self._telling:
            if self._closed and kind != "finished":
                return  # what hung and ends now is no news any more
            error = attempt(listener, event)
        if error is not None:
            log.error("The listener of a job raised", exc_info=error)
