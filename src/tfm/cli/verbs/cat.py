"""`tfm cat`: the bytes of files, as they are."""

from __future__ import annotations

import argparse
from typing import BinaryIO

from tfm.cli.console import Bytes, Console, JsonLines
from tfm.cli.exits import Exit
from tfm.cli.inputs import inputs, opened
from tfm.cli.quantities import size
from tfm.cli.rules import argued

EXAMPLES = [
    "tfm cat s3://bucket/notes.txt",
    "tfm cat --offset 1M --count 64K s3://bucket/large.bin   a part of it, and no more is fetched",
    "echo end | tfm cat s3://bucket/notes.txt -              and then the standard input",
]

CHUNK = 1024 * 1024


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments.

    Args:
        parser: The verb's.
    """
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a file, a pattern, or - for the standard input")
    parser.add_argument("--offset", type=argued(size), default=0, metavar="SIZE", help="begin so far behind the start")
    parser.add_argument("--count", type=argued(size), metavar="SIZE", help="at most so much of each")


def run(given: argparse.Namespace, console: Console) -> Exit:
    """Print.

    Args:
        given: The arguments.
        console: Where the bytes go.
    """
    for path in inputs(given.paths):
        try:
            with opened(path) as stream, console.contents(path) as out:
                _skip(stream, given.offset)
                _pass_on(stream, out, given.count)
        except BrokenPipeError:
            raise
        except OSError as error:
            console.fail(error, path or "-")
    return console.exit()


def _skip(stream: BinaryIO, count: int) -> None:
    if count and stream.seekable():
        stream.seek(count)
        return
    while count and (data := stream.read(min(count, CHUNK))):
        count -= len(data)


def _pass_on(stream: BinaryIO, out: Bytes | JsonLines, count: int | None) -> None:
    while count != 0 and (data := stream.read(CHUNK if count is None else min(count, CHUNK))):
        out.write(data)
        count = None if count is None else count - len(data)
