"""What can go wrong with a transfer besides the errors of the two storages."""

from __future__ import annotations

import errno
from typing import Any

from tfm.errors import TfmError


class TransferCancelledError(TfmError):
    """The transfer was asked to stop; nothing of it is left at the destination."""


class TransferError(TfmError, OSError):
    """The transfer can't be done or isn't what it should be; nothing of it is left at the destination.

    Args:
        message: One sentence: what, why, and what to do.
    """

    def __init__(self, message: str) -> None:
        super().__init__(errno.EIO, message)

    def __reduce__(self) -> Any:
        return type(self), (self.strerror,)


class SourceChangedError(TransferError):
    """The source is no longer what it was when the transfer began."""


class TargetChangedError(TransferError):
    """The target is no longer what was to be replaced; it was left alone."""
