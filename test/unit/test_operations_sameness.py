"""What counts as the same by size and time, as tables."""

from __future__ import annotations

import pytest

from tfm.info import FileInfo
from tfm.operations.sameness import known_difference, time_difference


@pytest.mark.parametrize(
    ("left", "right", "kept", "elsewhere"),
    [
        (100.5, 100.5, "", ""),
        (100.5, 100.6, "newer", ""),
        (100.6, 100.5, "older", "older"),
        (100.9, 100.0, "", ""),  # whole seconds: the fraction was dropped
        (101.0, 100.9, "older", "older"),
        (100.0, 200.9, "newer", ""),
        (100.5, 100.5004, "", ""),  # a coarser file system
        (None, 100.0, "time", "time"),
        (100.0, None, "time", "time"),
    ],
)
def test_what_the_times_say(left: float | None, right: float | None, kept: str, elsewhere: str) -> None:
    assert time_difference(left, right, kept=True) == kept
    assert time_difference(left, right, kept=False) == elsewhere


@pytest.mark.parametrize(
    ("left", "right", "reason"),
    [
        (FileInfo("x", "file", 1), FileInfo("x", "file", 1), ""),
        (FileInfo("x", "file", 1), FileInfo("x", "file", 2), "size"),
        (FileInfo("x", "file", 1), FileInfo("x", "both", 1), ""),
        (FileInfo("x", "file", 1), FileInfo("x", "other", 1), "kind"),
        (FileInfo("x", "file", 1), FileInfo("x", "file", 1, link=True), "kind"),
        (FileInfo("x", "directory"), FileInfo("x", "directory", 3), "size"),
    ],
)
def test_what_differs_whatever_the_bytes(left: FileInfo, right: FileInfo, reason: str) -> None:
    assert known_difference(left, right) == reason
