"""Taking the text of a URI apart: what `posixpath` is to local paths, for `Path.parser`.

Only the anchor differs from POSIX: it is `s3://` or `s3://place@`, and going up from it leads nowhere.

Source: https://docs.python.org/3.14/library/pathlib.html#pathlib.PurePath.parser
"""

from __future__ import annotations

import posixpath

from tfm.uri import anchor_length, scheme_of

sep = "/"
altsep = None


def _anchor(path: str) -> int:
    scheme, slashes = scheme_of(path)
    return anchor_length(path) if scheme and slashes >= 2 else 0


def split(path: str) -> tuple[str, str]:
    """Take off the last segment.

    Args:
        path: The text of a path.
    """
    start, cut = _anchor(path), path.rfind(sep) + 1
    return (path[:start], path[start:]) if cut <= start else (path[: cut - 1], path[cut:])


def splitext(path: str) -> tuple[str, str]:
    """Take off the suffix of the last segment.

    Args:
        path: The text of a path or a name.
    """
    start = _anchor(path)
    stem, suffix = posixpath.splitext(path[start:])
    return path[:start] + stem, suffix


def normcase(path: str) -> str:
    """Give the text itself: case counts.

    Args:
        path: The text of a path.
    """
    return path
