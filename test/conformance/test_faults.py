"""Jobs through a proxy that breaks connections, answers and bytes: nothing is lost, nothing is wrong, nothing is half.

`TFM_FAULTS` sets how many faults a campaign goes on for; the rest of the suite runs a small one.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path as LocalPath
from typing import Any

import pytest
from fault_proxy import Fault, FaultProxy, Plan
from servers import Server

from tfm import Path
from tfm.operations import Conflict, Job, copy, delete, move
from tfm.s3 import places

WANTED = int(os.environ.get("TFM_FAULTS", "60"))
"""Faults that a campaign goes on for."""
ROUNDS = 40
"""How often a job is begun again until all is done."""

BROKEN = {
    Fault.REFUSED: 0.03,
    Fault.UNANSWERED: 0.03,
    Fault.RESET: 0.03,
    Fault.TRUNCATED: 0.03,
    Fault.FAILED: 0.03,
    Fault.SLOW_DOWN: 0.01,
    Fault.DUPLICATED: 0.03,
    Fault.CORRUPTED: 0.03,
}


@pytest.fixture
def through(s3_server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Plan], FaultProxy]]:
    """Put a proxy between tfm and the server; plain boto3 goes past it."""
    if s3_server.name != "moto":
        pytest.skip(f"{s3_server.name} may check signatures, which name the proxy's host instead of its own")
    made: list[FaultProxy] = []
    monkeypatch.setattr("tfm.s3.fast.retrying._FIRST", {"throttled": 0.01, "transient": 0.01})

    def put(plan: Plan) -> FaultProxy:
        proxy = FaultProxy(s3_server.endpoint, plan)
        made.append(proxy)
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.endpoint)
        places.reset()
        return proxy

    yield put
    for proxy in made:
        proxy.close()


def tree(seed: int) -> dict[str, bytes]:
    """Give files of many sizes, by relative names."""
    chance = random.Random(seed)
    sizes = [0, 1, 100, 4096, 70_000, 1_000_000]
    return {f"d{number % 3}/f{number}": chance.randbytes(chance.choice(sizes)) for number in range(24)}


def below(s3: Any, bucket: str, prefix: str) -> dict[str, bytes]:
    """Read everything below a prefix by plain boto3."""
    found = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for row in page.get("Contents", []):
            body = s3.get_object(Bucket=bucket, Key=row["Key"])["Body"].read()
            found[row["Key"][len(prefix) :]] = body
    return {name: data for name, data in found.items() if name and not name.endswith("/")}


def on_disk(top: LocalPath) -> dict[str, bytes]:
    return {str(path.relative_to(top)): path.read_bytes() for path in top.rglob("*") if path.is_file()}


def persist(make: Callable[[], Job], right: Callable[[], bool]) -> int:
    """Begin a job anew until it is done; gives how often. What it says is never more than what is true."""
    for attempt in range(1, ROUNDS):
        try:
            job = make()
        except OSError:
            continue
        finally:
            places.reset()  # a client that may send nothing again any more would never get a whole tree through
        job.start()
        assert job.wait(120)
        if not [outcome for outcome in job.report if outcome.status != "done"]:
            assert right(), "a job said that all was done, and it is not"
            return attempt
    raise AssertionError(f"it did not end in {ROUNDS} attempts")


def test_a_campaign(through: Callable[[Plan], FaultProxy], s3: Any, bucket: str, tmp_path: LocalPath) -> None:
    """Up, inside, moved, down and deleted, through a proxy that breaks a fifth of all requests: no byte is lost."""
    faults = 0
    seed = 0
    while faults < WANTED:
        seed += 1
        files = tree(seed)
        proxy = through(Plan(BROKEN, seed))
        _one_round(proxy, s3, bucket, tmp_path / str(seed), files)
        faults += proxy.plan.counts.total()
        places.reset()
    assert faults >= WANTED


def _one_round(proxy: FaultProxy, s3: Any, bucket: str, here: LocalPath, files: dict[str, bytes]) -> None:
    up, down = here / "up", here / "down"
    for name, data in files.items():
        (up / name).parent.mkdir(parents=True, exist_ok=True)
        (up / name).write_bytes(data)
    root = Path(f"s3://{bucket}/{here.name}")
    key = f"{here.name}/"

    def into(name: str, source: Path, verb: Callable[..., Job] = copy) -> Callable[[], Job]:
        return lambda: verb([source], root, names={source: name}, conflict=Conflict.OVERWRITE)

    persist(into("a", Path(up)), lambda: below(s3, bucket, key + "a/") == files)
    persist(into("b", root / "a"), lambda: below(s3, bucket, key + "b/") == files)
    _move(root, s3, bucket, key, files)
    source = root / "c"
    persist(
        lambda: copy([source], Path(here), names={source: "down"}, conflict=Conflict.OVERWRITE),
        lambda: on_disk(down) == files,
    )
    assert on_disk(up) == files
    assert not [path for path in here.rglob("*") if path.name.endswith(".tfm-part")]
    persist(lambda: delete([root / "c"]), lambda: below(s3, bucket, key + "c/") == {})
    assert below(s3, bucket, key + "a/") == files
    assert below(s3, bucket, key + "b/") == {}
    proxy.calm = True


def _move(root: Path, s3: Any, bucket: str, key: str, files: dict[str, bytes]) -> None:
    """Move b to c; after each attempt every file is at one of the two, whole, whatever was said."""
    source = root / "b"
    for _ in range(ROUNDS):
        try:
            job = move([source], root, names={source: "c"}, conflict=Conflict.OVERWRITE)
        except OSError:
            continue
        finally:
            places.reset()  # a client that may send nothing again any more would never get a whole tree through
        job.start()
        assert job.wait(120)
        left, there = below(s3, bucket, key + "b/"), below(s3, bucket, key + "c/")
        assert {**there, **left} == {**left, **there} == files
        if not left and there == files:
            return
    raise AssertionError("it was never moved whole")


@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.UNANSWERED, Fault.RESET, Fault.TRUNCATED, Fault.DUPLICATED])
def test_single_reads_and_writes(through: Callable[[Plan], FaultProxy], s3: Any, bucket: str, fault: Fault) -> None:
    """Half of all requests break in one way: what is read is right, and what was written is there."""
    proxy = through(Plan({fault: 0.5}, seed=7))
    for number in range(30):
        path, data = Path(f"s3://{bucket}/k{number}"), random.Random(number).randbytes(number * 997)
        for _ in range(ROUNDS):
            try:
                path.write_bytes(data)
                break
            except OSError:
                continue
        assert s3.get_object(Bucket=bucket, Key=path.name)["Body"].read() == data
        for _ in range(ROUNDS):
            try:
                assert path.read_bytes() == data
                break
            except OSError:
                continue
    assert proxy.plan.counts[fault] > 10


def test_bytes_that_change_on_the_way_down(through: Callable[[Plan], FaultProxy], s3: Any, bucket: str) -> None:
    """One bit of every answer is another one: no wrong byte is handed out, the checksum finds each."""
    data = random.Random(1).randbytes(100_000)
    Path(f"s3://{bucket}/k").write_bytes(data)
    if "ChecksumCRC32" not in s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED"):
        pytest.skip("this server tells no checksum")
    proxy = through(Plan({Fault.CORRUPTED: 1.0}, seed=3))
    for _ in range(20):
        with pytest.raises(OSError, match="checksum"):
            Path(f"s3://{bucket}/k").read_bytes()
    assert proxy.plan.counts[Fault.CORRUPTED] >= 20


def test_a_stalled_server_ends_in_an_error(
    through: Callable[[Plan], FaultProxy], bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing comes: reading and writing end by their time, and say that the server did not answer."""
    for module in ("client", "fast.slim", "fast.derived"):
        monkeypatch.setattr(f"tfm.s3.{module}.READ_SECONDS", 0.5)
    proxy = through(Plan({Fault.STALLED: 1.0}, stall=2.0))
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        Path(f"s3://{bucket}/k").write_bytes(b"x")
    assert time.monotonic() - began < 20
    assert proxy.plan.counts[Fault.STALLED] >= 1
