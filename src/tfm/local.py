"""LocalPathImpl: a path on a local disk, which is a `pathlib.PosixPath` or `WindowsPath` with the primitives added."""

from __future__ import annotations

import errno
import os
import pathlib
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from tfm.backports import Backports
from tfm.errors import InvalidPathError
from tfm.info import Capabilities, FileInfo, Kind
from tfm.path import Path
from tfm.registry import implementation_of

if TYPE_CHECKING:
    from typing import Self

    from tfm.resumable import Keeper

    _Native = pathlib.PosixPath
else:
    _Native = type(pathlib.Path())

_BY_SEGMENTS = sys.version_info >= (3, 12)

PAGE = 1000
"""Entries of a page of a local listing."""


class LocalPathImpl(Backports, _Native, Path):  # type: ignore[misc]  # the backports have newer signatures
    """A local path: the standard library's methods where they are enough, then what newer Pythons and tfm add."""

    __slots__ = ()

    capabilities = Capabilities(links=True, permissions=True, times=True, atomic_rename=True, needs_directories=True)

    # The standard library would make a local name of a URI here, and of the target of a copy.

    def __truediv__(self, key: Any) -> Any:
        if isinstance(key, str) and ":/" in key and implementation_of(key) is not None:
            return Path(key)
        if not _BY_SEGMENTS:
            return _Native.__truediv__(self, key)
        try:
            return self.with_segments(self, key)  # as pathlib does it, one call the less
        except TypeError:
            return NotImplemented

    def joinpath(self, *segments: Any) -> Any:
        """Join segments; an absolute URI of another storage replaces what is left of it.

        Args:
            segments: Names, paths or URIs.
        """
        for segment in segments:
            if _replaces(segment):
                return Path(self, *segments)
        return _Native.joinpath(self, *segments)

    def is_relative_to(self, other: Any, *more: Any) -> bool:
        """Whether the path is another one or below it; it is never below one of another storage.

        Args:
            other: A path or its text.
            more: Joined to it.
        """
        return not _is_elsewhere(other) and bool(_Native.is_relative_to(self, other, *more))

    def rename(self, target: Any) -> Any:
        """Rename the file or directory; an existing file is replaced, on POSIX.

        Args:
            target: The new path.

        Raises:
            OSError: `EXDEV` when the target is in another storage: `move` does that.
        """
        self._stay_here(target)
        return _Native.rename(self, target)

    def replace(self, target: Any) -> Any:
        """Rename the file or directory; an existing file is replaced.

        Args:
            target: The new path.

        Raises:
            OSError: `EXDEV` when the target is in another storage: `move` does that.
        """
        self._stay_here(target)
        return _Native.replace(self, target)

    def _stay_here(self, target: Any) -> None:
        if _replaces(target):
            raise OSError(
                errno.EXDEV, f"{str(target)!r} is in another storage: use move()", str(self), None, str(target)
            )

    if not TYPE_CHECKING:
        copy, copy_into, move, move_into = Path.copy, Path.copy_into, Path.move, Path.move_into
        _copy_from = Path._copy_from

    def child(self, name: str) -> Self:
        """Give the child of exactly this name.

        Args:
            name: One segment.

        Raises:
            InvalidPathError: A local disk can't hold such a name.
        """
        if name in ("", ".", "..") or "/" in name or os.sep in name or "\0" in name:
            raise InvalidPathError(f"{name!r} can't be the name of a local file: rename it on the way.")
        if not _BY_SEGMENTS:  # where a path is taken apart when it is made, pathlib's own listing goes this way
            own: Any = self
            child: Self = own._make_child_relpath(name)
            return child
        return self.with_segments(self, name) if ":/" not in name else self / f"./{name}"

    def facts(self, *, follow_symlinks: bool = True) -> FileInfo:
        """Tell what the path is.

        Args:
            follow_symlinks: Tell of the target of a link, not of the link.
        """
        own = os.lstat(self)
        link = stat.S_ISLNK(own.st_mode)
        if not link:
            return _facts(self.name, own, False)
        return _facts(self.name, os.stat(self), True) if follow_symlinks else _link_facts(self.name, self, own)

    def scan(self, *, prefix: str = "") -> Iterator[list[FileInfo]]:
        """List the children in pages.

        Args:
            prefix: Give only names that begin so.
        """
        return _pages(os.scandir(self), prefix)

    def scan_tree(self, *, prefix: str = "") -> Iterator[list[tuple[str, FileInfo]]]:
        """List everything below in pages; links are given, never followed.

        Args:
            prefix: Give only names that begin so.
        """
        return _tree_pages(str(self), os.scandir(self), prefix)

    def copy_native(
        self, target: Path, *, overwrite: bool = True, listed: FileInfo | None = None, absent: bool = False,
        replaces: FileInfo | None = None, keeper: Keeper | None = None,
    ) -> bool:  # fmt: skip
        """Copy the file inside the kernel, where it can.

        Args:
            target: The new file.
            overwrite: Replace an existing target.
            listed: Of no effect: to look again costs nothing.
            absent: Of no effect, likewise.
            replaces: Of no effect, likewise.
            keeper: Of no effect, likewise.
        """
        del listed, absent, replaces, keeper
        if not overwrite and os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
        if self.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(self))
        import shutil

        shutil.copyfile(self, target)
        return True

    def unlink_copied(self, files: Mapping[Path, FileInfo]) -> dict[Path, OSError]:
        """Delete files and links that were copied, each only while it has the size and time that it had then.

        Args:
            files: What the copies were made of.
        """
        errors: dict[Path, OSError] = {}
        for path, info in files.items():
            try:
                now = path.facts(follow_symlinks=False)
                if (now.size, now.mtime) != (info.size, info.mtime):
                    told = "somebody wrote it after it was copied: the copy is there, and it was kept"
                    raise OSError(errno.EBUSY, told, str(path))
                os.unlink(path)
            except OSError as error:
                errors[path] = error
        return errors

    def delete_below(self, names: Sequence[str]) -> dict[str, OSError]:
        """Delete many files and empty directories below this path.

        Args:
            names: Relative; a directory ends in a slash.
        """
        errors: dict[str, OSError] = {}
        top = str(self)
        for name in names:
            try:
                os.rmdir(os.path.join(top, name)) if name.endswith("/") else os.unlink(os.path.join(top, name))
            except OSError as error:
                errors[name] = error
        return errors

    def local(self, mode: str = "r") -> AbstractContextManager[Self]:
        """Give the path itself, which is local already.

        Args:
            mode: `r`, `r+`, `w` or `x`; of no effect here.
        """
        if mode not in ("r", "r+", "w", "x"):
            raise ValueError(f"local() has no mode {mode!r}: 'r' reads, 'r+' edits, 'w' writes anew, 'x' only if new.")
        return nullcontext(self)

    def rmtree(self) -> None:
        """Delete the directory and everything below it; see `shutil.rmtree`."""
        import shutil

        shutil.rmtree(self)

    def same_storage(self, other: Path) -> bool:
        """Whether the other path is local too.

        Args:
            other: Any path.
        """
        return isinstance(other, LocalPathImpl)


def _replaces(segment: Any) -> bool:
    if isinstance(segment, str):
        return ":/" in segment and implementation_of(segment) is not None
    return _is_elsewhere(segment)


def _is_elsewhere(other: Any) -> bool:
    return isinstance(other, Path) and not isinstance(other, LocalPathImpl)


def _kind(mode: int) -> Kind:
    if stat.S_ISREG(mode):
        return "file"
    return "directory" if stat.S_ISDIR(mode) else "other"


def _facts(name: str, result: os.stat_result, link: bool) -> FileInfo:
    mode = result.st_mode
    return FileInfo(name, _kind(mode), result.st_size, result.st_mtime, mode, link)


def _link_facts(name: str, path: str | os.PathLike[str], own: os.stat_result) -> FileInfo:
    """Tell of a link itself: its own size and time, and the kind of what it leads to."""
    try:
        kind = _kind(os.stat(path).st_mode)
    except OSError:
        kind = "missing"
    return FileInfo(name, kind, own.st_size, own.st_mtime, own.st_mode, True)


def _entry_facts(entry: os.DirEntry[str]) -> FileInfo | None:
    try:
        own = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None  # deleted while the listing went on
    except OSError:
        return FileInfo(entry.name, "directory" if entry.is_dir(follow_symlinks=False) else "other")
    if stat.S_ISLNK(own.st_mode):
        return _link_facts(entry.name, entry.path, own)
    return _facts(entry.name, own, False)


def _pages(entries: Any, prefix: str) -> Iterator[list[FileInfo]]:
    with entries:
        page: list[FileInfo] = []
        for entry in entries:
            if prefix and not entry.name.startswith(prefix):
                continue
            info = _entry_facts(entry)
            if info is not None:
                page.append(info)
            if len(page) >= PAGE:
                yield page
                page = []
        if page:
            yield page


def _tree_pages(top: str, entries: Any, prefix: str) -> Iterator[list[tuple[str, FileInfo]]]:
    waiting: list[str] = [""]
    while waiting:
        below = waiting.pop()
        if below:
            entries = os.scandir(os.path.join(top, below))
        for page in _pages(entries, "" if below else prefix):
            yield [(below + info.name, info) for info in page]
            waiting.extend(f"{below}{info.name}/" for info in page if info.is_dir(follow_symlinks=False))
