"""Patches as data: a table of (where, name, how), put in place together and taken out together."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple


class Patch(NamedTuple):
    """One name that gets another meaning.

    Args:
        where: A module, or a class of it as `module:Class`.
        name: The attribute.
        make: Gives the new value for the old one.
        adds: There is no old value.
    """

    where: str
    name: str
    make: Callable[[Any], Any]
    adds: bool = False


class _Done(NamedTuple):
    owner: Any
    name: str
    old: Any
    new: Any


_MISSING = object()
_CAPABILITIES = (os.supports_dir_fd, os.supports_effective_ids, os.supports_fd, os.supports_follow_symlinks)
"""What the functions of `os` are looked up in: a patched one must be found there like the original."""

_lock = threading.RLock()
_depth = 0
_done: list[_Done] = []


def is_installed() -> bool:
    """Whether the patches are in place."""
    return _depth > 0


@contextmanager
def installed(table: Callable[[], Sequence[Patch]]) -> Iterator[None]:
    """Have the patches in place inside the block; all of them or, when one fails, none.

    Args:
        table: Gives the patches; asked when the outermost block begins.
    """
    _enter(table)
    try:
        yield
    finally:
        _leave()


def _enter(table: Callable[[], Sequence[Patch]]) -> None:
    global _depth  # noqa: PLW0603 - the standard library is one per process
    with _lock:
        if not _depth:
            try:
                for patch in table():
                    install(patch)
            except BaseException:
                _remove_all()
                raise
            _look_again()
        _depth += 1


def _leave() -> None:
    global _depth  # noqa: PLW0603 - as above
    with _lock:
        _depth -= 1
        if not _depth:
            _remove_all()


def install(patch: Patch) -> None:
    """Put one patch in place, where there is such a thing; it goes with the others.

    Args:
        patch: What to change; a name that this Python lacks is passed over.
    """
    module, _, attribute = patch.where.partition(":")
    owner: Any = import_module(module)
    if attribute:
        owner = getattr(owner, attribute)
    old = vars(owner).get(patch.name, _MISSING)
    if old is _MISSING and not patch.adds:
        return
    new = patch.make(old)
    if isinstance(owner, ModuleType):
        _resemble(new, old, owner.__name__)
    with _lock:
        _done.append(_Done(owner, patch.name, old, new))
        setattr(owner, patch.name, new)
        for capability in _CAPABILITIES:
            if callable(old) and old in capability:
                capability.add(new)


def _remove_all() -> None:
    while _done:
        owner, name, old, new = _done.pop()
        for capability in _CAPABILITIES:
            capability.discard(new)
        if vars(owner).get(name) is not new:
            continue  # somebody else has patched it since, and ours passes local names through anyway
        if old is _MISSING:
            delattr(owner, name)
        else:
            setattr(owner, name, old)
    _look_again()


def _look_again() -> None:
    """Let `os.PathLike` look anew at classes that it has seen: their `__fspath__` came or went with the session."""
    os.PathLike._abc_caches_clear()  # type: ignore[attr-defined]


def _resemble(new: Any, old: Any, module: str) -> None:
    """Let a function show the name, signature and facts of the one that it replaces, and be pickled by its name."""
    for name in ("__name__", "__qualname__", "__doc__", "avoids_symlink_attacks"):
        if hasattr(old, name):
            setattr(new, name, getattr(old, name))
    new.__module__ = module
    new.__wrapped__ = old
