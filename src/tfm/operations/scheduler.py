"""Running the small steps of a job: few large ones and many small ones at once, and a bound on what waits."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable
from functools import partial

from tfm.daemonpool import DaemonPool
from tfm.path import Path
from tfm.width import Width
from tfm.workers import Workers

LARGE = 32 * 1024 * 1024
"""Bytes from which a file counts as large: few of them at once fill a line, and each needs memory for its parts."""
LARGE_WIDTH = 2
LOCAL_WIDTH = 2
AHEAD = 8
"""Steps that may wait for each that may run: enough that none is missing, however they are spread over time."""
MOST_AHEAD = 1024
"""Steps that may wait at most."""


class Scheduler:
    """Runs steps in threads, knows how many are left, and makes whoever brings more wait while many are.

    Args:
        width: Small steps at once.
        changed: Notified when no step is left, and when there is room for more.
        cancelled: Whether waiting is in vain.
    """

    def __init__(self, width: Width, changed: threading.Condition, cancelled: Callable[[], bool]) -> None:
        self._width = width
        self._small = Workers(width, "tfm-small")
        self._large = DaemonPool(LARGE_WIDTH, "tfm-large")
        self._large_from = LARGE
        self._changed = changed
        self._cancelled = cancelled
        self._bringing = 0
        self.left = 0

    def submit(self, size: int, step: Callable[[], None]) -> None:
        """Run a step, after waiting while too many wait already.

        Args:
            size: Bytes that it moves.
            step: What to run; it must not raise.
        """
        if self.full():
            with self._changed:
                self._bringing += 1
                self._changed.wait_for(lambda: self.left <= self._bound() // 2 or self._cancelled())
                self._bringing -= 1
        self.add(size, step)

    def add(self, size: int, step: Callable[[], None]) -> None:
        """Run a step, however many wait.

        Args:
            size: Bytes that it moves.
            step: What to run; it must not raise.
        """
        with self._changed:
            self.left += 1
        run = partial(self._run, step)
        if size >= self._large_from:
            self._large.submit(run)
        else:
            self._small.add(run)

    def full(self) -> bool:
        """Whether as many wait as may."""
        return self.left >= self._bound()

    def limit(self, at_once: int) -> None:
        """Run no more than so many steps at once; only before the first one.

        Args:
            at_once: At least 1.
        """
        large = min(LARGE_WIDTH, at_once - 1)
        self._width.cap(at_once - large)
        if large:
            self._large = DaemonPool(large, "tfm-large")
        else:
            self._large_from = sys.maxsize  # large ones wait among the small ones

    def slow_down(self) -> None:
        """Run fewer steps at once: a storage asked for it."""
        self._width.slow_down()

    def _bound(self) -> int:
        return min(AHEAD * self._width.limit, MOST_AHEAD)

    def _run(self, step: Callable[[], None]) -> None:
        try:
            step()
        finally:
            self._ended()

    def _ended(self) -> None:
        with self._changed:
            self.left -= 1
            if not self.left or (self._bringing and self.left <= self._bound() // 2):
                self._changed.notify_all()

    def close(self) -> None:
        """Let the threads end."""
        self._small.close()
        self._large.shutdown()


def width_of_job(paths: Iterable[Path]) -> Width:
    """Give how many small files are worked on at once: as many as the first storage of requests takes, or two.

    Args:
        paths: The destination, then the sources.
    """
    found = (path.width for path in paths)
    return next((width for width in found if width is not None), None) or Width(first=LOCAL_WIDTH, most=LOCAL_WIDTH)
