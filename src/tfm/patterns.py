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
    pattern = list(pattern)
    kept = len(pattern)
    while kept and pattern[kept - 1] == "**":
        kept -= 1
    if 0 < kept < len(pattern) and "/" not in pattern[kept - 1]:
        pattern[kept:] = ["*", "**"]  # `a/**` is what is below `a`, and not `a`
    if parts[:1] == ("/",) and pattern[:1] == ["**"] and kept:
        # The root of POSIX is no segment of its own: `**/a` needs a name before `a`.
        lead = next(index for index, segment in enumerate(pattern) if segment != "**")
        return segments_match(parts[1:], ["*", "**", *pattern[lead:]], case_sensitive)
    return segments_match(parts, pattern, case_sensitive)


def segments_match(parts: Sequence[str], pattern: Sequence[str], case_sensitive: bool) -> bool:
    """Whether all segments match a pattern, in which `**` stands for any number of them, none included.

    Args:
        parts: Of the path.
        pattern: Of the pattern.
        case_sensitive: Whether case counts.
    """
    # The states of a non-deterministic machine: how many segments of the pattern may be behind us.
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
        states = closure(following, pattern)
        if not states:
            return False
    return len(pattern) in states


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
