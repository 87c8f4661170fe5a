"""A whole object straight into place, in a file or in memory: a large one by several ranges at once.

What is checked: every range is of the same ETag and of the same object's size, and every byte of every range came. The
checksum of a whole object is compared while a small one comes, by the client.
"""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

from tfm.diskspace import reserve
from tfm.s3.pieces import Tally, in_pieces
from tfm.s3.protocol import Body
from tfm.s3.stretch import LARGE, Pinned, Stretch
from tfm.whole import Moved, untold

if TYPE_CHECKING:
    from tfm.resumable import Keeper

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


def fill_file(source: Pinned, body: Body, descriptor: int, moved: Moved, keeper: Keeper | None = None) -> int:
    """Write a whole object into an open file on a disk.

    Args:
        source: The object.
        body: Of a request for all of it, from which nothing was read; it is closed here.
        descriptor: Of the file; its position is of no effect and stays where it is.
        moved: Told the bytes as they are written.
        keeper: Told the ranges of a large object as they are there; those that it knows are there already.

    Returns:
        The bytes that were written: all of the object.
    """
    size = source.facts.size
    spare: list[bytearray] = []
    file = _Duplicate(descriptor)

    def pour(start: int, stop: int, body: Body | None, tell: Moved) -> None:
        stretch, buffer = Stretch(source, start, stop, body), spare.pop() if spare else bytearray(min(CHUNK, size))
        try:
            with memoryview(buffer) as view:
                while count := stretch.readinto(view):
                    _write_at(file.descriptor, view[:count], start)
                    start += count
                    tell(count)
        finally:
            stretch.close()
        spare.append(buffer)

    version = f"disk:{source.facts.etag} {size} {RANGE}"
    known = keeper.known(version).pieces if keeper is not None and size >= LARGE else {}
    missing = [number for number in range(-(-size // RANGE)) if number not in known]

    def piece(index: int, tally: Tally) -> None:
        number = missing[index]
        start = number * RANGE
        pour(start, min(start + RANGE, size), None if number else body, tally)
        if keeper is not None:
            keeper.piece(version, number)

    try:
        if size < LARGE:
            pour(0, size, body, moved)
        else:
            reserve(descriptor, size)
            moved(size - sum(min(RANGE, size - number * RANGE) for number in missing))
            in_pieces(len(missing), WIDTH, "tfm-range", moved, piece)
    finally:
        body.close()
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

    with whole.getbuffer() as room:

        def piece(number: int, tally: Tally) -> None:
            at, stop = number * RANGE, min((number + 1) * RANGE, size)
            stretch = Stretch(source, at, stop, None if number else body)
            try:
                while count := stretch.readinto(room[at : min(at + CHUNK, stop)]):
                    at += count
                    tally(count)
            finally:
                stretch.close()

        try:
            in_pieces(-(-size // RANGE), WIDTH, "tfm-range", untold, piece)
        finally:
            body.close()
    return whole.getvalue()  # what the buffer was made in, without a copy


def _write_at(descriptor: int, view: memoryview, position: int) -> None:
    while view:
        count = os.pwrite(descriptor, view, position)
        view = view[count:]
        position += count
