"""`Stretch`: some bytes of one version of an object, taken up again where a connection breaks."""

from __future__ import annotations

from typing import NamedTuple

from tfm.errors import S3ChangedError, S3ConnectionError, S3GenericError, S3TimeoutError
from tfm.s3.protocol import Body, Checksum, ObjectFacts, S3Client

LARGE = 32 * 1024 * 1024
"""Bytes from which an object that is wanted whole comes by several ranges at once."""
ATTEMPTS = 4
"""How often in a row a read may break before the error is raised."""


class Pinned(NamedTuple):
    """One version of an object, and no other.

    Args:
        client: The client of the place.
        bucket: The bucket.
        facts: What S3 told of the version: its key, size and ETag.
        name: The path's text, for errors.
        version_id: The version that was asked for; `None` was the latest.
        checksum: What S3 keeps of it, as far as it said.
    """

    client: S3Client
    bucket: str
    facts: ObjectFacts
    name: str
    version_id: str | None = None
    checksum: Checksum | None = None

    def open(self, start: int, stop: int) -> Body:
        """Ask for some of its bytes.

        Args:
            start: The first byte.
            stop: The byte behind the last one.

        Raises:
            S3ChangedError: The object is another one by now, also on a server that knows no `If-Match`.
        """
        key, etag = self.facts.key, self.facts.etag
        body = self.client.get(
            self.bucket, key, start=start, stop=stop, if_match=etag or None, version_id=self.version_id
        )
        if body.facts.etag != etag or body.facts.size != self.facts.size:
            body.close()
            raise S3ChangedError(
                f"{self.name}: the object changed while it was read: read it again.",
                bucket=self.bucket,
                key=key,
                filename=self.name,
            )
        return body

    def broken(self, position: int) -> S3ConnectionError:
        """Make the error of an answer that ended too soon.

        Args:
            position: The first byte that is missing.
        """
        return S3ConnectionError(
            f"The server closed {self.name} at byte {position} of {self.facts.size}: try again.",
            bucket=self.bucket,
            key=self.facts.key,
            filename=self.name,
        )

    def corrupted(self) -> S3GenericError:
        """Make the error of bytes that are not those of the object."""
        return S3GenericError(
            f"{self.name}: the bytes that came differ from their checksum: try again.",
            code="FlexibleChecksumError",
            bucket=self.bucket,
            key=self.facts.key,
            filename=self.name,
        )


class Stretch:
    """The bytes from one position to another, read once, from the first to the last.

    Args:
        source: The object.
        start: The first byte.
        stop: The byte behind the last one.
        body: An open body that stands at the first byte; without one, a request is made at the first read.
    """

    def __init__(self, source: Pinned, start: int, stop: int, body: Body | None = None) -> None:
        self._source = source
        self._at = start
        self._stop = stop
        self._body = body

    def readinto(self, view: memoryview) -> int:
        """Fill a buffer with the next bytes, at least one; 0 at the end.

        Args:
            view: Of bytes.
        """
        view = view[: self._stop - self._at]
        if not view:
            self.close()
            return 0
        attempt = 1
        while True:
            try:
                if self._body is None:
                    self._body = self._source.open(self._at, self._stop)
                count = self._body.readinto(view)
                if not count:
                    raise self._source.broken(self._at)
            except (S3ConnectionError, S3TimeoutError):
                self.close()
                if attempt == ATTEMPTS:
                    raise
                attempt += 1
            else:
                self._at += count
                return count

    def close(self) -> None:
        """Give the connection back, or drop it when bytes are left; harmless when done twice."""
        if self._body is not None:
            self._body.close()
            self._body = None
