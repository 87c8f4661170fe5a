"""One file or link on its way: what to do when its target exists, then the transfer, verified and booked."""

from __future__ import annotations

from tfm.info import FileInfo
from tfm.operations.conflict import Conflict, judge, numbered
from tfm.operations.events import Question
from tfm.operations.guards import maybe_same, same_entry, same_object
from tfm.operations.job import Job
from tfm.operations.ledger import Entry
from tfm.path import Path
from tfm.transfer.engine import Transferred, transfer
from tfm.transfer.errors import TransferError

MOST_NUMBERS = 10_000
"""Names that are tried to keep both."""


class EntryCopy:
    """Copies single entries for one job.

    Args:
        job: The job.
        conflict: Its rule for targets that exist.
    """

    def __init__(self, job: Job, conflict: Conflict) -> None:
        self.job = job
        self._conflict = conflict

    def submit(self, entry: Entry, info: FileInfo) -> None:
        """Copy an entry in one of the job's threads.

        Args:
            entry: Which; its target is set.
            info: What its source is, links not followed.
        """
        self.job.submit(entry, lambda: self._copy(entry, info, self.job.rule(self._conflict)))

    def carry(self, entry: Entry, info: FileInfo, target: Path, *, overwrite: bool) -> Transferred:
        """Bring the bytes over.

        Args:
            entry: Whose.
            info: What its source is.
            target: Where to.
            overwrite: Replace a file that is there; otherwise raise `FileExistsError`.
        """
        return transfer(
            entry.source,
            target,
            info,
            overwrite=overwrite,
            progress=lambda size: self.job.ledger.moved(entry, size),
            cancelled=self.job.cancelled,
        )

    def _copy(self, entry: Entry, info: FileInfo, rule: Conflict) -> None:
        target = entry.target
        assert target is not None  # only a delete has none
        if maybe_same(entry.source, target):
            target.refresh()
        existing = _existing(target)
        if existing is None:
            try:
                self._place(entry, info, target, overwrite=False)
            except FileExistsError:
                target.refresh()
                existing = _existing(target)
                if existing is None:
                    raise
            else:
                return
        self._resolve(entry, info, existing, rule)

    def _resolve(self, entry: Entry, info: FileInfo, existing: FileInfo, rule: Conflict) -> None:
        target = entry.target
        assert target is not None  # only a delete has none
        if same_entry(entry.source, target) or same_object(entry.source, info, target, existing):
            raise TransferError(f"{str(entry.source)!r} and {str(target)!r} are the same file.")
        if rule is Conflict.KEEP_BOTH:
            self._keep_both(entry, info, target)
            return
        if rule is not Conflict.SKIP and target.capabilities.needs_directories:
            _check_replaceable(info, target, existing)
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
            if _existing(candidate) is not None:
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
        self.job.ledger.done(entry, result.bytes, target)


def _check_replaceable(info: FileInfo, target: Path, existing: FileInfo) -> None:
    """Refuse to put a file in the place of anything but a file or a link; a link to a directory gives way to a link."""
    directory = existing.is_dir() and not (existing.link and info.link)
    if directory or (existing.kind == "other" and not existing.link):
        what = "directory" if directory else "pipe, socket or device"
        raise TransferError(f"a {what} named {str(target)!r} is in the way of the file: rename one.")


def _existing(target: Path) -> FileInfo | None:
    """Give what is in the way of a file: anything on a disk; among keys a file alone, which may share a name."""
    try:
        info = target.facts(follow_symlinks=False)
    except FileNotFoundError:
        return None
    return info if target.capabilities.needs_directories or info.is_file() else None
