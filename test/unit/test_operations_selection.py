from __future__ import annotations

import json

import pytest

from tfm.info import FileInfo
from tfm.operations.selection import Selection


def file(size: int = 10, mtime: float | None = 100.0) -> FileInfo:
    return FileInfo("x", "file", size, mtime)


@pytest.mark.parametrize(
    ("chosen", "name", "info", "wanted"),
    [
        (Selection(), "a/b", file(), True),
        (Selection(include=("*.csv",)), "a/b.csv", file(), True),
        (Selection(include=("*.csv",)), "a/b.txt", file(), False),
        (Selection(exclude=("tmp/",)), "a/tmp", FileInfo("tmp", "directory"), False),
        (Selection(exclude=("tmp/",)), "a/tmp", file(), True),
        (Selection(include=("*.csv",), exclude=("b.*",)), "b.csv", file(), False),
        (Selection(larger=9), "x", file(10), True),
        (Selection(larger=10), "x", file(10), False),
        (Selection(larger=9, smaller=11), "x", file(10), True),
        (Selection(smaller=10), "x", file(10), False),
        (Selection(smaller=10), "x", FileInfo("x", "directory"), False),
        (Selection(newer=99), "x", file(), True),
        (Selection(newer=100), "x", file(), False),
        (Selection(older=100), "x", file(), True),
        (Selection(older=99), "x", file(), False),
        (Selection(older=99), "x", file(mtime=None), False),
    ],
)
def test_what_is_wanted(chosen: Selection, name: str, info: FileInfo, wanted: bool) -> None:
    assert chosen(name, info) is wanted


@pytest.mark.parametrize(
    "chosen", [Selection(), Selection(("a*", "!ab"), ("tmp/",), 1.5, 2.5, 3, 4), Selection(larger=0)]
)
def test_it_comes_back_from_json(chosen: Selection) -> None:
    assert Selection.of(json.loads(json.dumps(chosen.record()))) == chosen
    assert chosen.any == (chosen != Selection())
