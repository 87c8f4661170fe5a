"""Undo: takes back what a job did, from what the journal tells of it, and only where nothing is lost by that."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from functools import partial
from typing import Protocol

from tfm.errors import RefusedError
from tfm.operations.conflict import Conflict
from tfm.operations.job import Job
from tfm.operations.journal import Journal, Known, Standing
from tfm.operations.ledger import Entry, Group
from tfm.operations.move import EntryMove
from tfm.operations.record import Step, steps_of
from tfm.operations.scheduler import width_of_job
from tfm.operations.takingup import same_file_at
from tfm.path import Path
from tfm.s3.history import S3History
from tfm.s3.versions import S3VersionPath
from tfm.transfer.errors import TransferError

SLACK = 5.0
"""Seconds by which the clock of a server may differ from ours."""


def undo(number: int, journal: Journal) -> Job:
    """Make a job that takes back what another one did.

    Of a copy it deletes the copies, each only while it has the bytes of its source, so that nothing is lost. Of a move
    it moves everything back that has not changed since, to names that are free. Of a deletion in a versioned bucket it
    deletes the delete markers. What was replaced can't be brought back, and is named.

    Args:
        number: The job's in the journal.
        journal: The journal.

    Raises:
        JournalError: There is no such job.
        RefusedError: It is still running, or what it did can't be taken back.
    """
    known = journal.job(number)
    if known.standing is Standing.RUNNING:
        raise RefusedError(f"Job {number} runs at this moment: cancel it, or wait until it is done.")
    if known.request.verb == "copy":
        return Job(_Undo(known, journal, _Uncopy()))
    if known.request.verb == "move":
        return Job(_Undo(known, journal, _MoveBack()))
    if known.request.verb == "delete":
        return Job(_Undelete(known))
    raise RefusedError(f"Job {number} is a sync, which can't be taken back: what it replaced is gone.")


class _Way(Protocol):
    """How one step is taken back."""

    def begin(self, job: Job, into: Path) -> None:
        """Get ready."""
        ...

    def file(self, job: Job, entry: Entry, step: Step) -> None:
        """Take back what became of a file."""
        ...

    def end(self, job: Job) -> None:
        """Wait until all are taken back."""
        ...

    def directory(self, step: Step) -> None:
        """Take back what became of a directory, behind all that is below it."""
        ...


class _Undo:
    """Takes back the steps of a copy or a move."""

    def __init__(self, known: Known, journal: Journal, way: _Way) -> None:
        self._known = known
        self._journal = journal
        self._way = way
        self._into = Path(known.request.into)
        sources = [Path(asked.path) for asked in known.request.sources]
        self._sources = sources
        self.title = f"Undo: {known.title}"
        self.width = width_of_job([self._into, *sources])

    def prepare(self, job: Job) -> None:
        """Open the account."""
        self._group: Group = job.ledger.group(self._into, self._sources[0])
        self._group.tree = True

    def run(self, job: Job) -> None:
        """Take back the files, then the directories, the innermost first."""
        self._group.begun = True
        self._way.begin(job, self._into)
        directories = []
        for step in self._steps():
            job.check()
            if step.directory:
                directories.append(step)
                continue
            job.ledger.found(step.target, 1, 0)
            entry = Entry(self._group, step.target, step.source)
            if step.replaced:
                job.ledger.skipped(entry, "it replaced another one, which can't be brought back")
            else:
                self._way.file(job, entry, step)
        job.ledger.meter.listed()
        self._way.end(job)
        for step in sorted(directories, key=lambda step: len(step.target.parts), reverse=True):
            job.check()
            try:
                self._way.directory(step)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT):
                    job.ledger.failed(Entry(self._group, step.target, step.source, directory=True), error)

    def _steps(self) -> Iterator[Step]:
        return steps_of(self._journal, self._known.number, done=True)


class _Uncopy:
    """Deletes copies whose sources are there with the same bytes."""

    def begin(self, job: Job, into: Path) -> None:
        """Nothing is needed."""

    def file(self, job: Job, entry: Entry, step: Step) -> None:
        """Delete the copy."""
        job.submit(entry, partial(self._delete, job, entry, step))

    def _delete(self, job: Job, entry: Entry, step: Step) -> None:
        step.target.refresh()
        if step.target.exists(follow_symlinks=False):
            if not same_file_at(step.source, step.target):
                raise TransferError(
                    f"{str(step.target)!r} is not what {str(step.source)!r} is now: it may be the only one, and stays."
                )
            step.target.unlink()
        job.ledger.done(entry, 0)

    def end(self, job: Job) -> None:
        """Wait."""
        job.drain()

    def directory(self, step: Step) -> None:
        """Remove a directory that the copy made, if nothing is in it."""
        if step.source == step.target:
            step.target.rmdir()


class _MoveBack:
    """Moves everything back to where it was."""

    def begin(self, job: Job, into: Path) -> None:
        """Make what moves."""
        self._entries = EntryMove(job, Conflict.SKIP, into)

    def file(self, job: Job, entry: Entry, step: Step) -> None:
        """Move a file back, unless it changed."""
        try:
            step.target.refresh()
            info = step.target.facts(follow_symlinks=False)
            if str(info.size) != step.version.partition(" ")[0]:
                raise TransferError(f"{str(step.target)!r} changed since it was moved: it stays where it is.")
            if step.source.capabilities.needs_directories:
                step.source.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            job.ledger.failed(entry, error)
        else:
            entry.size = info.size or 0
            self._entries.submit(entry, info)

    def end(self, job: Job) -> None:
        """Wait until all are there, and their old ones gone."""
        try:
            self._entries.drain()
        finally:
            self._entries.finish()
        job.drain()

    def directory(self, step: Step) -> None:
        """Move back a directory that was renamed as a whole; else remove one that was made, and make the old one."""
        if step.source == step.target:
            step.target.rmdir()
            return
        if step.source.exists(follow_symlinks=False):
            return
        if step.source.capabilities.needs_directories and step.target.same_storage(step.source):
            if step.target.exists(follow_symlinks=False):
                step.target.rename(step.source)
        else:
            step.source.mkdir(parents=True)


class _Undelete:
    """Deletes the delete markers that a job has left."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._tops: list[S3History] = []
        for asked in known.request.sources:
            top = Path(asked.path)
            if not isinstance(top, S3History):
                raise RefusedError(f"{asked.path!r} was deleted for good from a disk: it can't be brought back.")
            self._tops.append(top)
        self.title = f"Undo: {known.title}"
        self.width = width_of_job(self._tops)

    def prepare(self, job: Job) -> None:
        """Open the accounts."""
        self._groups = [job.ledger.group(top, None) for top in self._tops]

    def run(self, job: Job) -> None:
        """Find the delete markers of that time and delete them."""
        since, until = self._known.created - SLACK, (self._known.ended or float("inf")) + SLACK
        for top, group in zip(self._tops, self._groups, strict=True):
            group.begun = group.tree = True
            found = 0
            for marker in top.deletions():
                job.check()
                if not since <= marker.info.mtime <= until:
                    continue
                found += 1
                job.ledger.found(marker.latest, 1, 0)
                entry = Entry(group, marker.latest, None)
                job.submit(entry, partial(_take_back, job, entry, marker))
            if not found:
                error = TransferError(f"{str(top)!r} has no deletion of that job: its bucket keeps no versions.")
                job.ledger.failed(Entry(group, top, None), error)
        job.ledger.meter.listed()
        job.drain()


def _take_back(job: Job, entry: Entry, marker: S3VersionPath) -> None:
    marker.take_back()
    job.ledger.done(entry, 0)
