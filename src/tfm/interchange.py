"""What other people's code calls on any path: copies that cross kinds of paths, opening by protocol, and pydantic.

`pathlib` of Python 3.14 copies between different kinds of paths by `info`, `iterdir`, `_copy_from` and `__open_rb__`;
pathlib-abc, its preview on the package index, by `__vfspath__`, `__open_reader__` and `__open_writer__`.
"""

from __future__ import annotations

import errno
import os
import pathlib
from typing import IO, TYPE_CHECKING, Any

from tfm.copying import CHUNK, copy_path
from tfm.implementation import PathImpl
from tfm.registry import LOCAL, implementation_of, load

if TYPE_CHECKING:
    from tfm.path import Path


class Interchange:
    """The protocols that are no part of pathlib's public interface.

    Source: https://github.com/barneygale/pathlib-abc
    Source: https://docs.pydantic.dev/latest/concepts/types/#customizing-validation-with-__get_pydantic_core_schema__
    """

    __slots__ = ()

    def __vfspath__(self) -> str:
        return str(self)

    def __open_rb__(self, buffering: int = -1) -> IO[bytes]:
        own: Any = self
        stream: IO[bytes] = own.open("rb", buffering)
        return stream

    def __open_wb__(self, buffering: int = -1) -> IO[bytes]:
        own: Any = self
        stream: IO[bytes] = own.open("wb", buffering)
        return stream

    def __open_reader__(self) -> IO[bytes]:
        return self.__open_rb__()

    def __open_writer__(self, mode: str) -> IO[bytes]:
        own: Any = self
        stream: IO[bytes] = own.open(mode + "b")
        return stream

    def __open_updater__(self, mode: str) -> IO[bytes]:
        own: Any = self
        stream: IO[bytes] = own.open(mode + "+b")
        return stream

    def _copy_from(self, source: Any, follow_symlinks: bool = True, preserve_metadata: bool = False) -> None:
        """Copy a file or tree of any kind of path here.

        Args:
            source: A path of tfm, of pathlib, or of any class that speaks pathlib's protocol.
            follow_symlinks: Copy what a link leads to.
            preserve_metadata: Keep time and mode, where both sides can.
        """
        own: Any = self
        if isinstance(source, pathlib.Path) and not isinstance(source, PathImpl):
            source = load(LOCAL)(source)
        if isinstance(source, PathImpl):
            copy_path(source, own, follow_symlinks, preserve_metadata)  # type: ignore[arg-type]  # each is a Path
        else:
            _copy_foreign(source, own, follow_symlinks)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        def validated(value: object) -> Any:
            if not isinstance(value, str | os.PathLike | PathImpl):
                raise ValueError(f"a path or its text is needed, not {type(value).__name__}")
            path: Any = cls
            elsewhere = isinstance(value, str) and implementation_of(value) and issubclass(cls, pathlib.Path)
            made = None if elsewhere else path(value)
            if not isinstance(made, cls):
                raise ValueError(f"{value!r} is not the path of a {cls.__name__}")
            return made

        return core_schema.json_or_python_schema(
            core_schema.no_info_after_validator_function(validated, core_schema.str_schema()),
            core_schema.no_info_plain_validator_function(validated),
            serialization=core_schema.to_string_ser_schema(),
        )


def _copy_foreign(source: Any, target: Path, follow_symlinks: bool) -> None:
    """Copy what is known by pathlib's protocol alone."""
    if not follow_symlinks and source.info.is_symlink():
        target.symlink_to(str(source.readlink()), source.info.is_dir())
        return
    if not source.info.is_dir():
        import shutil

        with _open_foreign(source) as reader, target.open("wb") as writer:
            shutil.copyfileobj(reader, writer, CHUNK)
        return
    if target.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    children = list(source.iterdir())
    if target.capabilities.needs_directories or not children:
        target.mkdir()
    for child in children:
        _copy_foreign(child, target.child(child.name), follow_symlinks)


def _open_foreign(source: Any) -> Any:
    kind = type(source)
    if hasattr(kind, "__open_rb__"):
        return kind.__open_rb__(source)
    return kind.__open_reader__(source) if hasattr(kind, "__open_reader__") else source.open("rb")
