"""One file or link on its way: what to do when its target exists, then the transfer, verified and booked."""

from __future__ import annotations

from functools import partial

from tfm.errors import S3RateLimitError
from tfm.info import FileInfo
from tfm.operations.ahead import soon
from tfm.operations.conflict import Conflict, numbered
from tfm.operations.events import Question
from tfm.operations.existing import Existing, asked_anew
from tfm.operations.guards import maybe_same, same_entry, same_object
from tfm.operations.job import Job
from tfm.operations.judging import verdict_on
from tfm.operations.ledger import Entry
from tfm.operations.record import Step, version_of
from tfm.operations.smallfiles import Pace, SmallFiles
from tfm.operations.takingup import arrived, forget_unclear_upload, looks_done
from tfm.path import Path
from tfm.transfer.engine import Transferred, transfer
from tfm.transfer.errors import TransferError
from tfm.transfer.plan import on_disk

MOST_NUMBERS = 10_000
"""Names that are tried to keep both."""
QUICK = 1024 * 1024
"""Bytes up to which a file is copied on a disk in less time than anybody would notice."""
ATTEMPTS = 5
"""How often a step is begun whose storage asks to slow down, after the retries of its client."""


class EntryCopy:
    """Copies single entries for one job.

    Args:
        job: The job.
        conflict: Its rule for targets that exist.
        into: The directory that everything goes into.
    """

    def __init__(self, job: Job, conflict: Conflict, into: Path) -> None:
        self.job = job
        self.existing = Existing()
        self._conflict = conflict
        self._into = into
        self._small = SmallFiles(job, self)
        self._pace = Pace()

    def submit(self, entry: Entry, info: FileInfo) -> None:
        """Copy an entry in one of the job's threads.

        Args:
            entry: Which; its target is set.
            info: What its source is, links not followed.
        """
        if self.taken_up(entry, info):
            return
        if self._small.offer(entry, info):
            return
        if self._quick(entry) and not (self._pace.slow or self.job.would_wait()):
            with self._pace:  # to hand it to another thread would cost as much as to do it
                self.job.here(entry, partial(self._copy, entry, info))
            return
        self.carry_in_turn(entry, info)

    def expect(self, directory: Path) -> None:
        """Learn what is in a directory, in a thread, while its first files are still looked for.

        Args:
            directory: Into which many will go.
        """
        if not directory.capabilities.needs_directories:
            soon(partial(self.existing.learn, directory))

    def send_held(self) -> None:
        """Send what was held back to be written down together: what comes next may take a while."""
        self._small.send_held()

    def taken_up(self, entry: Entry, info: FileInfo) -> bool:
        """Deal with an entry that an earlier process of this job has begun; tells whether it has.

        Args:
            entry: Which.
            info: What its source is.
        """
        step = None if self.job.record is None else self.job.record.find(entry.source)
        if step is None:
            return False
        if not step.done:
            self.job.submit(entry, partial(self._go_on, entry, info, step))
            return True
        if not self.stands(info, step):
            return False
        self.job.ledger.done(entry, entry.size, step.target)
        return True

    def stands(self, info: FileInfo, step: Step) -> bool:
        """Whether an entry that was done needs nothing more, although its source is there.

        Args:
            info: What its source is.
            step: What the journal tells of it.
        """
        return not on_disk(step.target) or looks_done(info, step)

    def _go_on(self, entry: Entry, info: FileInfo, step: Step) -> None:
        proof = self.witness(entry, info)
        if arrived(entry.source, info, step, self.job.mark):
            self.settle(entry, info, step.target, entry.size, proof=proof)
        else:
            forget_unclear_upload(self.job, step)
            self._copy(entry, info)

    def _quick(self, entry: Entry) -> bool:
        """Whether an entry is a small file between two disks, or a link."""
        assert entry.target is not None  # only a delete has none
        return entry.size <= QUICK and on_disk(entry.source) and on_disk(entry.target)

    def witness(self, entry: Entry, info: FileInfo) -> object:
        """Give what will tell whether a file of a disk is still what was read: of no use for a copy.

        Args:
            entry: Which.
            info: What its source is.
        """
        del entry, info
        return None

    def settle(
        self, entry: Entry, info: FileInfo, target: Path, size: int, *, proof: object = None, etag: str | None = None
    ) -> None:
        """Book an entry whose target is there and verified.

        Args:
            entry: Which.
            info: What its source was.
            target: Where it is.
            size: Its bytes.
            proof: What `witness` gave.
            etag: What the answer to the write told, where there was one.
        """
        del info, proof, etag
        self.job.ledger.done(entry, size, target)

    def carry_in_turn(self, entry: Entry, info: FileInfo) -> None:
        """Carry an entry in a thread of its own, after waiting while too many wait.

        Args:
            entry: Which.
            info: What its source is.
        """
        if self.job.would_wait():
            self._small.drain()  # nobody reads these answers while this thread waits
        self.job.submit(entry, partial(self._copy, entry, info))

    def carry_alone(self, entry: Entry, info: FileInfo) -> None:
        """Carry an entry in a thread of its own, behind all that waits.

        Args:
            entry: Which.
            info: What its source is.
        """
        self.job.add(entry, partial(self._copy, entry, info))

    def carry(
        self, entry: Entry, info: FileInfo, target: Path, there: FileInfo | None, *, verify: bool = False
    ) -> Transferred | None:
        """Bring the bytes over; gives `None` when the entry is done and booked later.

        Args:
            entry: Whose.
            info: What its source is.
            target: Where to.
            there: What is there and is replaced; `None` is nothing, and what came since raises `FileExistsError`.
            verify: Look at the target once more.
        """
        return transfer(
            entry.source,
            target,
            info,
            overwrite=there is not None,
            absent=there is None,
            verify=verify,
            progress=partial(self.job.ledger.moved, entry),
            cancelled=self.job.cancelled,
            keeper=self.job.keeper(Step(entry.source, target)),
        )

    def drain(self) -> None:
        """Wait until everything that was submitted is done and every question answered.

        Raises:
            TransferCancelledError: The job was cancelled.
        """
        self._small.drain()
        self.job.drain()

    def finish(self) -> None:
        """Do what was left for the end, and drop what is on its way after a cancel."""
        self._small.close()

    def _copy(self, entry: Entry, info: FileInfo, rule: Conflict | None = None, attempt: int = 1) -> None:
        target = entry.target
        assert target is not None  # only a delete has none
        try:
            existing = self.find(entry, target)
            if existing is None:
                try:
                    self.place(entry, info, target, None)
                except FileExistsError:
                    existing = asked_anew(target)
                    if existing is None:
                        raise
                else:
                    return
            self._resolve(entry, info, existing, rule or self.job.rule(self._conflict))
        except S3RateLimitError:
            if attempt == ATTEMPTS:
                raise
            self.job.slow_down()
            self.job.add(entry, partial(self._copy, entry, info, rule, attempt + 1))

    def find(self, entry: Entry, target: Path) -> FileInfo | None:
        """Tell what is in the way of a file.

        Args:
            entry: Which.
            target: Where it is to be.
        """
        if maybe_same(entry.source, target):
            return asked_anew(target)
        top = entry.group.target
        return self.existing.find(target, self._into if top is None or top == target else top)

    def _resolve(self, entry: Entry, info: FileInfo, existing: FileInfo, rule: Conflict) -> None:
        target = entry.target
        assert target is not None  # only a delete has none
        if same_entry(entry.source, target) or same_object(entry.source, info, target, existing):
            raise TransferError(f"{str(entry.source)!r} and {str(target)!r} are the same file.")
        if rule is Conflict.KEEP_BOTH:
            self._keep_both(entry, info, target)
            return
        if rule is not Conflict.SKIP and target.capabilities.needs_directories:
            check_replaceable(info, target, existing)
        verdict = verdict_on(rule, entry.source, info, target, existing)
        if verdict.action is Conflict.ASK:
            question = Question(entry.source, target, info, existing)
            self.job.ask(entry, question, lambda answer: self._copy(entry, info, answer))
        elif verdict.action is Conflict.SKIP:
            self.job.ledger.skipped(entry, verdict.reason)
        else:
            self.place(entry, info, target, existing)

    def _keep_both(self, entry: Entry, info: FileInfo, target: Path) -> None:
        for number in range(1, MOST_NUMBERS):
            self.job.check()
            candidate = target.parent.child(numbered(target.name, number))
            if self.existing.find(candidate, self._into) is not None:
                continue
            try:
                self.place(entry, info, candidate, None)
            except FileExistsError:
                candidate.refresh()
            else:
                return
        raise TransferError(f"{str(target)!r} exists already, and so do {MOST_NUMBERS:,} numbered names beside it.")

    def place(self, entry: Entry, info: FileInfo, target: Path, there: FileInfo | None) -> None:
        """Put a file where it was decided to be.

        Args:
            entry: Whose.
            info: What its source is.
            target: Where.
            there: What it replaces; `None` is nothing, and what came since raises `FileExistsError`.
        """
        if self.job.record is not None:
            self.job.record.begin([Step(entry.source, target, version_of(info), there is not None)])
        try:
            result = self.carry(entry, info, target, there)
        except BaseException:
            self.job.ledger.take_back(entry)
            raise
        if result is not None:
            self.job.ledger.done(entry, result.bytes, target)


def check_replaceable(info: FileInfo, target: Path, existing: FileInfo) -> None:
    """Refuse to put a file in the place of anything but a file or a link; a link to a directory gives way to a link.

    Args:
        info: What is to be put there.
        target: Where.
        existing: What is there.

    Raises:
        TransferError: It is something else.
    """
    directory = existing.is_dir() and not (existing.link and info.link)
    if directory or (existing.kind == "other" and not existing.link):
        what = "directory" if directory else "pipe, socket or device"
        raise TransferError(f"a {what} named {str(target)!r} is in the way of the file: rename one.")
