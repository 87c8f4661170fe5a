"""Names, sizes and times as text of an exact width in cells; by hand, because every row of a list needs them."""

from __future__ import annotations

import time
import unicodedata
from functools import lru_cache

from rich.cells import cell_len, chop_cells

ELLIPSIS = "…"
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
DELETE_PICTURE = "\N{SYMBOL FOR DELETE}"

_UNITS = "BKMGTPE"
_VARIATION_SELECTORS = "\ufe0e\ufe0f"


def visible(name: str) -> str:
    """A name as it may be shown: control characters as their pictures, what cannot be shown as a replacement.

    Args:
        name: Any name, also one with bytes that are not UTF-8 (lone surrogates).
    """
    if name.isprintable() and (name.isascii() or not any(sign in name for sign in _VARIATION_SELECTORS)):
        return name
    return "".join(_visible_character(character) for character in name)


def _visible_character(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return DELETE_PICTURE
    if character in _VARIATION_SELECTORS:
        return ""  # terminals disagree about their width, and the name reads the same without
    if character.isprintable():
        return character
    return " " if unicodedata.category(character) == "Zs" else REPLACEMENT


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


@lru_cache(maxsize=4096)
def size_text(size: int | None) -> str:
    """A size in at most five characters: `0`, `999`, `1.2K`, `64M`, `4.1G`; empty when unknown.

    Args:
        size: Bytes.
    """
    if size is None:
        return ""
    if size < 1024:
        return str(size)
    amount, unit = float(size), 0
    while amount >= 1023.5 and unit < len(_UNITS) - 1:
        amount /= 1024
        unit += 1
    return f"{amount:.1f}{_UNITS[unit]}" if amount < 9.95 else f"{amount:.0f}{_UNITS[unit]}"


def bytes_text(size: int) -> str:
    """A size in words of a sentence: `1 byte`, `512 bytes`, `1.5 KB`, `4.1 GB` (units of 1,024).

    Args:
        size: Bytes.
    """
    if size < 1024:
        return "1 byte" if size == 1 else f"{size} bytes"
    text = size_text(size)
    return f"{text[:-1]} {text[-1]}B"


@lru_cache(maxsize=4096)
def _minute_text(minute: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(minute * 60))


def time_text(mtime: float | None) -> str:
    """A time as `2026-11-21 04:05` in the local zone; empty when unknown, and when no calendar has it.

    Args:
        mtime: Seconds since the epoch.
    """
    if mtime is None:
        return ""
    try:
        return _minute_text(int(mtime // 60))
    except (OverflowError, OSError, ValueError):
        return ""


def count_text(count: int, one: str, many: str) -> str:
    """A count and its noun: `1 entry`, `1,204 entries`.

    Args:
        count: How many.
        one: The noun for one.
        many: The noun for any other number.
    """
    return f"{count:,} {one if count == 1 else many}"


def duration_text(seconds: float) -> str:
    """A span of time: `8 s`, `3 min 20 s`, `2 h 5 min`.

    Args:
        seconds: Not negative.
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
