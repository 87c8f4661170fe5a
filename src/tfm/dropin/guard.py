"""What reaches the operating system under the name of a URI: refused, before a local file of that name is touched.

The patches see every call by way of Python's own names. A function written in C, such as `sqlite3.connect`, goes past
them; Python's audit events tell of it.

Source: https://docs.python.org/3/library/audit_events.html
"""

from __future__ import annotations

import os
import sys
from typing import Any

from tfm.dropin.patches import is_installed
from tfm.errors import UnsupportedOperation
from tfm.registry import implementation_of

_EVENTS = frozenset(
    {"open", "sqlite3.connect", "dbm.open", "os.chdir", "os.chmod", "os.chown", "os.link", "os.listdir", "os.mkdir"}
    | {"os.remove", "os.rename", "os.rmdir", "os.scandir", "os.symlink", "os.truncate", "os.utime"}
)
_watching = False


def watch() -> None:
    """Begin to watch; outside `dropin()` it looks at nothing. An audit hook can't be taken away again."""
    global _watching  # noqa: PLW0603 - one per process, like the hook
    if not _watching:
        _watching = True
        sys.addaudithook(_check)


def _check(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in _EVENTS or not is_installed():
        return
    for value in arguments[:2]:
        if isinstance(value, os.PathLike):
            value = os.fspath(value)  # noqa: PLW2901 - as the function itself will
        text = os.fsdecode(value) if isinstance(value, bytes) else value
        if isinstance(text, str) and ":/" in text and implementation_of(text) is not None:
            raise UnsupportedOperation(
                f"{event}: {text!r} was about to be used as the name of a local file by code that knows nothing else; "
                "use `with tfm.Path(...).local() as file:` to give it one."
            )
