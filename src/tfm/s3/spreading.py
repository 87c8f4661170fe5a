"""`Spreading`: a long listing asked for by several threads at once, as `Ranges` says."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from tfm.errors import S3BaseError
from tfm.s3.outline import Look
from tfm.s3.protocol import Page
from tfm.s3.ranges import WIDTH, Range, Ranges

if TYPE_CHECKING:
    from concurrent.futures import Future

FIRST = 8
"""Requests at once until it is known how long one takes."""
SPARE = 1.2
"""So many times the requests are on their way that would be enough if all took as long as the shortest."""
LEAST_WORK = 1e-5
"""Seconds of work for a page that are believed; some clocks are coarse."""

_places = threading.BoundedSemaphore(2 * WIDTH)
"""Requests that all long listings of the process may have on their way, besides one for each."""


class Spreading:
    """What comes behind the first pages of a listing; the first requests are sent at once.

    Args:
        ranges: Which requests to send.
        fetch: Sends one: gives the page of a token, or without one the first page behind a key, or the directories in
            a directory.
    """

    def __init__(self, ranges: Ranges, fetch: Callable[[str | None, str, str | None], Page]) -> None:
        from tfm.daemonpool import DaemonPool  # threads are loaded when a listing is long

        self._ranges = ranges
        self._fetch = fetch
        self._changed = threading.Condition()
        self._pool = DaemonPool(WIDTH, "tfm-listing")
        self._flying = 0
        self._shortest = 3600.0
        self._worked = 0.0
        self._count = 0
        ranges.limit(FIRST)
        self._closed = False
        self._fault: BaseException | None = None
        with self._changed:
            self._send()

    def pages(self) -> Iterator[Page]:
        """Give the pages in order, each when it has come.

        Raises:
            S3BaseError: At the place of the page that can't be had.
        """
        while (page := self._next()) is not None:
            yield page

    def close(self) -> None:
        """Send no more requests; what those on their way bring is forgotten."""
        with self._changed:
            self._closed = True
            self._pool.shutdown()

    def _next(self) -> Page | None:
        with self._changed:
            while not self._ranges.over:
                page = self._ranges.take()
                self._send()
                if page is not None:
                    return page
                if self._fault is not None:
                    raise self._fault
                if not self._ranges.over:
                    self._changed.wait()
        return None

    def _send(self) -> None:
        """Send what is to be sent now; under the lock."""
        while not self._closed:
            extra = self._flying > 0
            if extra and not _places.acquire(blocking=False):
                return
            asked = self._ranges.ask()
            if asked is None:
                if extra:
                    _places.release()
                return
            self._flying += 1
            future = self._pool.submit(self._timed, asked)
            future.add_done_callback(partial(self._landed, asked, extra))

    def _timed(self, asked: Range | Look) -> Page:
        """Fetch a page, and find out how many requests at once are of use.

        That is as many as keep the one processor that Python uses busy: how long a request takes, by how long it works.
        """
        began, worked = time.monotonic(), time.thread_time()
        page = self._fetch(asked.token, asked.start, asked.directory)
        worked, took = time.thread_time() - worked, time.monotonic() - began
        with self._changed:
            self._shortest = min(self._shortest, took)
            self._worked += worked
            self._count += 1
            self._ranges.limit(int(SPARE * self._shortest / max(self._worked / self._count, LEAST_WORK)) + 1)
        return page

    def _landed(self, asked: Range | Look, extra: bool, future: Future[Page]) -> None:
        if extra:
            _places.release()
        with self._changed:
            self._flying -= 1
            try:
                self._take_in(asked, future)
                self._send()
            except BaseException as fault:  # noqa: BLE001 - no one else would see it: the reader raises it
                self._fault = fault
            self._changed.notify()

    def _take_in(self, asked: Range | Look, future: Future[Page]) -> None:
        try:
            page = future.result()
        except S3BaseError as error:
            self._ranges.failed(asked, error)
        else:
            self._ranges.arrived(asked, page)
