"""`tfm tag`: the tags of objects."""

from __future__ import annotations

import argparse

from tfm.cli.console import Console
from tfm.cli.exits import Exit
from tfm.cli.globs import expand
from tfm.cli.objects import object_of
from tfm.cli.rules import argued

EXAMPLES = [
    "tfm tag s3://bucket/report.csv                     show them",
    "tfm tag s3://bucket/report.csv --set year=2026     add or change one",
    "tfm tag 's3://bucket/*.csv' --delete year          take one away",
    "tfm tag s3://bucket/report.csv --clear             take all away",
]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments.

    Args:
        parser: The verb's.
    """
    parser.add_argument("paths", nargs="+", metavar="PATH", help="objects, or a pattern")
    parser.add_argument(
        "--set", action="append", type=argued(_pair), default=[], metavar="NAME=VALUE", help="add or change a tag"
    )
    parser.add_argument("--delete", action="append", default=[], metavar="NAME", help="take a tag away")
    parser.add_argument("--clear", action="store_true", help="take all tags away first")


def run(given: argparse.Namespace, console: Console) -> Exit:
    """Show or change them.

    Args:
        given: The arguments.
        console: Where it is printed.
    """
    wanted = dict(given.set)
    changes = bool(wanted or given.delete or given.clear)
    for path in expand(given.paths):
        try:
            there = object_of(path, "tags")
            tags = {} if given.clear else there.tags
            if changes:
                tags = {name: value for name, value in tags.items() if name not in given.delete} | wanted
                there.set_tags(tags)
        except (OSError, ValueError) as error:
            console.fail(error, path)
            continue
        shown = " ".join(f"{name}={value}" for name, value in tags.items())
        console.show(f"{path}  {shown}".rstrip(), {"path": str(path), "tags": tags})
    return console.exit()


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not name or not sign:
        raise ValueError(f"{text!r} is no tag: write NAME=VALUE.")
    return name, value
