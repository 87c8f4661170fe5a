"""`tfm sync`: makes one tree like another; only what is missing or differs is copied."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial

from tfm.cli.console import Console
from tfm.cli.exits import Exit
from tfm.cli.globs import path_of
from tfm.cli.rules import Rules, add_rules
from tfm.cli.running import add_limits, run_journaled
from tfm.cli.verbs.compare import add_measure, measure
from tfm.cli.workers import add_cluster, workers_of
from tfm.errors import RefusedError
from tfm.operations import GuardError, Job, run_plan, sync, sync_plan
from tfm.operations.sync import check_deletions
from tfm.operations.syncplan import Row, SyncPlan, record_of
from tfm.wording import bytes_text, count_text

EXAMPLES = [
    "tfm sync data s3://bucket/data                    what is missing there or older",
    "tfm sync --delete s3://bucket/data s3://backup/data",
    "tfm sync --dry-run --delete data s3://bucket/data     what it would do",
    "tfm sync --dry-run --json data s3://bucket/data > plan.jsonl",
    "tfm sync --plan plan.jsonl                        just its rows, edited as you like",
]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments.

    Args:
        parser: The verb's.
    """
    parser.add_argument("paths", nargs="*", metavar="PATH", help="the directory to be like, and the one to change")
    parser.add_argument("--delete", action="store_true", help="delete what only the second one has, after all copies")
    add_measure(parser)
    parser.add_argument("-n", "--dry-run", action="store_true", help="only say what would be done; --json is a plan")
    parser.add_argument(
        "-y", "--yes", action="store_true", help="delete even when the first one is empty, or more than half goes"
    )
    parser.add_argument("--plan", metavar="FILE", help="do the rows of a plan, each while it still is as the plan says")
    add_limits(parser)
    add_cluster(parser)
    add_rules(parser)


def run(given: argparse.Namespace, console: Console) -> Exit:
    """Sync.

    Args:
        given: The arguments.
        console: Where it is printed.

    Raises:
        RefusedError: There are not two paths, or a plan besides them.
    """
    rules = Rules(given)
    by = measure(given)
    if given.plan is not None:
        if given.paths or given.dry_run or given.delete or given.checksum or given.size_only or given.yes or rules.any:
            raise RefusedError("A plan says by itself what is done: give --plan FILE alone, or with --json or limits.")
        return _run(partial(run_plan, path_of(given.plan)), given, console)
    if len(given.paths) != 2:
        raise RefusedError(
            "There are two: the directory to be like, and the one to change, such as tfm sync data s3://b."
        )
    source, target = map(path_of, given.paths)
    if given.dry_run:
        return _show(sync_plan(source, target, delete=given.delete, by=by, take=rules.take), given.yes, console)
    make = partial(sync, source, target, delete=given.delete, by=by, take=rules.take, force=given.yes)
    return _run(make, given, console)


def _run(make: Callable[..., Job], given: argparse.Namespace, console: Console) -> Exit:
    with workers_of(given) as executor:
        return run_journaled(lambda journal: make(executor=executor, journal=journal), given, console)


def _show(plan: SyncPlan, force: bool, console: Console) -> Exit:
    """Print the rows of a plan, and what would keep it from being done."""
    copies = deletions = size = 0
    for row in plan:
        console.show(_line(row), record_of(row, plan.tops))
        copies += row.action == "copy"
        deletions += row.action == "delete" and not row.name.endswith("/")
        size += row.bytes
        console.failures += row.action == "refuse"
    if not console.as_json:
        text = f"{count_text(copies, 'file', 'files')} to copy ({bytes_text(size)})"
        console.show(f"{text}, {count_text(deletions, 'file', 'files')} to delete", {})
    try:
        check_deletions(plan, deletions, force)
    except GuardError as error:
        console.fail(error)
    return console.exit()


def _line(row: Row) -> str:
    size = f", {bytes_text(row.bytes)}" if row.action == "copy" else ""
    return f"{row.action} {row.name} ({row.reason}{size})"
