"""A clock that stands still until it is told to go on."""

from __future__ import annotations


class FakeClock:
    """Call it for the time in seconds, as `time.monotonic`.

    Args:
        now: The time at which it begins.
    """

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        """Give the time."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Go on.

        Args:
            seconds: How far.
        """
        self.now += seconds
