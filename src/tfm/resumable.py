"""`Keeper`: what remembers beyond this process how far a large file has come, so that another one goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol


class Known(NamedTuple):
    """What is there of a file already.

    Args:
        pieces: By number, what tells each from another one, such as its ETag.
        upload_id: The upload that they belong to; empty when there is none.
    """

    pieces: Mapping[int, str]
    upload_id: str = ""


class Keeper(Protocol):
    """Remembers one file; what is noted here is known to the next process however this one ends."""

    mark: str
    """Makes the name of the unfinished file one that nobody else has."""

    def known(self, version: str) -> Known:
        """Give what is there of a version; of another one nothing is, and it is forgotten.

        Args:
            version: Tells this version of the source, and how it is cut, from others; `disk:` in front says that the
                pieces are in a file which may not be on the disk yet.
        """
        ...

    def piece(self, version: str, number: int, proof: str = "") -> None:
        """Note that a piece is there.

        Args:
            version: As for `known`.
            number: The piece's.
            proof: What tells it from another one.
        """
        ...

    def forget_pieces(self) -> None:
        """Forget all pieces: they are of no use any more."""
        ...

    def uploading(self, upload_id: str) -> None:
        """Note that an upload is about to begin, or which one it is.

        Args:
            upload_id: Empty before it begins.
        """
        ...

    def ended(self) -> None:
        """Note that the upload was completed or dropped, so that nothing is left of it."""
        ...

    def keeps(self, error: BaseException) -> bool:
        """Whether what is there shall stay for another attempt.

        Args:
            error: What ended this one.
        """
        ...
