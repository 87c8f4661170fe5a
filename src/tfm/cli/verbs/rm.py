"""`tfm rm`: deletes files and trees for good; exactly what was named and nothing beside it."""

from __future__ import annotations

import argparse
import sys

from tfm.cli.console import Console
from tfm.cli.destinations import chosen
from tfm.cli.exits import Exit
from tfm.cli.globs import expand
from tfm.cli.previewing import add_dry_run, show_steps
from tfm.cli.rules import Rules, add_rules
from tfm.cli.running import add_limits, run_journaled
from tfm.errors import RefusedError
from tfm.operations import delete, preview_delete
from tfm.path import Path
from tfm.wording import count_text, visible

EXAMPLES = [
    "tfm rm s3://bucket/old.csv",
    "tfm rm 's3://bucket/tmp/*.tmp'            what matches",
    "tfm rm -r s3://bucket/tmp                 a tree, after asking; -y does not ask",
    "tfm rm -r --older 30d --dry-run s3://bucket/logs     what it would delete; directories stay",
]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments.

    Args:
        parser: The verb's.
    """
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files and directories, or patterns")
    parser.add_argument("-r", "-R", "--recursive", action="store_true", help="directories with all that is below them")
    parser.add_argument("-f", "--force", action="store_true", help="what is not there is fine")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask before trees are deleted")
    add_dry_run(parser)
    add_limits(parser, rate=False)
    add_rules(parser)


def run(given: argparse.Namespace, console: Console) -> Exit:
    """Delete.

    Args:
        given: The arguments.
        console: Where it is printed.

    Raises:
        RefusedError: A directory without `-r`, or a tree that nobody confirmed.
    """
    there: list[Path] = []
    trees: list[Path] = []
    rules = Rules(given)
    for path in chosen(list(expand(given.paths)), rules):
        if not path.exists(follow_symlinks=False):
            if not given.force:
                console.fail(FileNotFoundError(2, "No such file or directory", str(path)))
            continue
        if path.is_dir() and not path.is_symlink():
            trees.append(path)
        there.append(path)
    if trees and not given.recursive:
        raise RefusedError(f"{trees[0]} is a directory: say -r to delete all that is below it. Nothing was deleted.")
    if not there:
        return console.exit()
    take = rules.take if rules.any else None
    if given.dry_run:
        return show_steps(preview_delete(there, take=take), console)
    delete(there, take=take)  # what is refused is refused before anybody is asked
    if trees and not given.yes and not _confirmed(trees):
        print("tfm: Nothing was deleted.", file=sys.stderr)
        return Exit.USAGE
    return run_journaled(lambda journal: delete(there, take=take, journal=journal), given, console)


def _confirmed(trees: list[Path]) -> bool:
    """Ask before trees go, naming them."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise RefusedError("Nobody can be asked here: say -y to delete directories. Nothing was deleted.")
    names = ", ".join(visible(str(path)) for path in trees[:5]) + (", …" if len(trees) > 5 else "")
    sys.stderr.write(f"Delete {count_text(len(trees), 'directory', 'directories')} for good ({names})? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
