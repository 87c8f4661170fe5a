"""A window into a file: the bytes that were read so far, as lines of text or as a hex dump. Pure."""

from __future__ import annotations

import codecs
from typing import Literal

from tfm.wording import visible

Shape = Literal["text", "hex"]

LONGEST_LINE = 16 * 1024
"""Bytes of a line before it is broken for show."""

LARGEST_WINDOW = 8 * 1024 * 1024
"""Bytes that are kept; when more is read the far end is let go."""

HEX_WIDTH = 16
"""Bytes of a line of a hex dump."""

_TAB = 4


def is_binary(head: bytes) -> bool:
    """Whether a file that begins so is shown as a hex dump: it has NUL bytes, or is mostly control characters.

    Args:
        head: The first bytes.
    """
    if b"\0" in head:
        return True
    controls = sum(byte < 0x20 and byte not in b"\t\n\r\f\x1b\b" for byte in head[:4096])
    return controls * 10 > len(head[:4096])


def encoding_of(head: bytes) -> str:
    """UTF-8 when the bytes are, and Latin-1, which always fits, otherwise.

    Args:
        head: Bytes that may end inside a character.
    """
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


class Document:
    """Lines of a part of a file, from `start` to `stop`.

    Args:
        size: Bytes of the whole file.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.shape: Shape = "text"
        self.encoding = "utf-8"
        self.start = 0
        self.stop = 0
        self.read = 0
        self.lines: list[str] = []
        self._lengths: list[int] = []
        self._pending = b""

    @property
    def at_end(self) -> bool:
        """Whether the window reaches the end of the file."""
        return self.stop >= self.size

    def begin(self, offset: int, data: bytes) -> None:
        """Start a new window.

        Args:
            offset: Where in the file the bytes begin.
            data: The bytes; from the beginning of the file they also decide shape and encoding.
        """
        if offset == 0:
            self.shape = "hex" if is_binary(data[:8192]) else "text"
            self.encoding = encoding_of(data)
        self.lines, self._lengths, self._pending = [], [], b""
        skip = 0
        if offset and self.shape == "text":
            skip = data.find(b"\n", 0, LONGEST_LINE) + 1 or _inside_character(data)
        elif offset:
            skip = -offset % HEX_WIDTH
        self.start = self.stop = offset + skip
        self.read += skip
        self.append(data[skip:])

    def append(self, data: bytes) -> int:
        """Add the bytes that follow the window; gives how many lines were let go at its beginning.

        Args:
            data: The bytes; none means that the file is shorter than it was.
        """
        self.read += len(data)
        self.stop += len(data)
        if not data:
            self.size = self.stop
        self._take(data)
        return self._let_go()

    def _take(self, data: bytes) -> None:
        buffer = self._pending + data
        pieces, self._pending = (_text_pieces if self.shape == "text" else _hex_pieces)(buffer)
        if self.at_end and self._pending:
            pieces.append(self._pending)
            self._pending = b""
        offset = self.stop - len(buffer)
        for piece in pieces:
            self.lines.append(self._line(piece, offset))
            self._lengths.append(len(piece))
            offset += len(piece)

    def prepend(self, data: bytes) -> int:
        """Add the bytes just before the window; gives how many lines were added at its beginning.

        Args:
            data: The bytes, up to where the window starts.
        """
        before = Document(self.start)
        before.shape, before.encoding = self.shape, self.encoding
        before.begin(self.start - len(data), data)
        self.read += len(data)
        self.lines[:0] = before.lines
        self._lengths[:0] = before._lengths
        self.start = before.start
        return len(before.lines)

    def _let_go(self) -> int:
        lines = 0
        while self.stop - self.start > LARGEST_WINDOW and lines < len(self._lengths) - 1:
            self.start += self._lengths[lines]
            lines += 1
        del self.lines[:lines], self._lengths[:lines]
        return lines

    def _line(self, piece: bytes, offset: int) -> str:
        if self.shape == "hex":
            return hex_line(piece, offset)
        text = piece.removesuffix(b"\n").removesuffix(b"\r").decode(self.encoding, "replace")
        return visible(text.expandtabs(_TAB)) if not text.isprintable() or not text.isascii() else text


def _inside_character(data: bytes) -> int:
    """How many bytes at the beginning belong to a UTF-8 character that began before."""
    return next((at for at, byte in enumerate(data[:3]) if byte & 0xC0 != 0x80), 0)


def _text_pieces(buffer: bytes) -> tuple[list[bytes], bytes]:
    pieces: list[bytes] = []
    for line in _by_newline(buffer):
        pieces += [line[start : start + LONGEST_LINE] for start in range(0, len(line), LONGEST_LINE)]
    pending = b""
    if pieces and not pieces[-1].endswith(b"\n"):
        pending = pieces.pop()
    return pieces, pending


def _by_newline(buffer: bytes) -> list[bytes]:
    lines = [line + b"\n" for line in buffer.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _hex_pieces(buffer: bytes) -> tuple[list[bytes], bytes]:
    whole = len(buffer) - len(buffer) % HEX_WIDTH
    return [buffer[at : at + HEX_WIDTH] for at in range(0, whole, HEX_WIDTH)], buffer[whole:]


def hex_line(piece: bytes, offset: int) -> str:
    """One line of a hex dump: offset, bytes, and the printable ones as text.

    Args:
        piece: At most 16 bytes.
        offset: Where in the file they are.
    """
    left, right = piece[:8].hex(" "), piece[8:].hex(" ")
    text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in piece)
    return f"{offset:08x}  {left:<23}  {right:<23}  {text}"
