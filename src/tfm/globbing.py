"""Patterns: glob, rglob, match and walk, for every storage that can list its directories.

A listing begins at the literal part of a pattern, and `**` is one flat listing of everything below.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, TypeVar

from tfm.info import FileInfo
from tfm.uri import anchor_length

if TYPE_CHECKING:
    from tfm.path import Path

_MAGIC = re.compile(r"[*?\[]")
T = TypeVar("T")


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
    if case_sensitive and not _MAGIC.search(head):
        yield from _select(path.child(head), rest, only_directories, case_sensitive)
    elif "**" in segments:
        yield from _recursive(path, segments, only_directories, case_sensitive)
    elif rest and not path.capabilities.needs_directories:
        yield from _adaptive(path, segments, only_directories, case_sensitive)
    else:
        yield from _by_name(path, segments, only_directories, case_sensitive)


def _literal(segment: str, case_sensitive: bool) -> str:
    """Give what every name begins with that matches a segment."""
    return _MAGIC.split(segment, maxsplit=1)[0] if case_sensitive else ""


def _by_name(
    path: Path, segments: list[str], only_directories: bool, case_sensitive: bool, start: str = ""
) -> Iterator[Path]:
    """Match the first segment by a listing of one directory, and the others below each name that matches."""
    matches, rest = compile_segment(segments[0], case_sensitive), segments[1:]
    for info in _entries(path.scan, _literal(segments[0], case_sensitive)):
        if not matches(info.name) or info.name + "/" < start:
            continue
        if rest:
            if info.is_dir():
                yield from _select(path.child(info.name), rest, only_directories, case_sensitive)
        elif info.is_dir() or not only_directories:
            yield path.listed_child(info)


def _entries(scan: Callable[..., Iterator[list[T]]], literal: str) -> Iterator[T]:
    for page in _pages(scan, literal):
        yield from page


def _pages(scan: Callable[..., Iterator[list[T]]], literal: str) -> Iterator[list[T]]:
    """Give the pages of a listing that have something in them; what is no directory has none."""
    try:
        yield from filter(None, scan(prefix=literal))
    except (FileNotFoundError, NotADirectoryError):
        return


def _recursive(path: Path, segments: list[str], only_directories: bool, case_sensitive: bool) -> Iterator[Path]:
    """Match all segments by one listing of everything below."""
    if full_match((), segments, case_sensitive) and path.is_dir():
        yield path
    below = _entries(path.scan_tree, _literal(segments[0], case_sensitive))
    yield from _matching(path, below, segments, only_directories, case_sensitive)


def _matching(
    path: Path,
    below: Iterable[tuple[str, FileInfo]],
    segments: list[str],
    only_directories: bool,
    case_sensitive: bool,
) -> Iterator[Path]:
    for names, info in below if path.capabilities.needs_directories else with_directories(below):
        parts = names.split("/")
        if (info.is_dir() or not only_directories) and full_match(parts, segments, case_sensitive):
            target = path
            for part in parts[:-1]:
                target = target.child(part)
            yield target.listed_child(info._replace(name=parts[-1]))


def _adaptive(path: Path, segments: list[str], only_directories: bool, case_sensitive: bool) -> Iterator[Path]:
    """Match by a flat listing while a page of it covers several directories; from there on, directory by directory.

    A flat page shows a thousand keys of as many directories as they fill; a listing of one directory costs a request
    whatever it holds. So flat is cheaper until a page lies within a single directory.
    """
    matches = compile_segment(segments[0], case_sensitive)
    group: list[tuple[str, FileInfo]] = []
    current = ""
    for page in _pages(path.scan_tree, _literal(segments[0], case_sensitive)):
        if current and page[-1][0].startswith(current) and page[0][0].startswith(current):
            # All of it within the directory that the page before ended in: list this one and those behind it by name.
            yield from _by_name(path, segments, only_directories, case_sensitive, start=current)
            return
        for names, info in page:
            if not current or not names.startswith(current):
                yield from _matching(path, group, segments, only_directories, case_sensitive)
                group, current = [], names.partition("/")[0] + "/"
            if matches(current[:-1]):
                group.append((names, info))
    yield from _matching(path, group, segments, only_directories, case_sensitive)


def with_directories(below: Iterable[tuple[str, FileInfo]]) -> Iterator[tuple[str, FileInfo]]:
    """Put before the entries of a flat listing the directories that only their names show.

    Args:
        below: What `scan_tree` gives, in which everything of a directory stands together.
    """
    previous = ""
    for names, info in below:
        for ancestor in ancestors(names):
            if not previous.startswith(ancestor + "/"):
                yield ancestor, FileInfo(ancestor.rpartition("/")[2], "directory")
        yield names, info
        previous = names + "/" if info.is_dir() else names


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
