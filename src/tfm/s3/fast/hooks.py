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

_PASSED = (
    ("botocore.client", "BaseClient", ("__init__", "_make_api_call")),
    ("botocore.endpoint", "Endpoint", ("make_request", "_send_request", "_send")),
    ("botocore.httpsession", "URLLib3Session", ("__init__", "send")),
    ("botocore.session", "Session", ("__init__", "create_client", "get_credentials")),
    ("botocore.awsrequest", "AWSHTTPConnection", ("request", "_send_request")),
    ("botocore.awsrequest", "AWSHTTPSConnection", ("__init__",)),
    ("boto3.session", "Session", ("__init__", "client")),
    ("urllib3.connectionpool", "HTTPConnectionPool", ("urlopen",)),
)
"""What requests pass on their way through botocore, and so what is replaced to catch them."""

_OWN = ("botocore", "boto3", "s3transfer", "urllib3", "tfm")
_MOTO = "moto.core.botocore_stubber"

_intact: tuple[tuple[Mapping[str, Any], str, Any], ...] = ()
_handlers: tuple[int, list[Any]] = (0, [])


def hooked() -> str:
    """Tell who catches botocore's requests at this moment, or that nobody does by an empty text.

    It is asked before each request, so it costs a microsecond. A mock of moto that is loaded but not active counts as
    nobody.
    """
    if "botocore" not in sys.modules:
        waiting = next((name for name in TRACERS if name in sys.modules), "")
        return f"{waiting} waits for botocore to be imported" if waiting else _replaced()
    return _replaced() or _handled()


def foreign(handler: Any) -> str:
    """Name a handler of botocore's events that is not botocore's own, ours or switched off; else an empty text.

    Args:
        handler: A function, a bound method or an object that can be called.
    """
    home = _home(handler)
    if _is_own(home) or (home == _MOTO and getattr(handler, "enabled", None) is False):
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
    for where, name, value in _intact:
        if where.get(name) is not value:
            break
    else:
        if _intact:  # it was looked at before
            return ""
    looked_at: list[tuple[Mapping[str, Any], str, Any]] = []
    for module, owner, names in _PASSED:
        loaded = sys.modules.get(module)
        found = getattr(loaded, owner, None)
        if loaded is None:
            looked_at.append((sys.modules, module, None))  # to be looked at when it is imported
            continue
        if type(found) is not type or not _is_own(found.__module__):
            return f"{owner} of {module} is replaced"
        looked_at.append((loaded.__dict__, owner, found))
        for name in names:
            method = found.__dict__.get(name)
            if method is not None and (type(method) is not FunctionType or not _is_own(_home(method))):
                return f"{owner}.{name} of {module} is replaced"
            looked_at.append((found.__dict__, name, method))
    _intact = tuple(looked_at)
    return ""


def _is_own(module: str) -> bool:
    return module.partition(".")[0] in _OWN


def _handled() -> str:
    """Find a foreign handler among those that every new client gets."""
    global _handlers  # noqa: PLW0603 (what was found, until the list has another length)
    module = sys.modules.get("botocore.handlers")
    if module is None:
        return ""
    known = module.BUILTIN_HANDLERS
    if _handlers[0] != len(known):
        others = [each[1] for each in known if not _is_own(_home(each[1]))]
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
