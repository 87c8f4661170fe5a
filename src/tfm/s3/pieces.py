"""Large objects piece by piece: several at once, in any order, until one fails; and a bound on what they hold."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tfm.whole import Moved
from tfm.width import Width
from tfm.workers import for_each


class _StoppedError(Exception):
    """Another piece failed."""


class Tally:
    """Passes on what several threads have moved, until one of them fails.

    Args:
        moved: Who is told.
    """

    def __init__(self, moved: Moved) -> None:
        self._moved = moved
        self._lock = threading.Lock()
        self._stopped = False

    def __call__(self, count: int) -> None:
        """Tell that bytes were moved.

        Args:
            count: How many.
        """
        with self._lock:
            if self._stopped:
                raise _StoppedError
            self._moved(count)

    def stop(self) -> None:
        """Let every other piece end at its next chunk."""
        self._stopped = True


def in_pieces(count: int, width: Width, name: str, moved: Moved, step: Callable[[int, Tally], object]) -> None:
    """Work on the pieces of one object, several at once; when one fails, all end, and its error is raised.

    Args:
        count: How many pieces.
        width: How many at once, of this object.
        name: What the threads are called.
        moved: Told the bytes as they move.
        step: Moves the piece of a number, counted from 0, and tells the tally, which may raise.
    """
    tally = Tally(moved)

    def run(number: int) -> None:
        try:
            step(number, tally)
        except BaseException:
            tally.stop()
            raise

    try:
        for_each(width, name, run, range(count))
    except BaseException:
        tally.stop()
        raise


class Allowance:
    """Bytes of memory that all pieces on their way may hold together, in however many objects.

    Args:
        most: How many.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget all that is held."""
        self._held = 0
        self._changed = threading.Condition()

    def take(self, size: int) -> None:
        """Wait until so much may be held; a piece larger than all waits until nothing is.

        Args:
            size: Bytes.
        """
        with self._changed:
            self._changed.wait_for(lambda: not self._held or self._held + size <= self._most)
            self._held += size

    def give(self, size: int) -> None:
        """Give back what was taken.

        Args:
            size: Bytes.
        """
        with self._changed:
            self._held = max(0, self._held - size)
            self._changed.notify_all()

    @contextmanager
    def hold(self, size: int) -> Iterator[None]:
        """Take so much for the length of a block.

        Args:
            size: Bytes.
        """
        self.take(size)
        try:
            yield
        finally:
            self.give(size)
