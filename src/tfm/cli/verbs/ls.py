"""`tfm ls`: what is in directories, prefixes and the list of buckets, page by page as it comes."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tfm.cli.console import Console, record
from tfm.cli.exits import Exit
from tfm.cli.globs import expand
from tfm.cli.rules import Rules, add_rules
from tfm.cli.trees import below, entries
from tfm.info import FileInfo
from tfm.path import Path
from tfm.wording import count_text, size_text, time_text

EXAMPLES = [
    "tfm ls s3://bucket/reports           what is in a prefix",
    "tfm ls -lh 's3://bucket/*.csv'       with sizes and times",
    "tfm ls -R --json s3://bucket         everything below, for programs",
    "tfm ls s3://                         the buckets",
]

SIZES = True
"""`-h` is for sizes."""


class Row(NamedTuple):
    """One entry to print.

    Args:
        path: It.
        shown: Its name as it is printed.
        info: What it is.
    """

    path: Path
    shown: str
    info: FileInfo


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments.

    Args:
        parser: The verb's.
    """
    parser.add_argument("paths", nargs="*", default=["."], metavar="PATH", help="default: the current directory")
    parser.add_argument("-l", "--long", action="store_true", help="with size and time")
    parser.add_argument("-h", "-H", "--human-readable", dest="human", action="store_true", help="sizes as 1.2K, 64M")
    parser.add_argument("-R", "--recursive", action="store_true", help="everything below")
    parser.add_argument("-d", "--directory", action="store_true", help="directories themselves, not what is in them")
    parser.add_argument("--sort", choices=["name", "size", "time"], help="default: as the storage lists, names on disk")
    parser.add_argument("-r", "--reverse", action="store_true", help="the other way round")
    parser.add_argument("--summarize", action="store_true", help="the number of files and their bytes at the end")
    add_rules(parser)


def run(given: argparse.Namespace, console: Console) -> Exit:
    """List.

    Args:
        given: The arguments.
        console: Where it is printed.
    """
    paths = list(expand(given.paths))
    rules = Rules(given)
    files = total = 0
    found = False
    for path in paths:
        try:
            rows = _rows(path, given, whole=len(paths) > 1)
            for row in _sorted(rows, path, given) if not given.recursive or given.sort else rows:
                if not rules.take(row.shown, row.info):
                    continue
                found = True
                console.show(_line(row, given), record(row.path, row.info))
                if row.info.is_file():
                    files, total = files + 1, total + (row.info.size or 0)
        except OSError as error:
            console.fail(error, path)
    if given.summarize:
        console.show(f"{count_text(files, 'file', 'files')}, {total:,} bytes", {"files": files, "bytes": total})
    return console.exit(found or not rules.any)


def _rows(path: Path, given: argparse.Namespace, *, whole: bool) -> Iterator[Row]:
    """List one path; with several, names are whole, so that each line says which it belongs to."""
    if not given.directory:
        try:
            if given.recursive:
                for names, info in entries(path):
                    child = below(path, names)
                    yield Row(child, str(child) if whole else names, info)
                return
            for page in path.scan():
                for info in page:
                    child = path.listed_child(info)
                    yield Row(child, str(child) if whole else info.name, info)
            return
        except NotADirectoryError:
            pass  # a file is listed as itself
    yield Row(path, str(path), path.facts(follow_symlinks=False))


def _sorted(rows: Iterable[Row], path: Path, given: argparse.Namespace) -> Iterable[Row]:
    if given.sort is None and not given.reverse and not path.capabilities.needs_directories:
        return rows  # in the order of the keys, as they come
    if given.sort == "size":
        return sorted(rows, key=lambda row: row.info.size or 0, reverse=given.reverse)
    if given.sort == "time":
        return sorted(rows, key=lambda row: row.info.mtime or 0.0, reverse=given.reverse)
    return sorted(rows, key=lambda row: row.shown, reverse=given.reverse)


def _line(row: Row, given: argparse.Namespace) -> str:
    directory = row.info.is_dir(follow_symlinks=False) and not row.info.is_file()
    name = row.shown + ("/" if directory and not row.shown.endswith("/") else "")
    if not given.long:
        return name
    size = "" if directory or row.info.size is None else row.info.size
    shown = size_text(size) if given.human and isinstance(size, int) else str(size)
    return f"{time_text(row.info.mtime):16}  {shown:>{6 if given.human else 13}}  {name}"
