"""One listing of a directory, streamed: pages wait here, at most a few, until the screen takes them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from tfm.app.background import CancelToken, Caught
from tfm.info import FileInfo
from tfm.path import Path

MOST_WAITING = 16
"""Pages that wait; a directory that lists faster than the screen draws is held back."""


class Listing:
    """The pages of one `scan()`, between the thread that lists and the screen.

    Args:
        path: The directory.
        wake: Tells the screen that there is something to take; runs in the listing's thread.
        refresh: Whether to go past what is cached.
    """

    def __init__(self, path: Path, wake: Callable[[Listing], object], *, refresh: bool = False) -> None:
        self.path = path
        self.token = CancelToken()
        self.error: Exception | None = None
        self.finished = False
        self._wake = wake
        self._refresh = refresh
        self._pages: deque[list[FileInfo]] = deque()
        self._woken = False
        self._room = threading.Event()

    def run(self, token: CancelToken) -> None:
        """List until the end, an error, or the cancel token; for a thread.

        Args:
            token: Is looked at before every page is handed on.
        """
        with Caught() as caught:
            if self._refresh:
                self.path.refresh()
            for page in self.path.scan():
                if not self._put(page, token):
                    return
        self.error = caught.error
        self.finished = True
        if not token.cancelled:
            self._wake(self)

    def _put(self, page: list[FileInfo], token: CancelToken) -> bool:
        while len(self._pages) >= MOST_WAITING and not token.cancelled:
            self._room.clear()
            self._room.wait(0.05)
        if token.cancelled:
            return False
        self._pages.append(page)
        if not self._woken:
            self._woken = True
            self._wake(self)
        return True

    def take(self) -> list[FileInfo] | None:
        """The next page that waits, or `None`; for the screen."""
        self._woken = False
        if not self._pages:
            return None
        page = self._pages.popleft()
        self._room.set()
        return page

    @property
    def drained(self) -> bool:
        """Whether the listing has ended and all of it was taken."""
        return self.finished and not self._pages

    def cancel(self) -> None:
        """Stop listing; what was taken stays."""
        self.token.cancel()
        self._room.set()
