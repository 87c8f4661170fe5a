"""Trees: finding what is in one while it is worked on, and making the directories of another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tfm.info import FileInfo
from tfm.operations.ledger import Entry, Group
from tfm.path import Path
from tfm.transfer.errors import TransferError


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


class Destination:
    """A tree that is made: its paths, and its directories as they are needed.

    Args:
        top: Its top, which needs not exist.
    """

    def __init__(self, top: Path) -> None:
        self.top = top
        self._paths: dict[str, Path] = {"": top}
        self._refused: dict[str, Exception] = {}
        self._made: set[str] = set()

    def was_made(self, relative: str) -> bool:
        """Whether a directory was not there before.

        Args:
            relative: Its relative name.
        """
        return relative in self._made

    def path(self, relative: str) -> Path:
        """Give the path of a relative name.

        Args:
            relative: Names with slashes between.

        Raises:
            InvalidPathError: This storage can't hold one of the names.
        """
        parent, slash, name = relative.rpartition("/")
        return self._directory(parent if slash else "").child(name)

    def _directory(self, relative: str) -> Path:
        found = self._paths.get(relative)
        if found is None:
            found = self._paths[relative] = self.path(relative)
        return found

    def make_parents(self, relative: str) -> None:
        """Make the directories above a relative name, where the storage needs them.

        Args:
            relative: Names with slashes between.

        Raises:
            OSError: One can't be made; asked again, the answer is the same.
        """
        if self.top.capabilities.needs_directories:
            parent, slash, _ = relative.rpartition("/")
            self.make(parent if slash else "")

    def make(self, relative: str, mode: int = 0o777) -> None:
        """Make a directory, and those above it where the storage needs them.

        Args:
            relative: Its relative name; empty for the top.
            mode: The permission bits to begin with.

        Raises:
            OSError: It can't be made, or something else has its name.
        """
        if relative in self._refused:
            raise TransferError(f"its directory could not be made: {self._refused[relative]}")
        key = relative + "/"
        if key in self._paths:
            return
        try:
            if relative:
                self.make_parents(relative)
            path = self._directory(relative)
            if _make(path, mode, not self.top.capabilities.needs_directories):
                self._made.add(relative)
            self._paths[key] = path
        except (OSError, ValueError) as error:
            self._refused[relative] = error
            raise


def _make(path: Path, mode: int, parents: bool) -> bool:
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
    """Those below that have their place at the target, by relative name, parents first."""
    filled: set[str] = field(default_factory=set)
    """The directories in which something is, by relative name; the top is the empty name."""
    _paths: dict[str, Path] = field(default_factory=dict)

    def path(self, relative: str) -> Path:
        """Give the path of what a listing found.

        Args:
            relative: Its relative name.
        """
        parent, slash, name = relative.rpartition("/")
        if not slash:
            return self.source.child(name)
        found = self._paths.get(parent)
        if found is None:
            found = self._paths[parent] = self.path(parent)
        return found.child(name)

    def entry(self, relative: str, info: FileInfo) -> Entry:
        """Open the account of what a listing found.

        Args:
            relative: Its relative name.
            info: What it is.
        """
        self.filled.add(relative.rpartition("/")[0])
        size = 0 if info.is_dir(follow_symlinks=False) else info.size or 0
        return Entry(self.group, self.path(relative), None, size)
