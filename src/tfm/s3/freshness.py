"""`fresh()`: going past the cache for a while; a module of its own, so that naming it loads no cache."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_wanted: ContextVar[bool] = ContextVar("tfm_s3_fresh", default=False)


@contextmanager
def fresh() -> Iterator[None]:
    """Go past the cache inside the block: every read asks the server, and what it says is kept.

    It holds for the thread or task that enters it, not for threads that are started inside.
    """
    token = _wanted.set(True)
    try:
        yield
    finally:
        _wanted.reset(token)


def wants_fresh() -> bool:
    """Tell whether the caller is inside a `fresh()` block."""
    return _wanted.get()
