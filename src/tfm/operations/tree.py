"""Trees: finding what is in one while it is worked on, and making the directories of another."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tfm.info import FileInfo
from tfm.operations.ledger import Entry, Group
from tfm.operations.record import Record, Step
from tfm.path import Path
from tfm.transfer.errors import TransferError
from tfm.transfer.plan import on_disk


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
    waiting = [("", top)]
    while waiting:
        relative, directory = waiting.pop()
        try:
            for page in directory.scan():
                yield [(relative + info.name, info) for info in page]
                waiting += [
                    (f"{relative}{info.name}/", directory.listed_child(info))
                    for info in page
                    if info.is_dir(follow_symlinks=False)
                ]
        except OSError as error:
            if not relative:
                raise
            failed(relative[:-1], error)


def split(relative: str) -> tuple[str, str]:
    """Part a relative name into the key of its directory and its own name.

    A directory's key is its relative name with a slash behind, and empty for the top: so a directory with an empty
    name, which S3 can hold, is never taken for the top.

    Args:
        relative: Names with slashes between.
    """
    cut = relative.rfind("/") + 1
    return relative[:cut], relative[cut:]


class Destination:
    """A tree that is made: its paths, and its directories as they are needed.

    Args:
        top: Its top, which needs not exist.
        record: The job's page in the journal, which remembers what it made; `None` where it has none.
    """

    def __init__(self, top: Path, record: Record | None = None) -> None:
        self.top = top
        self._record = record
        self._paths: dict[str, Path] = {"": top}
        self._there: set[str] = set()
        self._made: set[str] = set()
        self._refused: dict[str, Exception] = {}

    def was_made(self, key: str) -> bool:
        """Whether a directory was not there before.

        Args:
            key: The directory's, see `split`.
        """
        return key in self._made

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
        found = self._paths.get(key)
        if found is None:
            found = self._paths[key] = self.path(*split(key[:-1]))
        return found

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
            made = self._make(key, mode, parents=not needed)
        except (OSError, ValueError) as error:
            self._refused[key] = error
            raise
        self._there.add(key)
        return made

    def _make(self, key: str, mode: int, *, parents: bool) -> bool:
        """Make a directory, and note whether this job did, be it by an earlier process; tells whether it did now."""
        path = self.directory(key)
        if self._record is None:
            made = _make(path, mode, parents=parents)
            if made:
                self._made.add(key)
            return made
        before = self._record.find(path, directory=True)
        if before is None and not (on_disk(path) and os.path.lexists(path)):
            self._record.begin([Step(path, path, directory=True)])
        made = _make(path, mode, parents=parents)
        if made or before is not None:
            self._made.add(key)
            self._record.done(path, directory=True)
        return made


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


@dataclass(eq=False)
class Tree:
    """A directory that is copied or moved.

    Args:
        source: The directory.
        target: What it becomes.
        group: Its account.
        top: The account of the directory itself.
    """

    source: Path
    target: Destination
    group: Group
    top: Entry
    directories: dict[str, tuple[Entry, FileInfo]] = field(default_factory=dict)
    """Those that have their place at the target, by key, parents first."""
    filled: set[str] = field(default_factory=set)
    """The keys of directories in which something is."""
    _paths: dict[str, Path] = field(default_factory=dict)

    def path(self, relative: str) -> Path:
        """Give the path of what a listing found.

        Args:
            relative: Its relative name.
        """
        key, name = split(relative)
        return self._directory(key).child(name)

    def _directory(self, key: str) -> Path:
        if not key:
            return self.source
        found = self._paths.get(key)
        if found is None:
            found = self._paths[key] = self.path(key[:-1])
        return found

    def entry(self, key: str, name: str, info: FileInfo) -> Entry:
        """Open the account of what a listing found.

        Args:
            key: Of its directory, see `split`.
            name: Its own.
            info: What it is.
        """
        self.filled.add(key)
        path = self._directory(key).child(name)
        if info.is_dir(follow_symlinks=False):
            return Entry(self.group, path, None, directory=True)
        return Entry(self.group, path, None, info.size or 0)
