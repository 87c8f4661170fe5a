"""`tfm tail`: the end of files, and with `--follow` what is added to them."""

from __future__ import annotations

import argparse
import os
import time
from collections import deque
from typing import BinaryIO

from tfm.cli.console import Bytes, Console, JsonLines
from tfm.cli.exits import Exit
from tfm.cli.inputs import inputs, opened
from tfm.cli.quantities import size, span
from tfm.cli.rules import argued
from tfm.cli.verbs.head import title
from tfm.errors import RefusedError, TfmError
from tfm.path import Path

EXAMPLES = [
    "tfm tail s3://bucket/app.log             the last 10 lines",
    "tfm tail -n 100 app.log",
    "tfm tail -f s3://bucket/app.log          and what is added to it, until Ctrl-C",
]

CHUNK = 64 * 1024


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments.

    Args:
        parser: The verb's.
    """
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a file, a pattern, or - for the standard input")
    parser.add_argument("-n", "--lines", type=int, default=10, metavar="N", help="so many lines (default: 10)")
    parser.add_argument("-c", "--bytes", type=argued(size), metavar="SIZE", help="so many bytes instead")
    parser.add_argument("-q", "--quiet", action="store_true", help="no line with the name above each of several files")
    parser.add_argument("-f", "--follow", action="store_true", help="go on with what is added to the one file")
    parser.add_argument(
        "--interval", type=argued(span), default=1.0, metavar="TIME", help="how often to look (default: 1s)"
    )


def run(given: argparse.Namespace, console: Console) -> Exit:
    """Print.

    Args:
        given: The arguments.
        console: Where the bytes go.
    """
    paths = inputs(given.paths)
    if given.follow and (len(paths) != 1 or paths[0] is None):
        raise RefusedError("--follow takes one file: name just one, and not the standard input.")
    reached = 0
    for number, path in enumerate(paths):
        try:
            with opened(path) as stream, console.contents(path) as out:
                title(console, path, number, quiet=given.quiet or len(paths) == 1)
                if path is None:
                    _end_of_stream(stream, given, out)
                else:
                    reached = _end_of_file(stream, given, out)
        except BrokenPipeError:
            raise
        except OSError as error:
            console.fail(error, path or "-")
    if given.follow and paths[0] is not None and not console.failures:
        _follow(paths[0], reached, given.interval, console)
    return console.exit()


def _end_of_stream(stream: BinaryIO, given: argparse.Namespace, out: Bytes | JsonLines) -> None:
    if given.bytes is None:
        out.writelines(deque(stream, max(given.lines, 0)))
        return
    kept = b""
    while data := stream.read(CHUNK):
        kept = (kept + data)[-given.bytes :] if given.bytes else b""
    out.write(kept)


def _end_of_file(stream: BinaryIO, given: argparse.Namespace, out: Bytes | JsonLines) -> int:
    """Print the end of a seekable file; gives its size."""
    end = stream.seek(0, os.SEEK_END)
    start = max(0, end - given.bytes) if given.bytes is not None else _start_of_lines(stream, end, max(given.lines, 0))
    stream.seek(start)
    while start < end and (data := stream.read(min(CHUNK, end - start))):
        out.write(data)
        start += len(data)
    return end


def _start_of_lines(stream: BinaryIO, end: int, lines: int) -> int:
    """Find where the last lines begin, reading backwards."""
    if not lines:
        return end
    position, missing = end, lines
    while position > 0:
        start = max(0, position - CHUNK)
        stream.seek(start)
        data = stream.read(position - start)
        search = len(data) - 1 if position == end and data.endswith(b"\n") else len(data)
        while (search := data.rfind(b"\n", 0, search)) != -1:
            missing -= 1
            if not missing:
                return start + search + 1
        position = start
    return 0


def _follow(path: Path, reached: int, interval: float, console: Console) -> None:
    """Print what is added, until somebody stops it; a file that became shorter is printed from its start."""
    with console.contents(path) as out:
        while True:
            out.flush()
            time.sleep(interval)
            reached = _added(path, reached, out, console)


def _added(path: Path, reached: int, out: Bytes | JsonLines, console: Console) -> int:
    """Print what was added since; gives how far that reached."""
    path.refresh()
    there = path.facts().size or 0
    if there < reached:
        console.fail(TfmError(f"{path} became shorter, so it is printed from its start"))
        console.failures = 0
        reached = 0
    if there > reached:
        with path.open("rb") as stream:
            stream.seek(reached)
            while data := stream.read(CHUNK):
                out.write(data)
                reached += len(data)
    return reached
