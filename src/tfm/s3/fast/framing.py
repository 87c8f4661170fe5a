"""The body of an answer: where it ends, by its length, by its chunks or by the end of the connection.

Source: https://www.rfc-editor.org/rfc/rfc9112#name-message-body-length
"""

from __future__ import annotations

import io
from typing import Any

from tfm.s3.fast.errors import ConnectionClosedError, WireError
from tfm.s3.fast.heads import Head
from tfm.s3.fast.pool import Pool
from tfm.s3.fast.wire import CHUNK, Connection

LARGEST_LINE = 8 * 1024

LARGEST_DOCUMENT = 64 * 1024 * 1024
"""Bytes of an answer, an object's own bytes apart; a listing of the longest keys has seven million."""


class Stream:
    """The body of an answer, read as it comes; gives its connection back at the end, or drops it.

    Args:
        pool: Where the connection goes when all was read.
        connection: On which the body comes.
        keep: Whether the connection may be used again.
        left: Bytes of the body; `None` when only the end of the connection tells.
    """

    def __init__(self, pool: Pool, connection: Connection, keep: bool, left: int | None) -> None:
        self._pool = pool
        self._connection: Connection | None = connection
        self._keep = keep
        self._left = left
        self.broken: WireError | None = None
        if left == 0:
            self._finish()

    @property
    def left(self) -> int | None:
        """How many bytes are to come, where that is known."""
        return self._left

    def at_end(self) -> bool:
        """Tell whether all was read; where no length was said, by waiting for what comes next."""
        connection = self._connection
        if connection is not None and self._left is None and not connection.rest:
            connection.rest = connection.receive()
            if not connection.rest:
                self._finish()
        return self._connection is None

    def readinto(self, view: memoryview) -> int:
        """Fill a buffer of bytes as far as there are any; fewer only at the end."""
        done = 0
        while done < len(view):
            count = self.some(view[done:])
            if not count:
                break
            done += count
        return done

    def read(self, size: int = -1) -> bytes:
        """Read exactly so many bytes, or to the end when negative or when there are fewer."""
        data = self.read_until_broken(size)
        if self.broken is not None:
            raise self.broken
        return data

    def read_until_broken(self, size: int) -> bytes:
        """Read as `read` does, but give what came before the connection broke; `broken` then says why that is all."""
        if self.broken is not None:
            raise self.broken
        if size < 0 and self._left is None:
            return b"".join(iter(lambda: self.read(CHUNK), b""))
        wanted = self._left if self._left is not None and not 0 <= size <= self._left else size
        if not wanted or self._connection is None:
            return b""
        if self._left is not None and len(rest := self._connection.rest) >= wanted:
            self._connection.rest = rest[wanted:]
            self._took(wanted)
            return rest[:wanted] if len(rest) > wanted else rest
        # BufferedReader fills new bytes in place, without clearing them before or copying them afterwards.
        return io.BufferedReader(_Raw(self, wanted), CHUNK).read(wanted)

    def document(self) -> bytes:
        """Read all of an answer that is no object's bytes; one that is too long to be one is an error."""
        if self._left is not None and self._left <= LARGEST_DOCUMENT:
            return self.read()
        pieces: list[bytes] = []
        while piece := self.read(CHUNK):
            pieces.append(piece)
            if len(pieces) * CHUNK > LARGEST_DOCUMENT and self._connection is not None:
                raise self._broken("the answer is longer than any of S3's")
        return b"".join(pieces)

    def close(self) -> None:
        """Give the connection back when hardly anything is left on it, else close it."""
        connection = self._connection
        if connection is None:
            return
        if self._left is not None and len(connection.rest) >= self._left:
            self.read()
        else:
            self._keep = False
            self._finish()

    def some(self, view: memoryview) -> int:
        """Fill a buffer with what there is; 0 at the end."""
        if self.broken is not None:
            raise self.broken
        if self._connection is None:
            return 0
        if self._left is None:
            count = self._connection.receive_into(view)
            if not count:
                self._finish()
            return count
        count = self._connection.receive_into(view[: self._left])
        if not count:
            raise self._broken(f"{self._left} bytes are missing")
        self._took(count)
        return count

    def _took(self, count: int) -> None:
        assert self._left is not None
        self._left -= count
        if not self._left:
            self._finish()

    def _broken(self, why: str) -> ConnectionClosedError:
        assert self._connection is not None
        error = ConnectionClosedError(why, self._connection.address.url)
        self._keep = False
        self._finish()
        return error

    def _finish(self) -> None:
        """Let go of the connection, once."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if self._keep and not connection.rest:
            self._pool.give(connection)
        else:
            connection.close()


class _Raw(io.RawIOBase):
    """So many bytes of a stream, as Python's own buffers read them."""

    def __init__(self, stream: Stream, size: int) -> None:
        self._stream = stream
        self._size = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with memoryview(buffer) as view:
            try:
                count = self._stream.some(view[: self._size])
            except WireError as error:
                self._stream.broken = error
                return 0
        self._size -= count
        return count


class ChunkedStream(Stream):
    """A body in chunks, each with its length before it.

    Source: https://www.rfc-editor.org/rfc/rfc9112#name-chunked-transfer-coding
    """

    def __init__(self, pool: Pool, connection: Connection, keep: bool) -> None:
        super().__init__(pool, connection, keep, None)
        self._chunk = 0
        self._begun = False

    def some(self, view: memoryview) -> int:
        """Fill a buffer with what there is of a chunk; 0 at the end."""
        if self.broken is not None:
            raise self.broken
        if self._connection is None or not len(view):
            return 0
        if not self._chunk and not self._next():
            return 0
        count = self._connection.receive_into(view[: self._chunk])
        if not count:
            raise self._broken("it was closed in the middle of a chunk")
        self._chunk -= count
        return count

    def at_end(self) -> bool:
        """Tell whether all was read, by waiting for the length of the next chunk."""
        return self._connection is None or (not self._chunk and not self._next())

    def _next(self) -> bool:
        """Read the length of the next chunk; False after the last."""
        if self._begun and self._line():
            raise self._broken("a chunk is longer than was said")
        self._begun = True
        said = self._line().partition(b";")[0].strip()
        try:
            self._chunk = int(said, 16) if said.isalnum() else -1
        except ValueError:
            self._chunk = -1
        if self._chunk < 0:
            raise self._broken(f"a chunk has no length: {said[:20]!r}")
        if not self._chunk:
            while self._line():
                pass  # headers after the body: nothing of S3's comes in them that is not in the body's end
            self._finish()
        return bool(self._chunk)

    def _line(self) -> bytes:
        """Read a line, without its end."""
        connection = self._connection
        assert connection is not None
        while (end := connection.rest.find(b"\r\n")) < 0:
            more = connection.receive() if len(connection.rest) <= LARGEST_LINE else b""
            if not more:
                raise self._broken("it was closed between two chunks")
            connection.rest += more
        line, connection.rest = connection.rest[:end], connection.rest[end + 2 :]
        return line


def length_of(method: str, head: Head) -> int | None:
    """Tell how long the body of an answer is; `None` where that shows only as it comes, or is said in an odd way.

    Args:
        method: Of the request.
        head: Of the answer.
    """
    if method == "HEAD" or head.status in (204, 304):
        return 0
    length = head.headers.get("content-length", "")
    if "transfer-encoding" in head.headers or not (length.isascii() and length.isdecimal()):
        return None
    return int(length)


def body_of(pool: Pool, connection: Connection, method: str, head: Head) -> bytes:
    """Read all of a body at once; as far as it came with its head, that is no more than taking it.

    Args:
        pool: Gets the connection back.
        connection: On which the head was read.
        method: Of the request.
        head: Of the answer.
    """
    rest = connection.rest
    if head.old or "connection" in head.headers or length_of(method, head) != len(rest):
        stream = stream_of(pool, connection, method, head)
        return stream.read() if method == "GET" and head.status < 300 else stream.document()
    connection.rest = b""
    pool.give(connection)
    return rest


def stream_of(pool: Pool, connection: Connection, method: str, head: Head) -> Stream:
    """Give the body of an answer.

    Args:
        pool: Of the connection.
        connection: On which the head was read.
        method: Of the request: the answer to a HEAD has no body, whatever its head says.
        head: Of the answer.
    """
    headers = head.headers
    said = headers.get("connection", "").lower()
    keep = said != "close" and "close" not in said and (not head.old or "keep-alive" in said)
    if method == "HEAD" or head.status in (204, 304):
        return Stream(pool, connection, keep, 0)
    coding = headers.get("transfer-encoding", "").lower()
    if coding and coding != "identity":
        if coding != "chunked":
            connection.close()
            raise ConnectionClosedError(f"the answer is coded as {coding[:20]!r}", connection.address.url)
        return ChunkedStream(pool, connection, keep)
    length = headers.get("content-length")
    if length is None:
        return Stream(pool, connection, False, None)
    if not (length.isascii() and length.isdecimal()):
        connection.close()
        raise ConnectionClosedError(f"the answer's length is {length[:20]!r}", connection.address.url)
    return Stream(pool, connection, keep, int(length))
