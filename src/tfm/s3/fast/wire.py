"""A connection of HTTP/1.1, kept alive: what is sent on it, and what comes back."""

from __future__ import annotations

import select
import socket
import time
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from tfm.s3.fast.errors import ConnectionClosedError, ReadTimeoutError, WireError
from tfm.s3.fast.heads import Head, parse_head

if TYPE_CHECKING:
    Buffer = bytes | bytearray | memoryview

CHUNK = 64 * 1024
"""Bytes that are asked of the system at once while a head is read."""

LARGEST_HEAD = 256 * 1024
"""Bytes of a head that is still believed to be one."""

TOGETHER = 32 * 1024
"""Bytes of a body that are sent together with their head: one packet, one TLS record."""

TRUSTED_SECONDS = 1.0
"""For so long nobody asks whether a connection that lay idle was closed meanwhile, if its server names its answers."""

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
        "ended",
        "idle_since",
        "rest",
        "used",
    )

    def __init__(self, address: Address, connected: socket.socket, names: set[str] | None = None) -> None:
        self.address = address
        self.rest = b""
        self.used = False
        self.ended = False
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

    def wait(self, seconds: float | None) -> None:
        """Let it wait for what it reads or sends, as it does by default, or not.

        Args:
            seconds: 0 for never; `None` for as long as its server may take.
        """
        self._socket.settimeout(self.address.read_timeout if seconds is None else seconds)

    def gather(self) -> bool:
        """Take what came on a connection that doesn't wait; tells whether there is something of an answer, or its end.

        On TLS there may be none of both: the tickets that a server sends after the handshake.
        """
        try:
            data = self._socket.recv(CHUNK)
            while data and self.address.scheme == "https" and self._socket.pending():  # type: ignore[attr-defined]
                data += self._socket.recv(CHUNK)
        except OSError as error:
            if _would_wait(error):
                return False
            data = b""  # whoever reads on meets the end
        self.ended = not data
        self.rest = self.rest + data if self.rest else data
        return True

    def send(self, head: bytes, body: Buffer) -> None:
        """Send a small request on a connection that doesn't wait; what the system doesn't take at once is waited for.

        Args:
            head: The request's, with the empty line at its end.
            body: May be empty.
        """
        data = head + body if body else head
        try:
            try:
                sent = self._socket.send(data)
            except OSError as error:
                if not _would_wait(error):
                    raise
                sent = 0
            if sent < len(data):
                self.wait(None)
                self._socket.sendall(data[sent:])
                self.wait(0)
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
        while (head := self.head_there(interim=interim)) is None:
            more = self.receive()
            if not more:
                why = "it was closed in the head of the answer" if self.rest else "it was closed without an answer"
                raise ConnectionClosedError(why, self.address.url, stale=self.used and not self.rest)
            self.rest += more
        return head

    def head_there(self, *, interim: bool = False) -> Head | None:
        """Read the head of an answer, unless it is not all there.

        Args:
            interim: Give also one that says that the answer is still to come.
        """
        data = self.rest
        while (end := data.find(b"\r\n\r\n")) >= 0:
            try:
                head = parse_head(data[:end])
            except ValueError as error:
                raise ConnectionClosedError(str(error), self.address.url) from error
            self.rest = data = data[end + 4 :]
            if head.status >= 200:
                self._expect_another(head)
            if head.status >= 200 or interim:
                return head
        if len(data) > LARGEST_HEAD:
            raise ConnectionClosedError("the head of the answer has no end", self.address.url)
        return None

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

    def opened(self) -> bool:
        """Tell of a connection that `connect_soon` began, and which can be sent on, whether it is one."""
        return not self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)

    @property
    def closed(self) -> bool:
        """Whether it was closed here."""
        return not self._end.alive

    def close(self) -> None:
        """Close it."""
        self._end()


def _would_wait(error: OSError) -> bool:
    """Whether an error only says that one would have to wait."""
    return isinstance(error, BlockingIOError) or type(error).__name__ in ("SSLWantReadError", "SSLWantWriteError")


def _readable(connected: socket.socket) -> Callable[[float], bool]:
    """Give what tells whether bytes, or the end, can be read within some seconds."""
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(connected, select.POLLIN)
        return lambda seconds: bool(poll.poll(seconds * 1000))
    return lambda seconds: bool(select.select([connected], [], [], seconds)[0])
