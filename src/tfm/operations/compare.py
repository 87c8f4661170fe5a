"""Compare: what two trees have in common and what not, between any storages, as one stream."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import Literal, NamedTuple

from tfm.daemonpool import DaemonPool, settle
from tfm.info import FileInfo
from tfm.operations.events import reason_of
from tfm.operations.joining import Join, Pair, Take, everything
from tfm.operations.ordered import Listed, ordered
from tfm.operations.sameness import By, known_difference, time_difference
from tfm.path import Path
from tfm.transfer.plan import on_disk

Verdict = Literal["same", "left", "right", "differs", "unknown"]

WIDTH = 16
"""Pairs whose contents are compared at once."""


class Difference(NamedTuple):
    """What comparing says of one name.

    Args:
        name: Relative, with slashes; a directory's ends in one, and only directories that have nothing to tell for
            them have a row of their own.
        verdict: `left` and `right` are what only one side has; `unknown` is what can't be told, and is treated as
            different.
        reason: Of `differs`: `kind`, `size`, `older` or `newer` (the right one), `checksum`; of `unknown` a sentence.
        left: What the left side has.
        right: What the right side has.
        unlisted: Whether a side could not be listed here, so that nothing is known of it.
    """

    name: str
    verdict: Verdict
    reason: str = ""
    left: FileInfo | None = None
    right: FileInfo | None = None
    unlisted: bool = False


def compare(left: Path, right: Path, *, by: By = By.TIME, take: Take = everything) -> Iterator[Difference]:
    """Compare two trees, or two files: gives each name that either has, in byte order, with memory for a few at a time.

    By time, files of one size are the same when the right one is not older, and between two disks, where copies keep
    times, when both have the same time. By checksum, times don't count: files on disks are read, and of objects ETags
    and checksums are asked.

    Args:
        left: A directory or a file.
        right: What it is compared with.
        by: What tells files of one size apart.
        take: Which entries; what is left out at the left is not compared, whatever the right has there.

    Raises:
        OSError: One of the two is not there or can't be listed; raised at once.
    """
    left.refresh()  # what a listing remembered would be compared otherwise
    right.refresh()
    judge = Judge(left, right, by)
    if left.is_file() and right.is_file() and not (left.is_dir() and right.is_dir()):
        return iter([judge.judge(Pair("", left.facts(), right.facts()))])
    join = Join(ordered(left), ordered(right), take)
    return judge.all(pair for pair in join if pair.empty)


class Judge:
    """Tells what a pair is.

    Args:
        left: The top of the left tree.
        right: The top of the right tree.
        by: What tells files of one size apart.
    """

    def __init__(self, left: Path, right: Path, by: By) -> None:
        self._left = left
        self._right = right
        self._by = by
        self._disks = on_disk(left) and on_disk(right)
        self._times_kept = left.capabilities.times and right.capabilities.times

    def all(self, pairs: Iterable[Pair]) -> Iterator[Difference]:
        """Judge many, in order; where bytes are compared, several at once.

        Args:
            pairs: Of the two trees.
        """
        if self._by is not By.CHECKSUM:
            return map(self.judge, pairs)
        return _ahead(self.judge, pairs, lambda pair: pair.left is not None and pair.right is not None)

    def judge(self, pair: Pair) -> Difference:
        """Judge one.

        Args:
            pair: Of the two trees.
        """
        name, left, right = pair.key, pair.left, pair.right
        if pair.error is not None:
            return Difference(name, "unknown", reason_of(pair.error), left, right, unlisted=True)
        if left is None or right is None:
            return Difference(name, "left" if right is None else "right", "", left, right)
        try:
            reason = self._reason(name, left, right)
        except OSError as error:
            return Difference(name, "unknown", reason_of(error), left, right)
        if reason is None:
            return Difference(
                name, "unknown", "neither ETags nor checksums tell whether they are the same", left, right
            )
        return Difference(name, "differs" if reason else "same", reason, left, right)

    def _reason(self, name: str, left: FileInfo, right: FileInfo) -> str | None:
        """Name what differs, nothing when they are the same, `None` when that can't be told."""
        if left.link and right.link:
            one, other = (os.readlink(below(top, name)) for top in (self._left, self._right))
            return "" if one == other else "link"
        if not self._disks:  # what a link leads to is what is copied
            left, right = _followed(self._left, name, left), _followed(self._right, name, right)
        found = known_difference(left, right)
        if found or not left.is_file() or self._by is By.SIZE:
            return found
        if self._by is By.TIME:
            return time_difference(left.mtime, right.mtime, kept=self._times_kept)
        from tfm.operations.contents import same_contents  # it knows S3, which comparing by time need not load

        same = same_contents(below(self._left, name), left, below(self._right, name), right)
        return None if same is None else "" if same else "checksum"


def _followed(top: Path, name: str, info: FileInfo) -> FileInfo:
    return below(top, name).facts()._replace(link=False) if info.link else info


def below(top: Path, key: str) -> Path:
    """Give the path of a relative name.

    Args:
        top: What it is relative to; an empty name is that itself.
        key: With slashes; one behind is passed over.

    Raises:
        InvalidPathError: The storage can't hold one of the names.
    """
    names = key.removesuffix("/")
    for name in names.split("/") if names else ():
        top = top.child(name)
    return top


def listed(top: Path) -> Iterable[Listed]:
    """List a tree in order, or nothing when it isn't there.

    Args:
        top: Its top.
    """
    try:
        return ordered(top)
    except FileNotFoundError as error:
        if getattr(error, "code", "") == "NoSuchBucket":
            raise
        return ()


def _ahead(
    judge: Callable[[Pair], Difference], pairs: Iterable[Pair], slow: Callable[[Pair], bool]
) -> Iterator[Difference]:
    """Judge several at once and give them in order."""
    pool = DaemonPool(WIDTH, "tfm-compare")
    waiting: deque[Future[Difference]] = deque()
    try:
        for pair in pairs:
            if slow(pair):
                waiting.append(pool.submit(judge, pair))
            else:
                ready: Future[Difference] = Future()
                settle(ready, judge, pair)
                waiting.append(ready)
            while waiting and (len(waiting) >= 4 * WIDTH or waiting[0].done()):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown()
