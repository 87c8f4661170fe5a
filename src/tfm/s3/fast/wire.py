"""Connections of HTTP/1.1, kept alive: what is sent on them, what comes back, and the pool of each server."""

from __future__ import annotations

import functools
import os
import select
import socket
import time
import weakref
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from tfm.s3.fast.errors import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
    SSLError,
    WireError,
)
from tfm.s3.fast.heads import Head, parse_head

if TYPE_CHECKING:
    import ssl

    Buffer = bytes | bytearray | memoryview

CHUNK = 64 * 1024
"""Bytes that are asked of the system at once while a head is read."""

LARGEST_HEAD = 256 * 1024
"""Bytes of a head that is still believed to be one."""

TOGETHER = 32 * 1024
"""Bytes of a body that are sent together with their head: one packet, one TLS record."""

IDLE_KEPT = 256
"""Connections that a pool keeps while nobody needs them."""

TRUSTED_SECONDS = 1.0
"""For so long nobody asks whether a connection that lay idle was closed meanwhile, if its server names its answers."""

IDLE_SECONDS = 60.0
"""Connections that lay idle for longer are closed."""

CONTINUE_SECONDS = 1.0
"""For so long a server may say whether it wants a body."""


class Address(NamedTuple):
    """Where a server listens, and how it is spoken to.

    Args:
        scheme: `http` or `https`.
        host: Its name or number, without brackets.
        port: Its port.
        verify: Whether certificates are checked, or the file or directory of those that are trusted.
        connect_timeout: Seconds.
        read_timeout: Seconds.
    """

    scheme: str
    host: str
    port: int
    verify: bool | str
    connect_timeout: float
    read_timeout: float

    @property
    def url(self) -> str:
        """The URL, for messages."""
        return f"{self.scheme}://{self.host}:{self.port}"


class Connection:
    """One connection; the errors of what it does are `WireError`s.

    Args:
        address: The server's.
        connected: The socket.
        names: Of the server's answers, shared by all its connections.
    """

    __slots__ = (
        "__weakref__",
        "_answered",
        "_end",
        "_names",
        "_poll",
        "_socket",
        "address",
        "idle_since",
        "rest",
        "used",
    )

    def __init__(self, address: Address, connected: socket.socket, names: set[str] | None = None) -> None:
        self.address = address
        self.rest = b""
        self.used = False
        self.idle_since = 0.0
        self._answered = ""
        self._names = set() if names is None else names
        self._socket = connected
        self._poll = _readable(connected)
        self._end = weakref.finalize(self, connected.close)  # also for a client that is dropped
        self._end.atexit = False

    def exchange(self, head: bytes, body: Buffer, *, ask_first: bool) -> Head:
        """Send a request and wait for the head of its answer.

        Args:
            head: The request's, with the empty line at its end.
            body: Sent as it is, without a copy; may be empty.
            ask_first: The head has `Expect: 100-continue`: the body is sent when the server wants it, or says nothing.
        """
        try:
            if ask_first:
                answer = self._ask(head, body)
                if answer is not None:
                    return answer
            elif len(body) <= TOGETHER:
                self._socket.sendall(head + body if body else head)
            else:
                self._socket.sendall(head)
                self._socket.sendall(body)
        except OSError as error:
            return self._refused_early(error)
        return self.head()

    def fileno(self) -> int:
        """Give its number, for who waits for many of them."""
        return self._socket.fileno()

    def arrived(self) -> bool:
        """Tell of a connection on which something came whether it is of an answer, or its end, without waiting.

        On TLS it may be none of both: the tickets that a server sends after the handshake.
        """
        if self.address.scheme != "https":
            return True
        self._socket.settimeout(0)
        try:
            self.rest += self._socket.recv(CHUNK)
        except OSError as error:
            return not isinstance(error, _want_read())  # whoever reads on meets the same error
        finally:
            self._socket.settimeout(self.address.read_timeout)
        return True

    def send(self, head: bytes, body: Buffer) -> None:
        """Send a request so small that the system takes it at once; the answer is for `head` to read.

        Args:
            head: The request's, with the empty line at its end.
            body: May be empty.
        """
        try:
            self._socket.sendall(head + body if body else head)
        except OSError as error:
            raise self.failed(error) from error

    def _ask(self, head: bytes, body: Buffer) -> Head | None:
        """Send a head, and its body unless the server says at once that it refuses."""
        self._socket.sendall(head)
        self._socket.settimeout(CONTINUE_SECONDS)
        try:
            answer = self.head(interim=True)
        except ReadTimeoutError:
            pass  # it says nothing, as servers may that know no such question
        else:
            if answer.status >= 200:
                answer.headers["connection"] = "close"  # the server may still wait for the body
                return answer
        finally:
            self._socket.settimeout(self.address.read_timeout)
        self._socket.sendall(body)
        return None

    def _refused_early(self, error: OSError) -> Head:
        """Read what the server said before it closed the connection in the middle of a body."""
        if isinstance(error, TimeoutError):
            raise self.failed(error) from error
        try:
            answer = self.head()
        except WireError:
            raise self.failed(error) from error
        answer.headers["connection"] = "close"
        return answer

    def head(self, *, interim: bool = False) -> Head:
        """Read the head of an answer.

        Args:
            interim: Give also one that says that the answer is still to come.
        """
        data = self.rest
        while True:
            end = data.find(b"\r\n\r\n")
            if end < 0:
                if len(data) > LARGEST_HEAD:
                    raise ConnectionClosedError("the head of the answer has no end", self.address.url)
                more = self.receive()
                if not more:
                    why = "it was closed without an answer" if not data else "it was closed in the head of the answer"
                    raise ConnectionClosedError(why, self.address.url, stale=self.used and not data)
                self.rest = data = data + more if data else more
                continue
            try:
                head = parse_head(data[:end])
            except ValueError as error:
                raise ConnectionClosedError(str(error), self.address.url) from error
            self.rest = data = data[end + 4 :]
            if head.status >= 200:
                self._expect_another(head)
            if head.status >= 200 or interim:
                return head

    def _expect_another(self, head: Head) -> None:
        """Refuse an answer that came before: taken for that of the next request, it would tell of what never was.

        Servers name each answer; that this one does is known when two of its answers have different names.
        """
        name = head.headers.get("x-amz-request-id") or head.headers.get("x-amzn-requestid") or ""
        if name and name == self._answered and self.named:
            raise ConnectionClosedError("an answer came twice", self.address.url)
        self._answered = name
        if name and not self.named:
            self._names.add(name)

    @property
    def named(self) -> bool:
        """Whether the server is known to give each answer a name of its own."""
        return len(self._names) > 1

    def receive(self, size: int = CHUNK) -> bytes:
        """Receive some bytes; none when the server closed the connection."""
        try:
            return self._socket.recv(size)
        except OSError as error:
            raise self.failed(error) from error

    def receive_into(self, view: memoryview) -> int:
        """Fill a buffer with some bytes: those that came with the head first; 0 when the connection was closed."""
        if self.rest:
            count = min(len(view), len(self.rest))
            view[:count] = self.rest[:count]
            self.rest = self.rest[count:]
            return count
        try:
            return self._socket.recv_into(view)
        except OSError as error:
            raise self.failed(error) from error

    def failed(self, error: OSError) -> WireError:
        """Say what an error of the system means for a request that was under way."""
        if isinstance(error, TimeoutError):
            return ReadTimeoutError(str(error), self.address.url)
        stale = self.used and not self.rest
        return ConnectionClosedError(str(error), self.address.url, stale=stale)

    def usable(self) -> bool:
        """Whether a request may be sent on it after it lay idle, as far as one can know."""
        if self.named and time.monotonic() - self.idle_since < TRUSTED_SECONDS:
            return True
        return not self.stale()

    def stale(self) -> bool:
        """Tell whether the server closed it meanwhile, or said something that nobody asked for."""
        return bool(self.rest) or self._poll(0)

    @property
    def closed(self) -> bool:
        """Whether it was closed here."""
        return not self._end.alive

    def close(self) -> None:
        """Close it."""
        self._end()


@functools.cache
def _want_read() -> type[OSError]:
    import ssl

    return ssl.SSLWantReadError


def _readable(connected: socket.socket) -> Callable[[float], bool]:
    """Give what tells whether bytes, or the end, can be read within some seconds."""
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(connected, select.POLLIN)
        return lambda seconds: bool(poll.poll(seconds * 1000))
    return lambda seconds: bool(select.select([connected], [], [], seconds)[0])


class Pool:
    """The connections to one server; threads share it, and a forked child begins with an empty one.

    Args:
        address: Of the server.
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        self._idle: deque[Connection] = deque()
        self._process = os.getpid()
        self._tls: ssl.SSLContext | None = None
        self._names: set[str] = set()

    def take(self) -> Connection:
        """Give a connection that is open, as far as one can know: the one that was used last, or a new one."""
        if self._process != os.getpid():
            self._idle = deque()  # the parent's: it still talks on them
            self._process = os.getpid()
        return self.kept() or self.connect()

    def kept(self) -> Connection | None:
        """Give a connection that was kept open, as far as one can know; the one that was used last."""
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return None
            if connection.usable():
                connection.used = True
                return connection
            connection.close()

    def give(self, connection: Connection) -> None:
        """Take a connection back on which an answer was read to its end."""
        now = connection.idle_since = time.monotonic()
        idle = self._idle
        idle.append(connection)
        try:
            while len(idle) > IDLE_KEPT or now - idle[0].idle_since > IDLE_SECONDS:
                idle.popleft().close()
        except IndexError:
            pass  # other threads took them all

    def connect(self) -> Connection:
        """Open a new connection."""
        address = self.address
        try:
            connected = socket.create_connection((address.host, address.port), address.connect_timeout)
        except TimeoutError as error:
            raise ConnectTimeoutError(str(error), address.url) from error
        except (OSError, UnicodeError) as error:
            raise EndpointConnectionError(str(error), address.url) from error
        try:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if address.scheme == "https":
                connected = self._context().wrap_socket(connected, server_hostname=address.host)
            connected.settimeout(address.read_timeout)
        except TimeoutError as error:
            connected.close()
            raise ConnectTimeoutError(str(error), address.url) from error
        except OSError as error:
            connected.close()
            kind: type[WireError] = SSLError if address.scheme == "https" else EndpointConnectionError
            raise kind(str(error), address.url) from error
        return Connection(address, connected, self._names)

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            from tfm.s3.fast.tls import context

            self._tls = context(self.address.verify)
        return self._tls

    def close(self) -> None:
        """Close what is idle."""
        while self._idle:
            self._idle.popleft().close()
