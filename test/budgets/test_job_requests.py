"""docs/reference/requests.md is right about jobs: each sends as many requests as it says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path as LocalPath

import pytest
from together import TogetherS3

import tfm
from tfm import Path
from tfm.info import FileInfo
from tfm.operations import Conflict, Job, JobState, copy, delete, move
from tfm.s3.caching import CachingClient
from tfm.s3.places import use_client

PAGE = LocalPath(__file__).parents[2] / "docs/reference/requests.md"
ROWS = re.findall(r"^\| ((?:copy|move|delete) .+?) \| (\d+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
BUCKET = Path("s3://budgets")
OBJECTS = (BUCKET / "o300", FileInfo("o300", "directory"))
MANY = (BUCKET / "o2500", FileInfo("o2500", "directory"))

CASES: dict[str, Callable[[Path], Job]] = {
    "copy a directory of 300 objects to a disk": lambda here: copy([OBJECTS], here / "down"),
    "copy a directory of 300 files to a directory that is not there": lambda here: copy([here / "f"], BUCKET / "new"),
    "copy a directory of 300 files to a directory that is there": lambda here: copy([here / "f"], BUCKET / "there"),
    "copy a directory of 300 files, each of which is there, and skip them": lambda here: copy(
        [here / "o300"], BUCKET, conflict=Conflict.SKIP
    ),
    "copy a directory of 300 files, each of which is there, over them": lambda here: copy(
        [here / "o300"], BUCKET, conflict=Conflict.OVERWRITE
    ),
    "copy a directory of 300 objects inside a place": lambda here: copy([OBJECTS], BUCKET / "new"),
    "copy 300 files by name": lambda here: copy(list((here / "f").iterdir()), BUCKET / "new"),
    "move a directory of 300 objects inside a place": lambda here: move([OBJECTS], BUCKET / "new"),
    "move a directory of 300 objects to a disk": lambda here: move([OBJECTS], here / "down"),
    "move a directory of 300 files to a place": lambda here: move([here / "f"], BUCKET / "new"),
    "delete a directory of 2,500 objects": lambda here: delete([MANY]),
    "delete an object": lambda here: delete([BUCKET / "o300" / "000"]),
}


@pytest.fixture
def requests(tmp_path: LocalPath) -> Counter[str]:
    """A bucket in memory and a directory on a disk, and the counts of what is sent to the bucket."""
    server = TogetherS3()
    server.create_bucket("budgets")
    for number in range(2500):
        server.put("budgets", f"o2500/{number:04}", b"x")
    for name in ("f", "o300"):
        (tmp_path / name).mkdir()
        for number in range(300):
            (tmp_path / name / f"{number:03}").write_bytes(b"x")
    for number in range(300):
        server.put("budgets", f"o300/{number:03}", b"x")
    server.put("budgets", "there/x", b"x")
    use_client("", CachingClient(server, tfm.get_s3_cache()))
    server.requests.clear()
    return server.requests


def test_page_and_cases_are_one_list() -> None:
    assert [name for name, _ in ROWS] == list(CASES)


@pytest.mark.parametrize(("name", "expected"), ROWS)
def test_requests(
    name: str, expected: str, requests: Counter[str], tmp_path: LocalPath, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tfm.operations.departing.SOON", 60)  # however slow the machine is
    job = CASES[name](Path(tmp_path))
    job.start()
    assert job.wait(60)
    assert job.state is JobState.DONE, job.report
    assert requests.total() == int(expected), dict(requests)
