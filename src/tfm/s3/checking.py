"""`Check`: whether the bytes that came are those of the object, wherever they began and however often they broke off.

A range has no checksum of its own, so a bit that changed on the way would go unseen. But the check of a whole can be
made of the checks of its pieces: each MiB is checked as it comes, and what they make together is compared in the end
with what S3 keeps of the whole object, or of the parts that it was uploaded in.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tfm.errors import S3BaseError
from tfm.s3.crc import Cyclic, cyclic
from tfm.s3.cuts import usual
from tfm.s3.fast.checksums import Digest, digest_of
from tfm.s3.stretch import Pinned
from tfm.width import Width
from tfm.workers import for_each

if TYPE_CHECKING:
    from collections.abc import Buffer  # type: ignore[attr-defined]  # Python 3.12

    Add = Callable[[Buffer], None]

GRAIN = 1024 * 1024
"""Bytes that have a check of their own; parts and ranges begin at multiples of it."""
ASKED = 16
"""Parts whose sizes are asked for at once."""


class Grains:
    """The checks of every `GRAIN` bytes of an object.

    Args:
        kind: Of check.
        size: Bytes of the object.
    """

    def __init__(self, kind: Cyclic, size: int) -> None:
        self._kind = kind
        self._size = size
        self._checks: dict[int, int] = {}

    def stretch(self, start: int) -> Add:
        """Give what takes the bytes from a position on, in order; several do so at once.

        Args:
            start: A multiple of `GRAIN`.
        """
        at, value = start, 0

        def add(data: Any) -> None:
            nonlocal at, value
            view = memoryview(data)
            while view:
                piece = view[: GRAIN - at % GRAIN]
                value = self._kind.add(piece, value)
                at += len(piece)
                if at % GRAIN == 0 or at == self._size:
                    self._checks[(at - 1) // GRAIN] = value
                    value = 0
                view = view[len(piece) :]

        return add

    def parts(self, cuts: Sequence[int]) -> list[int] | None:
        """Give the check of each part; `None` when a part begins elsewhere than grains do, or bytes are missing.

        Args:
            cuts: The bytes of each part.
        """
        checks, start = [], 0
        for size in cuts:
            if start % GRAIN:
                return None
            value, stop = 0, start + size
            for begin in range(start, stop, GRAIN):
                check = self._checks.get(begin // GRAIN)
                if check is None or (begin + GRAIN > stop != self._size):
                    return None
                value = self._kind.joined(value, check, min(GRAIN, stop - begin))
            checks.append(value)
            start = stop
        return checks


class Check:
    """Compares the bytes of one version of an object with the checksum that S3 keeps of it, when all have come.

    A checksum that can't be made of pieces, such as SHA-256, is compared when all bytes come in one stretch. What is
    uploaded in parts of odd sizes, by a server that doesn't tell them, is not compared.

    Args:
        source: The object, with its checksum.
    """

    def __init__(self, source: Pinned) -> None:
        self._source = source
        self._size = source.facts.size
        self._kind = cyclic(source.checksum.algorithm) if source.checksum else None
        self._grains = Grains(self._kind, self._size) if self._kind else None
        self._digest: Digest | None = None
        self._digested = 0

    def stretch(self, start: int) -> Add:
        """Give what takes the bytes from a position on, in order.

        Args:
            start: A multiple of `GRAIN`.
        """
        if self._grains is not None:
            return self._grains.stretch(start)
        checksum = self._source.checksum
        if start == 0 and checksum is not None and checksum.whole:
            self._digest = digest_of(checksum.algorithm)
        return self._straight if start == 0 and self._digest is not None else _pass

    def _straight(self, data: Any) -> None:
        assert self._digest is not None
        self._digest.update(data)
        self._digested += len(data)

    def finish(self) -> None:
        """Compare.

        Raises:
            S3GenericError: The bytes that came are others.
        """
        checksum = self._source.checksum
        if checksum is None:
            return
        found = self._whole() if checksum.whole else self._composed(checksum.value)
        if found is not None and found != checksum.value:
            raise self._source.corrupted()

    def _whole(self) -> str | None:
        if self._grains is None or self._kind is None:
            whole = self._digest is not None and self._digested == self._size
            return b64encode(self._digest.digest()).decode() if self._digest is not None and whole else None
        checks = self._grains.parts((self._size,))
        return None if checks is None else self._kind.text(checks[0])

    def _composed(self, wanted: str) -> str | None:
        """Give the checksum of the checksums of the parts; of how they were cut, the usual ways are tried first."""
        if self._grains is None:
            return None
        number = wanted.rpartition("-")[2]
        count = int(number) if number.isdecimal() else 0
        tried = usual(self._size, count)
        if any(self._of_parts(cuts) == wanted for cuts in tried):
            return wanted
        asked = _part_sizes(self._source, count) if count else None
        return None if asked is None else self._of_parts(asked)

    def _of_parts(self, cuts: Sequence[int]) -> str | None:
        checks = self._grains.parts(cuts) if self._grains is not None else None
        if checks is None or self._kind is None:
            return None
        together = b"".join(check.to_bytes(self._kind.width, "big") for check in checks)
        return f"{self._kind.text(self._kind.add(together, 0))}-{len(checks)}"


def _pass(data: Any) -> None:
    """Take bytes that are compared with nothing."""


def _part_sizes(source: Pinned, count: int) -> tuple[int, ...] | None:
    """Ask how an object was cut; `None` when the server doesn't tell.

    Args:
        source: The object.
        count: How many parts it has.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    """
    more: dict[str, Any] = {} if source.version_id is None else {"VersionId": source.version_id}
    where = {"Bucket": source.bucket, "Key": source.facts.key, **more}
    sizes = [0] * count

    def ask(index: int) -> None:
        answer = source.client.call("head_object", PartNumber=index + 1, ttl=0, **where)
        sizes[index] = int(answer["ContentLength"])

    try:
        ask(0)
        if count > 1 and sizes[0] == source.facts.size:
            return None  # a server that knows no parts
        for_each(Width(first=ASKED, most=ASKED), "tfm-part", ask, range(1, count))
    except S3BaseError:
        return None
    return tuple(sizes) if sum(sizes) == source.facts.size else None
