"""The rows of a sync that make something: each file in the place of just that version of it which was listed."""

from __future__ import annotations

import time
from functools import partial
from typing import NamedTuple

from tfm.errors import S3RateLimitError
from tfm.info import FileInfo
from tfm.operations.entrycopy import ATTEMPTS
from tfm.operations.job import Job
from tfm.operations.ledger import Entry
from tfm.operations.smallfiles import SmallFiles
from tfm.operations.syncplan import Row, Tops, version_of
from tfm.operations.tree import Destination, split
from tfm.path import Path
from tfm.transfer.engine import transfer
from tfm.transfer.errors import SourceChangedError, TargetChangedError
from tfm.width import Width

PAUSE = 0.2
"""Seconds before a step is begun anew whose storage asks to slow down; each time twice as long."""


class Place(NamedTuple):
    """Where a row comes from and goes to.

    Args:
        source: The file.
        info: What it is.
        target: Where it is to be.
        there: What is at the target; `None` for nothing.
    """

    source: Path
    info: FileInfo
    target: Path
    there: FileInfo | None


class SyncCopy:
    """Makes files and directories for one job; small files that are missing go many at once.

    Args:
        job: The job.
        tops: The two trees.
        width: How many steps run at once.
    """

    def __init__(self, job: Job, tops: Tops, width: Width) -> None:
        self._job = job
        self._tree = Destination(tops.target)
        self._needs_directories = tops.target.capabilities.needs_directories
        self._width = width
        self._small = SmallFiles(job, self)

    def submit(self, entry: Entry, row: Row) -> None:
        """Do a row in one of the job's threads, or in this one when it is small.

        Args:
            entry: Its account; the target is set.
            row: The row, which copies or makes a directory.
        """
        if self._job.own_threads and row.action == "copy" and row.info is not None and row.there is None:
            self._make_parents(row)
            if self._small.offer(entry, row.info):
                return
        if self._job.would_wait():
            self._small.drain()  # nobody reads these answers while this thread waits
        self._job.submit(entry, partial(self._place, entry, row))

    def drain(self) -> None:
        """Wait until everything that was submitted is done.

        Raises:
            TransferCancelledError: The job was cancelled.
        """
        self._small.drain()
        self._job.drain()

    def close(self) -> None:
        """Drop what is on its way after a cancel."""
        self._small.close()

    def _make_parents(self, row: Row) -> None:
        if self._needs_directories:
            self._tree.make(split(row.name)[0])

    # What small files need; of these it is known that nothing is at the target

    def find(self, entry: Entry, target: Path) -> FileInfo | None:
        """Give nothing: the listing had no target, and no write replaces one that came since.

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
        del info, target, proof, etag
        self._job.ledger.done(entry, size)

    def carry_alone(self, entry: Entry, info: FileInfo) -> None:
        """Carry an entry in a thread of its own, behind all that waits.

        Args:
            entry: Which.
            info: What its source is.
        """
        target = entry.target
        assert target is not None  # set before it is submitted
        self._job.add(entry, partial(self._copy, entry, Place(entry.source, info, target, None)))

    # One by one

    def _place(self, entry: Entry, row: Row) -> None:
        for attempt in range(ATTEMPTS):
            try:
                self._place_once(entry, row)
                return
            except S3RateLimitError:  # after the retries of its client
                self._width.slow_down()
                if attempt == ATTEMPTS - 1:
                    raise
                time.sleep(PAUSE * 2**attempt)

    def _place_once(self, entry: Entry, row: Row) -> None:
        place = self._verified(entry, row)
        if row.action == "directory":
            self._tree.make(row.name)
            self._job.ledger.done(entry, 0)
        else:
            self._make_parents(row)
            self._copy(entry, place)

    def _verified(self, entry: Entry, row: Row) -> Place:
        """Give what the row is about; when a plan was read, only if it still is what that says."""
        target = entry.target
        assert target is not None  # set before the step is submitted
        info, there = row.info, row.there
        if info is None:
            info, there = _now(entry.source, row), _now(target, row)
            if info is None or version_of(info) != row.source_version:
                raise SourceChangedError(f"{str(entry.source)!r} changed since the plan was made: it was left out.")
            if version_of(there) != row.target_version:
                raise TargetChangedError(f"{str(target)!r} changed since the plan was made: it was left alone.")
        return Place(entry.source, info, target, there)

    def _copy(self, entry: Entry, place: Place) -> None:
        source, info, target, there = place
        try:
            result = transfer(
                source,
                target,
                info,
                overwrite=there is not None,
                absent=there is None,
                replaces=there,
                progress=partial(self._job.ledger.moved, entry),
                cancelled=self._job.cancelled,
            )
        except BaseException as error:
            self._job.ledger.take_back(entry)
            if isinstance(error, FileExistsError):
                text = f"{str(target)!r} came to be since the target was listed: it was left alone; look, then repeat."
                raise TargetChangedError(text) from error
            raise
        self._job.ledger.done(entry, result.bytes)


def _now(path: Path, row: Row) -> FileInfo | None:
    """Ask what bears a name, past every cache; in a storage of keys, a directory is not in the way of a file."""
    path.refresh()
    try:
        info = path.facts(follow_symlinks=False)
    except FileNotFoundError:
        return None
    if path.capabilities.needs_directories:
        return info
    return info._replace(kind="directory", etag=None) if row.action == "directory" else info if info.is_file() else None
