"""What `open` and the functions of `os` do with paths of other storages."""

from __future__ import annotations

import errno
import os
import stat as bits
from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Any

from tfm.dropin.opened import open_as_on_disk
from tfm.dropin.recognise import remote
from tfm.dropin.tree import outlive
from tfm.errors import UnsupportedOperation
from tfm.info import FileInfo, stat_result

TIMELESS = 315_619_200.0
"""The time of what S3 keeps none of, which is directories: 2 January 1980, the first day that a zip file can hold
everywhere."""


def on_path(action: Callable[..., Any], name: str = "path") -> Callable[[Any], Any]:
    """Make a patch of a function whose first argument is a file.

    Args:
        action: What to do with its path and the other arguments.
        name: How the argument is called where it is given by name.
    """

    def make(original: Any) -> Any:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            path = remote(args[0] if args else kwargs.get(name))
            if path is None:
                return original(*args, **kwargs)
            kwargs.pop(name, None)
            return action(path, *args[1:], **kwargs)

        return wrapper

    return make


def on_two(action: Callable[..., Any]) -> Callable[[Any], Any]:
    """Make a patch of a function that takes a source and a destination.

    Args:
        action: What to do with both when one of them is of another storage; the other arguments follow.
    """

    def make(original: Any) -> Any:
        def wrapper(src: Any, dst: Any, *args: Any, **kwargs: Any) -> Any:
            if remote(src) is None and remote(dst) is None:
                return original(src, dst, *args, **kwargs)
            return action(src, dst, *args, **kwargs)

        return wrapper

    return make


def refuse(why: str) -> Callable[[Any], Any]:
    """Make a patch of a function that other storages can't have.

    Args:
        why: What they lack, and what to do.
    """

    def make(original: Any) -> Any:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            for value in (*args[:2], *kwargs.values()):
                path = remote(value)
                if path is not None:
                    raise UnsupportedOperation(f"{original.__name__}() on {str(path)!r}: {why}")
            return original(*args, **kwargs)

        return wrapper

    return make


def open_file(path: Any, mode: str = "r", buffering: int = -1, *args: Any, **kwargs: Any) -> Any:
    """Open a file as the built-in `open` does.

    Args:
        path: The file.
        mode: As for the built-in.
        buffering: As for the built-in.
        args: `encoding`, `errors`, `newline`, `closefd` and `opener`.
        kwargs: The same by name.
    """
    names = ("encoding", "errors", "newline", "closefd", "opener")
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    if not given.pop("closefd", True):
        raise ValueError("Cannot use closefd=False with file name")
    if given.pop("opener", None) is not None:
        raise UnsupportedOperation(
            f"open() of {str(path)!r}: an opener gives a number of an open file, and S3 has none."
        )
    return open_as_on_disk(path, path.open, mode, buffering, **given)


def open_descriptor(path: Any, flags: int, mode: int = 0o777, *, dir_fd: Any = None) -> int:
    """Open a file to be read, as `os.open` does: a local copy of it.

    Args:
        path: The file.
        flags: Only those of reading.
        mode: Of no effect.
        dir_fd: Of no effect.
    """
    del mode, dir_fd
    if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | getattr(os, "O_DIRECTORY", 0)):
        raise UnsupportedOperation(f"os.open() of {str(path)!r}: only reading works there; use the built-in open().")
    with path.local() as copy:
        return os.open(copy, flags)


def stat(path: Any, *, dir_fd: Any = None, follow_symlinks: bool = True) -> os.stat_result:
    """Give what `os.stat` gives; the numbers of device and inode tell one path from another.

    Args:
        path: The file or directory.
        dir_fd: Of no effect.
        follow_symlinks: As for `os.stat`.
    """
    del dir_fd
    return _numbered(path, path.facts(follow_symlinks=follow_symlinks))


def _numbered(path: Any, info: FileInfo) -> os.stat_result:
    plain = stat_result(info if info.mtime is not None else info._replace(mtime=TIMELESS))
    inode, device = (_number(str(path)), _number(path.anchor))
    times = {name: getattr(plain, name) for name in dir(plain) if name.startswith(("st_atime", "st_mtime", "st_ctime"))}
    return os.stat_result((plain.st_mode, inode, device, *plain[3:10]), times)


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(errors="surrogatepass"), digest_size=7).digest(), "big")


class Entry:
    """One entry of `scandir`; see `os.DirEntry`."""

    __slots__ = ("_info", "_path", "name", "path")

    def __init__(self, path: Any, info: FileInfo, text: str) -> None:
        self.name = info.name
        self.path = text
        self._path = path
        self._info = info

    def __fspath__(self) -> str:
        return self.path

    def __repr__(self) -> str:
        return f"<DirEntry {self.name!r}>"

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        """Whether it is a directory."""
        return self._info.is_dir(follow_symlinks=follow_symlinks)

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        """Whether it is a file."""
        return self._info.is_file(follow_symlinks=follow_symlinks)

    def is_symlink(self) -> bool:
        """Whether it is a link."""
        return self._info.is_symlink()

    def is_junction(self) -> bool:
        """Never."""
        return False

    def inode(self) -> int:
        """Give a number that tells it from others."""
        return _number(self.path)

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        """Give what the listing told of it."""
        del follow_symlinks
        return _numbered(self._path, self._info)


class Scan(Iterator[Entry]):
    """What `scandir` gives: an iterator and a context manager."""

    def __init__(self, path: Any) -> None:
        top = str(path).rstrip("/") + "/" if path.name else str(path)
        self._entries = (Entry(path.listed_child(info), info, top + info.name) for page in path.scan() for info in page)

    def __next__(self) -> Entry:
        return next(self._entries)

    def __enter__(self) -> Scan:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listing."""
        self._entries.close()


def listdir(path: Any) -> list[str]:
    """List the names in a directory.

    Args:
        path: The directory.
    """
    return [info.name for page in path.scan() for info in page]


def remove(path: Any, *, dir_fd: Any = None) -> None:
    """Delete a file; its directory outlives it.

    Args:
        path: The file.
        dir_fd: Of no effect.
    """
    del dir_fd
    path.unlink()
    outlive(path.parent)


def mkdir(path: Any, mode: int = 0o777, *, dir_fd: Any = None) -> None:
    """Make a directory.

    Args:
        path: The directory.
        mode: Of no effect.
        dir_fd: Of no effect.
    """
    del dir_fd
    path.mkdir(mode)


def makedirs(path: Any, mode: int = 0o777, exist_ok: bool = False) -> None:
    """Make a directory and those above it.

    Args:
        path: The directory.
        mode: Of no effect.
        exist_ok: Do nothing when it is there.
    """
    path.mkdir(mode, parents=True, exist_ok=exist_ok)


def rmdir(path: Any, *, dir_fd: Any = None) -> None:
    """Delete an empty directory.

    Args:
        path: The directory.
        dir_fd: Of no effect.
    """
    del dir_fd
    path.rmdir()
    outlive(path.parent)


def removedirs(path: Any) -> None:
    """Delete an empty directory and those above it that are empty then, never a bucket.

    Args:
        path: The directory.
    """
    rmdir(path)
    above = path.parent
    while above.parent.name:
        try:
            rmdir(above)
        except OSError:
            return  # something else is in it
        above = above.parent


def rename(src: Any, dst: Any, **_: Any) -> None:
    """Rename a file or a directory inside a storage.

    Args:
        src: The old path.
        dst: The new path.

    Raises:
        OSError: `EXDEV` when they are in different storages, as on two disks.
    """
    source, target = remote(src), remote(dst)
    if source is None or target is None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), os.fspath(src), None, os.fspath(dst))
    source.rename(target)
    outlive(source.parent)


def access(path: Any, mode: int, **_: Any) -> bool:
    """Whether a file is there; what may be done with it, S3 tells only when it is tried.

    Args:
        path: The file.
        mode: `os.X_OK` holds for directories only.
    """
    try:
        info = path.facts()
    except OSError as error:
        if isinstance(error, FileNotFoundError | NotADirectoryError | PermissionError):
            return False
        raise
    return not mode & os.X_OK or bits.S_ISDIR(stat_result(info).st_mode)


def truncate(path: Any, length: int) -> None:
    """Cut a file, or fill it with zeros, to a length.

    Args:
        path: The file.
        length: In bytes.
    """
    with path.open("r+b") as stream:
        stream.truncate(length)


def samefile(f1: Any, f2: Any) -> bool:
    """Whether two paths lead to one file; both must be there.

    Args:
        f1: The one.
        f2: The other.
    """
    os.stat(f1), os.stat(f2)
    one, other = remote(f1), remote(f2)
    return one is not None and other is not None and bool(one.resolve() == other.resolve())
