"""Which arguments of a function of the standard library mean something on S3: paths of tfm, and their URIs as text."""

from __future__ import annotations

import os
from typing import Any

from tfm.errors import UnsupportedOperation
from tfm.path import Path
from tfm.registry import implementation_of
from tfm.uripath import URIPath


def remote(value: Any) -> Any:
    """Give the path of an argument that leads to another storage, or `None` for anything local.

    Args:
        value: Text, bytes, a path, an open file's number: what functions on files take.

    Raises:
        InvalidPathError: A URI that can't be one, such as `s3:/bucket`, which would be a local file's name otherwise.
    """
    if type(value) is str:
        return _of_text(value) if ":/" in value else None
    if isinstance(value, URIPath):
        return value if value.is_absolute() else None  # as text, a relative one is below the current directory
    if isinstance(value, bytes):
        if b":/" in value and _of_text(os.fsdecode(value)) is not None:
            raise UnsupportedOperation(f"{value!r}: give a path of another storage as text, not as bytes.")
        return None
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
        if not isinstance(value, str):
            return remote(value)
    elif not isinstance(value, str):
        return None
    return _of_text(value) if ":/" in value else None


def _of_text(text: str) -> Any:
    return Path(text) if implementation_of(text) is not None else None


def uri(value: Any) -> str | None:
    """Give the text of an argument that is a URI of another storage, or `None`.

    Args:
        value: What functions on names take.
    """
    if type(value) is not str:
        if isinstance(value, URIPath):
            return str(value) if value.is_absolute() else None
        if not isinstance(value, str | os.PathLike):
            return None
        value = os.fspath(value)
        if not isinstance(value, str):
            return None
    return value if "://" in value and implementation_of(value) is not None else None
