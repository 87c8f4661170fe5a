"""The merge join of two trees that are listed in the same order: what either has, in one pass and flat memory. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from tfm.info import FileInfo
from tfm.operations.ordered import Listed

Take = Callable[[str, FileInfo], bool]
"""Whether an entry is wanted: its relative name, with slashes and none behind, and what it is."""


def everything(name: str, info: FileInfo) -> bool:
    """Take every entry.

    Args:
        name: Its relative name.
        info: What it is.
    """
    del name, info
    return True


class Pair(NamedTuple):
    """What two trees have of one name.

    Args:
        key: The relative name; a directory's ends in a slash.
        left: What the left tree has.
        right: What the right tree has.
        empty: Of a directory, whether its tree has nothing in it.
        error: Why one of the trees could not be listed here.
    """

    key: str
    left: FileInfo | None
    right: FileInfo | None
    empty: bool = True
    error: OSError | None = None


class _Side:
    """One of the trees, with a look ahead."""

    def __init__(self, entries: Iterable[Listed]) -> None:
        self._entries = iter(entries)
        self.entry = next(self._entries, None)
        self.count = 0
        self._next = next(self._entries, None)

    def take(self) -> Listed:
        """Give the entry and go on to the next one."""
        entry = self.entry
        assert entry is not None  # the caller has looked
        self.entry, self._next = self._next, next(self._entries, None)
        self.count += not entry.directory
        return entry

    def within(self, key: str) -> bool:
        """Whether the entry is what has a key, or below the directory of that key."""
        return self.entry is not None and (
            self.entry.key.startswith(key) if key.endswith("/") else self.entry.key == key
        )

    def pass_over(self, key: str) -> None:
        """Go on behind what is within a key."""
        while self.within(key):
            self.take()


class _Leaving(NamedTuple):
    """A directory that only the right tree has, until all of it was seen."""

    key: str
    info: FileInfo
    empty: bool
    wanted: bool


class Join:
    """Goes through two trees at once.

    Iterating gives:

    - each file, link or other entry that either has;
    - each empty directory that only the left has, and that is no directory at the right;
    - each directory that only the right has and of which everything was given, behind what is in it;
    - each part that one side could not list, instead of what either has there;
    - each directory whose marker holds bytes, which only S3 has.

    Args:
        left: A tree, in the order of its keys.
        right: Another one, in the same order.
        take: What is given. Of what both have the left one is asked about, so that what is left out at the left is
            never given as something that only the right has.
    """

    def __init__(self, left: Iterable[Listed], right: Iterable[Listed], take: Take = everything) -> None:
        self._sides = self._left, self._right = _Side(left), _Side(right)
        self._take = take
        self._leaving: list[_Leaving] = []

    @property
    def left_count(self) -> int:
        """Entries of the left tree so far, directories apart."""
        return self._left.count

    @property
    def right_count(self) -> int:
        """Entries of the right tree so far, directories apart."""
        return self._right.count

    def __iter__(self) -> Iterator[Pair]:
        left, right = self._left, self._right
        while left.entry is not None or right.entry is not None:
            key = min(side.entry.key for side in (left, right) if side.entry is not None)
            yield from self._left_behind(key)
            errors = [side.entry.error for side in self._at(key) if side.entry is not None and side.entry.error]
            if errors:
                yield from self._unknown(key, errors[0])
            elif left.entry is not None and left.entry.key == key:
                yield from self._at_left(key)
            else:
                yield from self._right_only(key)
        yield from self._left_behind(None)

    def _at(self, key: str) -> list[_Side]:
        return [side for side in self._sides if side.entry is not None and side.entry.key == key]

    def _unknown(self, key: str, error: OSError) -> Iterator[Pair]:
        left, right = (side.entry.info if side.entry and side.entry.key == key else None for side in self._sides)
        for side in self._sides:
            side.pass_over(key)
        self._keep()
        info = left or right
        if info is not None and self._take(key.removesuffix("/"), info):
            yield Pair(key, left, right, error=error)

    def _at_left(self, key: str) -> Iterator[Pair]:
        entry = self._left.take()
        info = self._right.take().info if self._right.entry is not None and self._right.entry.key == key else None
        bytes_in_it = entry.info.size or (info is not None and info.size)
        there = info is not None or self._left.within(key) or self._right.within(key)
        if entry.directory and there and not bytes_in_it:
            return  # both have it, or what is in it tells
        if self._take(key.removesuffix("/"), entry.info):
            yield Pair(key, entry.info, info)

    def _right_only(self, key: str) -> Iterator[Pair]:
        entry = self._right.take()
        wanted = self._take(key.removesuffix("/"), entry.info)
        if entry.directory:
            if entry.info.size and wanted:
                yield Pair(key, None, entry.info)  # a marker that holds bytes: nothing may pass it over
                self._keep()
            elif not self._left.within(key):
                self._leaving.append(_Leaving(key, entry.info, not self._right.within(key), wanted))
        elif wanted:
            yield Pair(key, None, entry.info)
        else:
            self._keep()

    def _keep(self) -> None:
        """Give none of the directories that are gone through: something in them stays."""
        self._leaving = [each._replace(wanted=False) for each in self._leaving]

    def _left_behind(self, key: str | None) -> Iterator[Pair]:
        """Give the directories that end before a key."""
        while self._leaving and not (key is not None and key.startswith(self._leaving[-1].key)):
            directory = self._leaving.pop()
            if directory.wanted:
                yield Pair(directory.key, None, directory.info, directory.empty)
            else:
                self._keep()
