"""Checksums of bodies: CRC32 for what is sent, and whatever the server has for what comes.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
"""

from __future__ import annotations

import hashlib
import zlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from tfm.s3.fast.wire import Buffer


class Digest(Protocol):
    """A checksum that grows."""

    def update(self, data: Buffer, /) -> None:
        """Take more bytes in."""

    def digest(self) -> bytes:
        """Give the checksum."""


class Cyclic:
    """A cyclic redundancy check.

    Args:
        add: Gives the check of more bytes after those of a check.
        width: Bytes of it.
    """

    def __init__(self, add: Callable[[Any, int], int], width: int = 4) -> None:
        self._add = add
        self._width = width
        self._value = 0

    def update(self, data: Buffer, /) -> None:
        """Take more bytes in."""
        self._value = self._add(data, self._value)

    def digest(self) -> bytes:
        """Give the checksum, the highest byte first."""
        return self._value.to_bytes(self._width, "big")


def crc32(body: Buffer) -> str:
    """Give the CRC32 of a body as S3 writes it.

    Args:
        body: The bytes.
    """
    return b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()


def md5(body: Buffer) -> str:
    """Give the MD5 of a body as `Content-MD5` has it, and nothing where the system forbids MD5.

    Args:
        body: The bytes.
    """
    try:
        return b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
    except ValueError:
        return ""


_MADE: dict[str, Callable[[], Digest]] = {
    "x-amz-checksum-crc32": lambda: Cyclic(zlib.crc32),
    "x-amz-checksum-sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "x-amz-checksum-sha256": hashlib.sha256,
}
_BY_AWSCRT = {"x-amz-checksum-crc64nvme": ("crc64nvme", 8), "x-amz-checksum-crc32c": ("crc32c", 4)}


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
    if headers.get("x-amz-checksum-type", "").upper() == "COMPOSITE":
        return None
    for name, (function, width) in _BY_AWSCRT.items():
        if name in headers and "-" not in headers[name] and find_spec("awscrt"):
            add = getattr(import_module("awscrt.checksums"), function, None)  # older ones have not all
            if add is not None:
                return Comparison(Cyclic(add, width), headers[name])
    for name, make in _MADE.items():
        if name in headers and "-" not in headers[name]:
            return Comparison(make(), headers[name])
    return None
