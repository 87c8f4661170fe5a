"""`S3Bulk`: many small objects of one place at once, by their paths."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tfm.bulk import Failed
from tfm.s3.address import S3Address
from tfm.s3.keeping import new_object
from tfm.s3.moving import class_of
from tfm.s3.protocol import NO_OPTIONS, ObjectFacts, WriteOptions

if TYPE_CHECKING:
    from tfm.info import FileInfo
    from tfm.path import Path
    from tfm.s3.many import Many


class S3Bulk:
    """Small objects of one place, each answered by a call; see `Bulk`.

    Args:
        many: Sends the requests.
    """

    def __init__(self, many: Many) -> None:
        self._many = many
        self.drain = many.drain
        self.close = many.close

    def read(self, path: Path, done: Callable[[bytes, str], object], failed: Failed) -> bool:
        """Read an object.

        Args:
            path: Which.
            done: Gets its bytes and its ETag.
            failed: Gets the error instead.
        """
        return self._many.get(*_where(path), done, failed)

    def write(self, path: Path, data: bytes, overwrite: bool, done: Callable[[str], object], failed: Failed) -> bool:
        """Write an object as `open("wb")` would.

        Args:
            path: Which.
            data: Its bytes.
            overwrite: Replace one that is there.
            done: Gets its ETag.
            failed: Gets the error instead.
        """
        bucket, key = _where(path)
        options = new_object(key, NO_OPTIONS, if_none_match=not overwrite)
        return self._many.put(bucket, key, data, options, done, failed)

    def copy(
        self, source: Path, info: FileInfo, target: Path, overwrite: bool, done: Callable[[bool], object],
        failed: Failed,
    ) -> bool:  # fmt: skip
        """Copy an object as a listing told it, and no other version of it.

        Args:
            source: The object.
            info: What the listing told.
            target: The new one.
            overwrite: Replace one that is there.
            done: Gets whether the copy has the same ETag, so that it is known to be the same.
            failed: Gets the error instead.
        """
        here, etag = _where(source), info.etag
        facts = ObjectFacts(here[1], info.size or 0, info.mtime or 0.0, storage_class=info.storage_class or "STANDARD")
        options = WriteOptions(if_none_match=not overwrite, storage_class=class_of(facts))
        return self._many.copy(here, *_where(target), etag, options, lambda made: done(made == etag), failed)


def _where(path: Path) -> tuple[str, str]:
    assert isinstance(path, S3Address)  # the caller's promise
    return path._file_names()
