"""The tree on which the verbs of the command line are tried, and what running one gives."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NamedTuple

FILES = {
    "notes.txt": b"one\ntwo\nthree\n",
    "data/a.csv": b"x,y\n1,2\n",
    "data/b.csv": b"x,y\n3,4\n",
    "data/deep/c.bin": bytes(range(256)),
    "[odd] name*.txt": b"odd\n",
}


class Ran(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def records(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.lines]


Run = Callable[..., Ran]
