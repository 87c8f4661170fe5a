"""`tfm cache`: what is kept of objects on this disk."""

from __future__ import annotations

import argparse

from tfm.cli.console import Console
from tfm.cli.exits import Exit
from tfm.contentcache import content_cache
from tfm.wording import bytes_text, count_text

EXAMPLES = [
    "tfm cache              where it is and how much it holds",
    "tfm cache clear        empty it",
]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments.

    Args:
        parser: The verb's.
    """
    parser.add_argument("action", nargs="?", choices=["show", "clear"], default="show", help="default: show")


def run(given: argparse.Namespace, console: Console) -> Exit:
    """Show or empty it.

    Args:
        given: The arguments.
        console: Where it is printed.
    """
    cache = content_cache()
    if given.action == "clear":
        freed = cache.clear()
        console.show(f"{bytes_text(freed)} freed; what is in use stays", {"freed": freed})
        return console.exit()
    objects, size = cache.usage()
    console.show(
        [
            cache.directory,
            f"{count_text(objects, 'object', 'objects')}, {bytes_text(size)} of at most {bytes_text(cache.max_bytes)}",
        ],
        {"directory": cache.directory, "objects": objects, "bytes": size, "max_bytes": cache.max_bytes},
    )
    return console.exit()
