"""`tfm mv`: moves files and trees between any two storages; a source goes only after its copy was verified."""

from __future__ import annotations

import argparse
from functools import partial

from tfm.cli.console import Console
from tfm.cli.destinations import add_aim, aim, rule_of
from tfm.cli.exits import Exit
from tfm.cli.previewing import show_steps
from tfm.cli.rules import Rules
from tfm.cli.running import limited, run_job
from tfm.operations import Job, move, preview_copy

EXAMPLES = [
    "tfm mv s3://bucket/old.csv s3://bucket/new.csv      another name",
    "tfm mv -r s3://bucket/2025 s3://archive/            a tree into another bucket",
    "tfm mv 'logs/*.gz' s3://bucket/logs/",
    "tfm mv -r --older 7d --dry-run logs s3://bucket/     what it would move",
]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments.

    Args:
        parser: The verb's.
    """
    add_aim(parser)


def run(given: argparse.Namespace, console: Console) -> Exit:
    """Move.

    Args:
        given: The arguments.
        console: Where it is printed.
    """
    wanted, rules = aim(given), Rules(given)
    take = rules.take if rules.any else None
    made = partial(preview_copy, move=True) if given.dry_run else move
    planned = made(wanted.sources, wanted.into, names=wanted.names, conflict=rule_of(given), take=take)
    if isinstance(planned, Job):
        return run_job(limited(planned, given), console)
    return show_steps(planned, console)
