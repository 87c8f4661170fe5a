"""`tfm compare`: what two trees have in common and what not, between any storages."""

from __future__ import annotations

import argparse
from typing import Any

from tfm.cli.console import Console, stamp
from tfm.cli.exits import Exit
from tfm.cli.globs import path_of
from tfm.cli.rules import Rules, add_rules
from tfm.errors import TfmError
from tfm.info import FileInfo
from tfm.operations import By, Difference, compare

EXAMPLES = [
    "tfm compare data s3://bucket/copy                 by size and time",
    "tfm compare --checksum s3://bucket/data s3://backup/data",
    "tfm compare --json --exclude '*.tmp' data s3://bucket/copy",
]

SIGNS = {"same": "=", "left": "+", "right": "-", "differs": "*", "unknown": "!"}
"""What stands before a name: as in the combined report of `rclone check`."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments.

    Args:
        parser: The verb's.
    """
    parser.description = (
        f"{parser.description}\n\n+ only the left has it, - only the right has it, * they differ, ! it can't be told.\n"
        f"The exit code is {int(Exit.OK)} when all is the same and {int(Exit.DIFFERENT)} when anything differs."
    )
    parser.add_argument("left", metavar="LEFT", help="a directory or a file")
    parser.add_argument("right", metavar="RIGHT", help="what it is compared with")
    parser.add_argument("--all", action="store_true", help="show what is the same, too, with a =")
    add_measure(parser)
    add_rules(parser)


def add_measure(parser: argparse.ArgumentParser) -> None:
    """Add the options by which something else than times tells files of one size apart.

    Args:
        parser: A verb's.
    """
    measures = parser.add_mutually_exclusive_group()
    measures.add_argument(
        "--size-only", action="store_true", help="files of one size are the same, whatever their times"
    )
    measures.add_argument(
        "-c",
        "--checksum",
        action="store_true",
        help="files of one size differ by their bytes, as ETags and checksums tell them, and not by their times",
    )


def measure(given: argparse.Namespace) -> By:
    """Tell what files of one size differ by.

    Args:
        given: The arguments of a parser that `add_measure` knows.
    """
    if given.size_only:
        return By.SIZE
    return By.CHECKSUM if given.checksum else By.TIME


def run(given: argparse.Namespace, console: Console) -> Exit:
    """Compare.

    Args:
        given: The arguments.
        console: Where it is printed.
    """
    same = True
    for found in compare(path_of(given.left), path_of(given.right), by=measure(given), take=Rules(given).take):
        same = same and found.verdict == "same"
        if found.unlisted:
            console.fail(TfmError(f"{found.name or given.left}: {found.reason}"))
        elif found.verdict != "same" or given.all:
            _print(found, given, console)
    return console.exit() if same or console.failures else Exit.DIFFERENT


def _print(found: Difference, given: argparse.Namespace, console: Console) -> None:
    reason = f"  ({found.reason})" if found.reason else ""
    known = {"left": _known(found.left), "right": _known(found.right)}
    console.show(
        f"{SIGNS[found.verdict]} {found.name or given.right}{reason}",
        {"name": found.name, "verdict": found.verdict, "reason": found.reason or None, **known},
    )


def _known(info: FileInfo | None) -> dict[str, Any] | None:
    return None if info is None else {"size": info.size, "mtime": stamp(info.mtime), "etag": info.etag}
