"""Which columns a list of a given width has: as it shrinks, the time goes first, then the size."""

from __future__ import annotations

from typing import NamedTuple

GUTTER = 2
SIZE = 6
TIME = 16
DATE = 10


class Columns(NamedTuple):
    """Widths in cells; a column of width 0 is not shown.

    Args:
        name: The name, without the gutter for the mark.
        size: The size.
        time: The time of the last change.
    """

    name: int
    size: int
    time: int


def columns_for(width: int) -> Columns:
    """Divide a list's width; columns are one blank apart and one blank stays at the right edge.

    Args:
        width: Cells.
    """
    room = width - GUTTER - 1
    if width >= 52:
        return Columns(room - SIZE - TIME - 3, SIZE, TIME)
    if width >= 40:
        return Columns(room - SIZE - DATE - 3, SIZE, DATE)
    if width >= 24:
        return Columns(room - SIZE - 1, SIZE, 0)
    return Columns(max(1, room), 0, 0)
