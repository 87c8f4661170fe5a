"""`tfm stat`: all that is known of files and directories."""

from __future__ import annotations

import argparse
import stat
from typing import Any

from tfm.cli.console import Console, record
from tfm.cli.exits import Exit
from tfm.cli.globs import expand
from tfm.errors import TfmError
from tfm.info import FileInfo
from tfm.path import Path

EXAMPLES = [
    "tfm stat s3://bucket/report.csv          size, time, ETag, content type, metadata, tags, …",
    "tfm stat --json *.csv",
]

KEPT = ("content_type", "storage_class", "version_id", "encryption", "checksum", "metadata", "tags")
"""What S3 keeps with an object, as paths name it."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments.

    Args:
        parser: The verb's.
    """
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a file, a directory or a pattern")


def run(given: argparse.Namespace, console: Console) -> Exit:
    """Show them.

    Args:
        given: The arguments.
        console: Where it is printed.
    """
    for number, path in enumerate(expand(given.paths)):
        try:
            info = path.facts(follow_symlinks=False)
            known = record(path, info) | _more(path, info)
            lines = [f"{name.replace('_', ' '):14} {_text(value)}" for name, value in known.items() if value]
            console.show(["", *lines] if number else lines, known)
        except OSError as error:
            console.fail(error, path)
    return console.exit()


def _more(path: Path, info: FileInfo) -> dict[str, Any]:
    if info.mode:
        leads_to = {"target": str(path.readlink())} if info.link else {}
        return {"mode": stat.filemode(info.mode), **leads_to}
    if not info.is_file():
        return {}
    found: dict[str, Any] = {}
    for name in KEPT:
        try:
            value: Any = getattr(path, name, None)
        except TfmError as error:  # such as tags that these credentials may not read
            found[name] = f"not known: {error}"
            continue
        found[name] = dict(value._asdict()) if hasattr(value, "_asdict") else value or None
    return found


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}={text}" for name, text in value.items())
    return str(value)
