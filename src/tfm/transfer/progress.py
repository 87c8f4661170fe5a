"""How far a job is: one thread-safe counter, and the one place that knows speed and time left."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

SMOOTHING = 5.0
"""Seconds after which an old speed counts for a third of what it did: steady to read, and a stall shows soon."""

STEP = 0.02
"""Seconds in which what is counted hardly fades."""

EARLIEST = 0.5
"""Seconds of work before a time left is given: sooner it would be a guess."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is, at one moment.

    Args:
        files_found: Entries found so far.
        files_done: Entries finished well.
        bytes_found: Bytes of the entries found so far.
        bytes_done: Bytes moved so far.
        listing_done: Whether everything was found, so that the totals are final.
        current: The path that was begun last.
        speed: Bytes a second, smoothed.
        eta: Seconds left, or `None` while that can't be known.
        failed: Entries that failed.
        skipped: Entries that were left out.
    """

    files_found: int = 0
    files_done: int = 0
    bytes_found: int = 0
    bytes_done: int = 0
    listing_done: bool = False
    current: str = ""
    speed: float = 0.0
    eta: float | None = None
    failed: int = 0
    skipped: int = 0


class Rate:
    """A smoothed rate: amounts and time both fade, so it is right from the start and falls when nothing comes.

    Args:
        now: The time at which counting begins, in seconds.
    """

    def __init__(self, now: float) -> None:
        self._last = now
        self._amount = 0.0
        self.span = 0.0

    def add(self, amount: float, now: float) -> None:
        """Count an amount.

        Args:
            amount: How much came.
            now: When, in seconds.
        """
        if now - self._last > STEP:
            self._fade(now)
        self._amount += amount

    def value(self, now: float) -> float:
        """Give the rate, in amounts a second.

        Args:
            now: The time, in seconds.
        """
        self._fade(now)
        return max(0.0, self._amount / max(self.span, 0.1))

    def _fade(self, now: float) -> None:
        fading = math.exp(-max(0.0, now - self._last) / SMOOTHING)
        self._amount *= fading
        self.span = self.span * fading + SMOOTHING * (1 - fading)
        self._last = max(now, self._last)


class Meter:
    """Counts for one job, from any thread.

    Args:
        clock: Gives seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._found = self._done = self._failed = self._skipped = 0
        self._bytes_found = self._bytes_done = self._bytes_dropped = 0
        self._listing_done = False
        self._current: object = ""
        self._bytes_rate = Rate(clock())
        self._files_rate = Rate(clock())

    def found(self, files: int, size: int) -> None:
        """Count entries that were found.

        Args:
            files: How many.
            size: Their bytes.
        """
        with self._lock:
            self._found += files
            self._bytes_found += size

    def listed(self) -> None:
        """Note that everything was found."""
        with self._lock:
            self._listing_done = True

    def begun(self, current: object) -> None:
        """Note what is being worked on.

        Args:
            current: The path; its text is what is shown.
        """
        self._current = current

    def moved(self, size: int) -> None:
        """Count bytes that were moved.

        Args:
            size: How many; negative to take back those of an attempt that failed.
        """
        with self._lock:
            self._bytes_done += size
            self._bytes_rate.add(max(size, 0), self._clock())

    def done(self, files: int = 1) -> None:
        """Count entries that were finished well.

        Args:
            files: How many.
        """
        with self._lock:
            self._done += files
            self._files_rate.add(files, self._clock())

    def failed(self, size: int, files: int = 1) -> None:
        """Count entries that failed.

        Args:
            size: Their bytes, which nobody waits for any more.
            files: How many.
        """
        with self._lock:
            self._failed += files
            self._bytes_dropped += size

    def skipped(self, size: int) -> None:
        """Count an entry that was left out.

        Args:
            size: Its bytes, which nobody waits for any more.
        """
        with self._lock:
            self._skipped += 1
            self._bytes_dropped += size

    def snapshot(self) -> Progress:
        """Give all figures of this moment."""
        with self._lock:
            now = self._clock()
            speed = self._bytes_rate.value(now)
            return Progress(
                self._found, self._done, self._bytes_found, self._bytes_done, self._listing_done, str(self._current),
                speed, self._eta(speed, self._files_rate.value(now)), self._failed, self._skipped,
            )  # fmt: skip

    def _eta(self, speed: float, pace: float) -> float | None:
        # Large files are bound by bytes, small ones by their number: the slower of the two decides.
        files = self._found - self._done - self._failed - self._skipped
        size = self._bytes_found - self._bytes_done - self._bytes_dropped
        if not self._listing_done:
            return None
        if files <= 0:
            return 0.0
        if self._bytes_rate.span < EARLIEST or (size > 0 and speed < 1) or (size <= 0 and pace <= 0):
            return None
        by_files = files / pace if pace > 0 and self._done > 1 else 0.0
        return max(size / speed if size > 0 else 0.0, by_files)
