"""A whole object straight into place, in a file or in memory: a large one by several ranges at once.

What is checked: every range is of the same ETag and of the same object's size, every byte of every range came, and all
together they have the checksum that S3 keeps.
"""

from __future__ import annotations

import io
import os

from tfm.diskspace import reserve
from tfm.s3.checking import Check
from tfm.s3.pieces import Tally, in_pieces
from tfm.s3.protocol import Body
from tfm.s3.stretch import LARGE, Pinned, Stretch
from tfm.whole import Moved, untold

RANGE = 16 * 1024 * 1024
"""Bytes of a range: so many that a round trip hardly counts."""
WIDTH = 8
"""Ranges at once."""
CHUNK = 1024 * 1024
"""Bytes that are held in memory of each range, and after which a cancel is answered."""


class _Duplicate:
    """A descriptor of our own of an open file, closed when the last who uses it is done.

    Whoever is interrupted twice closes his file while ranges are still on their way; another file that then gets the
    same number must not get their bytes.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = os.dup(descriptor)

    def __del__(self) -> None:
        os.close(self.descriptor)


def fill_file(source: Pinned, body: Body, descriptor: int, moved: Moved) -> int:
    """Write a whole object into an open file on a disk.

    Args:
        source: The object.
        body: Of a request for all of it, from which nothing was read; it is closed here.
        descriptor: Of the file; its position is of no effect and stays where it is.
        moved: Told the bytes as they are written.

    Returns:
        The bytes that were written: all of the object.
    """
    size = source.facts.size
    spare: list[bytearray] = []
    file = _Duplicate(descriptor)
    check = Check(source)

    def pour(start: int, stop: int, body: Body | None, tell: Moved) -> None:
        buffer = spare.pop() if spare else bytearray(min(CHUNK, size))
        stretch, compare = Stretch(source, start, stop, body), check.stretch(start)
        try:
            with memoryview(buffer) as view:
                while count := stretch.readinto(view):
                    compare(view[:count])
                    _write_at(file.descriptor, view[:count], start)
                    start += count
                    tell(count)
        finally:
            stretch.close()
        spare.append(buffer)

    def piece(number: int, tally: Tally) -> None:
        start = number * RANGE
        pour(start, min(start + RANGE, size), None if number else body, tally)

    try:
        if size < LARGE:
            pour(0, size, body, moved)
        else:
            reserve(descriptor, size)
            in_pieces(-(-size // RANGE), WIDTH, "tfm-range", moved, piece)
    finally:
        body.close()
    check.finish()
    return size


def fill_memory(source: Pinned, body: Body) -> bytes:
    """Read a whole large object into memory, once.

    Args:
        source: The object.
        body: Of a request for all of it, from which nothing was read; it is closed here.
    """
    size = source.facts.size
    whole = io.BytesIO()
    whole.seek(size - 1)
    whole.write(b"\0")
    check = Check(source)

    with whole.getbuffer() as room:

        def piece(number: int, tally: Tally) -> None:
            at, stop = number * RANGE, min((number + 1) * RANGE, size)
            stretch, compare = Stretch(source, at, stop, None if number else body), check.stretch(at)
            try:
                while count := stretch.readinto(room[at : min(at + CHUNK, stop)]):
                    compare(room[at : at + count])
                    at += count
                    tally(count)
            finally:
                stretch.close()

        try:
            in_pieces(-(-size // RANGE), WIDTH, "tfm-range", untold, piece)
        finally:
            body.close()
    check.finish()
    return whole.getvalue()  # what the buffer was made in, without a copy


def _write_at(descriptor: int, view: memoryview, position: int) -> None:
    while view:
        count = os.pwrite(descriptor, view, position)
        view = view[count:]
        position += count
