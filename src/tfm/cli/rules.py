"""Which entries of a tree a verb takes: patterns as in .gitignore, sizes and times."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from tfm.cli.quantities import moment, size_bounds
from tfm.operations.selection import Selection


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
        "--size", "-size", type=argued(size_bounds), metavar="SIZE", help="+10M is larger, -10M smaller, 10M just so"
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
        larger, smaller = given.size or (None, None)
        self.take = Selection(
            tuple(given.include or ()), tuple(given.exclude or ()), given.newer, given.older, larger, smaller
        )

    @property
    def any(self) -> bool:
        """Whether anything is left out at all."""
        return self.take.any
