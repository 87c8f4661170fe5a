"""The file manager: a Textual app over `tfm.Path` and `tfm.operations`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tfm.app.app import TfmApp

__all__ = ["TfmApp"]


def __getattr__(name: str) -> Any:
    if name == "TfmApp":
        from tfm.app.app import TfmApp

        return TfmApp
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
