"""`tfm presign`: a URL by which anybody may read or write an object for a while."""

from __future__ import annotations

import argparse
import time

from tfm.cli.console import Console, stamp
from tfm.cli.exits import Exit
from tfm.cli.globs import path_of
from tfm.cli.objects import object_of
from tfm.cli.quantities import span
from tfm.cli.rules import argued

EXAMPLES = [
    "tfm presign s3://bucket/report.csv                to download it within an hour",
    "tfm presign --expires 7d s3://bucket/report.csv",
    "tfm presign --put s3://bucket/inbox/new.csv       to upload it",
]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments.

    Args:
        parser: The verb's.
    """
    parser.add_argument("paths", nargs="+", metavar="PATH", help="an object; it is not looked whether it is there")
    parser.add_argument("--put", action="store_true", help="to write it instead of reading it")
    parser.add_argument(
        "--expires", type=argued(span), default=3600.0, metavar="TIME", help="for how long: at most 7d (default: 1h)"
    )


def run(given: argparse.Namespace, console: Console) -> Exit:
    """Print the URLs.

    Args:
        given: The arguments.
        console: Where they are printed.
    """
    method = "PUT" if given.put else "GET"
    for path in map(path_of, given.paths):
        try:
            url = object_of(path, "such URLs").presign(method, given.expires)
        except (OSError, ValueError) as error:
            console.fail(error, path)
            continue
        expires = stamp(time.time() + given.expires)
        console.show(url, {"path": str(path), "method": method, "url": url, "expires": expires})
    return console.exit()
