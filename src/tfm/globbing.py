"""Patterns: glob, rglob, match and walk, for every storage that can list its directories.

A listing begins at the literal part of a pattern, and `**` is one flat listing of everything below.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tfm.info import FileInfo
from tfm.uri import anchor_length

if TYPE_CHECKING:
    from tfm.path import Path

_MAGIC = re.compile(r"[*?\[]")
_DIRECTORY = FileInfo("", "directory")


@lru_cache(maxsize=256)
def compile_segment(pattern: str, case_sensitive: bool) -> Callable[[str], object]:
    """Make the matcher of one segment of a pattern.

    Args:
        pattern: With `*`, `?` and `[…]` as in `fnmatch`.
        case_sensitive: Whether case counts.

    Source: https://docs.python.org/3/library/fnmatch.html
    """
    return re.compile(fnmatch.translate(pattern), 0 if case_sensitive else re.IGNORECASE).match


def pattern_parts(pattern: str | os.PathLike[str] | Path) -> list[str]:
    """Take a pattern apart into anchor and segments, as a path is.

    Args:
        pattern: Text, a local path, or a URI.
    """
    text = str(pattern)
    if "://" not in text:
        return list(PurePosixPath(text).parts)
    start = anchor_length(text)
    return [text[:start], *(part for part in text[start:].split("/") if part)]


def right_match(parts: Sequence[str], pattern: Sequence[str], case_sensitive: bool) -> bool:
    """Whether the last segments match a pattern of as many; a pattern with an anchor must match all.

    Args:
        parts: Of the path, its anchor first when it has one.
        pattern: Of the pattern, in the same way.
        case_sensitive: Whether case counts.
    """
    if not pattern:
        raise ValueError("empty pattern")
    if len(pattern) > len(parts) or (pattern[0].endswith(("://", "@")) and len(pattern) != len(parts)):
        return False
    return all(compile_segment(p, case_sensitive)(s) for p, s in zip(reversed(pattern), reversed(parts), strict=False))


def full_match(parts: Sequence[str], pattern: Sequence[str], case_sensitive: bool) -> bool:
    """Whether all segments match a pattern, in which `**` stands for any number of them.

    Args:
        parts: Of the path.
        pattern: Of the pattern.
        case_sensitive: Whether case counts.

    Source: https://docs.python.org/3.14/library/pathlib.html#pathlib-pattern-language
    """
    # The states of a non-deterministic machine: how many segments of the pattern may be behind us.
    states = _closure({0}, pattern)
    for part in parts:
        following = set()
        for state in states:
            if state == len(pattern):
                continue
            if pattern[state] == "**":
                following.add(state)
            elif compile_segment(pattern[state], case_sensitive)(part):
                following.add(state + 1)
        states = _closure(following, pattern)
        if not states:
            return False
    return len(pattern) in states


def _closure(states: set[int], pattern: Sequence[str]) -> set[int]:
    reached = set(states)
    for state in states:
        at = state
        while at < len(pattern) and pattern[at] == "**":
            at += 1
            reached.add(at)
    return reached


def glob(root: Path, pattern: str | os.PathLike[str], case_sensitive: bool) -> Iterator[Path]:
    """Find what is below a directory and matches a pattern.

    Args:
        root: The directory; a missing one has nothing below.
        pattern: Relative; a slash at its end asks for directories only.
        case_sensitive: Whether case counts.

    Raises:
        ValueError: The pattern is empty.
        NotImplementedError: The pattern is absolute.
    """
    text = os.fspath(pattern)
    if not text:
        raise ValueError(f"Unacceptable pattern: {text!r}")
    if text.startswith("/") or "://" in text:
        raise NotImplementedError("Non-relative patterns are unsupported")
    segments = [segment for segment in text.split("/") if segment and segment != "."]
    return _select(root, segments, text.endswith("/"), case_sensitive)


def _select(path: Path, segments: list[str], only_directories: bool, case_sensitive: bool) -> Iterator[Path]:
    if not segments:
        if path.is_dir() if only_directories else path.exists():
            yield path
        return
    head, rest = segments[0], segments[1:]
    if head == "**":
        yield from _recursive(path, segments, only_directories, case_sensitive)
    elif case_sensitive and not _MAGIC.search(head):
        yield from _select(path.child(head), rest, only_directories, case_sensitive)
    else:
        yield from _by_name(path, head, rest, only_directories, case_sensitive)


def _by_name(path: Path, head: str, rest: list[str], only_directories: bool, case_sensitive: bool) -> Iterator[Path]:
    matches = compile_segment(head, case_sensitive)
    literal = _MAGIC.split(head, maxsplit=1)[0] if case_sensitive else ""
    for info in _entries(path, literal):
        if not matches(info.name):
            continue
        if rest:
            if info.is_dir():
                yield from _select(path.child(info.name), rest, only_directories, case_sensitive)
        elif info.is_dir() or not only_directories:
            yield path.listed_child(info)


def _entries(path: Path, literal: str) -> Iterator[FileInfo]:
    try:
        for page in path.scan(prefix=literal):
            yield from page
    except (FileNotFoundError, NotADirectoryError):
        return


def _recursive(path: Path, segments: list[str], only_directories: bool, case_sensitive: bool) -> Iterator[Path]:
    seen: set[str] = set()
    if full_match((), segments, case_sensitive) and path.is_dir():
        yield path
    for names, info in _below(path, seen):
        parts = names.split("/")
        if (info.is_dir() or not only_directories) and full_match(parts, segments, case_sensitive):
            target = path
            for part in parts:
                target = target.child(part)
            yield target


def _below(path: Path, seen: set[str]) -> Iterator[tuple[str, FileInfo]]:
    """Give each entry below once, and before it the directories that only its name shows."""
    try:
        for page in path.scan_tree():
            for names, info in page:
                for ancestor in ancestors(names):
                    if ancestor not in seen:
                        seen.add(ancestor)
                        yield ancestor, _DIRECTORY
                if not info.is_dir():
                    yield names, info
                elif names not in seen:
                    seen.add(names)
                    yield names, info
    except (FileNotFoundError, NotADirectoryError):
        return


def ancestors(names: str) -> Iterator[str]:
    """Give every proper ancestor of a relative name: `a/b/c` gives `a` and `a/b`.

    Args:
        names: Segments with slashes between them.
    """
    end = names.find("/")
    while end != -1:
        yield names[:end]
        end = names.find("/", end + 1)


def walk(
    root: Path, top_down: bool, on_error: Callable[[OSError], object] | None, follow_symlinks: bool
) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Go through a tree directory by directory, as `os.walk` does.

    Args:
        root: Where to begin.
        top_down: Give a directory before those below it; the list of directories may then be changed in place.
        on_error: Called with the error of a directory that can't be listed.
        follow_symlinks: Go into directories that are links.
    """
    try:
        infos = [info for page in root.scan() for info in page]
    except OSError as error:
        if on_error is not None:
            on_error(error)
        return
    directories = [info.name for info in infos if info.is_dir(follow_symlinks=follow_symlinks)]
    files = [info.name for info in infos if not info.is_dir(follow_symlinks=follow_symlinks)]
    if top_down:
        yield root, directories, files
    for name in directories:
        yield from walk(root.child(name), top_down, on_error, follow_symlinks)
    if not top_down:
        yield root, directories, files
