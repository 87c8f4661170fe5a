"""The connections to one server: opened, kept while nobody needs them, and given out again."""

from __future__ import annotations

import errno
import os
import socket
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from tfm.s3.fast.errors import ConnectTimeoutError, EndpointConnectionError, SSLError, WireError
from tfm.s3.fast.wire import Address, Connection

if TYPE_CHECKING:
    import ssl

IDLE_KEPT = 256
"""Connections that a pool keeps while nobody needs them."""

IDLE_SECONDS = 60.0
"""Connections that lay idle for longer are closed."""


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
        self._peers: list[tuple[int, int, int, Any]] = []
        self._turn = 0

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
            connected = self._connected()
        except TimeoutError as error:
            raise ConnectTimeoutError(str(error), address.url) from error
        except (OSError, UnicodeError) as error:
            raise EndpointConnectionError(str(error), address.url) from error
        try:
            _set_up(connected)
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

    def _connected(self) -> socket.socket:
        """Connect to the first of the server's addresses that answers."""
        address, failure = self.address, OSError("its name has no address")
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        for family, kind, protocol, _, peer in found:
            connected = None
            try:
                connected = socket.socket(family, kind, protocol)
                connected.settimeout(address.connect_timeout)
                connected.connect(peer)
            except OSError as error:
                failure = error
                if connected is not None:
                    connected.close()
            else:
                self._peers = [(family, kind, protocol, peer) for family, kind, protocol, _, peer in found]
                return connected
        raise failure

    def connect_soon(self) -> Connection | None:
        """Begin to open a connection without waiting; `None` where that can't be.

        Who has it waits until it can be sent on, and asks `opened`. The server's addresses take turns.
        """
        if self.address.scheme != "http" or not self._peers:
            return None
        family, kind, protocol, peer = self._peers[self._turn % len(self._peers)]
        self._turn += 1
        connecting = socket.socket(family, kind, protocol)
        try:
            connecting.setblocking(False)
            _set_up(connecting)
            if connecting.connect_ex(peer) in (0, errno.EINPROGRESS):
                return Connection(self.address, connecting, self._names)
        except OSError:
            pass  # who waits for it meets the same error
        connecting.close()
        return None

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            from tfm.s3.fast.tls import context

            self._tls = context(self.address.verify)
        return self._tls

    def close(self) -> None:
        """Close what is idle."""
        while self._idle:
            self._idle.popleft().close()


def _set_up(connected: socket.socket) -> None:
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
