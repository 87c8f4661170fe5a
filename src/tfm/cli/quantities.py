"""Sizes, spans of time and moments as people type them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime

_UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4, "P": 1024**5}
_SPANS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)([KMGTP]?)(?:I?B)?", re.IGNORECASE)
_SPAN = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")


def size(text: str) -> int:
    """Read a size: `512`, `10K`, `1.5G`, `64MiB`; units are of 1,024.

    Args:
        text: What was typed.

    Raises:
        ValueError: It is none.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a size: write a number with K, M, G or T, such as 10M.")
    return int(float(found[1]) * _UNITS[found[2].upper()])


def bytes_a_second(text: str) -> int:
    """Read a rate: `10M`, `1.5G`, `500K/s`; at least 1 byte a second.

    Args:
        text: What was typed.

    Raises:
        ValueError: It is none.
    """
    rate = size(text.removesuffix("/s"))
    if rate < 1:
        raise ValueError(f"{text!r} would never end: give a rate such as 10M.")
    return rate


def count(text: str) -> int:
    """Read a number from 1 on.

    Args:
        text: What was typed.

    Raises:
        ValueError: It is none.
    """
    if not text.strip().isdecimal() or int(text) < 1:
        raise ValueError(f"{text!r} is not a number from 1 on.")
    return int(text)


def span(text: str) -> float:
    """Read a span of time in seconds: `90`, `30s`, `15m`, `2h`, `7d`, `1w`.

    Args:
        text: What was typed.

    Raises:
        ValueError: It is none.
    """
    found = _SPAN.fullmatch(text.strip())
    if found is not None:
        return float(found[1]) * _SPANS[found[2]]
    if text.strip().isdecimal():
        return float(text)
    raise ValueError(f"{text!r} is not a span of time: write a number with s, m, h, d or w, such as 7d.")


def moment(text: str, now: Callable[[], float] = time.time) -> float:
    """Read a moment as seconds since the epoch: a date, a date and time, or how long ago it was.

    Args:
        text: Such as `2026-11-21`, `2026-11-21T08:00`, `2026-11-21T08:00Z` or `7d`.
        now: Gives the present.

    Raises:
        ValueError: It is none.
    """
    try:
        return datetime.fromisoformat(text.strip()).timestamp()
    except ValueError:
        pass
    try:
        return now() - span(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is no time: write a date such as 2026-11-21, or how long ago, such as 7d."
        ) from None


def size_bounds(text: str) -> tuple[int | None, int | None]:
    """Read a condition on a size, as what it must be more and less than: `+10M`, `-1G`, and `512` for exactly that.

    Args:
        text: What was typed.

    Raises:
        ValueError: It is none.
    """
    wanted = size(text.lstrip("+-"))
    if text.startswith("+"):
        return wanted, None
    if text.startswith("-"):
        return None, wanted
    return wanted - 1, wanted + 1
