"""Equal questions asked at once make one request: single answers, and listings read page by page by several at once."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Hashable, Iterator
from typing import Any, Generic, TypeVar

from tfm.errors import S3BaseError
from tfm.s3.complete import GrowingListing, weigh_page
from tfm.s3.protocol import Page, Probe

T = TypeVar("T")


class _Flight(Generic[T]):
    """A question that is on its way; a `Future` could be it too, and is ten times as much to import.

    Args:
        token: When it began.
    """

    __slots__ = ("answer", "error", "landed", "missed", "token")

    def __init__(self, token: T) -> None:
        self.token = token
        self.landed = threading.Event()
        self.missed = True
        self.answer: Any = None
        self.error: S3BaseError | None = None


class Flights(Generic[T]):
    """The questions that are on their way, each with one thread that asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flying: dict[Hashable, _Flight[T]] = {}

    def ask(
        self, key: Hashable, begin: Callable[[], T], joins: Callable[[T], bool], question: Callable[[T], Any]
    ) -> Any:
        """Give the answer to a question, or to an equal one that is on its way already.

        Args:
            key: What equal questions have in common.
            begin: Gives the token of a question that is about to be asked.
            joins: Whether the answer to a question with this token will do.
            question: Asks, with the token; its `S3BaseError` goes to everyone who waits for the answer.
        """
        while True:
            with self._lock:
                flight = self._flying.get(key)
                leads = flight is None or not joins(flight.token)
                if flight is None or leads:
                    flight = self._flying[key] = _Flight(begin())
            if leads:
                return self._lead(key, flight, question)
            flight.landed.wait()
            if flight.error is not None:
                raise copy.copy(flight.error) from flight.error.__cause__
            if not flight.missed:
                return flight.answer
            # Who asked was interrupted, so that there is no answer: ask anew.

    def _lead(self, key: Hashable, flight: _Flight[T], question: Callable[[T], Any]) -> Any:
        try:
            flight.answer = question(flight.token)
            flight.missed = False
        except S3BaseError as error:
            flight.error = copy.copy(error)
            raise
        finally:
            with self._lock:
                if self._flying.get(key) is flight:
                    del self._flying[key]
            flight.landed.set()
        return flight.answer


class _Node:
    """A page and the one after it, once somebody has asked for that."""

    __slots__ = ("after", "page")

    def __init__(self, page: Page | None) -> None:
        self.page = page
        self.after: _Node | None = None


class SharedListing:
    """A listing that several read at once, each at its own pace, while each page is asked for once.

    Pages that every reader has passed are let go, unless the whole is small enough to be handed to `finished`.

    Args:
        token: When it began.
        start: Sends the first request.
        limit: Bytes, by estimate, that are kept for `finished` and for readers who join later.
        finished: Takes all pages and their bytes when the last page has come.
        delimiter: `/` for the children only, empty for everything below.
    """

    def __init__(
        self,
        token: Any,
        start: Callable[[], Iterator[Page]],
        limit: int,
        finished: Callable[[list[Page], int], None],
        delimiter: str = "",
    ) -> None:
        self.token = token
        self._delimiter = delimiter
        self._lock = threading.Lock()
        self._start = start
        self._source: Iterator[Page] | None = None
        self._limit = limit
        self._finished = finished
        self._weight = 0
        self._first: _Node | None = _Node(None)
        self._over = False
        self._error: S3BaseError | None = None
        self._known: GrowingListing | None = None
        self._told: _Node | None = None

    @property
    def open_to_join(self) -> bool:
        """Whether the first page is still here, and nothing went wrong."""
        return self._first is not None and self._error is None

    def pages(self) -> Iterator[Page] | None:
        """Give the pages from the first one on, which is asked for at once; `None` when it is gone already."""
        root = self._first
        return None if root is None else self._walk(self._next(root))

    def probe(self, key: str) -> Probe | None:
        """Tell what bears a name, for who asks about each as it comes; `None` when the pages so far don't tell.

        Of the last name of a page only the next page tells whether it is a prefix too: that is asked for now.

        Args:
            key: Below the listing's prefix.
        """
        with self._lock:
            if self._known is None or self._told is None:
                self._known, self._told = GrowingListing(self._delimiter), self._first
            while self._first is not None and self._told is not None and self._error is None:
                while self._told.after is not None:
                    self._told = self._told.after
                    assert self._told.page is not None
                    self._known.add(self._told.page)
                found = self._known.probe(key, over=self._over)
                if found is not None or self._over or key > self._known.last:
                    return found
                try:
                    self._pull(self._told)
                except S3BaseError:
                    return None  # the reader of the listing will hear of it
            self._known = None
            return None

    def _walk(self, node: _Node | None) -> Iterator[Page]:
        while node is not None:
            assert node.page is not None
            yield Page(node.page.objects[:], node.page.prefixes.copy(), node.page.token)
            node = self._next(node)

    def _next(self, node: _Node) -> _Node | None:
        with self._lock:
            if node.after is None and not self._over:
                self._pull(node)
            return node.after

    def _pull(self, last: _Node) -> None:
        """Ask for the page after the last one; under the lock."""
        if self._error is not None:
            raise copy.copy(self._error)
        whole = False
        try:
            if self._source is None:
                self._source = self._start()
            page = next(self._source, None)
            whole = True
        except S3BaseError as error:
            self._error = copy.copy(error)
            raise
        finally:
            if not whole and self._error is None:  # a source that was interrupted must not look like one that has ended
                self._error = S3BaseError("the listing was interrupted: list again", code="Interrupted")
        self._over = page is None or page.token is None
        if page is not None:
            last.after = _Node(page)
            self._weight += weigh_page(page)
        if self._weight > self._limit:
            self._first = None
        elif self._over and self._first is not None:
            self._finished(_pages_after(self._first), self._weight)


def _pages_after(node: _Node) -> list[Page]:
    pages = []
    while node.after is not None:
        node = node.after
        assert node.page is not None
        pages.append(node.page)
    return pages
