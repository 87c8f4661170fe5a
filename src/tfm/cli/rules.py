"""Which entries of a tree a verb takes: patterns as in .gitignore, sizes and times."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from tfm.cli.quantities import moment, size_test
from tfm.info import FileInfo


def add_rules(parser: argparse.ArgumentParser) -> None:
    """Add the options to the parser of a verb.

    Args:
        parser: The verb's.
    """
    group = parser.add_argument_group("which entries")
    group.add_argument("--include", action="append", metavar="PATTERN", help="only what matches, as in .gitignore")
    group.add_argument("--exclude", action="append", metavar="PATTERN", help="not what matches, as in .gitignore")
    group.add_argument("--newer", type=argued(moment), metavar="TIME", help="changed since: 2026-11-21, or 7d ago")
    group.add_argument("--older", type=argued(moment), metavar="TIME", help="not changed since")
    group.add_argument(
        "--size", type=argued(size_test), metavar="SIZE", help="+10M is larger, -10M smaller, 10M just so"
    )


def argued(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Let a reader of text serve as the type of an argument, with its own sentence for what is wrong.

    Args:
        read: Raises `ValueError`.
    """

    def convert(text: str) -> Any:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return convert


class Rules:
    """What was asked for.

    Args:
        given: The arguments, of a parser that `add_rules` knows.
    """

    def __init__(self, given: argparse.Namespace) -> None:
        self._include = _spec(given.include)
        self._exclude = _spec(given.exclude)
        self._newer: float | None = given.newer
        self._older: float | None = given.older
        self._size: Callable[[int], bool] | None = given.size

    @property
    def any(self) -> bool:
        """Whether anything is left out at all."""
        return any(rule is not None for rule in (self._include, self._exclude, self._newer, self._older, self._size))

    def take(self, relative: str, info: FileInfo) -> bool:
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
        if self._size is not None and (info.size is None or not info.is_file() or not self._size(info.size)):
            return False
        if self._newer is None and self._older is None:
            return True
        if info.mtime is None:
            return False
        return (self._newer is None or info.mtime > self._newer) and (self._older is None or info.mtime <= self._older)


def _spec(patterns: list[str] | None) -> Any:
    if not patterns:
        return None
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns)
