"""`Width`: how many requests may be on their way at once, found out while they run; one for each storage."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Hashable

FIRST = 16
"""Requests at once, to begin with."""
MOST = 256
"""Requests at once, at most."""
GAIN = 1.2
"""What a doubled width must bring to be worth it: so many times the requests that end in a second."""
MISSES = 2
"""Doublings in a row that bring nothing before growing ends: new connections make the first one look useless."""
SHORTEST = 0.01
"""Seconds that a round lasts at least, so that what is measured is not chance."""
REST = 1.0
"""Seconds before a width that was enough is tried to be outgrown again."""
LATE = 1.5
"""So many times as long as the soonest answer one takes that had to wait for others."""
CALM = 0.1
"""Seconds in which a second refusal says no more than the first: it was under way already."""


class Width:
    """How many requests may be on their way at once to one storage; any number of threads may share it.

    It begins narrow and doubles from round to round while that makes more requests end in a second: what a slow line
    hides is found within a few round trips, and what only one's own processor or a narrow line can do is not made
    worse by more of them. While most answers come as soon as the soonest, so that none waits for others yet, it becomes
    four times what it was. A server that asks to slow down halves it; from there it grows by one in a round.

    Args:
        clock: Gives seconds that never go back.
        first: Requests at once, to begin with.
        most: Requests at once, at most.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, first: int = FIRST, most: int = MOST) -> None:
        self.limit = first
        """Requests that may be on their way now."""
        self._clock = clock
        self._most = most
        self._lock = threading.Lock()
        self._claimed = 0
        self._began: float | None = None
        self._count = 0
        self._growing = True
        self._refused = False
        self._misses = 0
        self._best = (0.0, first)
        self._soonest = float("inf")
        self._timely = 0
        self._rests_until = self._calm_until = clock()

    def cap(self, most: int) -> None:
        """Allow no more than so many requests at once from now on.

        Args:
            most: At least 1.
        """
        with self._lock:
            self._most = most
            self.limit = min(self.limit, most)
            self._best = (self._best[0], min(self._best[1], most))

    def claim(self, *, always: bool = False) -> bool:
        """Take a place for a thread that sends requests; tells whether there was one.

        Args:
            always: Take one however many are taken: no work waits for ever because others fill the width.
        """
        with self._lock:
            if self._claimed >= self.limit and not always:
                return False
            self._claimed += 1
            if self._began is None:
                self._began = self._clock()
            return True

    def release(self) -> None:
        """Give back a place that was claimed."""
        with self._lock:
            self._claimed -= 1

    def exceeded(self) -> bool:
        """Whether more places are claimed than there should be."""
        return self._claimed > self.limit

    def ended(self, *, more: bool, took: float | None = None) -> None:
        """Count a request that ended.

        Args:
            more: Whether others were waiting; where none were, the pace says nothing about the width.
            took: Seconds from its first byte to its answer, where somebody looked.
        """
        with self._lock:
            if took is not None:
                self._soonest = min(self._soonest, took)
                self._timely += took <= LATE * self._soonest
            if not more or self._began is None:
                self._began, self._count, self._timely = (self._clock() if more else None), 0, 0
                return
            self._count += 1
            if self._count < self.limit:
                return
            now = self._clock()
            if now - self._began < SHORTEST:
                return
            rate, timely = self._count / (now - self._began), 2 * self._timely > self._count
            self._began, self._count, self._timely = now, 0, 0
            self._judge(rate, now, timely)

    def slow_down(self) -> None:
        """Halve the width: the server said that it gets too many requests."""
        with self._lock:
            now = self._clock()
            if now < self._calm_until:
                return
            self.limit = max(1, self.limit // 2)
            self._growing, self._refused = False, True
            self._began, self._count, self._timely = now, 0, 0
            self._calm_until = now + CALM

    def _judge(self, rate: float, now: float, timely: bool) -> None:
        """Decide, at the end of a round, by what the last step has brought."""
        if self._refused:
            self.limit = min(self.limit + 1, self._most)
            return
        if not self._growing:
            self._best = (0.7 * self._best[0] + 0.3 * rate, self.limit)
            if now < self._rests_until or self.limit == self._most:
                return
            self._growing, self._misses = True, MISSES - 1  # one try that brings nothing is enough now
        elif timely or rate > GAIN * self._best[0]:
            self._best, self._misses = (rate, self.limit), 0
        else:
            self._misses += 1
        if self._misses == MISSES or self.limit == self._most:
            self._growing = False
            self._rests_until = now + REST
            self.limit = self._best[1]
        else:
            self.limit = min((4 if timely else 2) * self.limit, self._most)


_lock = threading.Lock()
_shared: dict[Hashable, Width] = {}


def width_of(storage: Hashable) -> Width:
    """Give the width of a storage, the same one to all who ask in this process.

    Args:
        storage: Names it, such as its scheme and place.
    """
    with _lock:
        return _shared.setdefault(storage, Width())


def forget_widths() -> None:
    """Begin anew: the storages behind the names may be others now."""
    global _lock, _shared
    _lock, _shared = threading.Lock(), {}  # in a forked child, the old lock may be held by a thread that is not here


if sys.platform != "win32":
    os.register_at_fork(after_in_child=forget_widths)
