"""Work off the screen's thread: one bounded pool of daemon threads for each kind of work, and tokens to cancel it.

A thread that hangs in a filesystem or a server that never answers cannot be ended; when its work is cancelled it no
longer counts, so others take its place up to `MOST_LOST`, and being a daemon it never holds up the end of the app.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Literal

Kind = Literal["list", "stat", "preview", "job"]

WIDTHS: dict[Kind, int] = {"list": 4, "stat": 4, "preview": 2, "job": 4}
"""Threads of each kind that work at a time."""

MOST_LOST = 64
"""Threads of one kind that may hang, cancelled, before work of that kind waits for one of them."""


class Caught:
    """The one place that takes any exception of other people's code: it keeps it, and the app goes on.

    Cancellation, keyboard interrupts and exits pass through.
    """

    def __init__(self) -> None:
        self.error: Exception | None = None

    def __enter__(self) -> Caught:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if isinstance(error, Exception):
            self.error = error
            return True
        return False


class CancelToken:
    """Tells work that nobody waits for it any more."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._on_cancel: Callable[[], None] | None = None

    @property
    def cancelled(self) -> bool:
        """Whether the work is to stop."""
        return self._event.is_set()

    def cancel(self) -> None:
        """Ask the work to stop; asking twice does nothing."""
        if not self._event.is_set():
            self._event.set()
            if self._on_cancel is not None:
                self._on_cancel()

    def watch(self, callback: Callable[[], None] | None) -> None:
        """Set what runs once when the work is cancelled.

        Args:
            callback: Runs in the thread that cancels.
        """
        self._on_cancel = callback


Work = Callable[[CancelToken], None]


class Pool:
    """Threads of one kind.

    Args:
        kind: Names the threads.
        width: How many work at a time; cancelled work that hangs does not count.
    """

    def __init__(self, kind: str, width: int) -> None:
        self._kind = kind
        self._width = width
        self._lock = threading.Lock()
        self._waiting: queue.SimpleQueue[tuple[Work, CancelToken]] = queue.SimpleQueue()
        self._idle = 0
        self._threads = 0
        self._lost = 0

    def submit(self, work: Work, token: CancelToken) -> None:
        """Run work as soon as a thread is free.

        Args:
            work: Gets the token; catches its own errors.
            token: Work whose token is cancelled before its turn never runs.
        """
        self._waiting.put((work, token))
        self._grow()

    def _grow(self) -> None:
        with self._lock:
            wanted = self._waiting.qsize() - self._idle
            room = self._width + min(self._lost, MOST_LOST) - self._threads
            if wanted <= 0 or room <= 0:
                return
            self._threads += 1
            name = f"tfm-{self._kind}-{self._threads}"
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def _run(self) -> None:
        while True:
            with self._lock:
                if self._threads - self._lost > self._width:
                    self._threads -= 1
                    return
                self._idle += 1
            work, token = self._waiting.get()
            with self._lock:
                self._idle -= 1
            if not token.cancelled:
                self._work(work, token)

    def _work(self, work: Work, token: CancelToken) -> None:
        running, lost = True, False

        def lose() -> None:
            nonlocal lost
            with self._lock:
                if running and not lost:
                    lost = True
                    self._lost += 1
            self._grow()

        token.watch(lose)
        if token.cancelled:
            lose()
        try:
            work(token)
        finally:
            token.watch(None)
            with self._lock:
                running = False
                if lost:
                    self._lost -= 1


class Background:
    """The pools of an app."""

    def __init__(self) -> None:
        self._pools: dict[Kind, Pool] = {kind: Pool(kind, width) for kind, width in WIDTHS.items()}

    def submit(self, kind: Kind, work: Work, token: CancelToken | None = None) -> CancelToken:
        """Run work in the pool of its kind; gives its token.

        Args:
            kind: Which pool.
            work: Gets the token and posts what it found; it looks at the token between steps.
            token: The token to use; a new one without.
        """
        token = token or CancelToken()
        self._pools[kind].submit(work, token)
        return token
