"""`tfm restore`: a deleted object again, or an older version as the latest one."""

from __future__ import annotations

import argparse

from tfm.cli.console import Console
from tfm.cli.exits import Exit
from tfm.cli.globs import path_of
from tfm.cli.objects import object_of

EXAMPLES = [
    "tfm restore s3://bucket/report.csv                     what was deleted",
    "tfm restore --version VERSION s3://bucket/report.csv   an older version; tfm versions names them",
]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments.

    Args:
        parser: The verb's.
    """
    parser.add_argument("path", metavar="PATH", help="an object in a bucket that keeps versions")
    parser.add_argument(
        "--version", metavar="VERSION", help="which version (default: the last one before its deletion)"
    )


def run(given: argparse.Namespace, console: Console) -> Exit:
    """Restore it.

    Args:
        given: The arguments.
        console: Where it is said.
    """
    path = path_of(given.path)
    there = object_of(path, "versions")
    (there if given.version is None else there.at_version(given.version)).restore()
    console.show(f"{path} is restored", {"path": str(path), "restored": True})
    return console.exit()
