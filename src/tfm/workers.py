"""`Workers`: threads that work off a queue, as many at once as a `Width` finds useful."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import Generic, TypeVar

from tfm.width import Width

T = TypeVar("T")

IDLE = 0.5
"""Seconds that a thread waits for more to do before it ends."""
AHEAD = 2
"""Items that wait for each thread that there may be: enough that none is idle, and no more than that."""


class Workers:
    """Threads that end with the process, started when there is something to do, and gone when there is not.

    A step must not raise, and must not wait for another step of the same workers.

    Args:
        width: How many at once; shared with whatever else asks the same storage.
        name: What the threads are called.
    """

    def __init__(self, width: Width, name: str) -> None:
        self._width = width
        self._name = name
        self._queue: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._open = 0

    def add(self, step: Callable[[], object]) -> None:
        """Do something in one of the threads.

        Args:
            step: What to do.
        """
        with self._lock:
            self._open += 1
            self._queue.put(step)
            start = self._wants_more()
        if start:
            self._start()

    def close(self) -> None:
        """Let the threads end when they have nothing left to do; never waits for them."""
        with self._lock:
            for _ in range(self._threads):
                self._queue.put(None)

    def _wants_more(self) -> bool:
        """Take a place for one more thread, if there is work for it; the first thread needs no free place."""
        if self._open <= self._threads or not self._width.claim(always=not self._threads):
            return False
        self._threads += 1
        return True

    def _start(self) -> None:
        try:
            threading.Thread(target=self._work, name=self._name, daemon=True).start()
        except RuntimeError:  # the system gives no more threads: those that there are do the work
            with self._lock:
                self._left()
                if not self._threads:
                    raise

    def _left(self) -> None:
        self._threads -= 1
        self._width.release()

    def _work(self) -> None:
        waiting, width = self._queue, self._width
        while True:
            try:
                step = waiting.get(timeout=IDLE)
            except queue.Empty:
                with self._lock:
                    if not waiting.empty():
                        continue
                    self._left()
                return
            if step is None:
                with self._lock:
                    self._left()
                return
            step()
            del step  # what it holds need not wait for the next one
            width.ended(more=not waiting.empty())
            with self._lock:
                self._open -= 1
                if self._threads > 1 and width.exceeded():
                    self._left()
                    return
                start = self._wants_more()
            if start:
                self._start()


def for_each(width: Width, name: str, call: Callable[[T], object], items: Iterable[T]) -> None:
    """Do something with every item, as many at once as is useful; items are taken as they are needed.

    When one fails, no other is begun, those under way are waited for, and the first error is raised.

    Args:
        width: How many at once.
        name: What the threads are called.
        call: What to do.
        items: With what.
    """
    workers = Workers(width, name)
    course = _Course(width, call)
    try:
        for item in items:
            if not course.has_room():
                break
            workers.add(partial(course.run, item))
    except BaseException as error:  # whoever lists the items failed, or somebody pressed a key
        course.errors.append(error)
        raise
    finally:
        course.drain()
        workers.close()
    if course.errors:
        raise course.errors[0]


class _Course(Generic[T]):
    """The course of a `for_each`."""

    def __init__(self, width: Width, call: Callable[[T], object]) -> None:
        self.errors: list[BaseException] = []
        self._width = width
        self._call = call
        self._changed = threading.Condition()
        self._left = 0

    def has_room(self) -> bool:
        """Wait until one more may be begun, and count it; tells whether it shall be."""
        with self._changed:
            self._changed.wait_for(lambda: self._left < AHEAD * self._width.limit or self.errors)
            self._left += not self.errors
            return not self.errors

    def run(self, item: T) -> None:
        """Do it, unless something failed."""
        try:
            if not self.errors:
                self._call(item)
        except BaseException as error:  # noqa: BLE001 - handed on whole to whoever called
            self.errors.append(error)
        with self._changed:
            self._left -= 1
            if self._left <= self._width.limit or self.errors:
                self._changed.notify()

    def drain(self) -> None:
        """Wait for what is under way."""
        with self._changed:
            self._changed.wait_for(lambda: not self._left)
