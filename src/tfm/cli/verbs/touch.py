"""`tfm touch`: empty files, and the present time for those that exist; never their bytes."""

from __future__ import annotations

import argparse

from tfm.cli.console import Console
from tfm.cli.exits import Exit
from tfm.cli.globs import path_of

EXAMPLES = [
    "tfm touch s3://bucket/_SUCCESS           an empty object, if there is none",
    "tfm touch -c 's3://bucket/a.txt'         only if it is there",
]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments.

    Args:
        parser: The verb's.
    """
    parser.add_argument("paths", nargs="+", metavar="PATH")
    parser.add_argument("-c", "--no-create", action="store_true", help="make no file that is not there")


def run(given: argparse.Namespace, console: Console) -> Exit:
    """Touch them.

    Args:
        given: The arguments.
        console: Where failures are said.
    """
    for path in map(path_of, given.paths):
        try:
            done = not given.no_create or path.exists()
            if done:
                path.touch()
            if console.as_json:
                console.show("", {"path": str(path), "touched": done})
        except OSError as error:
            console.fail(error, path)
    return console.exit()
