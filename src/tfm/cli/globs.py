"""The paths that an argument means: itself, or what a pattern matches on any storage."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator

from tfm.errors import InvalidPathError, TfmError
from tfm.path import Path

MAGIC = frozenset("*?[")


class NoMatchError(TfmError, FileNotFoundError):
    """A pattern matches nothing."""


def path_of(text: str) -> Path:
    """Make the path that an argument names.

    Args:
        text: A local name or a URI; `~` is the home directory.

    Raises:
        InvalidPathError: It can't be one.
    """
    if not text:
        raise InvalidPathError("A path is empty: name a file or a directory, such as . or s3://bucket.")
    return Path(os.path.expanduser(text)) if text.startswith("~") else Path(text)


def expand(texts: Iterable[str]) -> Iterator[Path]:
    """Give the paths that arguments mean, one by one. A name that exists is itself, whatever characters it has.

    Args:
        texts: The arguments.

    Raises:
        InvalidPathError: One of them can't be a path.
        NoMatchError: A pattern matches nothing.
    """
    for text in texts:
        path = path_of(text)
        if MAGIC.isdisjoint(text) or path.exists(follow_symlinks=False):
            yield path
            continue
        base, pattern = split(path)
        matched = False
        for found in sorted(base.glob(pattern)):
            matched = True
            yield found
        if not matched:
            raise NoMatchError(errno.ENOENT, f"Nothing matches {text!r}: look with tfm ls {base}.", text)


def split(path: Path) -> tuple[Path, str]:
    """Part a pattern into the directory that it is below and the rest.

    Args:
        path: With `*`, `?` or `[` in one of its names.
    """
    base = path
    names: list[str] = []
    while base != base.parent and not MAGIC.isdisjoint(str(base)):
        names.append(base.name)
        base = base.parent
    return base, "/".join(reversed(names))
