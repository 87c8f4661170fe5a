"""A new name for a file that is whole, which never replaces what has that name."""

from __future__ import annotations

import errno
import functools
import os
import sys
from collections.abc import Callable

AT_FDCWD = -100
NOREPLACE = 1
"""The flag with which the kernel renames to a free name only."""

NO_FLAGS = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM})
"""What a kernel or file system answers that doesn't know the flag, or a sandbox that doesn't know the call."""

NO_HARD_LINKS = frozenset({errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS})
"""What file systems without hard links answer, or those that forbid a link to somebody else's file."""

Rename = Callable[[bytes, bytes], int]
"""Renames in one step, to a free name only; gives the number of its error, 0 for none."""


def rename_new(source: str, target: str) -> None:
    """Rename anything but a directory, and never onto something.

    Where the kernel can't refuse to replace, a hard link is made first, because that fails when the name is taken.

    Args:
        source: The old path.
        target: The new path, on the same device.

    Raises:
        FileExistsError: Something has the new name.
        OSError: `EXDEV` when it is another device.

    Source: https://man7.org/linux/man-pages/man2/rename.2.html
    """
    rename = _find_rename()
    number = errno.ENOSYS if rename is None else rename(os.fsencode(source), os.fsencode(target))
    if number in NO_FLAGS:
        _link_and_unlink(source, target)
    elif number:
        raise OSError(number, os.strerror(number), source, None, target)


@functools.cache
def _find_rename() -> Rename | None:
    if sys.platform != "linux":
        return None
    import ctypes

    try:
        found = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return None
    found.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)

    def rename(source: bytes, target: bytes) -> int:
        while found(AT_FDCWD, source, AT_FDCWD, target, NOREPLACE):
            number = ctypes.get_errno()
            if number != errno.EINTR:
                return number
        return 0

    return rename


def _link_and_unlink(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
        _claim_and_replace(source, target)
    else:
        os.unlink(source)


def _claim_and_replace(source: str, target: str) -> None:
    """Take the name by an empty file, which also fails when it is taken, then rename over our own file."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    claimed = os.fstat(descriptor)
    os.close(descriptor)
    try:
        os.replace(source, target)
    except OSError:
        if os.path.samestat(os.lstat(target), claimed):
            os.unlink(target)
        raise
