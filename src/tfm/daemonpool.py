"""DaemonPool: an executor whose threads never keep the process alive."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def settle(future: Future[T], call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> None:
    """Run a call and put what it gives or raises into a future, as `concurrent.futures` does.

    Args:
        future: Takes the result.
        call: What to run.
        args: Its arguments.
        kwargs: Its named arguments.
    """
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = call(*args, **kwargs)
    except BaseException as error:  # noqa: BLE001 - handed on whole: whoever asks the future gets it
        future.set_exception(error)
    else:
        future.set_result(result)


def attempt(call: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> BaseException | None:
    """Run a call and give what it raises, if anything.

    Args:
        call: What to run.
        args: Its arguments.
        kwargs: Its named arguments.
    """
    try:
        call(*args, **kwargs)
    except BaseException as error:  # noqa: BLE001 - handed on whole to whoever asked
        return error
    return None


class DaemonPool(Executor):
    """Threads that end with the process, even while a server keeps one of them waiting.

    `ThreadPoolExecutor` joins its threads when the interpreter exits: a stalled read would keep a program from ending.

    Args:
        width: How many threads at most; they are started when needed.
        name: What the threads are called.
    """

    def __init__(self, width: int, name: str) -> None:
        self._width = width
        self._name = name
        self._queue: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._busy = 0
        self._closed = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a call in one of the threads.

        Args:
            fn: What to run.
            args: Its arguments.
            kwargs: Its named arguments.
        """
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("the pool is shut down")
            self._busy += 1
            if self._busy > self._threads and self._threads < self._width:
                self._threads += 1
                threading.Thread(target=self._work, name=f"{self._name}-{self._threads}", daemon=True).start()
        self._queue.put(lambda: settle(future, fn, *args, **kwargs))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the threads end when they have nothing left to do; never waits for them.

        Args:
            wait: Of no effect.
            cancel_futures: Of no effect.
        """
        del wait, cancel_futures
        with self._lock:
            self._closed = True
            for _ in range(self._threads):
                self._queue.put(None)

    def _work(self) -> None:
        while (step := self._queue.get()) is not None:
            step()
            with self._lock:
                self._busy -= 1
