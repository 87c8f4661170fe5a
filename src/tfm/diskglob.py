"""glob on a local disk, where there are links: for the keywords that the standard library of older Pythons lacks.

Finds what Python 3.13 and later find. A directory is listed once, and each name of it moves a set of states on: how
many segments of the pattern may be behind us. `**` stays where it is on any name, but leads into a link only when it
is asked to.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tfm.info import FileInfo
from tfm.patterns import closure, compile_segment, glob_segments

if TYPE_CHECKING:
    from tfm.path import Path


def glob(root: Path, pattern: str | os.PathLike[str], case_sensitive: bool, recurse_symlinks: bool) -> Iterator[Path]:
    """Find what is below a directory and matches a pattern; what can't be listed has nothing below.

    Args:
        root: The directory.
        pattern: As `glob_segments` takes it.
        case_sensitive: Whether case counts.
        recurse_symlinks: Let `**` follow links.
    """
    segments, only_directories = glob_segments(pattern)
    return _select(root, segments, only_directories, _Options(case_sensitive, recurse_symlinks))


class _Options:
    def __init__(self, case_sensitive: bool, recurse_symlinks: bool) -> None:
        self.case_sensitive = case_sensitive
        self.recurse_symlinks = recurse_symlinks


def _select(root: Path, segments: list[str], only_directories: bool, options: _Options) -> Iterator[Path]:
    if ".." in segments:  # no listing has it
        up = segments.index("..")
        for path in _select(root, segments[:up], True, options):
            yield from _select(path / "..", segments[up + 1 :], only_directories, options)
        return
    start = closure({0}, segments)
    if len(segments) in start and (root.is_dir() if only_directories or segments else root.exists()):
        yield root
    waiting = [(root, start)]
    while waiting:
        directory, states = waiting.pop()
        for info in _entries(directory):
            kept, moved = _step(states, info.name, segments, options.case_sensitive)
            is_directory = info.is_dir()
            # `a/**` finds a directory `a`, and no file of that name.
            reached = closure(kept | moved, segments) if is_directory else moved | closure(kept, segments)
            if len(segments) in reached and (is_directory or not only_directories):
                yield directory.listed_child(info)
            within = closure(moved if info.link and not options.recurse_symlinks else kept | moved, segments)
            if is_directory and within - {len(segments)}:
                waiting.append((directory.child(info.name), within))


def _step(states: set[int], name: str, segments: list[str], case_sensitive: bool) -> tuple[set[int], set[int]]:
    """Move on by one name: the states that stay at their `**`, and those that a segment takes further."""
    kept, moved = set(), set()
    for state in states:
        if state < len(segments):
            if segments[state] == "**":
                kept.add(state)
            elif compile_segment(segments[state], case_sensitive)(name):
                moved.add(state + 1)
    return kept, moved


def _entries(directory: Path) -> list[FileInfo]:
    try:
        return [info for page in directory.scan() for info in page]
    except OSError:
        return []  # the standard library passes over it too
