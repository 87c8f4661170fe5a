"""What `pathlib.Path` of Python 3.14 can do and that of the running Python cannot: one small method each.

Each class holds the methods that a version brought or gave a new keyword, and is empty from that version on, so that
the standard library's method wins wherever it is enough. A call without the new keyword goes to the standard library.
Whole methods that a version lacks and that suit every storage (`walk`, `full_match`, `copy`, ...) are in `Path`.

Source: https://docs.python.org/3.14/library/pathlib.html
"""

from __future__ import annotations

import io
import os
import pathlib
import stat
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tfm import diskglob
from tfm.patterns import right_match

if TYPE_CHECKING:
    from typing import Self

_Native: Any = type(pathlib.Path())


class Until312:
    """What came with Python 3.12."""

    __slots__ = ()

    if sys.version_info < (3, 12):

        def with_segments(self, *pathsegments: Any) -> Self:
            """Make a path of the same kind.

            Args:
                pathsegments: As for the constructor.
            """
            return type(self)(*pathsegments)

        def exists(self, *, follow_symlinks: bool = True) -> bool:
            """Whether the path is there.

            Args:
                follow_symlinks: A broken link is not there.
            """
            return bool(_Native.exists(self)) if follow_symlinks else os.path.lexists(str(self))

        def is_junction(self) -> bool:
            """Whether the path is a junction, which only Windows has."""
            return False

        def match(self, path_pattern: Any, *, case_sensitive: bool | None = None) -> bool:
            """Whether the path matches a pattern, from the right when the pattern is relative.

            Args:
                path_pattern: The pattern; `**` is the same as `*` here.
                case_sensitive: Whether case counts; `None` for the platform's habit.
            """
            if case_sensitive is None:
                return bool(_Native.match(self, path_pattern))
            own: Any = self
            return right_match(own.parts, pathlib.PurePath(path_pattern).parts, case_sensitive)

        def relative_to(self, other: Any, *more: Any, walk_up: bool = False) -> Self:
            """Give the path as seen from another.

            Args:
                other: An ancestor.
                more: Joined to it.
                walk_up: Allow `..` segments.
            """
            if not walk_up:
                found: Self = _Native.relative_to(self, other, *more)
                return found
            base: Any = self.with_segments(other, *more)
            return self.with_segments(*_way(self, base))


if sys.version_info < (3, 12):

    def _way(path: Any, base: Any) -> list[str]:
        """Give the segments that lead from one path to another, by `..` where that is needed."""
        for steps, ancestor in enumerate([base, *base.parents]):
            if path == ancestor or ancestor in path.parents:
                return [".."] * steps + list(path.parts[len(ancestor.parts) :])
            if ancestor.name == "..":
                raise ValueError(f"'..' segment in {str(base)!r} cannot be walked")
        raise ValueError(f"{str(path)!r} and {str(base)!r} have different anchors")


class Until313:
    """What came with Python 3.13."""

    __slots__ = ()

    if sys.version_info < (3, 13):

        def is_dir(self, *, follow_symlinks: bool = True) -> bool:
            """Whether the path is a directory.

            Args:
                follow_symlinks: Tell of the target of a link.
            """
            return bool(_Native.is_dir(self)) if follow_symlinks else stat.S_ISDIR(_own_mode(self))

        def is_file(self, *, follow_symlinks: bool = True) -> bool:
            """Whether the path is a regular file.

            Args:
                follow_symlinks: Tell of the target of a link.
            """
            return bool(_Native.is_file(self)) if follow_symlinks else stat.S_ISREG(_own_mode(self))

        def owner(self, *, follow_symlinks: bool = True) -> str:
            """Give the name of the owner.

            Args:
                follow_symlinks: Of the target of a link.
            """
            if follow_symlinks:
                return str(_Native.owner(self))
            import pwd

            return pwd.getpwuid(os.lstat(str(self)).st_uid).pw_name

        def group(self, *, follow_symlinks: bool = True) -> str:
            """Give the name of the group.

            Args:
                follow_symlinks: Of the target of a link.
            """
            if follow_symlinks:
                return str(_Native.group(self))
            import grp

            return grp.getgrgid(os.lstat(str(self)).st_gid).gr_name

        def read_text(self, encoding: str | None = None, errors: str | None = None, newline: str | None = None) -> str:
            """Read the whole file as text.

            Args:
                encoding: The locale's when `None`.
                errors: What to do with bytes that can't be decoded.
                newline: How line ends are translated.
            """
            encoding = io.text_encoding(encoding)
            if newline is None:
                return str(_Native.read_text(self, encoding, errors))
            with _Native.open(self, "r", -1, encoding, errors, newline) as stream:
                return str(stream.read())

        def glob(
            self, pattern: Any, *, case_sensitive: bool | None = None, recurse_symlinks: bool = False
        ) -> Iterator[Any]:
            """Find what matches a pattern relative to this path.

            Args:
                pattern: With `*`, `?`, `[...]` in a segment and `**` for any number of segments.
                case_sensitive: Whether case counts; `None` for the platform's habit.
                recurse_symlinks: Let `**` follow links.
            """
            found: Iterator[Any]
            if case_sensitive is None and not recurse_symlinks:
                found = _Native.glob(self, os.fspath(pattern))
            else:
                own: Any = self
                found = diskglob.glob(own, pattern, _sensitive(case_sensitive), recurse_symlinks)
            return found

        def rglob(
            self, pattern: Any, *, case_sensitive: bool | None = None, recurse_symlinks: bool = False
        ) -> Iterator[Any]:
            """Find what matches a pattern anywhere below.

            Args:
                pattern: As for `glob`, with `**/` before it.
                case_sensitive: Whether case counts; `None` for the platform's habit.
                recurse_symlinks: Let `**` follow links.
            """
            found: Iterator[Any]
            if case_sensitive is None and not recurse_symlinks:
                found = _Native.rglob(self, os.fspath(pattern))
            else:
                own: Any = self
                below = "**/" + os.fspath(pattern)
                found = diskglob.glob(own, below, _sensitive(case_sensitive), recurse_symlinks)
            return found


if sys.version_info < (3, 13):

    def _sensitive(case_sensitive: bool | None) -> bool:
        return os.name != "nt" if case_sensitive is None else case_sensitive

    def _own_mode(path: Any) -> int:
        """Give the mode of the path itself, 0 when it is not there."""
        try:
            return os.lstat(str(path)).st_mode
        except (OSError, ValueError):
            return 0


class Backports(Until312, Until313):
    """All that the running Python lacks."""

    __slots__ = ()
