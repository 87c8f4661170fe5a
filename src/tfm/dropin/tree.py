"""Whole trees of another storage, and directories that outlive what was in them."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from typing import Any

from tfm.errors import UnsupportedOperation


def outlive(directory: Any) -> None:
    """Keep a directory after something in it is gone, as a disk does: S3's would vanish with its last file.

    A script that empties a directory and then removes it, or lists it, must find it.

    Args:
        directory: The parent of what is gone.
    """
    if directory.parent != directory and directory.parent.name and not directory.is_dir():
        directory.mkdir(parents=True, exist_ok=True)


def delete_tree(top: Any) -> Iterator[tuple[str, OSError]]:
    """Delete everything below a directory, and the directory; gives what could not be deleted, by its path.

    Args:
        top: The directory.
    """
    if top.parent == top:
        raise UnsupportedOperation(f"{str(top)!r} is the list of all buckets: name what is to be deleted.")
    for page in top.scan_tree():  # raises for what is no directory
        names = [name + "/" if info.is_dir() and not info.is_file() else name for name, info in page]
        for name, error in top.delete_below(names).items():
            yield f"{top}/{name}", error
    try:
        if top.is_dir():
            top.rmdir()  # what it has left is its marker, or the bucket itself
    except OSError as error:
        yield str(top), error
    outlive(top.parent)


def not_a_directory(path: Any) -> OSError:
    """Make the error for a path that is no directory, or is not there.

    Args:
        path: The path.
    """
    code = errno.ENOTDIR if path.exists() else errno.ENOENT
    return OSError(code, os.strerror(code), str(path))
