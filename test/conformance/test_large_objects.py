"""Large objects by both engines: what a real server holds and sends, and connections that break in one range."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jobs import Bucket, finish
from stub_s3 import Reply, Request, StubS3, error_body

from tfm import Path
from tfm.errors import S3BaseError, S3ChangedError
from tfm.operations import JobState, copy, move
from tfm.s3.filling import RANGE

MIB = 1024 * 1024
SIZE = 40 * MIB + 12_345
ETAG = {"Last-Modified": "Fri, 02 Jan 2026 03:04:05 GMT", "ETag": '"e"'}


@pytest.fixture(scope="module")
def data() -> bytes:
    """Bytes of which no two ranges are alike."""
    return os.urandom(SIZE)


def test_a_large_file_goes_up_and_comes_back(engine: str, here: Path, top: Path, remote: Bucket, data: bytes) -> None:
    (here / "up").write_bytes(data)
    job = finish(copy([here / "up"], top))
    assert job.state is JobState.DONE, job.report
    assert hashlib.sha256(remote.get("up")).digest() == hashlib.sha256(data).digest()
    (here / "into").mkdir()
    job = finish(copy([top / "up"], here / "into"))
    assert job.state is JobState.DONE
    assert job.progress.bytes_done == SIZE
    assert (here / "into" / "up").read_bytes() == data
    assert os.listdir(here / "into") == ["up"]
    assert (top / "up").read_bytes() == data
    assert remote.uploads() == []


def test_path_copy_takes_the_same_ways(engine: str, here: Path, top: Path, remote: Bucket, data: bytes) -> None:
    (here / "up").write_bytes(data)
    (here / "up").copy(top / "k")
    assert remote.get("k") == data
    (top / "k").copy(here / "down")
    assert (here / "down").read_bytes() == data
    (top / "k").move(here / "moved")
    assert (here / "moved").read_bytes() == data
    assert remote.listed() == []
    assert sorted(os.listdir(here)) == ["down", "moved", "up"]


def test_a_large_object_is_moved_to_a_disk(engine: str, here: Path, top: Path, remote: Bucket, data: bytes) -> None:
    remote.put("k", data)
    job = finish(move([top / "k"], here))
    assert job.state is JobState.DONE, job.report
    assert (here / "k").read_bytes() == data
    assert remote.listed() == []


class Shaky:
    """Serves one large object, and lets a test decide what becomes of each ranged GET."""

    def __init__(self, data: bytes, fate: Callable[[int, int], Reply | None]) -> None:
        self._data, self._fate = data, fate
        self._seen: dict[int, int] = {}
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> Reply:
        if request.method == "HEAD" or "list-type" in request.path:
            return Reply(200, headers=ETAG | {"Content-Length": str(len(self._data))})
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("Range") or "")
        start, stop = (int(asked[1]), int(asked[2]) + 1) if asked else (0, len(self._data))
        with self._lock:
            self._seen[start] = self._seen.get(start, 0) + 1
            fate = self._fate(start, self._seen[start])
        body = self._data[start:stop]
        if fate is not None:
            return fate._replace(body=body[: len(body) // 2], length=len(body)) if fate.status == 206 else fate
        headers = ETAG | ({"Content-Range": f"bytes {start}-{stop - 1}/{len(self._data)}"} if asked else {})
        return Reply(206 if asked else 200, body, headers)


@pytest.fixture
def shaky(
    engine: str, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> Iterator[Callable[[Callable[[int, int], Reply | None]], StubS3]]:
    """Start a server that fails as a test says."""
    started: list[StubS3] = []

    def start(fate: Callable[[int, int], Reply | None]) -> StubS3:
        started.append(StubS3(Shaky(data, fate)).__enter__())
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", started[-1].endpoint)
        return started[-1]

    yield start
    for stub in started:
        stub.__exit__()


def half(start: int, size: int) -> Reply:
    """Make a range that breaks off in its middle."""
    return Reply(206, headers=ETAG | {"Content-Range": f"bytes {start}-{min(start + RANGE, size) - 1}/{size}"})


def test_a_range_that_breaks_off_is_taken_up_where_it_broke(shaky: Any, here: Path, data: bytes) -> None:
    server = shaky(lambda start, time: half(start, SIZE) if start == RANGE else None)
    Path("s3://bucket/k").copy(here / "k")
    assert (here / "k").read_bytes() == data
    starts = [request.headers.get("Range") for request in server.requests if request.method == "GET"]
    assert f"bytes={RANGE + RANGE // 2}-{2 * RANGE - 1}" in starts
    assert len(starts) == 4


def test_a_range_that_is_refused_for_good_leaves_nothing(shaky: Any, here: Path) -> None:
    denied = Reply(403, error_body("AccessDenied"))
    shaky(lambda start, time: denied if start == RANGE else None)
    with pytest.raises(S3BaseError):
        Path("s3://bucket/k").copy(here / "k")
    assert os.listdir(here) == []


def test_a_server_that_knows_no_if_match_can_not_mix_two_objects(shaky: Any, here: Path) -> None:
    shaky(lambda start, time: Reply(206, headers={**half(start, SIZE).headers, "ETag": '"other"'}) if start else None)
    with pytest.raises(S3ChangedError):
        Path("s3://bucket/k").copy(here / "k")
    assert os.listdir(here) == []
