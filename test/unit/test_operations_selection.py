from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path as LocalPath

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


IGNORED = (
    "*.log", "!keep.log", "/top", "build/", "a/**/z", "**/deep", "foo/*", "!foo/bar", r"\!bang", "sp ace", "[ab].c",
)  # fmt: skip
NAMES = [
    "a.log", "keep.log", "x/k.log", "x/keep.log", "top/f", "x/top/f", "build/f", "x/build/f", "a/z/f", "a/b/c/z/f",
    "q/deep/f", "foo/1", "foo/bar/2", "notbuild", "!bang", "sp ace", "x/a.c", "x/c.c",
]  # fmt: skip


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed here")
def test_patterns_mean_what_they_mean_to_git(tmp_path: LocalPath) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_text("\n".join(IGNORED) + "\n")
    for name in NAMES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    command = ["git", "-C", str(tmp_path), "check-ignore", "-z", "--stdin"]
    told = subprocess.run(command, input="\0".join(NAMES), stdout=subprocess.PIPE, text=True, check=False).stdout
    take = Selection(exclude=IGNORED)
    assert [name for name in NAMES if not take(name, file())] == told.split("\0")[:-1]
