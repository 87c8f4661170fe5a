"""Files that a script opens on another storage and drops without `close`, as `open(p, "w").write(text)` does.

On a disk such a file is written when it is dropped, and scripts rely on it; so it is here. What is still open when a
script dies by an exception is not written.
"""

from __future__ import annotations

import errno
import os
import warnings
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

from tfm.opening import AbortableTextIO

_open: WeakSet[Any] = WeakSet()
_kinds: dict[type, type] = {}
_failures: list[str] = []


def open_as_on_disk(path: Any, opener: Callable[..., Any], mode: str = "r", *args: Any, **kwargs: Any) -> Any:
    """Open a file such that it appears also when it is dropped without `close`, and that `x` fails at once.

    Args:
        path: The file.
        opener: Its `open`.
        mode: As for the built-in `open`.
        args: As for the built-in `open`.
        kwargs: As for the built-in `open`.
    """
    if "x" in mode and path.is_file():  # it is also checked on close, by the server
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    return _written_when_dropped(opener(mode, *args, **kwargs))


def _written_when_dropped(stream: Any) -> Any:
    kind = type(stream)
    if not hasattr(stream, "abort") or kind in _kinds.values():
        return stream
    if kind not in _kinds:
        _kinds[kind] = type(kind.__name__, (kind,), {"__module__": kind.__module__, "__del__": _close_dropped})
    stream.__class__ = _kinds[kind]
    _open.add(stream)
    return stream


def _close_dropped(stream: Any) -> None:
    try:
        closed = stream.closed
    except ValueError:  # it was never opened
        return
    if not closed:
        warnings.warn(f"unclosed file {stream!r}", ResourceWarning, stacklevel=2, source=stream)
        try:
            stream.close()
        except OSError as error:
            _failures.append(f"{_name(stream)} was not written: {error}")
            raise


def finish(*, keep: bool) -> list[str]:
    """Close what a script has left open at its end.

    Args:
        keep: Write it; otherwise drop it.

    Returns:
        A sentence for each file that was dropped without `close` and is not written.
    """
    failures = _failures.copy()
    _failures.clear()
    for stream in [stream for stream in _open if not stream.closed]:
        name = _name(stream)
        try:
            if keep:
                stream.close()
            else:
                stream.abort()
                failures.append(f"{name} was not written: it was still open when the script failed")
        except (OSError, RuntimeError) as error:
            failures.append(f"{name} was not written: {error}")
    return failures


def _name(stream: Any) -> str:
    return str(stream.buffer.name if isinstance(stream, AbortableTextIO) else stream.name)
