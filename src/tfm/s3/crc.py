"""Cyclic redundancy checks: made by what is fast here, and joined where bytes came apart.

Source: https://github.com/madler/zlib/blob/v1.3.1/crc32.c
"""

from __future__ import annotations

import zlib
from base64 import b64encode
from collections.abc import Callable
from functools import cache, lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple


class Cyclic(NamedTuple):
    """A kind of check.

    Args:
        add: Gives the check of more bytes after those of a check.
        width: Bytes of it.
        polynomial: By which it divides, the lowest power in the highest bit.
    """

    add: Callable[[Any, int], int]
    width: int
    polynomial: int

    def text(self, value: int) -> str:
        """Give a check as S3 writes it.

        Args:
            value: The check.
        """
        return b64encode(value.to_bytes(self.width, "big")).decode()

    def joined(self, first: int, second: int, length: int) -> int:
        """Give the check of two pieces of bytes, one after the other.

        Args:
            first: The check of the first piece.
            second: That of the second one.
            length: Bytes of the second one.
        """
        return _product(_shift(length, self.width, self.polynomial), first, self.width, self.polynomial) ^ second


_BY_AWSCRT = {"CRC64NVME": ("crc64nvme", 8, 0x9A6C9329AC4BC9B5), "CRC32C": ("crc32c", 4, 0x82F63B78)}


def cyclic(algorithm: str) -> Cyclic | None:
    """Give a kind of check by the name that S3 has for it; `None` when it is none, or can't be made fast here.

    Args:
        algorithm: `CRC32`; `CRC32C` and `CRC64NVME` are made by the package `awscrt`, where that is installed.
    """
    if algorithm == "CRC32":
        return Cyclic(zlib.crc32, 4, 0xEDB88320)
    if algorithm not in _BY_AWSCRT or not _is_installed("awscrt"):
        return None
    name, width, polynomial = _BY_AWSCRT[algorithm]
    add = getattr(import_module("awscrt.checksums"), name, None)  # older ones have not all
    return None if add is None else Cyclic(add, width, polynomial)


@cache
def _is_installed(package: str) -> bool:
    """Look for a package, once: that takes as long as a small object does."""
    return find_spec(package) is not None


@lru_cache(maxsize=64)
def _shift(length: int, width: int, polynomial: int) -> int:
    """Give the power of x by which a check is multiplied for so many bytes behind it."""
    found, square = 1 << 8 * width - 1, 1 << 8 * width - 1 - 8  # 1, and x to the eighth: one byte
    while length:
        if length & 1:
            found = _product(found, square, width, polynomial)
        square = _product(square, square, width, polynomial)
        length >>= 1
    return found


def _product(one: int, other: int, width: int, polynomial: int) -> int:
    """Multiply two polynomials, and give what is left when that is divided."""
    found = 0
    for bit in range(8 * width - 1, -1, -1):
        if one >> bit & 1:
            found ^= other
        other = other >> 1 ^ polynomial if other & 1 else other >> 1
    return found
