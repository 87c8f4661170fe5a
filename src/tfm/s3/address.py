"""S3Address: where an S3 path leads, which is its place, bucket and key, and how it is normalised."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from tfm.errors import InvalidPathError, S3IsADirectoryError
from tfm.info import FileInfo
from tfm.path import Path
from tfm.s3.places import client_for
from tfm.s3.protocol import S3Client
from tfm.uri import anchor_length
from tfm.uripath import URIPath

if TYPE_CHECKING:
    from typing import Self

LONGEST_KEY = 1024
"""Bytes. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html"""


class S3Address(URIPath):
    """The names of an S3 path."""

    __slots__ = ()

    _version_id: str | None = None
    """The version of a path that leads to one; `None` is the latest."""

    # A version has the URI of its object, and is another path all the same.

    def __eq__(self, other: object) -> bool:
        if isinstance(other, S3Address):
            return self._uri == other._uri and self._version_id == other._version_id
        return super().__eq__(other)

    __hash__ = URIPath.__hash__

    @property
    def place(self) -> str:
        """The name of the place; empty for the default one."""
        return self._uri[len("s3://") : max(anchor_length(self._uri) - 1, len("s3://"))]

    @property
    def bucket(self) -> str:
        """The bucket; empty for `s3://`."""
        return self._uri[anchor_length(self._uri) :].partition("/")[0]

    @property
    def key(self) -> str:
        """The key; empty for a bucket and for `s3://`."""
        return self._uri[anchor_length(self._uri) :].partition("/")[2]

    @property
    def _client(self) -> S3Client:
        return client_for(self.place)

    @property
    def _is_bucket(self) -> bool:
        return "/" not in self._uri[anchor_length(self._uri) :]

    @property
    def _prefix(self) -> str:
        """What the keys below begin with."""
        return "" if self._is_bucket else self.key + "/"

    def listed_below(self, names: str, info: FileInfo) -> Self:
        """Give the path below that a listing found, with what it knows of it.

        Args:
            names: Relative, with slashes between the segments, as `scan_tree` gives them.
            info: What is there.
        """
        if len(self._uri) > anchor_length(self._uri):
            return self._of(f"{self._uri}/{names}", info)
        bucket, slash, rest = names.partition("/")
        return self.child(bucket).listed_below(rest, info) if slash else self.listed_child(info)

    def _address(self) -> tuple[S3Client, str, str]:
        """Give client, bucket and key for a request, and refuse names that S3 can't hold."""
        return (self._client, *self._names())

    def _names(self) -> tuple[str, str]:
        """Give bucket and key for a request, and refuse names that S3 can't hold."""
        self._need_absolute()
        bucket, _, key = self._uri[anchor_length(self._uri) :].partition("/")
        if "\0" in key:
            raise InvalidPathError(f"{str(self)!r} has a NUL character, which no key can have.")
        try:
            size = len(key) if key.isascii() else len(key.encode())
        except UnicodeEncodeError as error:
            raise InvalidPathError(f"{str(self)!r} is not valid Unicode, which every key is: rename it.") from error
        if size > LONGEST_KEY:
            raise InvalidPathError(f"{str(self)!r} has a key of {size} bytes, and S3 takes {LONGEST_KEY}: shorten it.")
        return bucket, key

    def _need_absolute(self) -> None:
        if not self.is_absolute():
            raise InvalidPathError(f"{str(self)!r} is relative: join it to s3://bucket first.")

    def _error(self, kind: Any, message: str, code: str = "") -> Any:
        return kind(f"{self}: {message}", code=code, bucket=self.bucket, key=self.key, filename=str(self))

    def _file_address(self) -> tuple[S3Client, str, str]:
        """As `_address`, for what only a file has: a path that ends in a slash or is a bucket is none."""
        return (self._client, *self._file_names())

    def _file_names(self) -> tuple[str, str]:
        """As `_names`, for what only a file has."""
        bucket, key = self._names()
        if not key or key.endswith("/"):
            raise self._error(S3IsADirectoryError, "is a directory, not a file.")
        return bucket, key

    def resolve(self, strict: bool = False) -> Self:
        """Normalise the path, on purpose: empty and `.` segments vanish, `..` goes up.

        Args:
            strict: Raise `FileNotFoundError` when the result is not there.
        """
        self._need_absolute()
        kept: list[str] = []
        for segment in self._segments():
            if segment == "..":
                kept = kept[:-1] if len(kept) > 1 else kept  # a bucket is as far up as `..` leads
            elif segment not in ("", "."):
                kept.append(segment)
        resolved = self._of(self.anchor + "/".join(kept))
        if strict:
            resolved.facts()
        return resolved

    def local(self, mode: str = "r") -> AbstractContextManager[Path]:
        """Hand out a local file with the object's bytes, for programs that take nothing else.

        Args:
            mode: `r` gives a file to read, from the content cache; `r+` one to edit, which replaces the object when the
                block ends well, unless somebody else did; `w` and `x` a new one.

        Raises:
            S3ChangedError: At the end of the block, when the object is no longer the one that was handed out; the
                edited file is kept, and the message says where.
        """
        from tfm.s3.localcopy import check_mode, local_copy

        check_mode(mode)
        self._file_address()  # what can't be a file is refused now
        return local_copy(self, mode)

    def absolute(self) -> Self:
        """Give the path itself; a relative one can't be made absolute, because S3 has no current directory."""
        self._need_absolute()
        return self

    def expanduser(self) -> Self:
        """Give the path itself: `~` is a name like any other on S3."""
        return self
