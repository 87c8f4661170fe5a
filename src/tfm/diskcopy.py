"""One file from disk to disk, as few calls of the system as that takes; nobody sees half of it."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress

from tfm import kernel
from tfm.whole import untold


def beside(target: str) -> str:
    """Give the name under which a file is written until it is whole.

    Args:
        target: Where it shall be.
    """
    directory, name = os.path.split(target)
    short = os.fsdecode(os.fsencode(name)[:200])
    return os.path.join(directory, f".{short}.{os.urandom(4).hex()}.tfm-part")


def copy_file(source: str, target: str, *, keep: bool) -> os.stat_result:
    """Copy a file's bytes; a file at the target is replaced once the new one is whole.

    Args:
        source: The file; a link leads to what is copied.
        target: The new file.
        keep: Give it the time and the permissions of the source.

    Returns:
        What the source was when it was read.

    Raises:
        IsADirectoryError: Either is a directory.
        OSError: `EINVAL` when the source is a pipe or another thing without an end.
    """
    # Without O_NONBLOCK, a pipe would block the open.
    opened = os.open(source, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        facts = os.fstat(opened)
        if stat.S_ISDIR(facts.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), source)
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(errno.EINVAL, "Not a regular file, so there is nothing to copy", source)
        _place(opened, facts, target, keep)
    finally:
        os.close(opened)
    return facts


def _place(source: int, facts: os.stat_result, target: str, keep: bool) -> None:
    part, made = beside(target), False
    try:
        written = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        made = True
        try:
            kernel.clone(source, written, facts.st_size, untold)
            if keep:
                os.chmod(written, facts.st_mode & 0o7777)
                os.utime(written, ns=(facts.st_mtime_ns, facts.st_mtime_ns))
        finally:
            os.close(written)
        os.replace(part, target)
    except BaseException as error:
        if isinstance(error, OSError) and error.filename in (None, part):
            error.filename = target
        if made:
            with suppress(OSError):
                os.unlink(part)
        raise
