"""ETags that can be computed from the bytes: the MD5 of one part, or the MD5 of the MD5s of several. Pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from tfm.s3 import moving, writer
from tfm.s3.cuts import MIB, usual

_ETAG = re.compile(r'"?([0-9a-f]{32})(?:-([0-9]{1,5}))?"?')


def parts_in(etag: str) -> int | None:
    """Tell of how many parts an ETag is; 0 is one upload without parts, `None` is an ETag of another kind.

    Args:
        etag: With or without its quotes.
    """
    found = _ETAG.fullmatch(etag)
    return None if found is None else int(found[2] or 0)


def candidates(size: int, count: int) -> list[tuple[int, ...]]:
    """Give the ways in which programs would have cut an object into so many parts: the bytes of each part.

    Args:
        size: Bytes of the object.
        count: How many parts.
    """
    if not 0 < count <= size:
        return []
    found = {*usual(size, count)}
    found |= {cuts for cuts in (_streamed(size), _copied(size)) if len(cuts) == count}
    return sorted(found, key=lambda cuts: cuts[0] % MIB != 0)


def _streamed(size: int) -> tuple[int, ...]:
    """Cut as tfm does when it writes what it doesn't know the size of."""
    cuts: list[int] = []
    while size > 0:
        cuts.append(min(size, writer.PART << (len(cuts) // writer.GROWTH)))
        size -= cuts[-1]
    return tuple(cuts)


def _copied(size: int) -> tuple[int, ...]:
    """Cut as tfm does when the server copies what is too large for one request."""
    return tuple(stop - start for start, stop in moving.parts_of(size)) if size > moving.LARGEST_COPY else ()


class PartedMd5:
    """The ETag that some bytes have when they are uploaded in given parts.

    Args:
        cuts: The bytes of each part; none is an upload without parts.
    """

    def __init__(self, cuts: Sequence[int]) -> None:
        self._whole = not cuts
        self._cuts = iter(cuts)
        self._left = next(self._cuts, 0)
        self._part = _md5()
        self._parts: list[bytes] = []

    def update(self, data: memoryview) -> None:
        """Take more bytes in.

        Args:
            data: The bytes that come next.
        """
        while not self._whole and len(data) >= self._left > 0:
            self._part.update(data[: self._left])
            data = data[self._left :]
            self._parts.append(self._part.digest())
            self._part, self._left = _md5(), next(self._cuts, 0)
        self._part.update(data)
        self._left -= len(data)

    def etag(self) -> str:
        """Give the ETag of all the bytes, without quotes."""
        if self._whole:
            return str(self._part.hexdigest())
        return f"{hashlib.md5(b''.join(self._parts), usedforsecurity=False).hexdigest()}-{len(self._parts)}"


def _md5() -> Any:
    return hashlib.md5(usedforsecurity=False)
