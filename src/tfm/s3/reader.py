"""Reading an object: one GET while reading goes straight on, ranged GETs after a seek, always the same object.

The first GET has no range, so that a file read from its beginning costs one request. After a seek the next GET asks for
a window that grows while reading goes straight on. Every later GET carries the ETag of the first, so that a reader
never mixes two objects; a connection that breaks is taken up again where it broke. A large object that is wanted whole
comes by several ranges at once, of which the first GET is the first.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from tfm.errors import S3ConnectionError, S3TimeoutError
from tfm.s3.protocol import Body, S3Client
from tfm.s3.stretch import ATTEMPTS, LARGE, Pinned

if TYPE_CHECKING:
    from collections.abc import Buffer  # type: ignore[attr-defined]  # Python 3.12

    from tfm.resumable import Keeper
    from tfm.s3.checking import Check
    from tfm.whole import Moved

FIRST_WINDOW = 128 * 1024
LARGEST_WINDOW = 64 * 1024 * 1024
SKIP = 64 * 1024
"""A seek forward of at most this many bytes reads over them; that costs less than another request."""


class S3Reader(io.RawIOBase):
    """The bytes of one object, seekable.

    Args:
        client: The client of the place.
        bucket: The bucket.
        key: The key.
        name: The path's text, for `name`.
        version_id: The version; `None` is the latest.

    Raises:
        S3NotFoundError: There is no such object; raised here, not at the first read.
    """

    def __init__(self, client: S3Client, bucket: str, key: str, name: str, version_id: str | None = None) -> None:
        self._body: Body | None = None
        self._body = client.get(bucket, key, version_id=version_id)
        self.facts = self._body.facts
        """What S3 told of the object when it was opened."""
        self._source = Pinned(client, bucket, self.facts, name, version_id, self._body.take_checksum())
        self._check: Check | None = None
        self._compared = 0
        self._position = 0
        self._body_at = 0
        self._body_stop = self.facts.size
        self._window = LARGEST_WINDOW
        self.name = name
        self.mode = "rb"

    def __repr__(self) -> str:
        return f"<S3Reader {self.name!r} at {self._position}>"

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """Give the position in bytes."""
        self._check_open()
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move the position; no request is made before the next read.

        Args:
            offset: In bytes.
            whence: From the beginning (0), the position (1) or the end (2).
        """
        self._check_open()
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.facts.size}.get(whence)
        if base is None:
            raise ValueError(f"invalid whence ({whence}, should be 0, 1 or 2)")
        if base + offset < 0:
            raise ValueError(f"negative seek position {base + offset}")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: Buffer) -> int:
        """Read into a buffer; 0 at the end.

        Args:
            buffer: Anything writable.
        """
        view = memoryview(buffer).cast("B")
        data = self._take(len(view))
        view[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        """Read all that is left."""
        if self.facts.size >= LARGE and self._position == self._body_at == 0 and self._body is not None:
            from tfm.s3.filling import fill_memory

            return fill_memory(self._source, self._give_body())
        chunks = []
        while chunk := self._take(max(self.facts.size - self._position, 1)):
            chunks.append(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def fill_file(self, descriptor: int, moved: Moved, keeper: Keeper | None = None) -> int:
        """Write the whole object into an open file on a disk, a large one by several ranges at once.

        Args:
            descriptor: Of the file, which is empty but for the pieces that the keeper knows.
            moved: Told the bytes as they are written, by one thread at a time; what it raises ends it.
            keeper: Told the ranges of a large object as they are there, and tells them.

        Returns:
            The bytes that were written: all of the object.

        Raises:
            S3ChangedError: The object is another one than was opened.
            OSError: `ENOSPC`, before anything is written where that can be known.
        """
        from tfm.s3.filling import fill_file

        return fill_file(self._source, self._give_body(), descriptor, moved, keeper)

    def _give_body(self) -> Body:
        """Hand on the body of the whole object; from here on the reader stands at its end."""
        self._check_open()
        body = self._body
        if self._body_at or body is None or self._body_stop != self.facts.size:
            self._drop_body()
            body = self._source.open(0, self.facts.size)
        self._body = None
        self._position = self._body_at = self._body_stop = self.facts.size
        return body

    def close(self) -> None:
        """Close the reader; what was not read is not fetched."""
        if not self.closed:
            self._drop_body()
            super().close()

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed file.")

    def _take(self, size: int) -> bytes:
        """Read at most `size` bytes at the position, at least one before the end."""
        self._check_open()
        size = min(size, self.facts.size - self._position)
        if size <= 0:
            return b""
        data = self._read_on(size)
        if self._source.checksum is not None and self._position == self._compared:
            self._compare(data)
        self._position += len(data)
        self._body_at = self._position
        if self._body_at == self._body_stop:
            self._drop_body()
        return data

    def _compare(self, data: bytes) -> None:
        """Take bytes in that came straight from the beginning; the last ones are given when the checksum is right."""
        if self._check is None:
            from tfm.s3.checking import Check  # loaded when something is compared

            self._check = Check(self._source)
            self._add = self._check.stretch(0)
        self._add(data)
        self._compared += len(data)
        if self._compared == self.facts.size:
            self._check.finish()

    def _read_on(self, size: int) -> bytes:
        """Read at least one byte, and take a broken connection up again."""
        attempt = 1
        while True:
            try:
                data = self._body_for(size).read(min(size, self._body_stop - self._position))
                if data:
                    return data
                raise self._source.broken(self._position)
            except (S3ConnectionError, S3TimeoutError):
                self._drop_body()
                if attempt == ATTEMPTS:
                    raise
                attempt += 1

    def _body_for(self, size: int) -> Body:
        """Give a body that stands at the position: the open one where it does, else the one of a new request."""
        ahead = self._position - self._body_at
        if self._body is not None and 0 < ahead <= SKIP and self._position < self._body_stop:
            while self._body_at < self._position:
                skipped = len(self._body.read(self._position - self._body_at))
                if not skipped:
                    break
                self._body_at += skipped
        if self._body is None or self._body_at != self._position:
            straight_on = self._position == self._body_at
            self._drop_body()
            self._window = min(self._window * 4, LARGEST_WINDOW) if straight_on else FIRST_WINDOW
            stop = min(self._position + max(size, self._window), self.facts.size)
            self._body = self._source.open(self._position, stop)
            self._body_at, self._body_stop = self._position, stop
        return self._body

    def _drop_body(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None
