"""Paths of other storages as `pathlib.Path` gives them inside `dropin()`: what asks for a `pathlib.Path` takes them."""

from __future__ import annotations

import os
import pathlib
from typing import Any

from tfm.dropin.opened import open_as_on_disk
from tfm.dropin.patches import is_installed
from tfm.dropin.recognise import remote
from tfm.dropin.tree import outlive
from tfm.path import Path
from tfm.uripath import URIPath

_disguised: dict[type, type] = {}


def disguise(path: Any) -> Any:
    """Give a path that passes for a `pathlib.Path` in `isinstance`.

    Args:
        path: A path of any storage.
    """
    if not isinstance(path, URIPath) or isinstance(path, Disguise):
        return path
    kind = type(path)
    if kind not in _disguised:
        more = {} if hasattr(kind, "parser") else {"parser": "tfm"}
        body = {"__slots__": (), "__module__": kind.__module__, **more}
        _disguised[kind] = type(kind.__name__, (Disguise, kind), body)
    return _disguised[kind]._of(path._uri, path._info)  # type: ignore[attr-defined]


class _AsOnDisk:
    """What a script finds on a disk and not on S3.

    A directory outlives its last file (see `tree.outlive`), and a file that is dropped without `close` is written.
    """

    __slots__ = ()

    def unlink(self, missing_ok: bool = False) -> None:
        """Delete the file.

        Args:
            missing_ok: Do nothing when it is missing.
        """
        super().unlink(missing_ok)  # type: ignore[misc]
        outlive(self.parent)  # type: ignore[attr-defined]

    def rmdir(self) -> None:
        """Delete the empty directory."""
        super().rmdir()  # type: ignore[misc]
        outlive(self.parent)  # type: ignore[attr-defined]

    def rename(self, target: Any) -> Any:
        """Move the file or directory.

        Args:
            target: The new path.
        """
        moved = super().rename(target)  # type: ignore[misc]
        outlive(self.parent)  # type: ignore[attr-defined]
        return moved

    def replace(self, target: Any) -> Any:
        """Move the file or directory.

        Args:
            target: The new path.
        """
        return self.rename(target)

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Open the file as the built-in `open` does.

        Args:
            args: As for the built-in.
            kwargs: As for the built-in.
        """
        return open_as_on_disk(self, super().open, *args, **kwargs)  # type: ignore[misc]


class Disguise(_AsOnDisk):
    """What a disguised path adds: `pathlib`'s class for `isinstance`, and what `pathlib` asks of its own kind.

    The private names are what `pathlib`'s comparisons and joins look at in another `PurePath`. They answer that this is
    of another kind, so that two paths are unequal and a join is left to this side.
    """

    __slots__ = ()

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return pathlib.Path if is_installed() else type(self)

    def __reduce__(self) -> Any:
        return Path, (str(self),)

    _flavour = "tfm"
    _cparts = _str_normcase = ()

    @property
    def _parts(self) -> list[str]:
        if self.is_absolute():  # type: ignore[attr-defined]
            raise TypeError("a path of another storage can't be joined to a local one")
        return str(self).split("/")

    _raw_paths = _parts


def new_path(original: Any) -> Any:
    """Make `pathlib.Path.__new__`, which gives a path of another storage for its URI.

    Args:
        original: The standard library's.
    """
    create = original.__func__ if isinstance(original, staticmethod) else original

    def __new__(cls: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N807
        if cls in (pathlib.Path, pathlib.PurePath):
            for value in args:
                if _leads_away(value):
                    return disguise(Path(*(_plain(each) for each in args)))
        return create(cls, *args, **kwargs)

    return staticmethod(__new__)


def join_one(original: Any) -> Any:
    """Make `PurePath.__truediv__`: a URI replaces the left side.

    Args:
        original: The standard library's.
    """

    def __truediv__(self: Any, key: Any) -> Any:  # noqa: N807
        return disguise(Path(_plain(key))) if _leads_away(key) else original(self, _local(key))

    return __truediv__


def join_many(original: Any) -> Any:
    """Make `PurePath.joinpath`: a URI replaces what is left of it.

    Args:
        original: The standard library's.
    """

    def joinpath(self: Any, *segments: Any) -> Any:
        if any(_leads_away(segment) for segment in segments):
            return disguise(Path(os.fspath(self), *(_plain(each) for each in segments)))
        return original(self, *map(_local, segments))

    return joinpath


def _leads_away(value: Any) -> bool:
    if isinstance(value, str):
        return "://" in value and remote(value) is not None
    if isinstance(value, URIPath):
        return value.is_absolute()
    return isinstance(value, os.PathLike) and not isinstance(value, pathlib.PurePath) and remote(value) is not None


def _local(value: Any) -> Any:
    return str(value) if isinstance(value, URIPath) else value


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | URIPath) else os.fspath(value)


def fspath(_: Any) -> Any:
    """Make `__fspath__` of paths of other storages: their URI, which everything that is patched takes.

    Args:
        _: There is none to replace.
    """

    def __fspath__(self: Any) -> str:  # noqa: N807
        return str(self)

    return __fspath__
