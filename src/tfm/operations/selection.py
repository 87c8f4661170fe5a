"""`Selection`: which entries of a tree are wanted, as plain values, which another process can be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from tfm.info import FileInfo


@dataclass(frozen=True)
class Selection:
    """A choice by name, size and time; called with an entry, it tells whether that is wanted.

    Args:
        include: Patterns as in .gitignore: only what matches; none leaves nothing out.
        exclude: Likewise: not what matches.
        newer: Seconds since the epoch: only what changed after that.
        older: Likewise: only what did not change after that.
        larger: Bytes: only larger files.
        smaller: Bytes: only smaller files.

    Source: https://git-scm.com/docs/gitignore
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    newer: float | None = None
    older: float | None = None
    larger: int | None = None
    smaller: int | None = None

    @property
    def any(self) -> bool:
        """Whether anything is left out at all."""
        return self != Selection()

    def __call__(self, relative: str, info: FileInfo) -> bool:
        """Tell whether an entry is wanted.

        Args:
            relative: Its name below the top, with slashes.
            info: What it is.
        """
        name = relative + "/" if info.is_dir(follow_symlinks=False) and not info.is_file() else relative
        if self._exclude is not None and self._exclude.match_file(name):
            return False
        if self._include is not None and not self._include.match_file(name):
            return False
        return self._fits(info) and self._is_timely(info)

    def _fits(self, info: FileInfo) -> bool:
        if self.larger is None and self.smaller is None:
            return True
        if info.size is None or not info.is_file():
            return False
        return (self.larger is None or info.size > self.larger) and (self.smaller is None or info.size < self.smaller)

    def _is_timely(self, info: FileInfo) -> bool:
        if self.newer is None and self.older is None:
            return True
        if info.mtime is None:
            return False
        return (self.newer is None or info.mtime > self.newer) and (self.older is None or info.mtime <= self.older)

    @cached_property
    def _include(self) -> Any:
        return _spec(self.include)

    @cached_property
    def _exclude(self) -> Any:
        return _spec(self.exclude)

    def record(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        return {name: value for name, value in asdict(self).items() if value not in ((), None)}

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Selection:
        """Make it of what `record` gave.

        Args:
            record: As JSON gave it back.
        """
        values: dict[str, Any] = dict(record)
        for name in ("include", "exclude"):
            values[name] = tuple(values.get(name, ()))
        return cls(**values)


def _spec(patterns: tuple[str, ...]) -> Any:
    if not patterns:
        return None
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns)
