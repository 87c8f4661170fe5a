"""Reading and writing one object at once: a local copy is edited, and goes up on close if it was changed."""

from __future__ import annotations

import io
import shutil
import tempfile
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from tfm.errors import S3NotFoundError
from tfm.opening import warn_unclosed
from tfm.s3.keeping import kept, new_object
from tfm.s3.moving import Location
from tfm.s3.protocol import NO_OPTIONS, S3Client, WriteOptions
from tfm.s3.reader import S3Reader
from tfm.s3.writer import S3Writer

if TYPE_CHECKING:
    from typing import Self

CHUNK = 1024 * 1024


class S3Editor(io.BufferedRandom):
    """A file that is a local copy of an object; on close it replaces the object, unless somebody else did.

    Args:
        client: The client of the place.
        location: The object.
        name: The path's text, for `name`.
        action: `r+`, `w+`, `x+` or `a+`, as for the built-in `open`.
        given: What is to be stored otherwise than it is; `r+` and `a+` keep all else.

    Raises:
        S3NotFoundError: `r+`, and there is no such object.
        S3ChangedError: On close, when the object is no longer the one that was opened.
    """

    def __init__(
        self, client: S3Client, location: Location, name: str, action: str, given: WriteOptions = NO_OPTIONS
    ) -> None:
        self._client = client
        self._location = location
        self._path = name
        self._given = given
        self._options = new_object(location.key, given, if_none_match=action == "x+")
        self._dirty = action in ("w+", "x+") or given != NO_OPTIONS
        self._appends = action == "a+"
        copy = cast("BinaryIO", tempfile.TemporaryFile("w+b", buffering=0, prefix="tfm-"))  # noqa: SIM115 - ours to close
        try:
            if action in ("r+", "a+"):
                self._fetch(copy)
            copy.seek(0, io.SEEK_END if self._appends else io.SEEK_SET)
        except BaseException:
            copy.close()
            raise
        super().__init__(cast("Any", copy))

    def _fetch(self, copy: BinaryIO) -> None:
        try:
            with S3Reader(self._client, *self._location, self._path) as reader:
                shutil.copyfileobj(reader, copy, CHUNK)
        except S3NotFoundError as error:
            if not self._appends or error.code == "NoSuchBucket":
                raise
            self._dirty = True  # an empty file is made, as on a disk
            self._options = self._options._replace(if_none_match=True)
        else:
            facts = reader.facts
            self._options = kept(self._client, self._location.bucket, facts, self._given)._replace(if_match=facts.etag)

    @property
    def name(self) -> str:  # the copy's own name is no path
        """The path's text."""
        return self._path

    def __repr__(self) -> str:
        return f"<S3Editor {self._path!r}>"

    def write(self, data: Any) -> int:
        """Write at the position, or at the end when the file was opened to append.

        Args:
            data: Anything with the buffer protocol.
        """
        if self._appends:
            self.seek(0, io.SEEK_END)
        self._dirty = True
        return super().write(data)

    def truncate(self, size: int | None = None) -> int:
        """Cut the file, or fill it with zeros, to a size.

        Args:
            size: In bytes; the position when `None`.
        """
        self._dirty = True
        return super().truncate(size)

    def close(self) -> None:
        """Close the file; if it was changed it replaces the object now, or fails and replaces nothing."""
        if self.closed:
            return
        try:
            if self._dirty:
                self.seek(0)
                with S3Writer(self._client, *self._location, self._path, self._options) as writer:
                    shutil.copyfileobj(cast("BinaryIO", self), writer, CHUNK)
        finally:
            super().close()

    def abort(self) -> None:
        """Drop the changes: the object stays as it is."""
        self._dirty = False
        super().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def __del__(self) -> None:
        try:
            closed = self.closed
        except ValueError:  # it was never opened
            return
        if not closed:
            if self._dirty:
                warn_unclosed(self)
            self.abort()
