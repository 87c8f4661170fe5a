"""How many Python functions run for one operation on a path: a count, which no busy machine changes."""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tfm import Path

OPERATIONS: dict[str, Callable[[Any, str, Any, Any], object]] = {
    "construct": lambda make, text, path, other: make(text),
    "join": lambda make, text, path, other: path / "name",
    "name": lambda make, text, path, other: path.name,
    "parent": lambda make, text, path, other: path.parent,
    "equal": lambda make, text, path, other: path == other,
    "hash": lambda make, text, path, other: hash(path),
}
ON_S3 = {"construct": 4, "join": 6, "name": 2, "parent": 3, "equal": 1, "hash": 1}
VERSION = sys.version_info[:2]
# The factory's `__new__` leaves out pathlib's where `__init__` does the work; joining leaves out `joinpath` where
# pathlib goes through it. What isn't named here runs pathlib's own functions and no other.
MORE_THAN_PATHLIB = {
    "construct": 1 if VERSION < (3, 12) else 0,
    "join": 1 if VERSION < (3, 12) else -1 if VERSION < (3, 13) else 0,
}


def calls(operation: Callable[[], object]) -> list[str]:
    """Give the names of the Python functions that run, the operation itself left out."""
    seen: list[str] = []

    def note(frame: Any, event: str, argument: Any) -> None:
        if event == "call":
            seen.append(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        operation()
    finally:
        sys.setprofile(None)
    return seen[2:]  # the two lambdas


def counted(name: str, make: Any, text: str) -> list[str]:
    operation = OPERATIONS[name]
    operation(make, text, make(text), make(text))  # once before, so that nothing is loaded while it is counted
    path, other = make(text), make(text)
    return calls(lambda: operation(make, text, path, other))


@pytest.mark.parametrize("name", OPERATIONS)
def test_calls_on_s3(name: str) -> None:
    names = counted(name, Path, "s3://bucket/2026/report.csv")
    assert len(names) == ON_S3[name], names


@pytest.mark.parametrize("name", OPERATIONS)
def test_calls_on_local_paths(name: str) -> None:
    names = counted(name, Path, "/data/2026/report.csv")
    plain = counted(name, pathlib.Path, "/data/2026/report.csv")
    assert len(names) - len(plain) == MORE_THAN_PATHLIB.get(name, 0), (names, plain)


def test_many_joins_cost_no_more_each() -> None:
    path = Path("s3://bucket")
    for index in range(50):
        path = path / str(index)
    assert len(calls(lambda: OPERATIONS["join"](Path, "", path, path))) == ON_S3["join"]
