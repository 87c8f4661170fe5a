"""What pandas does with paths of other storages: it opens them by `open`, not by fsspec or by pyarrow's own clients."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tfm.dropin.patches import Patch, is_installed
from tfm.dropin.recognise import remote
from tfm.errors import UnsupportedOperation


def _taken(value: Any) -> Any:
    # Modules of pandas may keep a patched name beyond `dropin()`, so each call asks.
    return remote(value) if is_installed() else None


def _is_fsspec_url(original: Any) -> Any:
    def is_fsspec_url(url: Any) -> Any:
        return original(url) and _taken(url) is None

    return is_fsspec_url


def _parquet_file(original: Any) -> Any:
    def _get_path_or_handle(
        path: Any, fs: Any, storage_options: Any = None, mode: str = "rb", is_dir: bool = False
    ) -> Any:
        target = _taken(path) if fs is None else None
        if target is None:
            return original(path, fs, storage_options, mode, is_dir)
        if is_dir or (target.is_dir() and not target.is_file()):
            raise UnsupportedOperation(f"{str(target)!r}: a table of many files; read or write each of them.")
        handles = import_module("pandas.io.common").get_handle(str(target), mode, is_text=False)
        return handles.handle, handles, None

    return _get_path_or_handle


PATCHES = [
    Patch("pandas.io.common", "is_fsspec_url", _is_fsspec_url),
    Patch("pandas.io.parquet", "_get_path_or_handle", _parquet_file),
]
"""Put in place when a script imports pandas, or at once when it is loaded."""
