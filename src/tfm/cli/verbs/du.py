"""`tfm du`: how much is below directories."""

from __future__ import annotations

import argparse
from collections import defaultdict

from tfm.cli.console import Console
from tfm.cli.exits import Exit
from tfm.cli.globs import expand
from tfm.cli.rules import Rules, add_rules
from tfm.cli.trees import below, entries
from tfm.path import Path
from tfm.wording import size_text

EXAMPLES = [
    "tfm du -h s3://bucket/data               the bytes and files below it",
    "tfm du --depth 1 s3://bucket             and of each prefix in it",
    "tfm du --newer 30d --json data",
]

SIZES = True
"""`-h` is for sizes."""


class Sum:
    """Bytes and files of one directory."""

    __slots__ = ("bytes", "files")

    def __init__(self) -> None:
        self.bytes = 0
        self.files = 0


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments.

    Args:
        parser: The verb's.
    """
    parser.add_argument("paths", nargs="*", default=["."], metavar="PATH", help="default: the current directory")
    parser.add_argument("-h", "-H", "--human-readable", dest="human", action="store_true", help="sizes as 1.2K, 64M")
    parser.add_argument(
        "-d",
        "--depth",
        "--max-depth",
        type=int,
        default=0,
        metavar="N",
        help="directories so far below, too (default: 0)",
    )
    add_rules(parser)


def run(given: argparse.Namespace, console: Console) -> Exit:
    """Sum up.

    Args:
        given: The arguments.
        console: Where it is printed.
    """
    rules = Rules(given)
    for path in expand(given.paths):
        try:
            sums = _sums(path, rules, max(given.depth, 0))
        except OSError as error:
            console.fail(error, path)
            continue
        for names in sorted(sums):
            total, shown = sums[names], below(path, names) if names else path
            size = size_text(total.bytes) if given.human else str(total.bytes)
            console.show(
                f"{size:>{6 if given.human else 15}}  {total.files:>9}  {shown}",
                {"path": str(shown), "bytes": total.bytes, "files": total.files},
            )
    return console.exit()


def _sums(path: Path, rules: Rules, depth: int) -> dict[str, Sum]:
    """Sum up a directory, and those below it down to a depth, by relative names."""
    sums: defaultdict[str, Sum] = defaultdict(Sum)
    top = sums[""]
    try:
        for names, info in entries(path):
            if not info.is_file() or not rules.take(names, info):
                continue
            segments = names.split("/")[:-1][:depth] if depth else []
            for end in range(len(segments) + 1):
                total = sums["/".join(segments[:end])] if end else top
                total.bytes += info.size or 0
                total.files += 1
    except NotADirectoryError:
        info = path.facts(follow_symlinks=False)
        top.bytes, top.files = info.size or 0, 1
    return dict(sums)
