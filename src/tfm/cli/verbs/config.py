"""`tfm config`: the settings, and the file that they come from."""

from __future__ import annotations

import argparse
import os
from dataclasses import asdict

from tfm.cli.console import Console
from tfm.cli.exits import Exit
from tfm.config import load_settings
from tfm.configfile import settings_file

EXAMPLES = [
    "tfm config             the file and what it says, with the environment",
    "tfm config path        the name of the file alone",
]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments.

    Args:
        parser: The verb's.
    """
    parser.add_argument("action", nargs="?", choices=["show", "path"], default="show", help="default: show")


def run(given: argparse.Namespace, console: Console) -> Exit:
    """Show them.

    Args:
        given: The arguments.
        console: Where it is printed.
    """
    file = settings_file()
    if given.action == "path":
        console.show(file, {"file": file})
        return console.exit()
    settings = asdict(load_settings())
    if console.as_json:
        console.show("", {"file": file, "exists": os.path.exists(file), **settings})
        return console.exit()
    console.show(f"# {file}{'' if os.path.exists(file) else ' (not there: every setting has its default)'}", {})
    _show("", settings, console)
    return console.exit()


def _show(name: str, table: dict[str, object], console: Console) -> None:
    """Print a table as TOML would have it, without what was not set."""
    plain = {key: value for key, value in table.items() if not isinstance(value, dict) and value is not None}
    if name and plain:
        console.show(["", f"[{name}]"], {})
    for key, value in plain.items():
        console.show(f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}", {})
    for key, value in table.items():
        if isinstance(value, dict):
            _show(f"{name}.{key}" if name else key, value, console)
