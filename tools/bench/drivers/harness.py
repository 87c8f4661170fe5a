"""What every driver shares: it is told a case, does it once, and says how long that took.

A driver runs in the environment of its peer: `python -m bench.drivers.NAME CASE TASK`. Loading its libraries is not
part of the time; making a client, connecting and everything after it is. The last line that it writes is JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WIDE = 64
"""Threads of the peers that have threads do their work."""


@dataclass(frozen=True)
class Task:
    """What a case is done on.

    Args:
        bucket: Where objects are, below the prefix `data/`.
        target: A bucket to copy into.
        directory: A local directory: the source of uploads and the target of downloads.
        file: A local file: the same.
        count: How many requests, or entries.
        verb: Which of the verbs.
    """

    bucket: str = "bench"
    target: str = "copies"
    directory: str = ""
    file: str = ""
    count: int = 0
    verb: str = ""


Result = dict[str, int]
"""What was seen, so that it can be checked: `objects`, `bytes`, or nothing where the effect is checked."""
Case = Callable[[Task], Result]


def run(cases: Mapping[str, Case]) -> None:
    """Do the case that the arguments name, and write what it took.

    Args:
        cases: By name.
    """
    name, given = sys.argv[1:3]
    task = Task(**json.loads(given))
    wall, cpu = time.perf_counter(), time.process_time()
    result = cases[name](task)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps({"seconds": wall, "cpu": cpu, "result": result}), flush=True)


def in_threads(work: Callable[[Any], Any], items: Sequence[Any], wide: int = WIDE) -> None:
    """Call a function for each item in a pool of threads, and raise what any of them raised.

    Args:
        work: The function.
        items: What it is called with.
        wide: How many threads.
    """
    with ThreadPoolExecutor(wide) as pool:
        for _ in pool.map(work, items):
            pass


def local_files(directory: str) -> list[Path]:
    """Give the files of a directory.

    Args:
        directory: It holds files only.
    """
    return sorted(Path(directory).iterdir())


def batches(names: Sequence[str], size: int = 1000) -> Iterator[Sequence[str]]:
    """Cut a list into pieces.

    Args:
        names: The list.
        size: How long a piece is at most.
    """
    for first in range(0, len(names), size):
        yield names[first : first + size]


def local_target(task: Task) -> Path:
    """Give the directory of a download, which is made here.

    Args:
        task: The task.
    """
    target = Path(task.directory) / "data"
    target.mkdir(parents=True)
    return target


def verb_keys(task: Task) -> list[str]:
    """Name the objects that verbs are tried on; they are there, as many as are counted.

    Args:
        task: The task.
    """
    return [f"data/file-{number:08d}.bin" for number in range(task.count)]
