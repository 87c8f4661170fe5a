"""A file on a disk becomes an object: a small one by one request, a large one by parts, several of them at once.

Parts are read into buffers of our own, not mapped: a mapped file that somebody cuts short kills the process.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from types import MappingProxyType

from tfm.s3.pieces import Allowance, Tally, in_pieces
from tfm.s3.protocol import S3Client
from tfm.whole import Moved
from tfm.width import Width

PART = 8 * 1024 * 1024
"""Bytes of a part."""
MOST_PARTS = 10_000
"""Parts that an upload may have: with its largest part of 5 GiB, that is S3's largest object.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
"""
WIDTH = 4
"""Parts of one object on their way at once."""

MOST_HELD = 64 * 1024 * 1024
"""Bytes that all files on their way hold in memory together, whatever their number; one part may be larger."""

NOTHING: Mapping[int, str] = MappingProxyType({})


def unnoted(number: int, etag: str) -> None:
    """Note nothing.

    Args:
        number: Of a part.
        etag: The part's.
    """


held = Allowance(MOST_HELD)
"""What is held by this process."""


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=held.begin_anew)  # nobody there will give back what the parent's threads hold


class _EndedError(Exception):
    """The file is shorter than it was."""


def part_size(size: int) -> int:
    """Give how long the parts of an object are: whole MiB, so that what reads it by parts finds round numbers.

    Args:
        size: Bytes of the object.
    """
    return max(PART, -(-size // (MOST_PARTS << 20)) << 20)


def read_at(descriptor: int, view: memoryview, position: int) -> int:
    """Fill a buffer from a file; gives how many bytes there were.

    Args:
        descriptor: Of the file; its own position is of no effect.
        view: The buffer.
        position: The first byte.
    """
    done = 0
    while done < len(view):
        count = os.preadv(descriptor, [view[done:]], position + done)
        if not count:
            break
        done += count
    return done


def send_parts(
    client: S3Client, upload: tuple[str, str, str], descriptor: int, size: int, moved: Moved,
    there: Mapping[int, str] = NOTHING, note: Callable[[int, str], object] = unnoted,
) -> list[str] | None:  # fmt: skip
    """Send a file as the parts of an upload.

    Args:
        client: The client of the place.
        upload: Bucket, key and the upload's id.
        descriptor: Of the file.
        size: Its bytes.
        moved: Told the bytes of each part that arrived.
        there: By number, from 1, the ETags of parts that arrived before.
        note: Told the number and ETag of each part that arrived now.

    Returns:
        The ETags of the parts, in order; `None` when the file ended before its size.
    """
    length = part_size(size)
    count = -(-size // length)
    etags = [there.get(number, "") for number in range(1, count + 1)]
    missing = [number for number, etag in enumerate(etags) if not etag]
    spare: list[bytearray] = []

    def send(index: int, tally: Tally) -> None:
        number = missing[index]
        start = number * length
        wanted = min(length, size - start)
        with held.hold(wanted):
            tally(0)  # somebody may have cancelled while this one waited
            buffer = spare.pop() if spare else bytearray(length)
            with memoryview(buffer)[:wanted] as view:
                if read_at(descriptor, view, start) < wanted:
                    raise _EndedError
                etags[number] = client.upload_part(*upload, number + 1, view)
            spare.append(buffer)
        note(number + 1, etags[number])
        tally(wanted)

    try:
        if there:
            moved(size - sum(min(length, size - number * length) for number in missing))
        in_pieces(len(missing), Width(first=WIDTH, most=WIDTH), "tfm-part", moved, send)
    except _EndedError:
        return None
    return etags
