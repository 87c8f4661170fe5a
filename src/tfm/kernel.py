"""Bytes from one local file to another inside the kernel: shared where the file system can, else copied there."""

from __future__ import annotations

import errno
import fcntl
import os
import sys
from collections.abc import Callable

from tfm.whole import Moved

CHUNK = 1024 * 1024
"""Bytes moved at a time: a cancel is answered within one chunk."""

FICLONE = 0x40049409
"""The ioctl that makes one file share the blocks of another.

Source: https://man7.org/linux/man-pages/man2/ioctl_ficlonerange.2.html
"""

CANNOT = frozenset(
    {errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOTTY, errno.EPERM, errno.EBADF,
     errno.ETXTBSY}
)  # fmt: skip
"""What the kernel answers when this pair of files needs another way."""


def clone(source: int, target: int, size: int, moved: Moved) -> int:
    """Copy one open local file to another, the cheapest way that works.

    Args:
        source: A descriptor open for reading, at its start.
        target: A descriptor open for writing, empty.
        size: The source's size in bytes.
        moved: Told the bytes as they are copied; what it raises ends it.

    Returns:
        The bytes that were copied.

    Source: https://man7.org/linux/man-pages/man2/copy_file_range.2.html
    """
    if sys.platform != "linux":
        return _copy(_through_memory, source, target, size, moved)
    if size > CHUNK and _share_blocks(source, target):  # the kernel shares those of a small file by itself
        moved(size)
        return size
    return _copy(_in_kernel, source, target, size, moved)


def _share_blocks(source: int, target: int) -> bool:
    try:
        fcntl.ioctl(target, FICLONE, source)
    except OSError as error:
        if error.errno not in CANNOT:
            raise
        return False
    return True


def _copy(step: Callable[[int, int], int], source: int, target: int, size: int, moved: Moved) -> int:
    total = 0
    while total != size or not size:  # a file that says that it is empty may be a virtual one
        try:
            count = step(source, target)
        except OSError as error:
            if step is not _in_kernel or error.errno not in CANNOT:
                raise
            step = _through_memory  # both go on at the descriptors' own positions
            continue
        if not count and step is _in_kernel:
            step = _through_memory  # some virtual files end at once for the kernel; a read knows better
            continue
        if not count:
            return total
        total += count
        moved(count)
    return total


def _in_kernel(source: int, target: int) -> int:
    return os.copy_file_range(source, target, CHUNK)


def _through_memory(source: int, target: int) -> int:
    data = memoryview(os.read(source, CHUNK))
    done = 0
    while done < len(data):
        done += os.write(target, data[done:])
    return done
