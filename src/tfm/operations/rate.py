"""A limit of bytes a second, shared by all the threads of a job."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

BURST = 0.5
"""Seconds' worth of bytes that may come at once after a rest."""
SLICE = 0.1
"""Seconds after which a thread that waits looks whether it is still wanted."""


class RateLimit:
    """Makes whoever moved bytes wait until they were due: a bucket that fills as fast as bytes may move.

    Args:
        rate: Bytes a second.
        cancelled: Whether waiting is in vain.
        clock: Gives seconds that never go back.
        sleep: Waits so many seconds.
    """

    def __init__(
        self,
        rate: float,
        cancelled: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._rate = rate
        self._cancelled = cancelled
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._due = clock()

    def __call__(self, size: int) -> None:
        """Wait until bytes were due.

        Args:
            size: How many have moved.
        """
        with self._lock:
            self._due = max(self._due, self._clock() - BURST) + size / self._rate
            due = self._due
        while (left := due - self._clock()) > 0 and not self._cancelled():
            self._sleep(min(left, SLICE))
