"""Places, and the one client of each that every path in this process shares, with one cache around all of them.

boto3 and cachetools are loaded when the first request is near, not before.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING, Any

from tfm.configfile import engine_variable, settings_file
from tfm.errors import S3AuthError, SettingsError
from tfm.s3.freshness import fresh
from tfm.s3.protocol import Place, S3Client
from tfm.width import Width, forget_widths, width_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tfm.config import PlaceSettings, Settings
    from tfm.s3.cache import S3Cache

__all__ = [
    "clear_s3_cache",
    "client_for",
    "configure_s3_cache",
    "fresh",
    "get_s3_cache",
    "get_s3_cache_stats",
    "names",
    "place",
    "reset",
    "use_client",
    "width_at",
]

_lock = threading.RLock()
_made: dict[str, S3Client] = {}
_given: dict[str, S3Client] = {}
_cache: S3Cache | None = None
_settings: Settings | None = None


def place(name: str = "") -> Place:
    """Give the place of a name: the environment's for the empty one, else the settings', else an AWS profile.

    A place of the settings that names no profile takes the AWS profile of its own name, if there is one.

    Args:
        name: The name before `@` in a URI.

    Raises:
        S3AuthError: There is neither such a place nor such a profile.
        SettingsError: The settings are wrong.

    Source: https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
    """
    if not name:
        return Place()
    settings = _places().get(name)
    known = _profiles()
    if settings is not None:
        made = Place(name, *(getattr(settings, field) for field in Place._fields[1:]))
        own = made.profile is None and not made.anonymous and name in known
        return made._replace(profile=name) if own else made
    if name not in known:
        there_are = names()
        has = f"there are {', '.join(there_are)}" if there_are else "there are none"
        raise S3AuthError(
            f"s3://{name}@: no place and no AWS profile is named {name!r}, and {has}; write s3://bucket/key for the "
            f"default place, or make the profile by `aws configure --profile {name}`.",
            code="ProfileNotFound",
            filename=f"s3://{name}@",
        )
    return Place(name=name, profile=name)


def names() -> list[str]:
    """Name every place: those of the settings and the AWS profiles, sorted; the default one has no name.

    Raises:
        SettingsError: The settings are wrong.
    """
    from tfm.s3.client import profiles

    return sorted({*_places(), *profiles()})


def _profiles() -> list[str]:
    """Name the profiles of the AWS files, which botocore reads only if they are not plain."""
    from tfm.s3.fast.access import StepAside
    from tfm.s3.fast.profiles import profile_names

    try:
        return profile_names()
    except StepAside:
        from tfm.s3.client import profiles

        return profiles()


def _load() -> Settings:
    """Give the settings, which are read when somebody first asks for them."""
    global _settings  # noqa: PLW0603 (read once per process)
    with _lock:
        if _settings is None:
            from tfm.config import load_settings

            _settings = load_settings()
        return _settings


def _places() -> Mapping[str, PlaceSettings]:
    """Give the places of the settings."""
    return _load().places


def engine_of(name: str = "") -> str:
    """Tell who sends the requests of a place: `boto3`, or `auto` for the fast engine where that can.

    The variable `TFM_S3_ENGINE` goes before the settings file. A place without a name does not mind a mistake in the
    file; it can't tell then what was meant, so it is left to boto3.

    Args:
        name: The name of the place; empty for the default one.

    Raises:
        SettingsError: The settings are wrong.
    """
    said = engine_variable()
    if said is not None:
        return said
    if not name and not os.path.isfile(settings_file()):
        return "auto"
    try:
        settings = _load()
    except SettingsError:
        if name:
            raise
        return "boto3"
    own = settings.places.get(name)
    return settings.engine if own is None or own.engine is None else own.engine


def client_for(name: str = "") -> S3Client:
    """Give the client of a place, the same one each time: the engine's with the cache around it, or the one put there.

    Args:
        name: The name of the place; empty for the default one.

    Raises:
        S3AuthError: There is no such place.
    """
    client = _given.get(name) or _made.get(name)
    if client is not None:
        return client
    from tfm.s3.caching import CachingClient

    with _lock:
        if name not in _made:
            _made[name] = CachingClient(_plain_client(name), get_s3_cache())
        return _made[name]


def _plain_client(name: str) -> S3Client:
    """Make the client that asks: boto3's, with the fast engine before it unless that is turned off."""
    from tfm.s3.client import Boto3Client

    plain = Boto3Client(place(name))
    if engine_of(name) == "boto3":
        return plain
    from tfm.s3.fast.client import FastClient
    from tfm.s3.fast.finding import find_access

    return FastClient(plain, lambda: find_access(plain.place, plain))


def use_client(name: str, client: S3Client) -> None:
    """Put another client in a place, until `reset()`; for tests and for servers that need more than a profile.

    Args:
        name: The name of the place; empty for the default one.
        client: Any client of the protocol; it is used as it is, with no cache around it.
    """
    with _lock:
        _given[name] = client
        _made.pop(name, None)
        clear_s3_cache()
        forget_widths()


def reset() -> None:
    """Drop every client, the settings and the cache with its own; the next client reads them all anew."""
    global _cache, _settings  # noqa: PLW0603 (one per process, made on first use)
    with _lock:
        _given.clear()
        _made.clear()
        _cache = _settings = None
        forget_widths()


def width_at(name: str = "") -> Width:
    """Give the number of requests that may be on their way to a place at once, the same one to all who ask.

    Args:
        name: The name of the place; empty for the default one.
    """
    return width_of(("s3", name))


def get_s3_cache() -> S3Cache:
    """Give the cache that the clients of every place share."""
    global _cache  # noqa: PLW0603 (one per process, made on first use)
    with _lock:
        if _cache is None:
            from tfm.s3.cache import S3Cache

            _cache = S3Cache()
        return _cache


def configure_s3_cache(ttl: float | None = None, max_entries: int | None = None, max_bytes: int | None = None) -> None:
    """Set the limits of the cache; what it holds is dropped.

    Args:
        ttl: Seconds for which an answer is kept; 0 keeps nothing; `None` leaves it as it is.
        max_entries: How many answers are kept; `None` leaves it as it is.
        max_bytes: How many bytes they may take, by estimate; `None` leaves it as it is.
    """
    get_s3_cache().configure(ttl, max_entries, max_bytes)


def clear_s3_cache() -> None:
    """Drop everything that is cached."""
    if _cache is not None:
        _cache.clear()


def get_s3_cache_stats() -> dict[str, Any]:
    """Count what the cache holds and did; see `S3Cache.get_stats`."""
    return get_s3_cache().get_stats()


def _after_fork() -> None:
    """Begin anew in a child process: locks may be held, and connections belong to the parent."""
    global _lock, _cache  # noqa: PLW0603 (the parent's may be held by a thread that is not here)
    _lock = threading.RLock()
    _made.clear()
    if _cache is not None:
        _cache = _cache.twin()


if sys.platform != "win32":
    os.register_at_fork(after_in_child=_after_fork)
