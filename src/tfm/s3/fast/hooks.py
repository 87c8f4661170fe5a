"""Who hooked botocore: `mock_aws`, tracing and tests change it so that its requests pass through them.

Requests that we send by ourselves would pass them by, so they are left to botocore then. This module looks only at what
is loaded already, and imports nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from types import FunctionType, MethodType
from typing import Any

TRACERS = ("ddtrace", "newrelic", "elasticapm")
"""Packages that change botocore only when it is imported: it has to be, before one can tell."""

_PASSED = {
    "botocore.client": ("BaseClient", ("__init__", "_make_api_call")),
    "botocore.endpoint": ("Endpoint", ("make_request", "_send_request", "_send")),
    "botocore.httpsession": ("URLLib3Session", ("__init__", "send")),
    "botocore.session": ("Session", ("__init__", "create_client", "get_credentials")),
}
"""What every request passes in botocore, and so what is replaced to catch it."""

_OWN = ("botocore", "boto3", "s3transfer", "tfm")
_MOTO = "moto.core.botocore_stubber"

_intact: tuple[tuple[Mapping[str, Any], str, Any], ...] = ()
_handlers: tuple[int, list[Any]] = (0, [])


def hooked() -> str:
    """Tell who catches botocore's requests at this moment, or that nobody does by an empty text.

    It is asked before each request, so it costs a microsecond. A mock of moto that is loaded but not active counts as
    nobody.
    """
    if "botocore" not in sys.modules:
        return next((f"{name} waits for botocore to be imported" for name in TRACERS if name in sys.modules), "")
    return _replaced() or _handled()


def foreign(handler: Any) -> str:
    """Name a handler of botocore's events that is not botocore's own, ours or switched off; else an empty text.

    Args:
        handler: A function, a bound method or an object that can be called.
    """
    home = _home(handler)
    if home.partition(".")[0] in _OWN or (home == _MOTO and getattr(handler, "enabled", None) is False):
        return ""
    return f"{home or type(handler).__name__} handles events of botocore"


def _home(handler: Any) -> str:
    """Name the module that a handler's code is from; decorators copy `__module__`, but not the globals."""
    function = handler.__func__ if type(handler) is MethodType else handler
    if type(function) is FunctionType:
        return str(function.__globals__.get("__name__", ""))
    return type(function).__module__


def _replaced() -> str:
    """Find a method of botocore that somebody put another one in the place of."""
    global _intact  # noqa: PLW0603 (what was right when it was looked at closely)
    if _intact and all(where.get(name) is value for where, name, value in _intact):
        return ""
    looked_at: list[tuple[Mapping[str, Any], str, Any]] = []
    for module, (owner, names) in _PASSED.items():
        loaded = sys.modules.get(module)
        if loaded is None:
            return ""  # botocore is only half imported, so nobody has a client yet
        found = getattr(loaded, owner)
        looked_at.append((loaded.__dict__, owner, found))
        for name in names:
            method = found.__dict__.get(name)
            if type(method) is not FunctionType or _home(method).partition(".")[0] not in _OWN:
                return f"{owner}.{name} of botocore is replaced"
            looked_at.append((found.__dict__, name, method))
    _intact = tuple(looked_at)
    return ""


def _handled() -> str:
    """Find a foreign handler among those that every new client gets."""
    global _handlers  # noqa: PLW0603 (what was found, until the list has another length)
    module = sys.modules.get("botocore.handlers")
    if module is None:
        return ""
    known = module.BUILTIN_HANDLERS
    if _handlers[0] != len(known):
        others = [each[1] for each in known if _home(each[1]).partition(".")[0] not in _OWN]
        _handlers = (len(known), others)
    for handler in _handlers[1]:
        name = foreign(handler)
        if name:
            return name
    if getattr(sys.modules.get("botocore"), "_INITIALIZERS", None):
        return "an initializer of botocore's sessions is registered"
    return ""


def handlers_of(emitter: Any) -> Iterator[Any]:
    """Give every handler that is registered with the events of one client.

    Args:
        emitter: The client's `meta.events`.

    Raises:
        AttributeError: This version of botocore keeps them elsewhere; `KeyError` and `TypeError` as well.
    """
    nodes = [emitter._emitter._handlers._root]
    while nodes:
        node = nodes.pop()
        for group in node["values"] or ():
            yield from group
        nodes += node["children"].values()
