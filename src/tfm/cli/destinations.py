"""What is copied and moved where: into a directory, or under another name, as `cp` and `mv` understand it."""

from __future__ import annotations

import argparse
import errno
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tfm.cli.globs import NoMatchError, expand, path_of
from tfm.cli.previewing import add_dry_run
from tfm.cli.rules import Rules, add_rules
from tfm.cli.running import add_limits
from tfm.cli.workers import add_cluster
from tfm.errors import RefusedError
from tfm.info import FileInfo
from tfm.operations import Conflict
from tfm.operations.guards import CONTENTS, Given
from tfm.path import Path


class Aim(NamedTuple):
    """What is to go where.

    Args:
        sources: What.
        into: The directory.
        names: Other names for some of the sources.
    """

    sources: Sequence[Given]
    into: Path
    names: Mapping[Path, str]


def add_aim(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that `cp` and `mv` have in common.

    Args:
        parser: The verb's.
    """
    parser.add_argument("paths", nargs="+", metavar="PATH", help="sources, and last the destination")
    parser.add_argument("-r", "-R", "--recursive", action="store_true", help="directories with all that is below them")
    parser.add_argument(
        "--conflict",
        choices=[rule.value for rule in Conflict],
        help="what to do with files that exist (default: ask; without a terminal, leave them alone and fail)",
    )
    add_dry_run(parser)
    parser.add_argument("-n", "--no-clobber", action="store_true", help="the same as --conflict skip")
    parser.add_argument("-u", "--update", action="store_true", help="the same as --conflict newer")
    parser.add_argument("-y", "--yes", action="store_true", help="the same as --conflict overwrite")
    add_limits(parser)
    add_cluster(parser)
    add_rules(parser)


def rule_of(given: argparse.Namespace) -> Conflict:
    """Give the rule for files that exist.

    Args:
        given: The arguments.
    """
    if given.conflict is not None:
        return Conflict(given.conflict)
    if given.no_clobber:
        return Conflict.SKIP
    if given.update:
        return Conflict.NEWER
    return Conflict.OVERWRITE if given.yes else Conflict.ASK


def aim(given: argparse.Namespace) -> Aim:
    """Find out what goes where: into the last path where that is a directory or ends in a slash, else under its name.

    Of a directory that is written with a slash at its end, or as `.`, what is in it goes there.

    What is named by itself and left out by the rules is dropped here; what is below directories is left to the job.

    Args:
        given: The arguments.

    Raises:
        RefusedError: There is no destination, several sources want one name, or a directory without `-r`.
        NoMatchError: A pattern matches nothing, or the rules leave out everything.
    """
    if len(given.paths) < 2:
        raise RefusedError("A destination is missing: name the sources, and last where they go.")
    *texts, last = given.paths
    sources = list(expand(texts))
    target = path_of(last)
    if not given.recursive:
        for source in sources:
            if source.is_dir() and not source.is_file() and not source.is_symlink():
                raise RefusedError(f"{source} is a directory: say -r to take all that is below it.")
    inside = [source for source in map(_inside, texts) if source is not None] if given.recursive else []
    if inside:
        return _of_contents(sources, inside, target)
    if last.endswith("/") or target.is_dir():
        return Aim(chosen(sources, Rules(given)), target, {})
    if len(sources) > 1:
        raise RefusedError(
            f"{last} is no directory, and {len(sources)} sources can't all become it: end it in a slash."
        )
    return Aim(chosen(sources, Rules(given)), target.parent, {sources[0]: target.name})


def _inside(text: str) -> Path | None:
    """Give the directory of which what is in it is meant."""
    if not text.endswith("/") and text.rpartition("/")[2] not in (".", ".."):
        return None
    path = path_of(text)
    return path if path.is_dir() else None


def _of_contents(sources: Sequence[Path], inside: Sequence[Path], target: Path) -> Aim:
    if len(inside) != len(sources):
        raise RefusedError("A directory that ends in a slash becomes the destination: name no other sources with it.")
    return Aim([(path, FileInfo(path.name, "directory")) for path in inside], target, dict.fromkeys(inside, CONTENTS))


def chosen(paths: Sequence[Path], rules: Rules) -> Sequence[Path]:
    """Leave out the files that the rules leave out; of directories it is decided what is below them.

    Args:
        paths: What was named, or matched by patterns.
        rules: What was asked for.

    Raises:
        NoMatchError: Nothing is left.
    """
    if not rules.any:
        return paths
    found = [path for path in paths if _taken(path, rules)]
    if paths and not found:
        raise NoMatchError(errno.ENOENT, "Nothing of what was named is taken by --include, --exclude and the like.")
    return found


def _taken(path: Path, rules: Rules) -> bool:
    try:
        info = path.facts(follow_symlinks=False)
    except FileNotFoundError:
        return True  # the job says that it is missing
    return info.kind == "both" or info.is_dir(follow_symlinks=False) or rules.take(path.name, info)
