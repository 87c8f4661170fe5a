"""What the functions of `shutil` do with paths of other storages."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from typing import Any

from tfm.dropin.files import samefile
from tfm.dropin.recognise import remote
from tfm.dropin.tree import delete_tree

CHUNK = 1024 * 1024


def copyfile(src: Any, dst: Any, *, follow_symlinks: bool = True) -> Any:
    """Copy the bytes of a file, inside the server where both are there.

    Args:
        src: The file.
        dst: The new file; what is there is replaced.
        follow_symlinks: Of no effect.
    """
    del follow_symlinks
    source, target = remote(src), remote(dst)
    if os.path.exists(dst) and samefile(src, dst):
        raise shutil.SameFileError(f"{src!r} and {dst!r} are the same file")
    for path in (source, target):
        if path is not None and path.is_dir() and not path.is_file():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if source is not None and target is not None:
        source.copy(target)
    else:
        with open(src, "rb") as reader, open(dst, "wb") as writer:
            shutil.copyfileobj(reader, writer, CHUNK)
    return dst


def copymode(src: Any, dst: Any, **_: Any) -> None:
    """Do nothing: one of the two has no permission bits.

    Args:
        src: The one.
        dst: The other.
    """
    del src, dst


def copystat(src: Any, dst: Any, **_: Any) -> None:
    """Give a local copy the time of its source; other storages keep no times but their own.

    Args:
        src: The source.
        dst: The copy.
    """
    if remote(dst) is None:
        state = os.stat(src)
        if state.st_mtime_ns:
            os.utime(dst, ns=(state.st_atime_ns, state.st_mtime_ns))


def rmtree(
    path: Any,
    ignore_errors: bool = False,
    onerror: Callable[..., Any] | None = None,
    *,
    onexc: Callable[..., Any] | None = None,
    dir_fd: Any = None,
) -> None:
    """Delete a directory and everything below it.

    Args:
        path: The directory.
        ignore_errors: Go on in silence.
        onerror: Called with function, path and exception triple for what could not be deleted.
        onexc: Called with function, path and exception, instead.
        dir_fd: Of no effect.
    """
    del dir_fd

    def tell(name: str, error: OSError) -> None:
        if onexc is not None:
            onexc(os.unlink, name, error)
        elif onerror is not None:
            onerror(os.unlink, name, (type(error), error, error.__traceback__))
        elif not ignore_errors:
            raise error

    try:
        failures = list(delete_tree(path))
    except OSError as error:
        tell(str(path), error)
    else:
        for name, failure in failures:
            tell(name, failure)
