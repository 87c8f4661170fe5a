"""What is known of one entry: small immutable values that a listing, a stat or a probe fills."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from typing import Literal, NamedTuple

Kind = Literal["file", "directory", "both", "other", "missing"]


class FileInfo(NamedTuple):
    """One entry of a directory; speaks the `PathInfo` protocol of Python 3.14.

    Args:
        name: The entry's own name, one segment, exactly as the storage holds it.
        kind: What it is; `both` is an S3 object that bears the name of a prefix; `missing` is nothing, or a broken
            link.
        size: Bytes, or `None` where the storage keeps none (S3 prefixes).
        mtime: Seconds since the epoch, or `None` where the storage keeps none.
        mode: The bits of `st_mode`.
        link: Whether the entry is a symbolic link; `kind` tells what it leads to.
        etag: S3: the entity tag with its quotes.
        storage_class: S3: such as `STANDARD`.
        version_id: S3: the version, on a bucket that keeps them.
        content_type: S3: the media type, known after a HEAD or a GET.
        metadata: S3: the user metadata, known after a HEAD or a GET.

    Source: https://docs.python.org/3.14/library/pathlib.html#pathlib.types.PathInfo
    """

    name: str
    kind: Kind
    size: int | None = None
    mtime: float | None = None
    mode: int = 0
    link: bool = False
    etag: str | None = None
    storage_class: str | None = None
    version_id: str | None = None
    content_type: str | None = None
    metadata: dict[str, str] | None = None

    def exists(self, *, follow_symlinks: bool = True) -> bool:
        """Whether the entry is there; a broken link is, when links are not followed."""
        return self.kind != "missing" or (self.link and not follow_symlinks)

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        """Whether it is a directory."""
        return self.kind in ("directory", "both") and (follow_symlinks or not self.link)

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        """Whether it is a regular file."""
        return self.kind in ("file", "both") and (follow_symlinks or not self.link)

    def is_symlink(self) -> bool:
        """Whether it is a symbolic link."""
        return self.link


FILE_MODE = stat.S_IFREG | 0o644
DIRECTORY_MODE = stat.S_IFDIR | 0o755


def stat_result(info: FileInfo) -> os.stat_result:
    """Make the `os.stat_result` of an entry; what the storage does not keep is 0.

    Args:
        info: An entry that exists.
    """
    seconds = info.mtime or 0.0
    whole = int(seconds)
    mode = info.mode or (DIRECTORY_MODE if info.kind == "directory" else FILE_MODE)
    nanoseconds = round(seconds * 1e6) * 1000
    times = {
        "st_atime": seconds,
        "st_mtime": seconds,
        "st_ctime": seconds,
        "st_atime_ns": nanoseconds,
        "st_mtime_ns": nanoseconds,
        "st_ctime_ns": nanoseconds,
    }
    return os.stat_result((mode, 0, 0, 1, 0, 0, info.size or 0, whole, whole, whole), times)


class Capabilities(NamedTuple):
    """What a storage can do, as data; asking it replaces asking for its type."""

    links: bool = False
    permissions: bool = False
    times: bool = False
    server_copy: bool = False
    atomic_rename: bool = False
    needs_directories: bool = False


class LazyInfo:
    """The `PathInfo` of a path: asks once, when first asked, and keeps the answer.

    Args:
        facts: Gives what the path is, as `Path.facts` does.
    """

    __slots__ = ("_answers", "_facts")

    def __init__(self, facts: Callable[..., FileInfo]) -> None:
        self._facts = facts
        self._answers: dict[bool, FileInfo] = {}

    def _info(self, follow_symlinks: bool) -> FileInfo:
        if follow_symlinks not in self._answers:
            try:
                self._answers[follow_symlinks] = self._facts(follow_symlinks=follow_symlinks)
            except (FileNotFoundError, NotADirectoryError, ValueError):
                self._answers[follow_symlinks] = FileInfo("", "missing")
        return self._answers[follow_symlinks]

    def exists(self, *, follow_symlinks: bool = True) -> bool:
        """Whether the path is there."""
        return self._info(follow_symlinks).exists(follow_symlinks=follow_symlinks)

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        """Whether it is a directory."""
        return self._info(follow_symlinks).is_dir(follow_symlinks=follow_symlinks)

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        """Whether it is a regular file."""
        return self._info(follow_symlinks).is_file(follow_symlinks=follow_symlinks)

    def is_symlink(self) -> bool:
        """Whether it is a symbolic link."""
        return self._info(False).is_symlink()
