"""`Elsewhere`: how many entries of a job somebody else works on, in other processes or on other machines."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Elsewhere:
    """Counts, from any thread.

    Args:
        changed: The job's; notified when entries are back.
        check: Raises when the job was cancelled.
    """

    def __init__(self, changed: threading.Condition, check: Callable[[], None]) -> None:
        self._changed = changed
        self._check = check
        self.count = 0

    def hand_out(self, most: int) -> None:
        """Count one more entry, after waiting while so many are elsewhere.

        Args:
            most: How many may be.

        Raises:
            TransferCancelledError: The job was cancelled.
        """
        with self._changed:
            self._check()
            while self.count >= most:
                self._changed.wait()
                self._check()
            self.count += 1

    def take_in(self, count: int) -> None:
        """Count entries that are back; what they leave to be done was submitted before.

        Args:
            count: How many.
        """
        with self._changed:
            self.count -= count
            self._changed.notify_all()
