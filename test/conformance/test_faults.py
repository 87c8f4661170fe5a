"""Jobs through a proxy that breaks connections, answers and bytes: nothing is lost, nothing is wrong, nothing is half.

`TFM_FAULTS` sets how many faults a campaign goes on for, and `TFM_SEED` which ones; the suite runs a small one.
"""

from __future__ import annotations

import contextlib
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path as LocalPath
from typing import Any

import pytest
from capabilities import lacks
from fault_proxy import Fault, FaultProxy, Plan
from servers import Server

from tfm import Path
from tfm.operations import Conflict, Job, JobState, copy, delete, move
from tfm.operations.sameness import By
from tfm.operations.sync import sync
from tfm.s3 import places

WANTED = int(os.environ.get("TFM_FAULTS", "60"))
"""Faults that a campaign goes on for."""
ROUNDS = 40
"""How often a job is begun again until all is done."""

BROKEN = {
    Fault.REFUSED: 0.02,
    Fault.CUT: 0.05,
    Fault.UNANSWERED: 0.03,
    Fault.RESET: 0.03,
    Fault.TRUNCATED: 0.03,
    Fault.STALLED: 0.003,
    Fault.FAILED: 0.03,
    Fault.SLOW_DOWN: 0.01,
    Fault.DUPLICATED: 0.03,
    Fault.CORRUPTED: 0.06,
}
MIB = 1024 * 1024
PART = 5 * MIB
"""Bytes of a part of an upload: the fewest that servers take."""


@pytest.fixture
def through(s3_server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Plan], FaultProxy]]:
    """Put a proxy between tfm and the server, plain boto3 goes past it; and call large what is so for a test."""
    made: list[FaultProxy] = []
    monkeypatch.setattr("tfm.s3.fast.retrying._FIRST", {"throttled": 0.01, "transient": 0.01})
    for module in ("client", "fast.slim", "fast.derived"):
        monkeypatch.setattr(f"tfm.s3.{module}.READ_SECONDS", 2)
    monkeypatch.setattr("tfm.s3.filling.RANGE", MIB)
    for module in ("filling", "reader"):
        monkeypatch.setattr(f"tfm.s3.{module}.LARGE", 2 * MIB)
    monkeypatch.setattr("tfm.s3.writer.LARGE", 2 * PART)
    monkeypatch.setattr("tfm.s3.taking.PART", PART)

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
    """Give files of many sizes, by relative names: one comes down by ranges, and now and then one goes up in parts."""
    chance = random.Random(seed)
    sizes = [0, 1, 100, 4096, 70_000, 1_000_000]
    files = {f"d{number % 3}/f{number}": chance.randbytes(chance.choice(sizes)) for number in range(24)}
    files["d1/ranges"] = chance.randbytes(2 * MIB + chance.randrange(2 * MIB))
    if seed % 3 == 1:
        files["parts"] = chance.randbytes(2 * PART + chance.randrange(2 * MIB))
    return files


def below(s3: Any, bucket: str, prefix: str) -> dict[str, bytes]:
    """Read everything below a prefix by plain boto3; a deletion that nobody waits for any more may still come."""
    found = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for row in page.get("Contents", []):
            with contextlib.suppress(s3.exceptions.NoSuchKey):
                found[row["Key"][len(prefix) :]] = s3.get_object(Bucket=bucket, Key=row["Key"])["Body"].read()
    return {name: data for name, data in found.items() if name and not name.endswith("/")}


def on_disk(top: LocalPath) -> dict[str, bytes]:
    return {str(path.relative_to(top)): path.read_bytes() for path in top.rglob("*") if path.is_file()}


def persist(make: Callable[[], Job], right: Callable[[], bool], always: Callable[[], bool] | None = None) -> int:
    """Begin a job anew until it is done; gives how often. What it says is never more than what is true.

    Args:
        make: Gives the job.
        right: Whether all is as it should be in the end.
        always: Whether nothing is lost, after each attempt; then it may also be that all is as it should be and only
            the last word about it got lost.
    """
    for attempt in range(1, ROUNDS):
        try:
            job = make()
        except OSError:
            continue
        finally:
            places.reset()  # a client that may send nothing again any more would never get a whole tree through
        job.start()
        assert job.wait(120)
        assert always is None or always(), f"{job.title}: something was lost"
        if job.state is JobState.DONE or (always is not None and right()):
            assert right(), f"{job.title}: it said that all was done, and it is not"
            return attempt
    raise AssertionError(f"it did not end in {ROUNDS} attempts")


def test_a_campaign(
    through: Callable[[Plan], FaultProxy], s3_server: Server, s3: Any, bucket: str, tmp_path: LocalPath
) -> None:
    """Every verb in every direction, through a proxy that breaks a fifth of all requests: no byte is lost or wrong."""
    total: Counter[Fault] = Counter()
    seed = int(os.environ.get("TFM_SEED", "0"))
    damaged = {} if "checked_bodies" in lacks(s3_server) else {Fault.DAMAGED: 0.06}
    while total.total() < WANTED:
        seed += 1
        proxy = through(Plan(BROKEN | damaged, seed, stall=2.5))
        Round(s3, bucket, tmp_path / str(seed), tree(seed)).run()
        proxy.calm = True
        total += proxy.plan.counts
        places.reset()
    print(f"{s3_server.name}: {total.total()} faults:", {fault.name: count for fault, count in total.items()})
    assert set(total) >= set(BROKEN) or WANTED < 500


class Round:
    """One tree on its way through everything that jobs do.

    Args:
        s3: Plain boto3.
        bucket: The bucket.
        here: A directory of the disk that isn't there yet.
        files: What is carried.
    """

    def __init__(self, s3: Any, bucket: str, here: LocalPath, files: dict[str, bytes]) -> None:
        self.s3, self.bucket, self.here, self.files = s3, bucket, here, files
        self.root = Path(f"s3://{bucket}/{here.name}")
        for name, data in files.items():
            (here / "up" / name).parent.mkdir(parents=True, exist_ok=True)
            (here / "up" / name).write_bytes(data)

    def there(self, name: str) -> dict[str, bytes]:
        return below(self.s3, self.bucket, f"{self.here.name}/{name}/")

    def has(self, name: str) -> Callable[[], bool]:
        return lambda: self.there(name) == self.files

    def holds(self, name: str) -> Callable[[], bool]:
        return lambda: on_disk(self.here / name) == self.files

    def into(self, verb: Callable[..., Job], source: Path, into: Path, name: str) -> Callable[[], Job]:
        return lambda: verb([source], into, names={source: name}, conflict=Conflict.OVERWRITE)

    def run(self) -> None:
        """Up, inside, moved, down, moved up and down, synced in each direction, and deleted."""
        root, here = self.root, Path(self.here)
        persist(self.into(copy, here / "up", root, "a"), self.has("a"))
        persist(self.into(copy, root / "a", root, "b"), self.has("b"))
        self.moved(root / "b", root, "c", self.there, self.there)
        persist(self.into(copy, root / "c", here, "down"), self.holds("down"))
        self.moved(root / "c", here, "moved", self.there, lambda name: on_disk(self.here / name))
        self.moved(here / "moved", root, "d", lambda name: on_disk(self.here / name), self.there)
        self.synced()
        assert on_disk(self.here / "up") == self.files
        assert self.there("a") == self.files
        assert not [path for path in self.here.rglob("*") if path.name.endswith(".tfm-part")]
        for name in ("a", "d", "e", "f"):
            self.deleted(name)

    def moved(
        self, source: Path, into: Path, name: str,
        left: Callable[[str], dict[str, bytes]], there: Callable[[str], dict[str, bytes]],
    ) -> None:  # fmt: skip
        """Move; after each attempt every file is at one of the two, whole, whatever was said."""

        def whole() -> bool:
            old, new = left(source.name), there(name)
            return {**new, **old} == {**old, **new} == self.files

        persist(self.into(move, source, into, name), lambda: not left(source.name) and whole(), whole)

    def deleted(self, name: str) -> None:
        """Delete a tree; what an attempt has deleted is not there for the next one."""
        persist(lambda: delete([self.root / name]), lambda: self.there(name) == {}, lambda: True)

    def synced(self) -> None:
        """Make one tree like another: up, inside by checksum, and down, also where there is something else."""
        self.s3.put_object(Bucket=self.bucket, Key=f"{self.here.name}/e/d0/f0", Body=b"something else")
        self.s3.put_object(Bucket=self.bucket, Key=f"{self.here.name}/e/gone", Body=b"too much")
        up, e, f = Path(self.here / "up"), self.root / "e", self.root / "f"
        persist(lambda: sync(up, e, delete=True, force=True), self.has("e"))
        persist(lambda: sync(e, f, by=By.CHECKSUM), self.has("f"))
        persist(lambda: sync(f, Path(self.here / "synced"), by=By.CHECKSUM), self.holds("synced"))


@pytest.mark.parametrize("where", ["whole", "composed"])
def test_one_bit_of_one_range(
    through: Callable[[Plan], FaultProxy], s3: Any, bucket: str, tmp_path: LocalPath, where: str
) -> None:
    """Of a large object one bit changes in each range: what S3 keeps of the whole or of its parts tells."""
    data = random.Random(5).randbytes(2 * PART + 12_345)
    if where == "whole":
        s3.put_object(Bucket=bucket, Key="k", Body=data)
    else:
        _upload(s3, bucket, "k", data)
    if "ChecksumCRC32" not in s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED"):
        pytest.skip("this server tells no checksum")
    if where == "composed" and s3.head_object(Bucket=bucket, Key="k", PartNumber=1)["ContentLength"] != PART:
        pytest.skip("this server doesn't tell how large a part is, so that another way to cut would explain it as well")
    plan = Plan({Fault.CORRUPTED: 1.0}, seed=3)
    proxy = through(plan)
    for _ in range(3):
        job = copy([Path(f"s3://{bucket}/k")], Path(tmp_path))
        job.start()
        assert job.wait(60)
        assert job.state is JobState.FAILED
        assert os.listdir(tmp_path) == []
        with pytest.raises(OSError, match="checksum"):
            Path(f"s3://{bucket}/k").read_bytes()
    assert plan.counts[Fault.CORRUPTED] > 30
    proxy.calm = True
    job = copy([Path(f"s3://{bucket}/k")], Path(tmp_path))
    job.start()
    assert job.wait(60)
    assert (tmp_path / "k").read_bytes() == data


def _upload(s3: Any, bucket: str, key: str, data: bytes) -> None:
    """Upload in parts, each with its checksum, by plain boto3."""
    upload = {"Bucket": bucket, "Key": key}
    upload["UploadId"] = s3.create_multipart_upload(**upload, ChecksumAlgorithm="CRC32")["UploadId"]
    parts = []
    for number, at in enumerate(range(0, len(data), PART), 1):
        sent = s3.upload_part(**upload, PartNumber=number, Body=data[at : at + PART], ChecksumAlgorithm="CRC32")
        parts.append({"PartNumber": number, "ETag": sent["ETag"], "ChecksumCRC32": sent.get("ChecksumCRC32", "")})
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})


@pytest.mark.parametrize(
    "fault", [Fault.REFUSED, Fault.CUT, Fault.UNANSWERED, Fault.RESET, Fault.TRUNCATED, Fault.DUPLICATED]
)
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
