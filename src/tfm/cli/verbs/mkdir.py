"""`tfm mkdir`: directories on disk, empty prefixes and buckets."""

from __future__ import annotations

import argparse

from tfm.cli.console import Console
from tfm.cli.exits import Exit
from tfm.cli.globs import path_of

EXAMPLES = [
    "tfm mkdir s3://bucket/2026               an empty directory, by a marker",
    "tfm mkdir -p data/raw/2026               with those above it",
    "tfm mkdir s3://new-bucket                a bucket",
]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments.

    Args:
        parser: The verb's.
    """
    parser.add_argument("paths", nargs="+", metavar="PATH")
    parser.add_argument("-p", "--parents", action="store_true", help="with those above it; one that exists is fine")


def run(given: argparse.Namespace, console: Console) -> Exit:
    """Make them.

    Args:
        given: The arguments.
        console: Where failures are said.
    """
    for path in map(path_of, given.paths):
        try:
            path.mkdir(parents=given.parents, exist_ok=given.parents)
            if console.as_json:
                console.show("", {"path": str(path), "made": True})
        except OSError as error:
            console.fail(error, path)
    return console.exit()
