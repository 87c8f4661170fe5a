"""The open body of a GET of the fast engine."""

from __future__ import annotations

from collections.abc import Callable

from tfm.errors import S3BaseError
from tfm.s3.fast.checksums import Comparison
from tfm.s3.fast.errors import FlexibleChecksumError, WireError
from tfm.s3.fast.framing import Stream
from tfm.s3.protocol import Checksum, ObjectFacts


class FastBody:
    """A body whose errors are tfm's own; its last bytes are given when the checksum is right.

    Args:
        stream: Of the answer; `None` for an empty body.
        comparison: With the checksum of the whole, where it has one.
        facts: The whole object's.
        checksum: What the server said of the whole.
        told: Makes tfm's error of what went wrong.
    """

    def __init__(
        self,
        stream: Stream | None,
        comparison: Comparison | None,
        facts: ObjectFacts,
        checksum: Checksum | None,
        told: Callable[[Exception], S3BaseError],
    ) -> None:
        self.facts = facts
        self._stream = stream
        self._comparison = comparison
        self._checksum = checksum
        self._told = told

    def take_checksum(self) -> Checksum | None:
        """Give the checksum of the whole object, and leave comparing to the caller."""
        self._comparison = None
        return self._checksum

    def read(self, size: int = -1) -> bytes:
        """Read so many bytes, or to the end when negative or when there are fewer.

        Where the connection broke, some that were asked for by number are given first; the next call raises.
        """
        if self._stream is None or size == 0:
            return b""
        try:
            data = self._stream.read(size) if size < 0 else self._stream.read_until_broken(size)
            if not data and self._stream.broken is not None:
                raise self._stream.broken
        except WireError as error:
            raise self._told(error) from error
        if self._stream.broken is None:
            self._compare(data)
        return data

    def readinto(self, buffer: bytearray | memoryview) -> int:
        """Fill a buffer; gives how many bytes came, fewer than it holds only at the end."""
        if self._stream is None:
            return 0
        with memoryview(buffer) as whole, whole.cast("B") as view:
            try:
                count = self._stream.readinto(view)
            except WireError as error:
                raise self._told(error) from error
            self._compare(view[:count])
        return count

    def _compare(self, data: bytes | memoryview) -> None:
        comparison = self._comparison
        if comparison is None or self._stream is None:
            return
        comparison.update(data)
        try:
            if not self._stream.at_end():
                return
            self._comparison = None
            if not comparison.matches():
                raise FlexibleChecksumError("the bytes that came differ from their checksum")
        except (WireError, FlexibleChecksumError) as error:
            raise self._told(error) from error

    def close(self) -> None:
        """Give the connection back, or drop it when bytes are left."""
        if self._stream is not None:
            try:
                self._stream.close()
            except WireError:
                pass  # what was asked for was read; the connection is gone either way
