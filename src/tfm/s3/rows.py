"""The rows of a listing read by one expression, where all are of one kind: in a sixth of the XML parser's time. Pure.

A body is taken only where it is certain to say what the parser would: each character of each row is accounted for, and
what is around the rows is parsed as XML. Anything else is left to the parser.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from itertools import zip_longest
from operator import attrgetter
from typing import NamedTuple
from urllib.parse import unquote_plus

from tfm.s3.objects import Objects

BEGIN, END = "<Contents>", "</Contents>"
SHORT = 16 * 1024
"""Bytes of a body that the parser has read before the expression of its rows is even made."""
READ = ("Key", "Size", "LastModified", "ETag", "StorageClass")
"""What is read of an object, in the order of the first fields of `ObjectFacts`; the last two may be missing."""
PASSED: dict[str, tuple[str, ...]] = {
    "ChecksumAlgorithm": (),
    "ChecksumType": (),
    "Owner": ("DisplayName", "ID"),
    "RestoreStatus": ("IsRestoreInProgress", "RestoreExpiryDate"),
    "Type": (),
}
"""What else a regular row may have, with its children.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
"""
_TEXT = r"[^<>&\x00-\x1f]*+"  # no markup, and no character that XML forbids or changes
_UP_TO_TAG = "[^<]*+"  # of what is read, which is looked at for all rows together
_READ = {name: f"<{name}>({_UP_TO_TAG})</{name}>" for name in READ}
_READ |= {name: f"(?:{_READ[name]})?+" for name in ("ETag", "StorageClass")}
_zone = attrgetter("tzinfo")
_VALUE = re.compile(f"(<(?:{'|'.join(READ)})>)[^<]*")
_PLAIN = bytes(code for code in range(0x20, 0x80) if code not in b"<>&")
_QUOTES = ("&quot;", "&#34;")
"""How servers write the quotes of an ETag."""


class Cut(NamedTuple):
    """A listing cut in two: all its rows, and the whole with only the first of them, which is still XML.

    Args:
        text: The whole listing.
        begin: Where its rows begin in it.
        end: Where they end.
        second: Where the second one begins.
    """

    text: str
    begin: int
    end: int
    second: int

    @property
    def around(self) -> str:
        """The whole with only the first row."""
        return self.text[: self.second] + self.text[self.end :]


def cut(body: bytes) -> Cut | None:
    """Cut out the rows; `None` when they are few, or when the body is not all ASCII.

    Args:
        body: The XML of a listing.
    """
    if len(body) < SHORT or not body.isascii():
        return None
    text = str(body, "ascii")
    begin, end = text.find(BEGIN), text.rfind(END) + len(END)
    second = text.find(END, begin) + len(END)
    return Cut(text, begin, end, second) if 0 <= begin < second < end else None


def objects_of(parts: Cut, *, encoded: bool) -> Objects | None:
    """Read the objects of rows; `None` when one of them is not regular.

    Args:
        parts: From the first `<Contents>` to the last `</Contents>`.
        encoded: Whether keys are encoded as forms are, `+` being a space.

    Raises:
        ValueError: A size or a time is none.
    """
    pieces = tuple(_VALUE.split(parts.text[parts.begin : parts.second]))
    order = [tag[1:-1] for tag in pieces[1::2]]
    if not {"Key", "Size", "LastModified"}.issubset(order) or len(set(order)) < len(order):
        return None
    columns = _alike(parts, pieces) or _regular(parts, tuple(order))
    if columns is None:
        return None
    count = len(columns[0])
    texts = dict.fromkeys(READ, ("",) * count) | dict(zip(order, columns, strict=True))
    joined = {name: "\n".join(column) for name, column in texts.items()}
    for quote in _QUOTES:
        joined["ETag"] = joined["ETag"].replace(quote, '"')
    if "" in texts["Key"] or any(_is_odd(text, count) for text in joined.values()):
        return None
    return Objects(
        _decoded(texts["Key"], joined["Key"]) if encoded else texts["Key"],
        tuple(map(int, texts["Size"])),
        _times(texts["LastModified"]),
        joined["ETag"].split("\n"),
        _classes(texts["StorageClass"]),
    )


def _is_odd(lines: str, count: int) -> bool:
    """Tell whether lines are not so many, or have other characters than those that stand for themselves in XML."""
    return lines.encode().translate(None, _PLAIN) != b"\n" * (count - 1)


def _alike(parts: Cut, pieces: tuple[str, ...]) -> Sequence[Sequence[str]] | None:
    """Give the columns of rows that differ from the first one in nothing but what is read."""
    columns = tuple(zip(*_copy_of(pieces).findall(parts.text, parts.begin, parts.end), strict=True))
    if not columns:
        return None
    size = len(columns[0]) * sum(map(len, pieces)) + len("".join(map("".join, columns)))
    return columns if size == parts.end - parts.begin else None


@lru_cache
def _copy_of(pieces: tuple[str, ...]) -> re.Pattern[str]:
    """Make the expression of rows that are as the first one: what is read stands behind each second piece."""
    *tags, end = [re.escape(gap + tag) for gap, tag in zip_longest(pieces[::2], pieces[1::2], fillvalue="")]
    return re.compile("".join([f"{tag}({_UP_TO_TAG})" for tag in tags]) + end)


def _regular(parts: Cut, order: tuple[str, ...]) -> Sequence[Sequence[str]] | None:
    """Give the columns of rows that also differ in what else they have."""
    found = _row(order).findall(parts.text, parts.begin, parts.end)
    whole, *columns = zip(*found, strict=True) if found else ((),)
    return columns if sum(map(len, whole)) == parts.end - parts.begin else None


@cache
def _row(order: tuple[str, ...]) -> re.Pattern[str]:
    """Make the expression of a row: the first group is all of it, the others are what is read, in this order."""
    passed = _any_of({name: _any_of(dict.fromkeys(parts, _TEXT)) if parts else _TEXT for name, parts in PASSED.items()})
    read = passed.join(_READ[name] for name in order)
    return re.compile(f"({BEGIN}{passed}{read}{passed}{END})")


def _any_of(elements: Mapping[str, str]) -> str:
    # The bracket stands before the choice, so that most texts fail at the first letter of the name behind it.
    return f"(?:<(?:{'|'.join(f'{name}>{content}</{name}' for name, content in elements.items())})>)*+"


def _decoded(keys: Sequence[str], joined: str) -> Sequence[str]:
    """Decode all keys at once, which only a key with an encoded line feed prevents."""
    if "%" not in joined and "+" not in joined:
        return keys
    decoded = unquote_plus(joined).split("\n")
    return decoded if len(decoded) == len(keys) else list(map(unquote_plus, keys))


def _classes(texts: Sequence[str]) -> Sequence[str]:
    """Give storage classes, each text once for all objects that have it."""
    shared = {text: text or "STANDARD" for text in set(texts)}
    return tuple(map(shared.__getitem__, texts))


def _times(texts: Sequence[str]) -> Sequence[float]:
    moments = list(map(datetime.fromisoformat, texts))
    if None in map(_zone, moments):
        return list(map(seconds, texts))
    return tuple(map(datetime.timestamp, moments))


def seconds(text: str) -> float:
    """Give the seconds since the epoch of a time in ISO 8601; one without a zone is UTC.

    Args:
        text: Such as `2026-01-02T03:04:05.000Z`.
    """
    modified = datetime.fromisoformat(text)
    return (modified if modified.tzinfo else modified.replace(tzinfo=UTC)).timestamp()
