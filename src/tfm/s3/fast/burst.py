"""`Burst`: many small requests on their way at once, sent and read by one thread.

A thread for each request costs more than the request: they wait for each other at every call of the system. Here one
thread sends on many connections and reads each answer when it is there. Only what goes well goes this way; a request
that was refused or got no answer goes on in a thread of its own, where it is sent again or told, as any other.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from tfm.daemonpool import attempt
from tfm.s3.fast.access import StepAside
from tfm.s3.fast.answers import BrokenAnswer
from tfm.s3.fast.dispatch import Dispatcher, Failure, whole
from tfm.s3.fast.errors import ReadTimeoutError, WireError
from tfm.s3.fast.requests import Request
from tfm.s3.fast.wire import Connection, Pool
from tfm.s3.shapes import Condition
from tfm.width import Width
from tfm.workers import Workers

AT_ONCE = 32
"""Connections that are opened at once, and requests that are sent again."""
MOST_ASIDE = 256
"""Requests that may wait to be sent again before no other one is begun."""
OFTEN = 8
"""Requests after which it is looked whether answers have come, also while there is room for more."""

NOW_AND_THEN = 0.2
"""Seconds after which it is asked whether to wait on."""

Done = Callable[[dict[str, Any]], object]
Failed = Callable[[BaseException], object]


class Errand(NamedTuple):
    """A request, and who waits for its answer.

    Args:
        request: The request.
        key: As it is, for errors.
        condition: Of the request.
        done: Called with boto3's answer, a download's body as bytes; from any thread.
        failed: Called with what it raised instead.
        behind: Sends it by botocore, when only that knows how.
    """

    request: Request
    key: str
    condition: Condition
    done: Done
    failed: Failed
    behind: Callable[[], dict[str, Any]]


class _Idle(Pool):
    """The connections of a burst that wait for their next request."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool.address)
        self.connections: list[Connection] = []

    def give(self, connection: Connection) -> None:
        """Take a connection back on which an answer was read to its end."""
        connection.idle_since = time.monotonic()
        self.connections.append(connection)


class Burst:
    """Requests to one server; used by one thread.

    Args:
        dispatcher: Of the place.
        pool: The connections to the server.
        width: How many at once; shared with whatever else asks the place.
        check: Called now and then while it waits; what it raises ends the waiting.
    """

    def __init__(self, dispatcher: Dispatcher, pool: Pool, width: Width, check: Callable[[], object]) -> None:
        self._check = check
        self._dispatcher = dispatcher
        self._pool = pool
        self._width = width
        self._idle = _Idle(pool)
        self._open: set[Connection] = set()
        self._flying: dict[Connection, tuple[Errand, float]] = {}
        self._selector = selectors.DefaultSelector()
        self._ears, self._mouth = socket.socketpair()
        self._ears.setblocking(False)
        self._selector.register(self._ears, selectors.EVENT_READ)
        self._aside = Workers(Width(first=AT_ONCE, most=AT_ONCE), "tfm-aside")
        self._news: deque[Connection | WireError | None] = deque()
        self._opening = 0
        self._away = 0
        self._sent = 0
        self._full_at = 0

    def send(self, errand: Errand) -> None:
        """Send a request, after waiting while as many are on their way as there may be.

        Args:
            errand: The request.
        """
        self._sent += 1
        if not self._sent % OFTEN:
            self._look(0)
        while self._away >= MOST_ASIDE:
            self._wait()
        connection = self._connection()
        if isinstance(connection, WireError):
            self._go_aside(errand, connection)
            return
        connection.used = True
        try:
            self._dispatcher.begin(errand.request, connection)
        except WireError as error:
            self._drop(connection)
            self._go_aside(errand, error)
        except StepAside:
            self._idle.give(connection)
            self._run_aside(partial(_by, errand, errand.behind))
        else:
            self._flying[connection] = errand, time.monotonic()

    def drain(self) -> None:
        """Wait until every request is answered and told."""
        while self._flying or self._away:
            self._wait()

    def close(self, reason: BaseException) -> None:
        """End it: give the connections back, but for those that still wait for an answer, which are dropped.

        Args:
            reason: Told to whoever waits for these.
        """
        self._aside.close()
        while self._opening:
            self._opening -= 1
            self._width.release()
        for connection in list(self._open):
            idle = connection not in self._flying
            self._forget(connection)
            if idle:
                self._pool.give(connection)
            else:
                connection.close()
        self._selector.close()
        self._ears.close()
        self._mouth.close()
        for errand, _ in self._flying.values():
            errand.failed(reason)
        self._flying.clear()

    # Connections

    def _connection(self) -> Connection | WireError:
        """Give a connection for the next request, opening one or waiting for one as the width allows."""
        while True:
            connection = self._kept()
            if connection is not None:
                return connection
            if not self._open_more():
                self._full_at = self._sent
            error = self._wait()
            if error is not None and not self._open and not self._opening:
                return error

    def _open_more(self) -> bool:
        """Let connections be opened, no more than there were requests; tells whether there is room for more of them."""
        while self._opening < min(AT_ONCE, self._sent):
            if not self._width.claim(always=not (self._open or self._opening)):
                return False
            self._opening += 1
            self._aside.add(self._connect)
        return True

    def _kept(self) -> Connection | None:
        idle = self._idle.connections
        while idle:
            connection = idle.pop()
            if self._width.exceeded() and len(self._open) > 1:
                self._forget(connection)
                self._pool.give(connection)
            elif connection.usable():
                return connection
            else:
                self._drop(connection)
        return None

    def _connect(self) -> None:
        """Open a connection, in a thread of its own, since that takes some round trips."""
        try:
            self._tell(self._pool.kept() or self._pool.connect())
        except WireError as error:
            self._tell(error)

    def _drop(self, connection: Connection) -> None:
        self._forget(connection)
        connection.close()

    def _forget(self, connection: Connection) -> None:
        self._open.discard(connection)
        self._width.release()
        try:
            self._selector.unregister(connection)
        except (KeyError, ValueError):
            pass  # it was closed by whoever read from it

    # Answers

    def _patience(self) -> float:
        """Give the seconds for which the oldest request may still go unanswered."""
        limit = self._pool.address.read_timeout
        if not self._flying:
            return limit
        _, since = next(iter(self._flying.values()))
        return max(0.0, since + limit - time.monotonic())

    def _wait(self) -> WireError | None:
        self._check()
        return self._look(min(NOW_AND_THEN, self._patience()))

    def _look(self, seconds: float) -> WireError | None:
        """Wait for something to happen, and see to all that did; gives why a connection could not be opened."""
        error = None
        events = self._selector.select(seconds)
        for key, _ in events:
            if isinstance(key.fileobj, Connection):
                self._answered(key.fileobj)
            else:
                self._ears.recv(4096)
        while self._news:
            error = self._hear(self._news.popleft()) or error
        if not events and self._flying and not self._patience():
            connection = next(iter(self._flying))
            errand, _ = self._flying.pop(connection)
            self._drop(connection)
            self._go_aside(errand, ReadTimeoutError("no answer came in time", self._pool.address.url))
        return error

    def _hear(self, news: Connection | WireError | None) -> WireError | None:
        """Take in what another thread has to tell: a connection, why there is none, or that an errand is done."""
        if news is None:
            self._away -= 1
            return None
        self._opening -= 1
        if isinstance(news, WireError):
            self._width.release()
            return news
        self._open.add(news)
        self._selector.register(news, selectors.EVENT_READ)
        self._idle.connections.append(news)
        news.idle_since = time.monotonic()
        return None

    def _answered(self, connection: Connection) -> None:
        if not connection.arrived():
            return
        flying = self._flying.pop(connection, None)
        if flying is None:  # the server closed it, or talks to itself
            if connection in self._idle.connections:
                self._idle.connections.remove(connection)
                self._drop(connection)
            return
        errand, _ = flying
        before = len(self._idle.connections)
        answer = self._dispatcher.end(errand.request, connection, self._idle)
        if len(self._idle.connections) == before:
            self._drop(connection)
        self._width.ended(more=self._sent - self._full_at <= self._width.limit)
        if isinstance(answer, dict) and "Error" not in answer:
            error = attempt(errand.done, answer)
            if error is not None:
                errand.failed(error)
        else:
            self._go_aside(errand, answer)

    # In threads of their own

    def _go_aside(self, errand: Errand, failure: Failure) -> None:
        def again() -> dict[str, Any]:
            try:
                return whole(self._dispatcher.persist(errand.request, failure, errand.key, errand.condition))
            except (StepAside, BrokenAnswer, WireError):
                return errand.behind()

        self._run_aside(partial(_by, errand, again))

    def _run_aside(self, step: Callable[[], object]) -> None:
        self._away += 1

        def run() -> None:
            step()
            self._tell(None)

        self._aside.add(run)

    def _tell(self, news: Connection | WireError | None) -> None:
        self._news.append(news)
        try:
            self._mouth.send(b".")
        except OSError:  # the burst is over
            if isinstance(news, Connection):
                self._pool.give(news)


def _by(errand: Errand, send: Callable[[], dict[str, Any]]) -> None:
    """Do an errand in another way, and tell what came of it."""
    answers: list[dict[str, Any]] = []
    error = attempt(lambda: answers.append(send()))
    if error is None:
        error = attempt(errand.done, answers[0])
    if error is not None:
        errand.failed(error)
