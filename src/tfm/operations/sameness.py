"""Whether two entries of one name count as the same, by what listings tell of them: size and time. Pure."""

from __future__ import annotations

from enum import Enum

from tfm.info import FileInfo

TOLERANCE = 0.001
"""Seconds: file systems keep fractions of different fineness."""


class By(Enum):
    """What tells two files apart besides their sizes."""

    TIME = "time"
    CHECKSUM = "checksum"
    SIZE = "size"
    """Nothing: what has the same size is the same."""


def kind_of(info: FileInfo) -> str:
    """Name what an entry is, for two of one name.

    Args:
        info: A file that is also a directory, as on S3, counts as the file.
    """
    if info.link:
        return "link"
    return "file" if info.is_file() else info.kind


def known_difference(left: FileInfo, right: FileInfo) -> str:
    """Name in what two entries differ whatever their bytes are: `kind`, `size`, or nothing.

    Args:
        left: The one.
        right: The other.
    """
    if kind_of(left) != kind_of(right):
        return "kind"
    return "size" if left.size != right.size else ""


def time_difference(left: float | None, right: float | None, *, kept: bool) -> str:
    """Tell what the time of the right file says: `older`, `newer`, or nothing when it counts as the same.

    Where copies keep the time of their source, any other time is a difference. Elsewhere a copy has the time at which
    it was made, so that a target which is not older than its source counts as the same, as for `aws s3 sync`.

    Args:
        left: Seconds since the epoch.
        right: Likewise.
        kept: Whether copies keep the time between the two storages.
    """
    if left is None or right is None:
        return "time"
    if left == int(left) or right == int(right):  # one storage keeps whole seconds
        left, right = int(left), int(right)
    if left - right > TOLERANCE:
        return "older"
    return "newer" if kept and right - left > TOLERANCE else ""
