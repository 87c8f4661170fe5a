"""Names, figures and errors in words, for every screen, printed line and report."""

from __future__ import annotations

import time
import unicodedata
from functools import lru_cache

from tfm.errors import TfmError

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
DELETE_PICTURE = "\N{SYMBOL FOR DELETE}"

_UNITS = "BKMGTPE"
_VARIATION_SELECTORS = "\ufe0e\ufe0f"

_SENTENCES: tuple[tuple[type[Exception], str], ...] = (
    (FileNotFoundError, "{name} is not there; it may have been moved or deleted."),
    (NotADirectoryError, "{name} is a file, not a directory."),
    (IsADirectoryError, "{name} is a directory, not a file."),
    (FileExistsError, "{name} exists already."),
    (PermissionError, "You have no permission for {name}."),
    (TimeoutError, "{name} did not answer in time."),
)


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


def explain(error: Exception, name: str = "") -> str:
    """One sentence for an error: the error's own where it has one.

    Args:
        error: What was raised.
        name: What it was about, where the error does not say.
    """
    if isinstance(error, OSError):
        if isinstance(error, TfmError) and error.strerror:
            return _sentence(str(error.strerror))
        named = visible(str(error.filename)) if error.filename else visible(name) or "It"
        for kind, sentence in _SENTENCES:
            if isinstance(error, kind):
                return sentence.format(name=named)
        why = error.strerror or str(error) or type(error).__name__
        return _sentence(f"{named}: {why}")
    text = str(error)
    if isinstance(error, TfmError | ValueError) and text:
        return _sentence(text)
    return _sentence(f"Something went wrong inside tfm ({type(error).__name__}: {text})")


def _sentence(text: str) -> str:
    text = " ".join(visible(line) for line in text.split("\n")).strip()
    return text if text.endswith((".", "!", "?", ")")) else f"{text}."
