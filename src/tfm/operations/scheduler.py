"""Running the small steps of a job: few large ones and many small ones at once, and a bound on what waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from tfm.daemonpool import DaemonPool

LARGE = 32 * 1024 * 1024
"""Bytes from which a file counts as large: few of them at once fill a line, and each needs memory for its parts."""
LARGE_WIDTH = 2
REMOTE_WIDTH = 8
"""Small files at once when a network is in between: it hides the latency."""
LOCAL_WIDTH = 2


class Scheduler:
    """Runs steps on pools, knows how many are left, and makes whoever brings more wait while many are.

    Args:
        executor: Where steps run; `None` for own pools.
        width: Small steps at once on own pools.
        changed: Notified whenever a step ends.
        cancelled: Whether waiting is in vain.
    """

    def __init__(
        self, executor: Executor | None, width: int, changed: threading.Condition, cancelled: Callable[[], bool]
    ) -> None:
        self._own = [] if executor else [DaemonPool(width, "tfm-small"), DaemonPool(LARGE_WIDTH, "tfm-large")]
        self._small: Executor = executor or self._own[0]
        self._large: Executor = executor or self._own[1]
        self._bound = width * 8
        self._changed = changed
        self._cancelled = cancelled
        self.left = 0

    def submit(self, size: int, step: Callable[[], None], failed: Callable[[BaseException], None]) -> None:
        """Run a step, after waiting while too many wait already.

        Args:
            size: Bytes that it moves.
            step: What to run.
            failed: Told what it raised.
        """
        with self._changed:
            self._changed.wait_for(lambda: self.left < self._bound or self._cancelled())
        self.add(size, step, failed)

    def add(self, size: int, step: Callable[[], None], failed: Callable[[BaseException], None]) -> None:
        """Run a step, however many wait.

        Args:
            size: Bytes that it moves.
            step: What to run.
            failed: Told what it raised.
        """
        with self._changed:
            self.left += 1
        future = (self._large if size >= LARGE else self._small).submit(step)
        future.add_done_callback(lambda done: self._ended(done, failed))

    def _ended(self, done: Future[Any], failed: Callable[[BaseException], None]) -> None:
        error = None if done.cancelled() else done.exception()
        try:
            if error is not None:
                failed(error)
        finally:
            with self._changed:
                self.left -= 1
                self._changed.notify_all()

    def close(self) -> None:
        """Let the own pools end."""
        for pool in self._own:
            pool.shutdown()
