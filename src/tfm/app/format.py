"""Text of an exact width in cells; by hand, because every row of a list needs it."""

from __future__ import annotations

import unicodedata

from rich.cells import cell_len, chop_cells

ELLIPSIS = "…"


def fit(text: str, width: int) -> str:
    """Cut or pad text to an exact width in cells; what is too long keeps its beginning and its end.

    Args:
        text: Printable text.
        width: Cells.
    """
    length = len(text) if text.isascii() else cell_len(text)
    if length <= width:
        return text + " " * (width - length)
    if width <= 1:
        return ELLIPSIS[:width]
    tail = min(width // 3, 12)
    head = _head(text, width - 1 - tail)
    end = _tail(text, width - 1 - cell_len(head))
    cut = head + ELLIPSIS + end
    return cut + " " * (width - cell_len(cut))


def fit_end(text: str, width: int) -> str:
    """Cut text to a width in cells, keeping its end: for paths.

    Args:
        text: Printable text.
        width: Cells.
    """
    if cell_len(text) <= width:
        return text
    return ELLIPSIS[:width] + _tail(text, max(0, width - 1))


def _head(text: str, width: int) -> str:
    if width <= 0:
        return ""
    if text.isascii():
        return text[:width]
    return chop_cells(text, width)[0] if cell_len(text[0]) <= width else ""


def _tail(text: str, width: int) -> str:
    if text.isascii():
        return text[len(text) - width :] if width > 0 else ""
    start, used = len(text), 0
    while start > 0:
        wide = cell_len(text[start - 1])
        if used + wide > width:
            break
        used += wide
        start -= 1
    while start < len(text) and unicodedata.combining(text[start]):
        start += 1
    return text[start:]
