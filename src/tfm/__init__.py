"""tfm: one `Path` for local disk, S3 and more, and the terminal file manager built on it.

Importing this package loads nothing else; each name is loaded when first used (PEP 562).
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

TYPE_CHECKING = False  # a type checker takes it for typing's, which costs more to import than all of this
if TYPE_CHECKING:
    from typing import Any

    from tfm.dropin import dropin
    from tfm.errors import TfmError, UnsupportedOperation
    from tfm.info import FileInfo
    from tfm.local import LocalPathImpl
    from tfm.path import Path
    from tfm.registry import register
    from tfm.s3.path import S3PathImpl
    from tfm.s3.places import (
        clear_s3_cache,
        configure_s3_cache,
        fresh,
        get_s3_cache,
        get_s3_cache_stats,
    )

_HOMES = {
    "Path": "tfm.path",
    "LocalPathImpl": "tfm.local",
    "S3PathImpl": "tfm.s3.path",
    "FileInfo": "tfm.info",
    "TfmError": "tfm.errors",
    "UnsupportedOperation": "tfm.errors",
    "dropin": "tfm.dropin",
    "register": "tfm.registry",
    "clear_s3_cache": "tfm.s3.places",
    "configure_s3_cache": "tfm.s3.places",
    "fresh": "tfm.s3.places",
    "get_s3_cache": "tfm.s3.places",
    "get_s3_cache_stats": "tfm.s3.places",
}

__all__ = [
    "FileInfo",
    "LocalPathImpl",
    "Path",
    "S3PathImpl",
    "TfmError",
    "UnsupportedOperation",
    "clear_s3_cache",
    "configure_s3_cache",
    "dropin",
    "fresh",
    "get_s3_cache",
    "get_s3_cache_stats",
    "register",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
