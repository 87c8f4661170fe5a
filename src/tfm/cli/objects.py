"""What only objects of S3 have, and what is said of a local file."""

from __future__ import annotations

from typing import Any

from tfm.errors import UnsupportedOperation
from tfm.path import Path


def object_of(path: Path, what: str) -> Any:
    """Give the path as an object of S3, which type checkers don't know of.

    Args:
        path: The path.
        what: What is asked of it, such as `tags`.

    Raises:
        UnsupportedOperation: It is a local file.
    """
    if not hasattr(path, "presign"):
        raise UnsupportedOperation(f"{path} is a local file: only objects of S3 have {what}.")
    return path
