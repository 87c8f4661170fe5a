"""Room on a disk, taken before it is needed."""

from __future__ import annotations

import errno
import functools
import os
import sys
from collections.abc import Callable

_CANNOT = frozenset({errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL, errno.ENODEV, errno.EPERM})
"""What a system answers that can't take room before it is needed."""


@functools.cache
def _find_fallocate() -> Callable[[int, int], int] | None:
    if sys.platform != "linux":
        return None
    import ctypes

    try:
        found = ctypes.CDLL(None, use_errno=True).fallocate64
    except (OSError, AttributeError):
        return None
    found.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)

    def fallocate(descriptor: int, size: int) -> int:
        while found(descriptor, 0, 0, size):
            number = ctypes.get_errno()
            if number != errno.EINTR:
                return number
        return 0

    return fallocate


def reserve(descriptor: int, size: int) -> None:
    """Make sure that a file that will be long fits on its disk, and lies there in one piece where that can be had.

    The C library's `posix_fallocate` would write to every block of a disk that can't do this, so that it isn't used.

    Args:
        descriptor: Of the file, which is empty and gets this length, or keeps its own.
        size: Bytes.

    Raises:
        OSError: `ENOSPC`, or another reason why it will not fit.

    Source: https://man7.org/linux/man-pages/man2/fallocate.2.html
    """
    room = os.fstatvfs(descriptor)
    if (
        room.f_blocks > 0 and room.f_bavail * room.f_frsize < size
    ):  # asked first: a disk gives all that it has, then fails
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    fallocate = _find_fallocate()
    number = 0 if fallocate is None else fallocate(descriptor, size)
    if number and number not in _CANNOT:
        os.ftruncate(descriptor, 0)  # what it has taken so far is given back at once
        raise OSError(number, os.strerror(number))
