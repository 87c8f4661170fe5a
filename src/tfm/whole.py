"""Readers and writers that know a better way for a whole file than to be read or written chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from tfm.resumable import Keeper

Moved = Callable[[int], object]
"""Told the bytes as they move, by one thread at a time; what it raises ends the transfer."""


def untold(count: int) -> None:
    """Tell nobody.

    Args:
        count: The bytes that were moved.
    """


@runtime_checkable
class FillsFile(Protocol):
    """A reader of `Path.open_reader` that writes all it has into a file on a disk."""

    def fill_file(self, descriptor: int, moved: Moved, keeper: Keeper | None = None) -> int:
        """Write everything into an open file; gives the bytes that it has then.

        Args:
            descriptor: Of the file, which is empty but for the pieces that the keeper knows.
            moved: Told the bytes as they are written.
            keeper: Told how far it is, and tells it; `None` begins at the beginning.
        """
        ...


@runtime_checkable
class TakesFile(Protocol):
    """A writer of `Path.open_writer` that takes all of a file on a disk, before anything else was written."""

    def take_file(
        self, descriptor: int, size: int, moved: Moved, keeper: Keeper | None = None, version: str = ""
    ) -> int:
        """Take bytes from the beginning of an open file; gives how many there were, fewer where it ended too soon.

        Args:
            descriptor: Of the file.
            size: How many.
            moved: Told the bytes as they are taken.
            keeper: Told how far it is, and tells it; `None` begins at the beginning.
            version: What tells this version of the file from others; only for a keeper.
        """
        ...
