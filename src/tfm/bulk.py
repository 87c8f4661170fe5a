"""`Bulk`: how a storage of requests takes many small files at once from one thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tfm.info import FileInfo
    from tfm.path import Path

LARGEST_READ = 256 * 1024
"""Bytes of a file that is read in bulk, at most: more would hold up the answers of others."""
LARGEST_WRITE = 64 * 1024
"""Bytes of a file that is written in bulk, at most: what a system takes off one's hands at once."""
LARGEST_COPY = 8 * 1024 * 1024
"""Bytes of a file that is copied in bulk inside the storage, at most: a server copies these while one waits."""

Failed = Callable[[BaseException], object]


class Bulk(Protocol):
    """Small files of one place, each answered by a call, which may come from any thread.

    Each verb tells whether it took the file on; if not, nothing was done.
    """

    def read(self, path: Path, done: Callable[[bytes, str], object], failed: Failed) -> bool:
        """Read a file; `done` gets its bytes and its ETag."""
        ...

    def write(self, path: Path, data: bytes, overwrite: bool, done: Callable[[str], object], failed: Failed) -> bool:
        """Write a file; `done` gets its ETag, `failed` gets `FileExistsError` when it must not replace one."""
        ...

    def copy(
        self, source: Path, info: FileInfo, target: Path, overwrite: bool, done: Callable[[bool], object],
        failed: Failed,
    ) -> bool:  # fmt: skip
        """Copy a file as a listing told it, inside the place; `done` gets whether the copy is known to be the same."""
        ...

    def drain(self) -> None:
        """Wait until every file is answered."""
        ...

    def close(self, reason: BaseException) -> None:
        """End it; whoever still waits for an answer is told the reason instead."""
        ...
