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
from typing import Any

from tfm.daemonpool import attempt
from tfm.s3.fast.access import StepAside
from tfm.s3.fast.answers import BrokenAnswer
from tfm.s3.fast.dispatch import Dispatcher, Failure
from tfm.s3.fast.errand import Errand
from tfm.s3.fast.errors import ConnectTimeoutError, ReadTimeoutError, WireError
from tfm.s3.fast.framing import length_of
from tfm.s3.fast.heads import Head
from tfm.s3.fast.pool import Pool
from tfm.s3.fast.wire import Connection
from tfm.width import Width
from tfm.workers import Workers

AT_ONCE = 32
"""Connections that are opened at once by threads, and requests that are sent again."""
AHEAD = 32
"""Requests that may wait for a connection besides those for which one is being opened."""
MOST_ASIDE = 256
"""Requests that may wait to be sent again before no other one is begun."""
OFTEN = 8
"""Requests after which it is looked whether answers have come, also while there is room for more."""

NOW_AND_THEN = 0.2
"""Seconds after which it is asked whether to wait on."""


class _Flight:
    """A request on its way.

    Args:
        errand: Which.
        now: When it was sent.
    """

    __slots__ = ("began", "errand", "head", "heard")

    def __init__(self, errand: Errand, now: float) -> None:
        self.errand = errand
        self.began = self.heard = now
        self.head: Head | None = None


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
        self._queue: deque[Errand] = deque()
        self._idle = _Idle(pool)
        self._open: set[Connection] = set()
        self._flying: dict[Connection, _Flight] = {}  # whoever was heard of longest ago comes first
        self._connecting: dict[Connection, float] = {}
        self._selector = selectors.DefaultSelector()
        self._ears, self._mouth = socket.socketpair()
        self._ears.setblocking(False)
        self._selector.register(self._ears, selectors.EVENT_READ)
        self._aside = Workers(Width(first=AT_ONCE, most=AT_ONCE), "tfm-aside")
        self._news: deque[Connection | WireError | None] = deque()
        self._opening = 0
        self._away = 0
        self._sent = 0

    def send(self, errand: Errand) -> None:
        """Send a request, or let it wait for a connection; returns when few others wait.

        Args:
            errand: The request.
        """
        self._queue.append(errand)
        self._push()
        self._sent += 1
        if not self._sent % OFTEN:
            self._look(0)
        while len(self._queue) > self._opening + AHEAD or self._away >= MOST_ASIDE:
            self._wait()

    def drain(self) -> None:
        """Wait until every request is answered and told."""
        while self._queue or self._flying or self._away:
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
        for connection in self._connecting:
            connection.close()
        for connection in list(self._open):
            idle = connection not in self._flying
            self._forget(connection)
            if idle:
                self._give_back(connection)
            else:
                connection.close()
        self._selector.close()
        self._ears.close()
        self._mouth.close()
        for errand in (*(flight.errand for flight in self._flying.values()), *self._queue):
            errand.failed(reason)
        self._flying.clear()
        self._queue.clear()

    def _push(self) -> None:
        """Send what waits, as far as there are connections for it."""
        while self._queue:
            connection = self._kept() or self._more()
            if connection is None:
                return
            self._begin(self._queue.popleft(), connection)

    def _begin(self, errand: Errand, connection: Connection) -> None:
        connection.used = True
        try:
            self._dispatcher.begin(errand.request, connection)
        except WireError as error:
            self._drop(connection)
            self._go_aside(errand, error)
        except StepAside:
            self._idle.give(connection)
            self._run_aside(partial(errand.do, errand.behind))
        else:
            self._flying[connection] = _Flight(errand, time.monotonic())

    # Connections

    def _kept(self) -> Connection | None:
        idle = self._idle.connections
        while idle:
            connection = idle.pop()
            if self._width.exceeded() and len(self._open) > 1:
                self._forget(connection)
                self._give_back(connection)
            elif connection.usable():
                return connection
            else:
                self._drop(connection)
        return None

    def _more(self) -> Connection | None:
        """Open connections for what waits, as the width allows; gives one that the pool has open already."""
        while self._opening < len(self._queue) and self._opening - len(self._connecting) < AT_ONCE:
            if not self._width.claim(always=not (self._open or self._opening)):
                return None
            connection = self._pool.kept()
            if connection is not None:
                self._take(connection)
                return connection
            self._opening += 1
            connection = self._pool.connect_soon()
            if connection is not None:
                self._connecting[connection] = time.monotonic()
                self._selector.register(connection, selectors.EVENT_WRITE)
            else:
                self._aside.add(self._connect)
        return None

    def _connect(self) -> None:
        """Open a connection, in a thread of its own, since that takes some round trips."""
        try:
            self._tell(self._pool.connect())
        except WireError as error:
            self._tell(error)

    def _connected(self, connection: Connection) -> None:
        """Take in a connection that was begun here, once it can be sent on or can't be at all."""
        del self._connecting[connection]
        self._selector.unregister(connection)
        if connection.opened():
            self._hear(connection)
        else:
            connection.close()
            self._aside.add(self._connect)  # by all addresses of the server, and with an error that says why

    def _take(self, connection: Connection) -> None:
        connection.wait(0)
        self._open.add(connection)
        self._selector.register(connection, selectors.EVENT_READ)

    def _give_back(self, connection: Connection) -> None:
        connection.wait(None)
        self._pool.give(connection)

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

    def _wait(self) -> None:
        self._check()
        self._look(NOW_AND_THEN)

    def _look(self, seconds: float) -> None:
        """Wait for something to happen, and see to all that did."""
        events = self._selector.select(seconds)
        for key, _ in events:
            found: Any = key.fileobj
            if found in self._flying:
                self._arrived(found, self._flying[found])
            elif found in self._connecting:
                self._connected(found)
            elif found is self._ears:
                self._ears.recv(4096)
            elif found.gather():  # the server closed what lay idle, or talks to itself
                self._idle.connections.remove(found)
                self._drop(found)
        while self._news:
            self._hear(self._news.popleft())
        if not events:
            self._lose_patience(time.monotonic())
        self._push()

    def _lose_patience(self, now: float) -> None:
        """Give up what has taken too long."""
        address = self._pool.address
        while self._flying:
            connection, flight = next(iter(self._flying.items()))
            if now - flight.heard < address.read_timeout:
                break
            del self._flying[connection]
            self._drop(connection)
            self._go_aside(flight.errand, ReadTimeoutError("no answer came in time", address.url))
        while self._connecting:
            connection, since = next(iter(self._connecting.items()))
            if now - since < address.connect_timeout:
                break
            del self._connecting[connection]
            self._selector.unregister(connection)
            connection.close()
            self._hear(ConnectTimeoutError("timed out", address.url))

    def _hear(self, news: Connection | WireError | None) -> None:
        """Take in what another thread has to tell: a connection, why there is none, or that an errand is done."""
        if news is None:
            self._away -= 1
            return
        self._opening -= 1
        if isinstance(news, Connection):
            self._take(news)
            self._idle.give(news)
            return
        self._width.release()
        while self._queue and not (self._open or self._opening):
            self._go_aside(self._queue.popleft(), news)

    def _arrived(self, connection: Connection, flight: _Flight) -> None:
        """Take in what came of an answer, and see to it when that is all."""
        if not connection.gather():
            return
        answer = self._answer(connection, flight)
        del self._flying[connection]
        if answer is None:
            self._flying[connection] = flight
            flight.heard = time.monotonic()
            return
        idle = self._idle.connections
        if not (idle and idle[-1] is connection):
            self._drop(connection)
        elif connection.ended or isinstance(answer, Exception):
            idle.pop()
            self._drop(connection)
        self._width.ended(more=bool(self._queue), took=time.monotonic() - flight.began)
        errand = flight.errand
        if isinstance(answer, dict) and "Error" not in answer:
            error = attempt(errand.done, answer)
            if error is not None:
                errand.failed(error)
        else:
            self._go_aside(errand, answer)

    def _answer(self, connection: Connection, flight: _Flight) -> Failure | None:
        """Read an answer as soon as all of it is there, so that nobody waits for the rest of it; `None` before."""
        request = flight.errand.request
        try:
            if flight.head is None:
                flight.head = connection.head() if connection.ended else connection.head_there()
        except WireError as error:
            return error
        head = flight.head
        if head is None:
            return None
        length = length_of(request.form.method, head)
        if length is None:  # its end shows only as it comes
            connection.wait(None)
        elif len(connection.rest) < length and not connection.ended:
            return None
        answer = self._dispatcher.end(request, head, connection, self._idle)
        if length is None and not connection.closed:
            connection.wait(0)
        return answer

    # In threads of their own

    def _go_aside(self, errand: Errand, failure: Failure) -> None:
        def again() -> dict[str, Any]:
            try:
                return self._dispatcher.persist(errand.request, failure, errand.key, errand.condition)
            except (StepAside, BrokenAnswer, WireError):
                return errand.behind()

        self._run_aside(partial(errand.do, again))

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
