"""What only the target of a sync has: noted until all copies went well, then deleted, each if it is still the same."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import IO

from tfm.errors import S3ChangedError
from tfm.info import FileInfo
from tfm.operations.compare import below
from tfm.operations.job import Job
from tfm.operations.ledger import Entry, Group
from tfm.operations.syncplan import GONE, Row, version_of
from tfm.path import Path
from tfm.transfer.errors import TargetChangedError, TransferError
from tfm.transfer.plan import on_disk

BATCH = 1000
"""Entries that go in one request."""


class SyncDelete:
    """Deletes what is below the target and no more what it was told.

    Args:
        job: The job.
        group: Its account.
        target: The top of the tree.
        file: Where the rows are kept, however many they are.
    """

    def __init__(self, job: Job, group: Group, target: Path, file: IO[bytes]) -> None:
        self._job = job
        self._group = group
        self._target = target
        self._file = file
        self.count = 0
        self.files = 0

    def add(self, row: Row) -> None:
        """Note what is to go.

        Args:
            row: What; a directory comes behind what is in it.
        """
        self._file.write(json.dumps([row.name, row.target_version]).encode() + b"\n")
        self._job.ledger.found(self._target, 1, 0)
        self.count += 1
        self.files += not row.name.endswith("/")

    def run(self) -> None:
        """Delete all of it."""
        self._file.seek(0)
        for row in self._rows() if on_disk(self._target) else ():
            self._job.check()
            self._on_disk(row)
        rows = self._rows() if not on_disk(self._target) else iter(())
        while batch := list(islice(rows, BATCH)):
            self._job.check()
            entry = Entry(self._group, self._target, None)
            self._job.submit(entry, partial(self._together, entry, batch))

    def _rows(self) -> Iterator[Row]:
        for line in self._file:
            name, version = json.loads(line)
            yield Row("delete", name, 0, GONE, "", version)

    # On a disk, one by one

    def _on_disk(self, row: Row) -> None:
        entry = Entry(self._group, self._target, None)
        try:
            entry.source = path = below(self._target, row.name)
            self._check_inside(path)
            there = path.facts(follow_symlinks=False)
            if version_of(there) != row.target_version:
                raise _changed(path)
            if not row.name.endswith("/"):
                os.unlink(path)
            else:
                os.rmdir(path)
        except FileNotFoundError:
            pass  # it is gone already, as it should be
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                self._job.ledger.skipped(entry, "something came into it since it was listed")
            else:
                self._job.ledger.failed(entry, error)
            return
        self._job.ledger.done(entry, 0)

    def _check_inside(self, path: Path) -> None:
        """Refuse what a link leads to elsewhere."""
        parent, top = os.path.realpath(path.parent), os.path.realpath(self._target)
        if parent != os.path.join(top, *path.parent.parts[len(self._target.parts) :]).removesuffix("/"):
            raise TransferError(f"{str(path)!r} leads out of {str(self._target)!r} by a link: it was left alone.")

    # In a storage of keys, a thousand at a time

    def _together(self, batch: Entry, rows: list[Row]) -> None:
        files: dict[Path, FileInfo] = {}
        markers: list[str] = []
        errors: dict[str, OSError] = {}
        for row in rows:
            if row.name.endswith("/"):
                markers.append(row.name)
            else:
                path = below(self._target, row.name)
                files[path] = FileInfo(path.name, "file", etag=row.target_version)
        try:
            errors = (
                {str(path): error for path, error in next(iter(files)).unlink_copied(files).items()} if files else {}
            )
            kept = self._target.delete_below(markers) if markers else {}
            errors |= {str(below(self._target, name)): error for name, error in kept.items()}
        except OSError as refused:
            errors = {str(below(self._target, row.name)): refused for row in rows}  # the request as a whole
        self._job.ledger.withdraw(batch)
        self._job.ledger.done_many(self._group, self._target, len(rows) - len(errors))
        for text, error in errors.items():
            told = _changed(Path(text)) if isinstance(error, S3ChangedError) else error
            self._job.ledger.failed(Entry(self._group, Path(text), None), told)


def _changed(path: Path) -> TransferError:
    return TargetChangedError(f"{str(path)!r} changed since it was listed: it was left alone.")
