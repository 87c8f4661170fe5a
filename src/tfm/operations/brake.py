"""`Brake`: stops the threads of a job for a while, or for good."""

from __future__ import annotations

import threading

from tfm.transfer.errors import TransferCancelledError


class Brake:
    """Asked before each step and each chunk; any number of threads may share it."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._going = threading.Event()
        self._going.set()

    def pause(self) -> None:
        """Hold up whoever asks, until `go` or `stop`."""
        if not self._stopped.is_set():
            self._going.clear()

    def go(self) -> None:
        """Let those go on that are held up."""
        self._going.set()

    def stop(self) -> None:
        """Let those go on that are held up, to be told that it is over."""
        self._stopped.set()
        self._going.set()

    @property
    def paused(self) -> bool:
        """Whether whoever asks is held up."""
        return not self._going.is_set()

    def stopped(self) -> bool:
        """Whether it is over; answers at once."""
        return self._stopped.is_set()

    def cancelled(self) -> bool:
        """Whether it is over; answers when it is not paused."""
        if not self._going.is_set():
            self._going.wait()
        return self._stopped.is_set()

    def check(self) -> None:
        """Return when it is not paused.

        Raises:
            TransferCancelledError: It is over.
        """
        if self.cancelled():
            raise TransferCancelledError("cancelled")
