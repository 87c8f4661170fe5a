"""`tfm cp`: copies files and trees between any two storages."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from functools import partial
from typing import IO

from tfm.cli.console import Bytes, Console
from tfm.cli.destinations import add_aim, aim, rule_of
from tfm.cli.exits import Exit
from tfm.cli.globs import path_of
from tfm.cli.previewing import show_steps
from tfm.cli.rules import Rules
from tfm.cli.running import run_journaled
from tfm.cli.workers import workers_of
from tfm.errors import RefusedError
from tfm.operations import Conflict, copy, preview_copy
from tfm.operations.rate import RateLimit

EXAMPLES = [
    "tfm cp report.csv s3://bucket/2026/           into a prefix",
    "tfm cp s3://bucket/report.csv other.csv       under another name",
    "tfm cp -r s3://bucket/data s3://backup/       a tree, inside S3",
    "tfm cp -y 's3://bucket/*.csv' .               and overwrite what is here",
    "tfm cp -r --include '*.csv' --dry-run s3://bucket/data .     what it would copy",
    "tfm cp -r --cluster tcp://10.0.0.5:8786 s3://bucket/data s3://backup/     by the workers of a Dask cluster",
    "pg_dump db | tfm cp - s3://bucket/db.sql      the standard input, of any length",
]

CHUNK = 1024 * 1024


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments.

    Args:
        parser: The verb's.
    """
    add_aim(parser)


def run(given: argparse.Namespace, console: Console) -> Exit:
    """Copy.

    Args:
        given: The arguments.
        console: Where it is printed.
    """
    if "-" in given.paths:
        return _stream(given, console)
    wanted, rules = aim(given), Rules(given)
    take = rules.take if rules.any else None
    rule = rule_of(given)
    if given.dry_run:
        steps = preview_copy(wanted.sources, wanted.into, names=wanted.names, conflict=rule, take=take)
        return show_steps(steps, console)
    make = partial(copy, wanted.sources, wanted.into, names=wanted.names, conflict=rule, take=take)
    with workers_of(given) as executor:
        return run_journaled(lambda journal: make(executor=executor, journal=journal), given, console)


def _stream(given: argparse.Namespace, console: Console) -> Exit:
    """Copy from the standard input or to the standard output; what exists is only replaced when that is said."""
    if len(given.paths) != 2 or given.paths[0] == given.paths[1]:
        raise RefusedError("With - there are two: one source and one destination, one of them being -.")
    if given.dry_run or given.cluster or Rules(given).any:
        raise RefusedError("With - nothing can be chosen, foreseen or handed to others: leave those options out.")
    source, target = given.paths
    if target == "-":
        with path_of(source).open("rb") as reader:
            _carry(reader, console.bytes, given.limit_rate)
        return console.exit()
    path, rule = path_of(target), rule_of(given)
    if rule not in (Conflict.ASK, Conflict.SKIP, Conflict.OVERWRITE):
        raise RefusedError(
            f"The standard input has no time, size or name of its own: --conflict {rule.value} says nothing."
        )
    if rule is not Conflict.OVERWRITE and path.exists():  # before the input is read, which can't be read again
        if rule is Conflict.ASK:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        return console.exit()
    with path.open("wb" if rule is Conflict.OVERWRITE else "xb") as writer:
        _carry(sys.stdin.buffer, writer, given.limit_rate)
    if console.as_json:
        console.show("", {"source": "-", "target": str(path), "status": "done", "bytes": path.stat().st_size})
    return console.exit()


def _carry(reader: IO[bytes], writer: IO[bytes] | Bytes, rate: int | None) -> None:
    pace = RateLimit(rate) if rate else None
    while data := reader.read(CHUNK):
        writer.write(data)
        if pace is not None:
            pace(len(data))
