"""The heads of HTTP/1.1: that of a request is written, that of an answer is parsed.

The parser is our own: that of `http.client`, on which urllib3 stands, reads headers by the e-mail package and takes
longer than the rest of a request.

Source: https://www.rfc-editor.org/rfc/rfc9112
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

NAMES_KEPT = 1000
"""Names of headers that are remembered in the form in which they are kept."""


class Head(NamedTuple):
    """What comes before a body.

    Args:
        status: Such as 200.
        headers: By lower case; several of one name are joined by commas.
        old: Whether the server speaks HTTP/1.0.
    """

    status: int
    headers: dict[str, str]
    old: bool = False


def parse_head(data: bytes) -> Head:
    """Parse a status line and headers.

    Args:
        data: Without the empty line at the end.

    Raises:
        ValueError: It is no head of HTTP/1.

    Source: https://www.rfc-editor.org/rfc/rfc9112#name-message-format
    """
    text = data.decode("latin-1")
    folded = "\r\n " in text or "\r\n\t" in text  # headers of several lines, as HTTP once had
    lines = text.split("\r\n")
    first = lines[0]
    status = first[9:12]
    if not (first.startswith("HTTP/1.") and status.isdecimal() and first[8:9] == " "):
        raise ValueError(f"the answer is not HTTP: {first[:40]!r}")
    headers: dict[str, str] = {}
    name = ""
    for line in lines[1:]:
        if folded and line[:1] in (" ", "\t") and name:
            headers[name] += " " + line.strip()
            continue
        written, colon, value = line.partition(":")
        if not colon:
            raise ValueError(f"a header has no colon: {line[:40]!r}")
        name = _names[written]
        value = value.strip(" \t")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Head(int(status), headers, first[7] == "0")


class _Names(dict[str, str]):
    """The names of headers as they come, and as they are kept: a server sends the same few again and again."""

    def __missing__(self, written: str) -> str:
        lower = written.lower()
        name = lower if not lower.startswith("x-amz-meta-") else f"x-amz-meta-{written[11:]}"
        if len(self) >= NAMES_KEPT:
            self.clear()
        self[written] = name
        return name


_names = _Names()


def write_head(method: str, target: str, headers: Mapping[str, str]) -> bytes:
    """Write the head of a request.

    Args:
        method: Such as `GET`.
        target: Path and query, percent-encoded.
        headers: Without line breaks, which who makes a request sees to.
    """
    lines = [f"{method} {target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append("\r\n")
    return "\r\n".join(lines).encode("latin-1")
