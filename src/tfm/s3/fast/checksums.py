"""Checksums of bodies: CRC32 for what is sent, and whatever the server has for what comes.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
"""

from __future__ import annotations

import hashlib
import zlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from tfm.s3.crc import Cyclic, cyclic

if TYPE_CHECKING:
    from tfm.s3.fast.wire import Buffer


EMPTY = hashlib.sha256().hexdigest()
"""The SHA-256 of no bytes."""


class Digest(Protocol):
    """A checksum that grows."""

    def update(self, data: Buffer, /) -> None:
        """Take more bytes in."""

    def digest(self) -> bytes:
        """Give the checksum."""


class _Growing:
    """A cyclic check that grows.

    Args:
        kind: Of check.
    """

    def __init__(self, kind: Cyclic) -> None:
        self._kind = kind
        self._value = 0

    def update(self, data: Buffer, /) -> None:
        """Take more bytes in."""
        self._value = self._kind.add(data, self._value)

    def digest(self) -> bytes:
        """Give the checksum, the highest byte first."""
        return self._value.to_bytes(self._kind.width, "big")


def crc32(body: Buffer) -> str:
    """Give the CRC32 of a body as S3 writes it.

    Args:
        body: The bytes.
    """
    return b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()


def sha256(body: Buffer) -> str:
    """Give the SHA-256 of a body as signatures have it.

    Args:
        body: The bytes.
    """
    return hashlib.sha256(body).hexdigest() if body else EMPTY


def md5(body: Buffer) -> str:
    """Give the MD5 of a body as `Content-MD5` has it, and nothing where the system forbids MD5.

    Args:
        body: The bytes.
    """
    try:
        return b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
    except ValueError:
        return ""


_HASHES: dict[str, Callable[[], Digest]] = {
    "SHA1": lambda: hashlib.sha1(usedforsecurity=False),
    "SHA256": hashlib.sha256,
}
ALGORITHMS = ("CRC64NVME", "CRC32C", "CRC32", *_HASHES)
"""What S3 calls the checksums that are known here."""
_NAMED = {f"x-amz-checksum-{algorithm.lower()}": algorithm for algorithm in ALGORITHMS}


def digest_of(algorithm: str) -> Digest | None:
    """Give what makes a checksum; `None` when it can't be made here.

    Args:
        algorithm: As S3 names it.
    """
    if algorithm in _HASHES:
        return _HASHES[algorithm]()
    kind = cyclic(algorithm)
    return None if kind is None else _Growing(kind)


class Comparison:
    """Compares what comes with the checksum that came before it.

    Args:
        digest: Empty at first.
        expected: As the server said it.
    """

    def __init__(self, digest: Digest, expected: str) -> None:
        self._digest = digest
        self._expected = expected
        self.update = digest.update

    def matches(self) -> bool:
        """Tell whether all bytes together have the checksum."""
        return b64encode(self._digest.digest()).decode() == self._expected


def comparison(headers: Mapping[str, str]) -> Comparison | None:
    """Give what compares a whole object with its checksum; `None` without one that can be computed here.

    The checksum of an upload in parts is one of checksums, which needs the parts: it is passed over, as by botocore.

    Args:
        headers: Of the answer to a GET of the whole object.
    """
    if _NAMED.keys().isdisjoint(headers) or headers.get("x-amz-checksum-type", "").upper() == "COMPOSITE":
        return None
    for name, algorithm in _NAMED.items():
        said = headers.get(name, "-")
        if "-" not in said and (digest := digest_of(algorithm)) is not None:
            return Comparison(digest, said)
    return None
