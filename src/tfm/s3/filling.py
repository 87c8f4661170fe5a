"""A whole object straight into place, in a file or in memory: a large one by several ranges at once.

What is checked: every range is of the same ETag and of the same object's size, every byte of every range came, and all
together they have the checksum that S3 keeps.
"""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

from tfm.diskspace import reserve
from tfm.errors import S3BaseError
from tfm.s3.checking import Check
from tfm.s3.pieces import Tally, in_pieces
from tfm.s3.protocol import Body
from tfm.s3.stretch import LARGE, Pinned, Stretch
from tfm.whole import Moved, untold
from tfm.width import Width

if TYPE_CHECKING:
    from tfm.resumable import Keeper

RANGE = 16 * 1024 * 1024
"""Bytes of a range: so many that a round trip hardly counts."""
FIRST = 4
"""Ranges at once, to begin with: one's own processor is rarely of use for more, over https least of all."""
MOST = 8
"""Ranges at once, where more of them bring more: a server, or a long line, may give each only so much."""
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
    filling = _Filling(source, body, _Duplicate(descriptor))
    try:
        if size < LARGE:
            filling.pour(0, size, body, moved)
        else:
            reserve(descriptor, size)
            filling.by_ranges(moved, keeper)
    finally:
        body.close()
    try:
        filling.check.finish()
    except S3BaseError:
        if keeper is not None:
            keeper.forget_pieces()
        raise
    return size


class _Filling:
    """One object on its way into a file.

    Args:
        source: The object.
        body: Of a request for all of it, which serves for the first range.
        file: The file.
    """

    def __init__(self, source: Pinned, body: Body, file: _Duplicate) -> None:
        self._source = source
        self._body = body
        self._file = file
        self._spare: list[bytearray] = []
        self.check = Check(source)

    def by_ranges(self, moved: Moved, keeper: Keeper | None) -> None:
        """Fetch the ranges that a keeper does not know, several at once.

        Args:
            moved: Told the bytes as they are written.
            keeper: Told each range that is there.
        """
        size = self._source.facts.size
        version = f"disk:{self._source.facts.etag} {size} {RANGE}"
        known = sorted(keeper.known(version).pieces) if keeper is not None else []
        for number in known:
            self._read_again(number * RANGE, min((number + 1) * RANGE, size), moved)
        missing = [number for number in range(-(-size // RANGE)) if number not in known]

        def piece(index: int, tally: Tally) -> None:
            number = missing[index]
            start = number * RANGE
            self.pour(start, min(start + RANGE, size), None if number else self._body, tally)
            if keeper is not None:
                keeper.piece(version, number)

        in_pieces(len(missing), Width(first=FIRST, most=MOST), "tfm-range", moved, piece)

    def pour(self, start: int, stop: int, body: Body | None, tell: Moved) -> None:
        """Fetch some bytes.

        Args:
            start: The first one.
            stop: The one behind the last one.
            body: Of a request for all from there on; `None` makes one.
            tell: Told them as they are written.
        """
        buffer = self._spare.pop() if self._spare else bytearray(min(CHUNK, self._source.facts.size))
        stretch, compare = Stretch(self._source, start, stop, body), self.check.stretch(start)
        try:
            with memoryview(buffer) as view:
                while count := stretch.readinto(view):
                    compare(view[:count])
                    _write_at(self._file.descriptor, view[:count], start)
                    start += count
                    tell(count)
        finally:
            stretch.close()
        self._spare.append(buffer)

    def _read_again(self, start: int, stop: int, tell: Moved) -> None:
        """Take bytes into the check that are in the file already."""
        compare = self.check.stretch(start)
        while data := os.pread(self._file.descriptor, min(CHUNK, stop - start), start):
            compare(data)
            start += len(data)
            tell(len(data))


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
            in_pieces(-(-size // RANGE), Width(first=FIRST, most=MOST), "tfm-range", untold, piece)
        finally:
            body.close()
    check.finish()
    return whole.getvalue()  # what the buffer was made in, without a copy


def _write_at(descriptor: int, view: memoryview, position: int) -> None:
    while view:
        count = os.pwrite(descriptor, view, position)
        view = view[count:]
        position += count
