"""`tfm mv`: moves files and trees between any two storages; a source goes only after its copy was verified."""

from __future__ import annotations

import argparse
from functools import partial

from tfm.cli.console import Console
from tfm.cli.destinations import add_aim, aim, rule_of
from tfm.cli.exits import Exit
from tfm.cli.previewing import show_steps
from tfm.cli.rules import Rules
from tfm.cli.running import run_journaled
from tfm.cli.workers import workers_of
from tfm.operations import move, preview_copy

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
    rule = rule_of(given)
    if given.dry_run:
        steps = preview_copy(wanted.sources, wanted.into, names=wanted.names, conflict=rule, take=take, move=True)
        return show_steps(steps, console)
    make = partial(move, wanted.sources, wanted.into, names=wanted.names, conflict=rule, take=take)
    with workers_of(given) as executor:
        return run_journaled(lambda journal: make(executor=executor, journal=journal), given, console)
