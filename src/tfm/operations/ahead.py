"""What will be wanted next, asked for while something else is still under way."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import TypeVar

from tfm.daemonpool import attempt, settle

T = TypeVar("T")

PAGES = 2
"""Pages of a listing that wait for whoever works on them."""


def soon(call: Callable[[], T]) -> Future[T]:
    """Run a call in a thread of its own, which never keeps the process alive.

    Args:
        call: What is run.
    """
    future: Future[T] = Future()
    threading.Thread(target=settle, args=(future, call), name="tfm-ahead", daemon=True).start()
    return future


def ahead(pages: Iterable[T]) -> Iterator[T]:
    """Give the pages of a listing, the next ones of which are asked for in a thread while one is worked on.

    Args:
        pages: The listing; what it raises is raised here, in its place.
    """
    waiting: queue.Queue[tuple[T] | BaseException | None] = queue.Queue(PAGES)
    over = threading.Event()

    def read() -> None:
        for page in pages:
            waiting.put((page,))
            if over.is_set():
                return

    def run() -> None:
        error = attempt(read)
        if not over.is_set():
            waiting.put(error)

    threading.Thread(target=run, name="tfm-ahead", daemon=True).start()
    try:
        while (found := waiting.get()) is not None:
            if isinstance(found, BaseException):
                raise found
            yield found[0]
    finally:
        over.set()
        while not waiting.empty():  # who waits for room finds it, and that nobody wants more
            waiting.get_nowait()
