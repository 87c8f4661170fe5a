"""`tfm mv`: moves files and trees between any two storages; a source goes only after its copy was verified."""

from __future__ import annotations

import argparse

from tfm.cli.console import Console
from tfm.cli.destinations import add_aim, aim, rule_of
from tfm.cli.exits import Exit
from tfm.cli.running import run_job
from tfm.operations import move

EXAMPLES = [
    "tfm mv s3://bucket/old.csv s3://bucket/new.csv      another name",
    "tfm mv -r s3://bucket/2025 s3://archive/            a tree into another bucket",
    "tfm mv 'logs/*.gz' s3://bucket/logs/",
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
    wanted = aim(given)
    return run_job(move(wanted.sources, wanted.into, names=wanted.names, conflict=rule_of(given)), console)
