"""The rows of a sync that make something: each file in the place of just that version of it which was listed."""

from __future__ import annotations

from functools import partial

from tfm.info import FileInfo
from tfm.operations.arriving import Arriving
from tfm.operations.handing import Handing
from tfm.operations.job import Job
from tfm.operations.ledger import Entry
from tfm.operations.placing import Carriage, Place, Placing, patiently
from tfm.operations.syncplan import Row, Tops, version_of
from tfm.operations.takingup import arrived
from tfm.operations.tree import Destination, split
from tfm.path import Path
from tfm.transfer.errors import SourceChangedError, TargetChangedError


class SyncCopy:
    """Makes files and directories for one job.

    Args:
        job: The job.
        tops: The two trees.
    """

    def __init__(self, job: Job, tops: Tops) -> None:
        self._job = job
        self._tree = Destination(tops.target, job.record)
        self._needs_directories = tops.target.capabilities.needs_directories
        self._carriage: Carriage = (
            _Placing(job) if job.executor is None else Handing(job, Arriving(job.ledger), _changed)
        )

    def submit(self, entry: Entry, row: Row) -> None:
        """Do a row soon.

        Args:
            entry: Its account; the target is set.
            row: The row, which copies or makes a directory.
        """
        target = entry.target
        assert target is not None  # set before it is submitted
        if row.action == "copy" and row.info is not None:
            self._make_parents(row)
            self._carriage.submit(entry, Place(entry.source, row.info, target, row.there))
        else:
            self._carriage.step(entry, partial(self._place, entry, row, target))

    def drain(self) -> None:
        """Wait until everything that was submitted is done.

        Raises:
            TransferCancelledError: The job was cancelled.
        """
        self._carriage.drain()

    def close(self) -> None:
        """Drop what is on its way after a cancel."""
        self._carriage.close()

    def _make_parents(self, row: Row) -> None:
        if self._needs_directories:
            self._tree.make(split(row.name)[0])

    def _place(self, entry: Entry, row: Row, target: Path) -> None:
        place = patiently(self._job, partial(self._verified, entry, row, target))
        if row.action == "directory":
            patiently(self._job, partial(self._tree.make, row.name))
            self._job.ledger.done(entry, 0)
        else:
            self._make_parents(row)
            self._carriage.carry(entry, place)

    def _verified(self, entry: Entry, row: Row, target: Path) -> Place:
        """Give what the row is about; when a plan was read, only if it still is what that says."""
        info, there = row.info, row.there
        if info is None:
            info, there = _now(entry.source, row), _now(target, row)
            if info is None or version_of(info) != row.source_version:
                raise SourceChangedError(f"{str(entry.source)!r} changed since the plan was made: it was left out.")
            if version_of(there) != row.target_version and not self._is_ours(entry, row, info):
                raise TargetChangedError(f"{str(target)!r} changed since the plan was made: it was left alone.")
        return Place(entry.source, info, target, there)

    def _is_ours(self, entry: Entry, row: Row, info: FileInfo) -> bool:
        """Whether the target is what an earlier process of this job has put there."""
        record = self._job.record
        if record is None or not record.resumed:
            return False
        step = record.find(entry.source)
        return row.action == "directory" or (step is not None and arrived(entry.source, info, step, record.mark))


class _Placing(Placing):
    def refused(self, entry: Entry, place: Place, error: OSError) -> None:
        if isinstance(error, FileExistsError):
            raise _came(place.target) from error
        super().refused(entry, place, error)


def _changed(entry: Entry, place: Place, there: FileInfo | None) -> None:
    del entry, there
    if place.there is None:
        raise _came(place.target)
    raise TargetChangedError(
        f"{str(place.target)!r} changed since it was listed: it was left alone; look, then repeat."
    )


def _came(target: Path) -> TargetChangedError:
    return TargetChangedError(
        f"{str(target)!r} came to be since the target was listed: it was left alone; look, then repeat."
    )


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
