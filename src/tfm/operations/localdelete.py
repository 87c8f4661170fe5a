"""Deleting on a local disk: bottom up, by open directories, so that no link put in the way leads elsewhere."""

from __future__ import annotations

import errno
import os
import stat
from typing import NamedTuple

from tfm.operations.job import Job
from tfm.operations.joining import Take
from tfm.operations.ledger import Entry
from tfm.path import Path
from tfm.transfer.errors import TransferError

OPEN_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class Level(NamedTuple):
    """A directory whose entries are being deleted.

    Args:
        descriptor: It, open.
        path: Its path, for reports.
        entries: What is left in it: name, and whether it is a directory.
    """

    descriptor: int
    path: Path
    entries: list[tuple[str, bool]]


class LocalDelete:
    """Deletes one file, link or tree.

    Args:
        job: The job.
        entry: What was named.
        take: Which files and links below a directory; then all directories stay. `None` takes everything.
    """

    def __init__(self, job: Job, entry: Entry, take: Take | None = None) -> None:
        self._job = job
        self._entry = entry
        self._take = take
        self._levels: list[Level] = []

    def run(self) -> None:
        """Delete it; what fails below is reported by its name, and the rest goes on.

        Raises:
            OSError: It can't be deleted itself.
        """
        path = self._entry.source
        facts = os.lstat(path)
        if not stat.S_ISDIR(facts.st_mode):
            os.unlink(path)
            self._job.ledger.done(self._entry, 0)
            return
        self._entry.group.tree = True
        parent = os.open(os.path.dirname(path) or os.curdir, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self._enter(parent, path.name, path, facts.st_dev)
            self._empty(facts.st_dev)
            self._leave(parent, self._entry)
        finally:
            for level in self._levels:
                os.close(level.descriptor)
            os.close(parent)

    def _empty(self, device: int) -> None:
        """Delete everything below the first level, which stays open."""
        while True:
            self._job.check()
            level = self._levels[-1]
            if not level.entries:
                if len(self._levels) == 1:
                    return
                self._step_out()
                continue
            name, directory = level.entries.pop()
            path = level.path.child(name)
            try:
                if directory:
                    self._enter(level.descriptor, name, path, device)
                elif self._wanted(path):
                    os.unlink(name, dir_fd=level.descriptor)
                    self._job.ledger.done_many(self._entry.group, path, 1)
            except OSError as error:
                self._job.ledger.failed(Entry(self._entry.group, path, None), error)

    def _wanted(self, path: Path) -> bool:
        """Whether a file or link is to go."""
        if self._take is None:
            return True
        relative = "/".join(path.parts[len(self._entry.source.parts) :])
        return self._take(relative, path.facts(follow_symlinks=False))

    def _enter(self, parent: int, name: str, path: Path, device: int) -> None:
        descriptor = os.open(name, OPEN_DIRECTORY, dir_fd=parent)
        try:
            if os.fstat(descriptor).st_dev != device:
                raise TransferError(f"another file system is mounted at {str(path)!r}: it was not touched.")
            with os.scandir(descriptor) as found:
                entries = [(each.name, each.is_dir(follow_symlinks=False)) for each in found]
        except BaseException:
            os.close(descriptor)
            raise
        self._levels.append(Level(descriptor, path, entries))
        self._job.ledger.found(path, len(entries), 0)

    def _step_out(self) -> None:
        path = self._levels[-1].path
        try:
            self._leave(self._levels[-2].descriptor, Entry(self._entry.group, path, None))
        except OSError as error:
            self._job.ledger.failed(Entry(self._entry.group, path, None), error)

    def _leave(self, parent: int, entry: Entry) -> None:
        """Close the innermost directory and remove it; what failed below keeps it, and so does a choice of files."""
        os.close(self._levels.pop().descriptor)
        if self._take is not None:
            self._job.ledger.done(entry, 0)
            return
        try:
            os.rmdir(entry.source.name, dir_fd=parent)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST) or not self._entry.group.failed:
                raise
            self._job.ledger.skipped(entry, "it was kept, because what could not be deleted is still in it")
        else:
            self._job.ledger.done(entry, 0)
