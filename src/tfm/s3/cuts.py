"""How objects are cut into parts when they are uploaded. Pure."""

from __future__ import annotations

MIB = 1024 * 1024
USUAL_PARTS = tuple(size * MIB for size in (5, 8, 10, 15, 16, 20, 25, 32, 50, 64, 100, 128, 200, 256, 500, 512, 1024))
"""Sizes of parts that programs begin with; `aws s3` has 8 MiB."""


def equal(size: int, part: int) -> tuple[int, ...]:
    """Cut an object into parts of one size and a rest.

    Args:
        size: Bytes of the object.
        part: Bytes of a part.
    """
    whole, rest = divmod(size, part)
    return (part,) * whole + ((rest,) if rest else ())


def usual(size: int, count: int) -> list[tuple[int, ...]]:
    """Give the ways in which most programs would have cut an object into so many parts: the bytes of each part.

    Args:
        size: Bytes of the object.
        count: How many parts.
    """
    if not 0 < count <= size:
        return []
    even = -(-size // count)
    sizes = {*USUAL_PARTS, -(-even // MIB) * MIB, even}
    return [equal(size, part) for part in sorted(sizes) if -(-size // part) == count]
