"""glob, rglob and walk for every storage that can list its directories.

A listing begins at the literal part of a pattern, and `**` is one flat listing of everything below.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from tfm.info import FileInfo
from tfm.patterns import MAGIC, Matcher, below_only, compile_segment, glob_segments, segments_match

if TYPE_CHECKING:
    from tfm.path import Path

T = TypeVar("T")


def glob(root: Path, pattern: str | os.PathLike[str], case_sensitive: bool) -> Iterator[Path]:
    """Find what is below a directory and matches a pattern.

    Args:
        root: The directory; a missing one has nothing below.
        pattern: As `glob_segments` takes it.
        case_sensitive: Whether case counts.
    """
    segments, only_directories = glob_segments(pattern)
    return _select(root, segments, only_directories, case_sensitive)


def _select(path: Path, segments: list[str], only_directories: bool, case_sensitive: bool) -> Iterator[Path]:
    if not segments:
        if path.is_dir() if only_directories else path.exists():
            yield path
        return
    head, rest = segments[0], segments[1:]
    if case_sensitive and not MAGIC.search(head):
        yield from _select(path.child(head), rest, only_directories, case_sensitive)
    elif "**" in segments:
        yield from _recursive(path, segments, only_directories, case_sensitive)
    elif rest and not path.capabilities.needs_directories:
        yield from _adaptive(path, segments, only_directories, case_sensitive)
    else:
        yield from _by_name(path, segments, only_directories, case_sensitive)


def _literal(segment: str, case_sensitive: bool) -> str:
    """Give what every name begins with that matches a segment."""
    return MAGIC.split(segment, maxsplit=1)[0] if case_sensitive else ""


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
    if segments_match((), segments, case_sensitive) and path.is_dir():
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
    directories, files = Matcher(segments, case_sensitive), Matcher(below_only(segments), case_sensitive)
    for names, info in below if path.capabilities.needs_directories else with_directories(below):
        cut = names.rfind("/")
        directory, name = (names[:cut], names[cut + 1 :]) if cut >= 0 else (None, names)
        # `a/**` finds a directory `a`, and no file of the name.
        if directories(directory, name) if info.is_dir() else not only_directories and files(directory, name):
            yield path.listed_below(names, info if info.name == name else info._replace(name=name))


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
    previous = current = ""
    for names, info in below:
        directory = names[: names.rfind("/") + 1]
        if directory != current:
            for ancestor in ancestors(names):
                if not previous.startswith(ancestor + "/"):
                    yield ancestor, FileInfo(ancestor.rpartition("/")[2], "directory")
            current = directory
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
    """Go through a tree directory by directory, as `os.walk` does, to any depth.

    Args:
        root: Where to begin.
        top_down: Give a directory before those below it; the list of directories may then be changed in place.
        on_error: Called with the error of a directory that can't be listed.
        follow_symlinks: Go into directories that are links.
    """
    waiting: list[Path | tuple[Path, list[str], list[str]]] = [root]
    while waiting:
        path = waiting.pop()
        if isinstance(path, tuple):  # all below it has been given
            yield path
            continue
        try:
            infos = [info for page in path.scan() for info in page]
        except OSError as error:
            if on_error is not None:
                on_error(error)
            continue
        directories = [info.name for info in infos if info.is_dir(follow_symlinks=follow_symlinks)]
        files = [info.name for info in infos if not info.is_dir(follow_symlinks=follow_symlinks)]
        if top_down:
            yield path, directories, files
        else:
            waiting.append((path, directories, files))
        waiting.extend(path.child(name) for name in reversed(directories))
