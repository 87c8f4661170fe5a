"""Sorted runs of rows: keys of the four sorts, and a merge that costs little however long the list is."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from tfm.info import FileInfo

SortBy = Literal["name", "size", "time", "extension"]

_DIGITS = re.compile(r"([0-9]+)")


class Sort(NamedTuple):
    """How a list is ordered; directories always come first.

    Args:
        by: What is compared.
        reverse: Whether the largest, newest or last comes first.
    """

    by: SortBy = "name"
    reverse: bool = False


DEFAULT_SORT = Sort()
"""By name, from the first to the last."""

FIRST_DIRECTION: dict[SortBy, bool] = {"name": False, "size": True, "time": True, "extension": False}
"""Whether a sort that was just chosen is reversed: large and new things first."""


def is_directory(entry: FileInfo) -> bool:
    """Whether the entry belongs among the directories of a list."""
    return entry.kind in ("directory", "both")


def natural_key(name: str) -> tuple[Any, ...]:
    """The key that puts `a9` before `a10`, and capitals beside small letters.

    Args:
        name: A file name.
    """
    pieces: list[Any] = _DIGITS.split(name.casefold())
    for at in range(1, len(pieces), 2):
        pieces[at] = int(pieces[at])
    return (pieces, name)


def _name(entry: FileInfo) -> Any:
    return entry.name


def _natural(entry: FileInfo) -> Any:
    return natural_key(entry.name)


def _size(entry: FileInfo) -> Any:
    return (-1 if entry.size is None else entry.size, entry.name)


def _time(entry: FileInfo) -> Any:
    return (0.0 if entry.mtime is None else entry.mtime, entry.name)


def _extension(entry: FileInfo) -> Any:
    stem, dot, extension = entry.name.rpartition(".")
    return (extension.casefold() if dot and stem else "", entry.name)


def key_of(by: SortBy, *, natural: bool) -> Callable[[FileInfo], Any]:
    """The function that gives an entry's sort key.

    Args:
        by: What is compared.
        natural: Whether names compare by their numbers rather than by their code points.
    """
    by_name = _natural if natural else _name
    return {"name": by_name, "size": _size, "time": _time, "extension": _extension}[by]


def directory_sort(sort: Sort) -> Sort:
    """The sort of the directories of a list: those without a size or an extension go by name.

    Args:
        sort: The sort of the files.
    """
    return sort if sort.by in ("name", "time") else DEFAULT_SORT


class SortedRun:
    """Entry numbers in the order of their keys; a page is merged by bisection, never by sorting it all again."""

    __slots__ = ("keys", "order")

    def __init__(self) -> None:
        self.keys: list[Any] = []
        self.order: list[int] = []

    def __len__(self) -> int:
        return len(self.order)

    def add(self, pairs: list[tuple[Any, int]]) -> None:
        """Merge (key, entry number) pairs into the run; the list that is given gets sorted.

        Args:
            pairs: In any order; numbers that follow all of the run's.
        """
        if not pairs:
            return
        pairs.sort()
        if not self.keys or self.keys[-1] <= pairs[0][0]:
            self.keys.extend([key for key, _ in pairs])
            self.order.extend([number for _, number in pairs])
            return
        keys: list[Any] = []
        order: list[int] = []
        start = 0
        for key, number in pairs:
            stop = bisect_right(self.keys, key, start)
            if stop > start:
                keys += self.keys[start:stop]
                order += self.order[start:stop]
                start = stop
            keys.append(key)
            order.append(number)
        self.keys = keys + self.keys[start:]
        self.order = order + self.order[start:]

    def find(self, key: Any, number: int) -> int | None:
        """The position of an entry, or `None` when it is not in the run.

        Args:
            key: The entry's key.
            number: The entry's number.
        """
        at = bisect_left(self.keys, key)
        while at < len(self.keys) and self.keys[at] == key:
            if self.order[at] == number:
                return at
            at += 1
        return None

    def only(self, positions: list[int]) -> SortedRun:
        """A new run of some of the entries, in the same order.

        Args:
            positions: Where in this run they are, ascending.
        """
        run = SortedRun()
        run.keys = [self.keys[at] for at in positions]
        run.order = [self.order[at] for at in positions]
        return run
