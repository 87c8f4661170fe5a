"""What the app remembers that is not on the screen: the history of a pane. Pure."""

from __future__ import annotations

from typing import NamedTuple

from tfm.app.listmodel import Key
from tfm.path import Path

MOST_VISITS = 200
"""Visits that a history keeps in each direction."""


class Visit(NamedTuple):
    """A directory and the row that the cursor was on.

    Args:
        path: The directory.
        cursor: The key of the row, or `None`.
    """

    path: Path
    cursor: Key | None = None


class History:
    """Where a pane has been: back and forward, as in a browser."""

    def __init__(self) -> None:
        self._back: list[Visit] = []
        self._forward: list[Visit] = []

    def leave(self, visit: Visit) -> None:
        """Remember a directory that is being left for a new one.

        Args:
            visit: The directory that is left.
        """
        self._back = [*self._back, visit][-MOST_VISITS:]
        self._forward = []

    def back(self, here: Visit) -> Visit | None:
        """Go back; `None` when there is nothing before.

        Args:
            here: Where the pane is now, to come forward to.
        """
        return self._step(self._back, self._forward, here)

    def forward(self, here: Visit) -> Visit | None:
        """Go forward again; `None` when nothing was gone back from.

        Args:
            here: Where the pane is now, to go back to.
        """
        return self._step(self._forward, self._back, here)

    @staticmethod
    def _step(source: list[Visit], target: list[Visit], here: Visit) -> Visit | None:
        if not source:
            return None
        target.append(here)
        return source.pop()


def affected(directory: Path, changed: list[Path]) -> bool:
    """Whether a pane that shows a directory shows something that a job may have changed.

    Args:
        directory: What the pane shows.
        changed: Paths that were written, moved away or deleted, and directories that were written into.
    """
    shown = str(directory)
    return any(directory in (path, path.parent) or shown.startswith(f"{str(path).rstrip('/')}/") for path in changed)
