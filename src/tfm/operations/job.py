"""A job: something a person asked for, running in its own threads, that can be watched, answered and cancelled."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Protocol

from tfm.daemonpool import attempt
from tfm.errors import RefusedError
from tfm.operations.brake import Brake
from tfm.operations.conflict import Conflict, Decision
from tfm.operations.elsewhere import Elsewhere
from tfm.operations.events import EventKind, JobEvent, JobState, Outcome, Question
from tfm.operations.ledger import Entry, Ledger
from tfm.operations.rate import RateLimit
from tfm.operations.record import Record, Step
from tfm.operations.scheduler import Scheduler
from tfm.operations.sweeping import sweep
from tfm.resumable import Keeper
from tfm.transfer.errors import TransferCancelledError
from tfm.transfer.progress import Progress
from tfm.width import Width

GRACE = 2.0
"""Seconds that a cancelled job waits for what is under way; a server that doesn't answer is not waited for longer."""

MOST_QUESTIONS = 10_000
"""Questions that may be open before a job stops looking for more to do."""

Resume = Callable[[Conflict], None]


log = logging.getLogger(__name__)


class Operation(Protocol):
    """What a job does."""

    title: str
    width: Width
    """How many small steps run at once."""

    def prepare(self, job: Job) -> None:
        """Open the accounts of what was asked for."""
        ...

    def run(self, job: Job) -> None:
        """Do it; what raises here ends the whole job."""
        ...


class Job:
    """A job, not started yet.

    Args:
        operation: What it does.
        executor: Who moves the bytes, in batches that travel; `None` for threads of its own.
        opens: Opens its page in the journal when it is started, given its title; `None` keeps none.
    """

    def __init__(
        self, operation: Operation, executor: Executor | None = None, opens: Callable[[str], Record] | None = None
    ) -> None:
        self._operation = operation
        self._opens = opens
        self.resumed = False
        """Whether an earlier process has begun it."""
        self.record: Record | None = None
        """Its page in the journal, once it is started."""
        self.keeps = False
        """Whether it ends such that it can be taken up: what is under way stays."""
        self._changed = threading.Condition(threading.RLock())
        self._state = JobState.QUEUED
        self._over = threading.Event()
        self._finished = False
        self._brake = Brake()
        self._questions: dict[Question, tuple[Entry, Resume]] = {}
        self._standing: Conflict | None = None
        self.executor = executor
        self.at_once: int | None = None
        """Files at most at once, where that was said."""
        self.elsewhere = Elsewhere(self._changed, self.check)
        self._scheduler = Scheduler(operation.width, self._changed, self._brake.stopped)
        self.ledger = Ledger()
        operation.prepare(self)

    # For whoever started it

    @property
    def title(self) -> str:
        """What it does, in a few words."""
        return self._operation.title

    @property
    def state(self) -> JobState:
        """What it is doing."""
        with self._changed:
            if self._state is not JobState.RUNNING:
                return self._state
            if self._brake.paused:
                return JobState.PAUSED
            return JobState.ASKING if self._questions else self._state

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return self.ledger.meter.snapshot()

    @property
    def report(self) -> Sequence[Outcome]:
        """What became of each path that was asked for, and of every entry below that was not done."""
        return self.ledger.report()

    @property
    def questions(self) -> list[Question]:
        """What it asks, oldest first."""
        with self._changed:
            return list(self._questions)

    def opens_with(self, opens: Callable[[str], Record] | None, *, resumed: bool = False) -> None:
        """Let it be written down on another page of the journal, or nowhere; only before it is started.

        Args:
            opens: Opens the page, given the title.
            resumed: Whether an earlier process has begun it.
        """
        self._opens, self.resumed = opens, resumed

    def limit(self, at_once: int | None = None, rate: float | None = None) -> None:
        """Do less than it could; only before it is started.

        Args:
            at_once: Files at most at once, in its own threads and in each batch that an executor has; `None` leaves it
                to what is found out.
            rate: Bytes at most that are moved in a second, those inside a storage included; `None` is no limit.

        Raises:
            RefusedError: A rate, and an executor: nobody who moves bytes for it knows how many the others move.
        """
        if at_once is not None:
            self.at_once = at_once
            self._scheduler.limit(at_once)
        if rate is not None:
            if self.executor is not None:
                raise RefusedError("Workers don't know how fast the others are: limit the rate of a job without them.")
            self.ledger.pace = RateLimit(rate, self.cancelled)

    def start(
        self, listener: Callable[[JobEvent], None] | None = None, only: Collection[EventKind] | None = None
    ) -> None:
        """Begin, in threads of its own.

        Args:
            listener: Called from those threads, one event at a time; must not block.
            only: The kinds of events that it wants; `None` is all of them. An event that nobody wants costs nothing.

        Raises:
            RuntimeError: It was started before.
            JournalError: It is to be written down, and can't be; or another process runs it.
        """
        with self._changed:
            if self._state is not JobState.QUEUED:
                raise RuntimeError(f"{self.title!r} was started before: make a new job.")
            if self._opens is not None:
                self.record = self.ledger.record = self._opens(self.title)
            self._state = JobState.RUNNING
            self.ledger.listen(listener, only)
        threading.Thread(target=self._run, name="tfm-job", daemon=True).start()

    def pause(self) -> None:
        """Hold it up: nothing more is begun, and what is under way waits at its next chunk; what is done stays done."""
        with self._changed:
            if not self._finished:
                self._brake.pause()

    def go_on(self) -> None:
        """Let it go on after `pause`."""
        self._brake.go()

    def cancel(self, *, keep: bool = False) -> None:
        """Stop: no entry is begun any more, and those under way are dropped at their next chunk.

        Args:
            keep: Leave what there is of large files, so that the job can be taken up; only where it is in a journal.
        """
        with self._changed:
            if self._finished or self._brake.stopped():
                return
            self.keeps = keep and self.record is not None
            queued = self._state is JobState.QUEUED
            if queued:
                self._state = JobState.RUNNING  # it can't be started any more
            self._brake.stop()
            self._changed.notify_all()
        if queued:
            self._finish(None)
        else:
            threading.Thread(target=self._give_up, name="tfm-cancel", daemon=True).start()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is over.

        Args:
            timeout: Seconds; `None` waits for ever.

        Returns:
            Whether it is over.
        """
        return self._over.wait(timeout)

    def answer(self, question: Question, decision: Decision, for_all: bool = False) -> None:
        """Answer a question; one that was answered before is ignored.

        Args:
            question: Which.
            decision: What to do.
            for_all: Decide all other questions of this job in the same way, those to come included.
        """
        rule = Conflict(decision.value)
        with self._changed:
            if self._brake.stopped() or question not in self._questions:
                return
            chosen = list(self._questions) if for_all else [question]
            if for_all:
                self._standing = rule
            # Each step is on its way before its question is closed, so that the job never looks finished in between.
            for each in chosen:
                entry, resume = self._questions[each]
                self._scheduler.add(entry.size, partial(self._step, entry, partial(resume, rule)))
                del self._questions[each]
            self._changed.notify_all()

    # For the operation

    @property
    def mark(self) -> str:
        """Makes the names of unfinished files this job's own; empty where no journal keeps it."""
        return "" if self.record is None else self.record.mark

    def keeper(self, step: Step) -> Keeper | None:
        """Give what remembers how far the bytes of an entry have come; `None` where no journal keeps it.

        Args:
            step: The entry.
        """
        return None if self.record is None else self.record.keeper(step, lambda: self.keeps)

    def cancelled(self) -> bool:
        """Whether it was cancelled; while it is paused, the answer waits."""
        return self._brake.cancelled()

    def check(self) -> None:
        """Raise `TransferCancelledError` when it was cancelled; while it is paused, wait."""
        self._brake.check()

    def rule(self, own: Conflict) -> Conflict:
        """Give the rule for existing targets: what was answered for all, else the operation's own.

        Args:
            own: The operation's.
        """
        with self._changed:
            return self._standing or own

    def submit(self, entry: Entry, step: Callable[[], None]) -> None:
        """Run the step of an entry in a pool; what it raises is the entry's failure.

        Args:
            entry: Whose.
            step: What to run.
        """
        if len(self._questions) >= MOST_QUESTIONS:
            with self._changed:
                self._changed.wait_for(lambda: len(self._questions) < MOST_QUESTIONS or self._brake.stopped())
        self.check()
        self._scheduler.submit(entry.size, partial(self._step, entry, step))

    def here(self, entry: Entry, step: Callable[[], None]) -> None:
        """Run the step of an entry at once, in the operation's own thread.

        Args:
            entry: Whose.
            step: What to run; what it raises is the entry's failure.
        """
        self.check()
        self._step(entry, step)

    def add(self, entry: Entry, step: Callable[[], None]) -> None:
        """Run the step of an entry in a pool, behind all that waits, however much that is.

        Args:
            entry: Whose.
            step: What to run.
        """
        self._scheduler.add(entry.size, partial(self._step, entry, step))

    def aside(self, entry: Entry, step: Callable[[], None]) -> None:
        """Run more of an entry that was started already in a pool.

        Args:
            entry: Whose.
            step: What to run; what it raises is the entry's failure.
        """
        self._scheduler.add(entry.size, partial(self._attempt, entry, step))

    def would_wait(self) -> bool:
        """Whether `submit` would wait now, for answers or for what is under way."""
        return len(self._questions) >= MOST_QUESTIONS or self._scheduler.full()

    def slow_down(self) -> None:
        """Do less at once: a storage asked for it."""
        self._scheduler.slow_down()

    def ask(self, entry: Entry, question: Question, resume: Resume) -> None:
        """Ask about an existing target, and go on with the rest.

        Args:
            entry: Whose target exists.
            question: What is asked.
            resume: Run with the answer.
        """
        with self._changed:
            standing = self._standing
            if standing is None:
                self._questions[question] = (entry, resume)
                self._changed.notify_all()
        if standing is None:
            self.ledger.tell("asked", entry.source, question=question)
        else:
            resume(standing)  # it was answered for all just now

    def drain(self) -> None:
        """Wait until every step is done, here and elsewhere, and every question answered.

        Raises:
            TransferCancelledError: The job was cancelled.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._brake.stopped() or not self._open())
        self.check()

    # Inside

    def _open(self) -> int:
        return self._scheduler.left + self.elsewhere.count + len(self._questions)

    def _step(self, entry: Entry, step: Callable[[], None]) -> None:
        if self._brake.cancelled():
            return
        self.ledger.started(entry)
        self._attempt(entry, step)

    def _attempt(self, entry: Entry, step: Callable[[], None]) -> None:
        error = attempt(step)
        if error is not None:
            self.ledger.failed(entry, error)

    def _run(self) -> None:
        error = attempt(self._operation.run, self)
        with self._changed:
            self._changed.wait_for(lambda: not self._scheduler.left)
        failure = None if isinstance(error, TransferCancelledError) else error
        if self.record is not None and not (self.keeps or failure or self.ledger.any_failed):
            attempt(sweep, self.record)  # what stays all the same is known to the journal
        self._finish(failure)

    def _give_up(self) -> None:
        if not self._over.wait(GRACE):
            self._finish(None)

    def _finish(self, failure: BaseException | None) -> None:
        with self._changed:
            if self._finished:
                return
            self._finished = True
            stopped = self._brake.stopped()
            self._questions.clear()
            self.ledger.close(cancelled=stopped, failure=failure)
            if failure is not None or (self.ledger.any_failed and not stopped):
                self._state = JobState.FAILED
            else:
                self._state = JobState.CANCELLED if stopped else JobState.DONE
        self._scheduler.close()
        if self.record is not None:
            error = attempt(self.record.conclude, self._state, self.keeps, self.progress, self.ledger.report())
            if error is not None:
                log.error("The end of a job could not be written down", exc_info=error)
        self.ledger.tell("finished", None)
        self._over.set()
