"""One file or link on its way: what to do when its target exists, then the transfer, verified and booked."""

from __future__ import annotations

from functools import partial

from tfm.errors import S3RateLimitError
from tfm.info import FileInfo
from tfm.operations.conflict import Conflict, judge, numbered
from tfm.operations.events import Question
from tfm.operations.existing import Existing, asked
from tfm.operations.guards import maybe_same, same_entry, same_object
from tfm.operations.job import Job
from tfm.operations.ledger import Entry
from tfm.operations.smallfiles import Pace, SmallFiles
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
        if self.job.own_threads:
            if self._small.offer(entry, info):
                return
            if self._quick(entry) and not (self._pace.slow or self.job.would_wait()):
                with self._pace:  # to hand it to another thread would cost as much as to do it
                    self.job.here(entry, partial(self._copy, entry, info))
                return
        if self.job.would_wait():
            self._small.drain()  # nobody reads these answers while this thread waits
        self.job.submit(entry, partial(self._copy, entry, info))

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

    def carry_alone(self, entry: Entry, info: FileInfo) -> None:
        """Carry an entry in a thread of its own, behind all that waits.

        Args:
            entry: Which.
            info: What its source is.
        """
        self.job.add(entry, partial(self._copy, entry, info))

    def carry(
        self, entry: Entry, info: FileInfo, target: Path, *, overwrite: bool, verify: bool = False
    ) -> Transferred | None:
        """Bring the bytes over; gives `None` when the entry is done and booked later.

        Args:
            entry: Whose.
            info: What its source is.
            target: Where to.
            overwrite: Replace a file that is there; otherwise raise `FileExistsError`.
            verify: Look at the target once more.
        """
        return transfer(
            entry.source,
            target,
            info,
            overwrite=overwrite,
            absent=not overwrite,
            verify=verify,
            progress=partial(self.job.ledger.moved, entry),
            cancelled=self.job.cancelled,
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
                    self._place(entry, info, target, overwrite=False)
                except FileExistsError:
                    existing = _asked_anew(target)
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
            return _asked_anew(target)
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
        verdict = judge(rule, info, existing)
        if verdict.action is Conflict.ASK:
            question = Question(entry.source, target, info, existing)
            self.job.ask(entry, question, lambda answer: self._copy(entry, info, answer))
        elif verdict.action is Conflict.SKIP:
            self.job.ledger.skipped(entry, verdict.reason)
        else:
            self._place(entry, info, target, overwrite=True)

    def _keep_both(self, entry: Entry, info: FileInfo, target: Path) -> None:
        for number in range(1, MOST_NUMBERS):
            self.job.check()
            candidate = target.parent.child(numbered(target.name, number))
            if self.existing.find(candidate, self._into) is not None:
                continue
            try:
                self._place(entry, info, candidate, overwrite=False)
            except FileExistsError:
                candidate.refresh()
            else:
                return
        raise TransferError(f"{str(target)!r} exists already, and so do {MOST_NUMBERS:,} numbered names beside it.")

    def _place(self, entry: Entry, info: FileInfo, target: Path, *, overwrite: bool) -> None:
        try:
            result = self.carry(entry, info, target, overwrite=overwrite)
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


def _asked_anew(target: Path) -> FileInfo | None:
    target.refresh()
    return asked(target)
