"""`tfm places`: the names that may stand before `@` in a URI, and where they lead."""

from __future__ import annotations

import argparse

from tfm.cli.console import Console
from tfm.cli.exits import Exit
from tfm.errors import S3BaseError, SettingsError
from tfm.s3.places import names, place

EXAMPLES = ["tfm places"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments.

    Args:
        parser: The verb's.
    """
    del parser  # it has none


def run(given: argparse.Namespace, console: Console) -> Exit:
    """List them.

    Args:
        given: The arguments.
        console: Where it is printed.
    """
    del given
    found = False
    for name in names():
        found = True
        try:
            there = place(name)
        except (S3BaseError, SettingsError) as error:
            console.fail(error, name)
            continue
        known = {field: value for field, value in there._asdict().items() if value not in (None, False, "auto", "")}
        words = [f"{field}={value}" for field, value in known.items() if field != "name"]
        console.show(f"s3://{name}@  {' '.join(words)}", known)
    return console.exit(found)
