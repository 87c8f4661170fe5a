"""`tfm find`: entries below directories, as the listing finds them."""

from __future__ import annotations

import argparse
import re
from fnmatch import translate

from tfm.cli.console import Console, record
from tfm.cli.exits import Exit
from tfm.cli.globs import expand
from tfm.cli.rules import Rules, add_rules
from tfm.cli.trees import below, entries
from tfm.info import FileInfo

EXAMPLES = [
    "tfm find s3://bucket --name '*.csv' --size +1M --newer 7d",
    "tfm find data -type d -maxdepth 1        options of find are known, too",
    "tfm find data -0 --name '*.tmp' | xargs -0 rm",
]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments.

    Args:
        parser: The verb's.
    """
    parser.add_argument("paths", nargs="*", default=["."], metavar="PATH", help="default: the current directory")
    parser.add_argument("--name", "-name", metavar="PATTERN", help="whose own name matches")
    parser.add_argument("--iname", "-iname", metavar="PATTERN", help="the same, whatever the case of its letters")
    parser.add_argument("--type", "-type", choices=["f", "d", "l"], help="files, directories or links only")
    parser.add_argument("--depth", "-maxdepth", type=int, metavar="N", help="at most so far below")
    parser.add_argument(
        "-0", "--null", "-print0", action="store_true", help="end each name by NUL instead of a line break"
    )
    add_rules(parser)


def run(given: argparse.Namespace, console: Console) -> Exit:
    """Find.

    Args:
        given: The arguments.
        console: Where it is printed.
    """
    rules = Rules(given)
    name = re.compile(translate(given.name)).match if given.name is not None else None
    iname = re.compile(translate(given.iname), re.IGNORECASE).match if given.iname is not None else None
    found = False
    for top in expand(given.paths):
        try:
            for names, info in entries(top):
                if given.depth is not None and names.count("/") >= given.depth:
                    continue
                if not _is(given.type, info) or not rules.take(names, info):
                    continue
                if (name is not None and not name(info.name)) or (iname is not None and not iname(info.name)):
                    continue
                found = True
                path = below(top, names)
                console.show(str(path), record(path, info), end="\0" if given.null else "\n")
        except OSError as error:
            console.fail(error, top)
    return console.exit(found)


def _is(wanted: str | None, info: FileInfo) -> bool:
    if wanted == "l":
        return info.link
    if wanted == "d":
        return info.is_dir(follow_symlinks=False)
    return wanted is None or (info.is_file() and not info.link)
