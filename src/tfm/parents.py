"""The ancestors of a path, made one by one as they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from tfm.uripath import URIPath

P = TypeVar("P", bound="URIPath")


class Parents(Sequence[P]):
    """The ancestors of a path, nearest first."""

    def __init__(self, path: P) -> None:
        self._path = path

    def __len__(self) -> int:
        return len(self._path.parts) - bool(self._path.anchor)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(len(self))))
        size = len(self)
        if not -size <= index < size:
            raise IndexError(index)
        path = self._path
        for _ in range(index % size + 1):
            path = path.parent
        return path

    def __repr__(self) -> str:
        return f"<{type(self._path).__name__}.parents>"
