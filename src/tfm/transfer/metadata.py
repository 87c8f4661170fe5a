"""What a copy on a local disk keeps besides the bytes: time, permission bits and extended attributes."""

from __future__ import annotations

import errno
import os
import sys

PERMISSIONS = 0o777
"""The bits that are kept: set-user-id and the like would give a copy rights that nobody granted to it."""

KEPT_ATTRIBUTES = ("user.", "system.posix_acl_access")

UNSUPPORTED = frozenset(
    {errno.ENOTSUP, errno.EPERM, errno.EACCES, errno.EINVAL, errno.ENODATA, errno.ENOSPC, errno.E2BIG}
)
"""What a file system answers that keeps no such attribute, or not from this user."""


def keep(source: int | str, facts: os.stat_result, target: int | str) -> None:
    """Give a file or directory the mode, attributes and time of another.

    Args:
        source: Where they come from: a descriptor or path.
        facts: The source's.
        target: A descriptor or path; not a link.
    """
    _keep_attributes(source, target)
    os.chmod(target, facts.st_mode & PERMISSIONS)
    os.utime(target, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def keep_time(target: int | str, seconds: float | None) -> None:
    """Set the time of the last change.

    Args:
        target: A descriptor or path.
        seconds: Since the epoch; `None` leaves it as it is.
    """
    if seconds is not None:
        nanoseconds = round(seconds * 1_000_000) * 1000  # a float holds no more than microseconds
        os.utime(target, ns=(nanoseconds, nanoseconds))


def _keep_attributes(source: int | str, target: int | str) -> None:
    if sys.platform != "linux":
        return
    try:
        for name in os.listxattr(source):
            if name.startswith(KEPT_ATTRIBUTES):
                os.setxattr(target, name, os.getxattr(source, name))
    except OSError as error:
        if error.errno not in UNSUPPORTED:  # a copy without them is still a right copy of the bytes
            raise
