"""What `os.path` does with names, for URIs: pure text, on the bucket's own tree.

A bucket is to a URI what a drive is to a Windows path: `join`, `normpath` and `relpath` work on what is behind it.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Sequence
from typing import Any

from tfm.dropin.recognise import remote, uri
from tfm.uri import anchor_length

# The originals, so that nothing here calls itself.
_join, _split, _splitext = posixpath.join, posixpath.split, posixpath.splitext
_normpath, _relpath, _commonpath = posixpath.normpath, posixpath.relpath, posixpath.commonpath


def splitdrive(text: str) -> tuple[str, str]:
    """Split a URI behind its bucket.

    Args:
        text: A URI.
    """
    slash = text.find("/", anchor_length(text))
    return (text, "") if slash == -1 else (text[:slash], text[slash:])


def join(first: Any, *others: Any) -> str:
    """Join names to a URI, or to a local name until a URI comes.

    Args:
        first: Where to begin.
        others: Names; one that begins with a slash leads to the bucket's top, a URI to itself.
    """
    names = [first, *others]
    start = max(index for index, name in enumerate(names) if uri(name) is not None)
    drive, rest = splitdrive(str(uri(names[start])))
    tail = [os.fspath(name) for name in names[start + 1 :]]
    if not tail:
        return drive + rest
    if len(drive) == anchor_length(drive):  # no bucket yet: the first name is it
        return drive + _join("", *(name.lstrip("/") for name in tail))
    return drive + _join(rest or "/", *tail)


def split(text: str) -> tuple[str, str]:
    """Split the last name from a URI; the anchor has none.

    Args:
        text: A URI.
    """
    drive, rest = splitdrive(text)
    if not rest:
        start = anchor_length(drive)
        return drive[:start], drive[start:]
    head, tail = _split(rest)
    return drive + head.rstrip("/"), tail


def dirname(text: str) -> str:
    """Give what is before the last name.

    Args:
        text: A URI.
    """
    return split(text)[0]


def basename(text: str) -> str:
    """Give the last name.

    Args:
        text: A URI.
    """
    return split(text)[1]


def splitext(text: str) -> tuple[str, str]:
    """Split the suffix from a URI; a bucket's name has none.

    Args:
        text: A URI.
    """
    drive, rest = splitdrive(text)
    root, suffix = _splitext(rest)
    return drive + root, suffix


def normpath(text: str) -> str:
    """Normalise a URI: empty and `.` segments vanish, `..` goes up, never out of the bucket.

    Args:
        text: A URI.
    """
    drive, rest = splitdrive(text)
    return drive + _normpath("/" + rest.lstrip("/")).rstrip("/")


def relpath(path: Any, start: Any = None) -> str:
    """Give a URI as seen from another of the same bucket.

    Args:
        path: The one.
        start: The other; the current directory, which is local, when `None`.

    Raises:
        ValueError: They are in different buckets or storages.
    """
    ours, theirs = uri(path), uri(start) if start is not None else None
    if ours is None or theirs is None or splitdrive(ours)[0] != splitdrive(theirs)[0]:
        raise ValueError(f"{os.fspath(path)!r} has no path as seen from {os.fspath(start or os.curdir)!r}")
    return _relpath(splitdrive(ours)[1] or "/", splitdrive(theirs)[1] or "/")


def commonpath(paths: Sequence[Any]) -> str:
    """Give the longest common directory of URIs of one bucket.

    Args:
        paths: The URIs.

    Raises:
        ValueError: They are in different buckets or storages.
    """
    found = [uri(path) for path in paths]
    pairs = [splitdrive(text) for text in found if text is not None]
    if len(pairs) != len(found) or len({drive for drive, _ in pairs}) != 1:
        raise ValueError("paths of different buckets or storages have nothing in common")
    return pairs[0][0] + _commonpath([rest or "/" for _, rest in pairs]).rstrip("/")


def realpath(path: Any, *, strict: Any = False) -> str:
    """Normalise a URI; there are no links to follow.

    Args:
        path: A URI.
        strict: Raise `FileNotFoundError` when the result is not there.
    """
    result = normpath(str(path))
    if strict is True:
        remote(result).facts()
    return result


def on_text(action: Callable[..., Any]) -> Callable[[Any], Any]:
    """Make a patch of a function whose first argument is one name.

    Args:
        action: What to do with the text of a URI, and the other arguments.
    """

    def make(original: Any) -> Any:
        def wrapper(path: Any, *args: Any, **kwargs: Any) -> Any:
            text = uri(path)
            return original(path, *args, **kwargs) if text is None else action(text, *args, **kwargs)

        return wrapper

    return make


def on_texts(action: Callable[..., Any]) -> Callable[[Any], Any]:
    """Make a patch of a function of which any argument may be a URI.

    Args:
        action: What to do when one is.
    """

    def make(original: Any) -> Any:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            for value in (*args, *kwargs.values()) if kwargs else args:
                if (type(value) is not str or "://" in value) and uri(value) is not None:
                    return action(*args, **kwargs)
            return original(*args, **kwargs)

        return wrapper

    return make


def on_list(action: Callable[..., Any]) -> Callable[[Any], Any]:
    """Make a patch of a function that takes a list of names.

    Args:
        action: What to do when one is a URI.
    """

    def make(original: Any) -> Any:
        def wrapper(paths: Any) -> Any:
            names = list(paths)
            return action(names) if any(uri(name) is not None for name in names) else original(names)

        return wrapper

    return make
