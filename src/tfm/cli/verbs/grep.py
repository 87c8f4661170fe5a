"""`tfm grep`: lines that match, in files and everything below directories; many objects are read at once."""

from __future__ import annotations

import argparse
import re
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from typing import NamedTuple

from tfm.cli.console import Console
from tfm.cli.exits import Exit
from tfm.cli.inputs import inputs, opened
from tfm.cli.rules import Rules, add_rules
from tfm.cli.trees import below, entries
from tfm.daemonpool import DaemonPool
from tfm.errors import RefusedError
from tfm.path import Path

EXAMPLES = [
    "tfm grep ERROR s3://bucket/logs                    everything below it",
    "tfm grep -i -n 'time ?out' --include '*.log' logs  with line numbers",
    "tfm grep -l -F '{\"id\": 7}' 's3://bucket/*.json'    the names of the files only",
]

WIDTH = 16
"""Files read at once: what hides the latency of a network."""
PROBE = 8192
"""Bytes of a file in which a NUL makes it binary."""


class Match(NamedTuple):
    """One line that matches.

    Args:
        number: From 1.
        line: Without its line break.
    """

    number: int
    line: bytes


class Found(NamedTuple):
    """What one file gave.

    Args:
        matches: Its lines; only the first one for a binary file or when names are all that is wanted.
        binary: Whether it is no text.
    """

    matches: list[Match]
    binary: bool


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments.

    Args:
        parser: The verb's.
    """
    parser.add_argument("pattern", metavar="PATTERN", help="a regular expression of Python")
    parser.add_argument("paths", nargs="*", default=["."], metavar="PATH", help="files, directories, patterns, or -")
    parser.add_argument("-F", "--fixed-strings", action="store_true", help="the pattern is plain text")
    parser.add_argument("-i", "--ignore-case", action="store_true", help="whatever the case of letters")
    parser.add_argument("-v", "--invert-match", action="store_true", help="lines that do not match")
    parser.add_argument("-w", "--word-regexp", action="store_true", help="whole words only")
    parser.add_argument("-n", "--line-number", action="store_true", help="with the numbers of the lines")
    parser.add_argument("-l", "--files-with-matches", action="store_true", help="the names of the files only")
    parser.add_argument("-c", "--count", action="store_true", help="how many lines of each file")
    add_rules(parser)


def run(given: argparse.Namespace, console: Console) -> Exit:
    """Search.

    Args:
        given: The arguments.
        console: Where it is printed.

    Raises:
        RefusedError: The pattern is none.
    """
    search = Search(given)
    found = False
    for path, future in _ahead(search, _files(given, console)):
        try:
            result = future.result()
        except OSError as error:
            console.fail(error, path or "-")
            continue
        found = bool(result.matches) or found
        _print(path, result, given, console)
    return console.exit(found)


class Search:
    """Searches one file at a time, in any thread.

    Args:
        given: The arguments.
    """

    def __init__(self, given: argparse.Namespace) -> None:
        text = re.escape(given.pattern) if given.fixed_strings else given.pattern
        if given.word_regexp:
            text = rf"\b(?:{text})\b"
        try:
            flags = re.IGNORECASE if given.ignore_case else 0
            self._matches = re.compile(text.encode(errors="surrogateescape"), flags).search
        except re.error as error:
            raise RefusedError(
                f"{given.pattern!r} is not a regular expression ({error}); -F takes it as text."
            ) from None
        self._inverted = given.invert_match
        self._first_only = given.files_with_matches

    def __call__(self, path: Path | None) -> Found:
        """Search a file.

        Args:
            path: The file; `None` is the standard input.
        """
        found: list[Match] = []
        binary = False
        with opened(path) as stream:
            for number, line in enumerate(stream, 1):
                binary = binary or b"\0" in line[:PROBE]
                if bool(self._matches(line.rstrip(b"\r\n"))) is self._inverted:
                    continue
                found.append(Match(number, line.rstrip(b"\r\n")))
                if self._first_only or binary:
                    break
        return Found(found, binary)


def _files(given: argparse.Namespace, console: Console) -> Iterator[Path | None]:
    """Give the files to search, in the order in which they were asked for."""
    rules = Rules(given)
    for path in inputs(given.paths):
        try:
            if path is None or not path.is_dir():
                yield path
                continue
            for names, info in entries(path):
                if info.is_file() and not info.link and rules.take(names, info):
                    yield below(path, names)
        except OSError as error:
            console.fail(error, path)


def _ahead(search: Search, paths: Iterable[Path | None]) -> Iterator[tuple[Path | None, Future[Found]]]:
    """Search several files at once, and give the results in order."""
    pool = DaemonPool(WIDTH, "tfm-grep")
    waiting: deque[tuple[Path | None, Future[Found]]] = deque()
    try:
        for path in paths:
            waiting.append((path, pool.submit(search, path)))
            if len(waiting) >= 2 * WIDTH:
                yield waiting.popleft()
        while waiting:
            yield waiting.popleft()
    finally:
        pool.shutdown()


def _print(path: Path | None, result: Found, given: argparse.Namespace, console: Console) -> None:
    name = "(standard input)" if path is None else str(path)
    if given.count:
        console.show(f"{name}:{len(result.matches)}", {"path": name, "count": len(result.matches)})
    elif result.matches and given.files_with_matches:
        console.show(name, {"path": name})
    elif result.matches and result.binary:
        console.show(f"{name}: a binary file matches", {"path": name, "binary": True})
    else:
        alone = len(given.paths) == 1 and path is not None and str(path) == given.paths[0]
        for number, line in result.matches:
            text = line.decode(errors="surrogateescape")
            shown = f"{number}:{text}" if given.line_number else text
            console.show(shown if alone else f"{name}:{shown}", {"path": name, "line": number, "text": text})
