"""Trees: finding what is in one while it is worked on, and making the directories of another."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from tfm.info import FileInfo
from tfm.operations.ledger import Entry, Group
from tfm.operations.record import Record, Step
from tfm.path import Path
from tfm.transfer.errors import TransferError
from tfm.transfer.plan import on_disk

MOST_PATHS = 4096
"""Paths of directories that are kept."""


def walk(top: Path, failed: Callable[[str, OSError], None]) -> Iterator[list[tuple[str, FileInfo]]]:
    """List everything below a directory in pages, as it is found: relative names and what they are, parents first.

    Args:
        top: The directory; a link to one is followed, links below are not.
        failed: Told the relative name of a directory that can't be listed, and why; the rest goes on.

    Raises:
        OSError: The top itself can't be listed.
    """
    if not top.capabilities.needs_directories:
        yield from top.scan_tree()  # one flat listing
        return
    waiting = [""]
    paths = Paths(top)
    while waiting:
        key = waiting.pop()
        try:
            for page in paths.directory(key).scan():
                yield [(key + info.name, info) for info in page]
                waiting += [f"{key}{info.name}/" for info in page if info.is_dir(follow_symlinks=False)]
        except OSError as error:
            if not key:
                raise
            failed(key[:-1], error)


def split(relative: str) -> tuple[str, str]:
    """Part a relative name into the key of its directory and its own name.

    A directory's key is its relative name with a slash behind, and empty for the top: so a directory with an empty
    name, which S3 can hold, is never taken for the top.

    Args:
        relative: Names with slashes between.
    """
    cut = relative.rfind("/") + 1
    return relative[:cut], relative[cut:]


class Paths:
    """The paths below a directory, by their relative names; those of the last directories are kept.

    Args:
        top: The directory.
    """

    def __init__(self, top: Path) -> None:
        self.top = top
        self._kept: dict[str, Path] = {}

    def path(self, key: str, name: str) -> Path:
        """Give the path of a relative name.

        Args:
            key: Of its directory, see `split`.
            name: Its own.

        Raises:
            InvalidPathError: This storage can't hold one of the names.
        """
        return self.directory(key).child(name)

    def directory(self, key: str) -> Path:
        """Give the path of a directory.

        Args:
            key: The directory's, see `split`.
        """
        if not key:
            return self.top
        found = self._kept.get(key)
        if found is None:
            found = self.path(*split(key[:-1]))
            if len(self._kept) >= MOST_PATHS:
                self._kept.clear()
            self._kept[key] = found
        return found


class Destination(Paths):
    """A tree that is made: its paths, and its directories as they are needed.

    Args:
        top: Its top, which needs not exist.
        record: The job's page in the journal, which remembers what it made; `None` where it has none.
    """

    def __init__(self, top: Path, record: Record | None = None) -> None:
        super().__init__(top)
        self._record = record
        self._there: dict[str, bool] = {}  # by their keys, and whether they were made here
        self._refused: dict[str, Exception] = {}

    def was_made(self, key: str) -> bool:
        """Whether a directory was not there before.

        Args:
            key: The directory's, see `split`.
        """
        return self._there.get(key, False)

    def make(self, key: str, mode: int = 0o777) -> bool:
        """Make a directory, and those above it where the storage needs them.

        Args:
            key: The directory's, see `split`.
            mode: The permission bits to begin with.

        Returns:
            Whether it was made just now, and nothing is in it.

        Raises:
            OSError: It can't be made, or something else has its name; asked again, the answer is the same.
        """
        if key in self._there:
            return False
        if key in self._refused:
            raise TransferError(f"its directory could not be made: {self._refused[key]}")
        needed = self.top.capabilities.needs_directories
        try:
            if key and needed:
                self.make(split(key[:-1])[0])
            now, ours = self._make(self.directory(key), mode, parents=not needed)
        except (OSError, ValueError) as error:
            self._refused[key] = error
            raise
        self._there[key] = ours or self.was_made(key)  # another thread may have been faster
        return now

    def _make(self, path: Path, mode: int, *, parents: bool) -> tuple[bool, bool]:
        """Make a directory; tells whether it was made now, and whether by this job, be it by an earlier process."""
        if self._record is None:
            now = _make(path, mode, parents=parents)
            return now, now
        before = self._record.find(path, directory=True)
        if before is None and not (on_disk(path) and os.path.lexists(path)):
            self._record.begin([Step(path, path, directory=True)])
        now = _make(path, mode, parents=parents)
        ours = now or before is not None
        if ours:
            self._record.done(path, directory=True)
        return now, ours


def _make(path: Path, mode: int, *, parents: bool) -> bool:
    """Make a directory unless it is there; tells whether it was made."""
    try:
        path.mkdir(mode=mode, parents=parents)
    except FileExistsError as error:
        info = path.facts(follow_symlinks=False)
        if info.link or not info.is_dir():
            what = "link" if info.link else "file"
            raise TransferError(f"a {what} named {str(path)!r} is in the way of the directory: rename one.") from error
        return False
    return True


class Tree:
    """A directory that is copied or moved.

    Args:
        source: The directory.
        target: What it becomes.
        group: Its account.
        top: The account of the directory itself.
    """

    def __init__(self, source: Path, target: Destination, group: Group, top: Entry) -> None:
        self.source = source
        self.target = target
        self.group = group
        self.top = top
        self.directories: dict[str, bool] = {}
        """The keys of those that have their place at the target, parents first, and whether something is in them."""
        self._paths = Paths(source)

    def path(self, relative: str) -> Path:
        """Give the path of what a listing found.

        Args:
            relative: Its relative name.
        """
        return self._paths.path(*split(relative))

    def entry(self, key: str, name: str, info: FileInfo) -> Entry:
        """Open the account of what a listing found.

        Args:
            key: Of its directory, see `split`.
            name: Its own.
            info: What it is.
        """
        if key in self.directories:
            self.directories[key] = True
        path = self._paths.path(key, name)
        if info.is_dir(follow_symlinks=False):
            return Entry(self.group, path, None, directory=True)
        return Entry(self.group, path, None, info.size or 0)

    def directory(self, key: str) -> Entry:
        """Open the account of a directory that has its place at the target.

        Args:
            key: The directory's, see `split`.
        """
        if not key:
            return self.top
        return Entry(self.group, self._paths.directory(key), self.target.directory(key), directory=True)
