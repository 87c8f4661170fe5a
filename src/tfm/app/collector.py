"""When Python's garbage collector runs: not while rows stream in, but when nobody has pressed a key for a while.

A full collection looks at every object; with 100,000 rows that is 50 ms in which no key is answered. Rows are not part
of cycles, so nothing is lost by collecting late.
"""

from __future__ import annotations

import gc
from time import monotonic

YOUNG = (10_000, 5)
"""Thresholds of the two young generations: collections of a millisecond or two."""

NEVER = 1_000_000
"""Threshold of the old generation: so rarely that the pauses here come first."""

QUIET = 5.0
"""Seconds without a key after which a full collection disturbs nobody."""

INTERVAL = 60.0
"""Seconds between full collections."""


class Collector:
    """Holds the collector's settings while the app runs."""

    def __init__(self) -> None:
        self._before = gc.get_threshold()
        self._last_key = monotonic()

    def start(self) -> None:
        """Set modules and widgets aside, and put full collections off."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(*YOUNG, NEVER)

    def stop(self) -> None:
        """Put the settings back."""
        gc.set_threshold(*self._before)
        gc.unfreeze()

    def key(self) -> None:
        """Note that somebody is at the keys."""
        self._last_key = monotonic()

    def rest(self) -> bool:
        """Collect everything if it is quiet; says whether it did."""
        quiet = monotonic() - self._last_key > QUIET
        if quiet:
            gc.collect()
        return quiet
