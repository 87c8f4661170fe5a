"""What a path object costs: microseconds of each plain operation, side by side with pathlib in one run.

Run `python tools/bench/paths.py`. Each number is the least of several rounds, and the rounds of the three take turns,
so that a busy machine slows all of them.
"""

from __future__ import annotations

import pathlib
import platform
import sys
import timeit
from typing import Any

from tfm import Path

NUMBER = 5_000
ROUNDS = 25
LIMIT = 2.0
"""Microseconds that an operation on an S3 path may take on the machine on which it was set."""

OPERATIONS = {
    "construct": "make(text)",
    "construct by its class": "kind(text)",
    "join": "path / 'name'",
    "name": "path.name",
    "parent": "path.parent",
    "equal": "path == other",
    "hash": "hash(path)",
}


def subjects() -> dict[str, dict[str, Any]]:
    """Give what the operations are done with: on pathlib's paths, on local ones and on S3's."""
    made: dict[str, dict[str, Any]] = {}
    for title, make, text in (
        ("pathlib", pathlib.Path, "/data/2026/report.csv"),
        ("local", Path, "/data/2026/report.csv"),
        ("S3", Path, "s3://bucket/2026/report.csv"),
    ):
        path, other = make(text), make(text)
        made[title] = {"make": make, "text": text, "path": path, "other": other, "kind": type(path)}
    return made


def measure(statement: str, over: dict[str, dict[str, Any]]) -> dict[str, float]:
    """Give the microseconds of one operation on each subject.

    Args:
        statement: What is timed.
        over: The subjects.
    """
    timers = {title: timeit.Timer(statement, globals=names) for title, names in over.items()}
    best = dict.fromkeys(timers, float("inf"))
    for _ in range(ROUNDS):
        for title, timer in timers.items():
            best[title] = min(best[title], timer.timeit(NUMBER) / NUMBER * 1e6)
    return best


def main() -> int:
    """Print the table; give 1 when an operation on S3 takes longer than the limit."""
    print(f"Python {platform.python_version()}, microseconds, least of {ROUNDS} rounds of {NUMBER}")
    print(f"{'':24}{'pathlib':>9}{'local':>9}{'ratio':>9}{'S3':>9}{'ratio':>9}")
    slow = []
    for name, statement in OPERATIONS.items():
        times = measure(statement, subjects())
        plain, local, s3 = times["pathlib"], times["local"], times["S3"]
        print(f"{name:24}{plain:9.2f}{local:9.2f}{local / plain:9.2f}{s3:9.2f}{s3 / plain:9.2f}")
        slow += [name] * (s3 > LIMIT)
    print(f"on S3 above {LIMIT} microseconds: {', '.join(slow) or 'none'}")
    return int(bool(slow))


if __name__ == "__main__":
    sys.exit(main())
