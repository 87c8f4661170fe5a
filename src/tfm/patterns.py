"""Patterns: `*`, `?` and `[...]` within a segment, `**` for any number of segments. Pure.

Source: https://docs.python.org/3.14/library/pathlib.html#pathlib-pattern-language
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tfm.errors import UnsupportedOperation
from tfm.uri import anchor_length, scheme_of

if TYPE_CHECKING:
    from tfm.path import Path

MAGIC = re.compile(r"[*?\[]")
"""What makes a segment more than a name."""


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
    text = str(pattern) if hasattr(pattern, "__vfspath__") else os.fspath(pattern)
    if not isinstance(text, str):
        raise TypeError(f"a pattern is text or a path, not {type(pattern).__name__}")
    if not _is_uri(text):
        return list(PurePosixPath(text).parts)
    scheme, colon, rest = text.partition(":")
    text = scheme.lower() + colon + rest
    start = anchor_length(text)
    return [text[:start], *(part for part in text[start:].split("/") if part)]


def _is_uri(text: str) -> bool:
    scheme, slashes = scheme_of(text)
    return bool(scheme) and slashes >= 2


def right_match(parts: Sequence[str], pattern: Sequence[str], case_sensitive: bool) -> bool:
    """Whether the last segments match a pattern of as many; a pattern with an anchor must match all.

    Args:
        parts: Of the path, its anchor first when it has one.
        pattern: Of the pattern, in the same way.
        case_sensitive: Whether case counts.
    """
    if not pattern:
        raise ValueError("empty pattern")
    if len(pattern) > len(parts) or ("/" in pattern[0] and len(pattern) != len(parts)):  # only an anchor has a slash
        return False
    pairs = zip(reversed(pattern), reversed(parts), strict=False)
    return all(_segment_matches(wanted, part, case_sensitive) for wanted, part in pairs)


def _segment_matches(wanted: str, part: str, case_sensitive: bool) -> bool:
    if "/" in part:  # no wildcard stands for an anchor
        return wanted == part
    return bool(compile_segment(wanted, case_sensitive)(part))


def full_match(parts: Sequence[str], pattern: Sequence[str], case_sensitive: bool) -> bool:
    """Whether a whole path matches a pattern, as `PurePath.full_match` of Python 3.13 says.

    Args:
        parts: Of the path.
        pattern: Of the pattern.
        case_sensitive: Whether case counts.

    Source: https://docs.python.org/3.14/library/pathlib.html#pathlib.PurePath.full_match
    """
    kept = _kept(pattern)
    pattern = below_only(pattern)
    if parts[:1] == ("/",) and pattern[:1] == ["**"] and kept:
        # The root of POSIX is no segment of its own: `**/a` needs a name before `a`.
        lead = next(index for index, segment in enumerate(pattern) if segment != "**")
        return segments_match(parts[1:], ["*", "**", *pattern[lead:]], case_sensitive)
    return segments_match(parts, pattern, case_sensitive)


def _kept(pattern: Sequence[str]) -> int:
    """Count the segments before the `**` at the end."""
    kept = len(pattern)
    while kept and pattern[kept - 1] == "**":
        kept -= 1
    return kept


def below_only(pattern: Sequence[str]) -> list[str]:
    """Make the pattern in which `a/**` is what is below `a`, and not `a`.

    Args:
        pattern: Its segments.
    """
    kept = _kept(pattern)
    if 0 < kept < len(pattern) and "/" not in pattern[kept - 1]:
        return [*pattern[:kept], "*", "**"]
    return list(pattern)


def segments_match(parts: Sequence[str], pattern: Sequence[str], case_sensitive: bool) -> bool:
    """Whether all segments match a pattern, in which `**` stands for any number of them, none included.

    Args:
        parts: Of the path.
        pattern: Of the pattern.
        case_sensitive: Whether case counts.
    """
    return len(pattern) in _states(parts, pattern, case_sensitive)


def _states(parts: Sequence[str], pattern: Sequence[str], case_sensitive: bool) -> set[int]:
    """Give how many segments of a pattern may be behind us after some parts: a non-deterministic machine's states."""
    states = closure({0}, pattern)
    for part in parts:
        following = set()
        for state in states:
            if state == len(pattern):
                continue
            if pattern[state] == "**":
                following.add(state)
            elif _segment_matches(pattern[state], part, case_sensitive):
                following.add(state + 1)
        if not following:
            return following
        states = closure(following, pattern)
    return states


class Matcher:
    """Matches names below a directory; those of one directory, one after the other, cost little.

    Args:
        pattern: Its segments.
        case_sensitive: Whether case counts.
    """

    def __init__(self, pattern: Sequence[str], case_sensitive: bool) -> None:
        self._pattern = pattern
        self._case_sensitive = case_sensitive
        self._enter(None)

    def __call__(self, directory: str | None, name: str) -> bool:
        """Tell whether a name matches.

        Args:
            directory: The segments before the name, with slashes between them; `None` when there are none.
            name: The last segment.
        """
        if directory != self._directory:
            self._enter(directory)
        return self._all or any(matches(name) for matches in self._some)

    def _enter(self, directory: str | None) -> None:
        """Find out which names match in a directory."""
        self._directory = directory
        self._all = False
        self._some: list[Callable[[str], object]] = []
        parts = [] if directory is None else directory.split("/")
        for state in _states(parts, self._pattern, self._case_sensitive) - {len(self._pattern)}:
            segment = self._pattern[state]
            if len(self._pattern) in closure({state if segment == "**" else state + 1}, self._pattern):
                self._all |= segment in ("*", "**")
                self._some.append(compile_segment(segment, self._case_sensitive))


def closure(states: set[int], pattern: Sequence[str]) -> set[int]:
    """Add the states that are reached because `**` may stand for no segment at all.

    Args:
        states: Each a number of segments of the pattern that are behind us.
        pattern: Of which they are.
    """
    reached = set(states)
    for state in states:
        at = state
        while at < len(pattern) and pattern[at] == "**":
            at += 1
            reached.add(at)
    return reached


def glob_segments(pattern: str | os.PathLike[str]) -> tuple[list[str], bool]:
    """Take the pattern of a `glob` apart, and tell whether it asks for directories only.

    Args:
        pattern: Relative; a slash at its end asks for directories only.

    Raises:
        ValueError: The pattern is empty.
        UnsupportedOperation: The pattern is absolute.
    """
    text = os.fspath(pattern)
    if not text:
        raise ValueError(f"Unacceptable pattern: {text!r}")
    if text.startswith("/") or _is_uri(text):
        raise UnsupportedOperation(f"Non-relative patterns are unsupported: {text!r}")
    return [segment for segment in text.split("/") if segment and segment != "."], text.endswith("/")
