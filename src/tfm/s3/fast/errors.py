"""What goes wrong on a connection, by the names that botocore has for it, so that one table has the sentences."""

from __future__ import annotations


class WireError(Exception):
    """No answer came, or not all of it.

    Args:
        reason: In the words of the system.
        endpoint: The server's URL.
        stale: A connection that was kept open turned out to be closed before a single byte of the answer came.
        sent: Whether the server may have got the request.
    """

    sent = True

    def __init__(self, reason: str, endpoint: str, *, stale: bool = False) -> None:
        super().__init__(f"{reason} ({endpoint})")
        self.kwargs = {"endpoint_url": endpoint, "error": reason}
        self.stale = stale


class EndpointConnectionError(WireError):
    """No connection could be made."""

    sent = False


class ConnectTimeoutError(WireError):
    """No connection was made in time."""

    sent = False


class SSLError(WireError):
    """No secure connection could be made."""

    sent = False


class ReadTimeoutError(WireError):
    """No bytes came, or could be sent, for too long."""


class ConnectionClosedError(WireError):
    """The connection broke, or what came is no answer of HTTP."""


class FlexibleChecksumError(Exception):
    """The bytes that came differ from their checksum."""
