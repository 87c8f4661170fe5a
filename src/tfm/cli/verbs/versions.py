"""`tfm versions`: every version of an object, the newest first."""

from __future__ import annotations

import argparse

from tfm.cli.console import Console, record
from tfm.cli.exits import Exit
from tfm.cli.globs import expand
from tfm.cli.objects import object_of
from tfm.wording import time_text

EXAMPLES = ["tfm versions s3://bucket/report.csv"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments.

    Args:
        parser: The verb's.
    """
    parser.add_argument("paths", nargs="+", metavar="PATH", help="an object, also one that was deleted")


def run(given: argparse.Namespace, console: Console) -> Exit:
    """List them.

    Args:
        given: The arguments.
        console: Where it is printed.
    """
    found = False
    for path in expand(given.paths):
        try:
            for number, version in enumerate(object_of(path, "versions").versions()):
                found = True
                info, deleted = version.info, version.is_delete_marker
                size = "deleted" if deleted else str(info.size)
                latest = "latest" if number == 0 else ""
                console.show(
                    f"{time_text(info.mtime):16}  {size:>13}  {version.version_id:32}  {latest}".rstrip(),
                    record(path, info, "deletion" if deleted else "file") | {"latest": number == 0},
                )
        except OSError as error:
            console.fail(error, path)
    return console.exit(found)
