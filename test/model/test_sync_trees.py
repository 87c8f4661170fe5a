"""Random trees, synced: both sides are equal by other means than ours, a second sync does nothing, no edit is lost."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path as LocalPath

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jobs import Bucket, finish, read, write

from tfm import Path
from tfm.operations import By, Job, JobState, run_plan, sync, sync_plan
from tfm.operations.syncplan import record_of
from tfm.s3.places import use_client
from tfm.testing import MemoryS3

NAMES = st.sampled_from(["a", "a-", "a b", "a0", "b", "ä", "%2F", "..x", "\U0001f600"])
CONTENTS = st.sampled_from([b"", b"1", b"2", b"longer", b"x" * 70_000])
FILES = st.dictionaries(st.lists(NAMES, min_size=1, max_size=3).map("/".join), CONTENTS, max_size=8)
EARLIER = 1_600_000_000


def without_clashes(*trees: dict[str, bytes]) -> bool:
    """Whether no name is a file in one tree and a directory in another: what no disk can hold is refused."""
    names = {name for tree in trees for name in tree}
    return not any(other.startswith(name + "/") for name in names for other in names)


PAIRS = st.tuples(FILES, FILES).filter(lambda pair: without_clashes(*pair))


class Disk:
    """A tree on a disk, by plain `os`."""

    def __init__(self, directory: str) -> None:
        self.root = Path(directory)
        os.makedirs(directory)

    def put(self, tree: dict[str, bytes]) -> None:
        write(self.root, tree)  # type: ignore[arg-type]
        for name in tree:
            os.utime(os.path.join(self.root, name), (EARLIER, EARLIER))

    def files(self) -> dict[str, bytes]:
        return {name: data for name, data in read(self.root).items() if data is not None}

    def empties(self) -> list[str]:
        return [name for name, data in read(self.root).items() if data is None]


class Remote:
    """A tree in a bucket, by plain boto3 or by the verbs of S3 in memory."""

    def __init__(self, client: object, bucket: str, prefix: str) -> None:
        self._client = client
        self._bucket = Bucket(client, bucket)
        self._prefix = prefix
        self.root = Path(f"s3://{bucket}/{prefix.removesuffix('/')}")
        self._bucket_put(prefix, b"")  # a directory that is there, as on a disk

    def _bucket_put(self, key: str, data: bytes) -> None:
        if isinstance(self._client, MemoryS3):
            self._client.put(self._bucket.name, key, data)
        else:
            self._bucket.put(key, data)

    def put(self, tree: dict[str, bytes]) -> None:
        for name, data in tree.items():
            self._bucket_put(self._prefix + name, data)

    def _all(self) -> dict[str, bytes]:
        if isinstance(self._client, MemoryS3):
            keys = [each.key for page in self._client.pages(self._bucket.name, delimiter="") for each in page.objects]
            return {key: self._client.get(self._bucket.name, key).read() for key in keys}
        return self._bucket.all()

    def files(self) -> dict[str, bytes]:
        cut = len(self._prefix)
        return {
            key[cut:]: data
            for key, data in self._all().items()
            if key.startswith(self._prefix) and not key.endswith("/")
        }

    def empties(self) -> list[str]:
        return []


def done(job: Job) -> Job:
    finish(job)
    assert job.state is JobState.DONE, job.report
    return job


def synced(source: Disk | Remote, target: Disk | Remote, left: dict[str, bytes], right: dict[str, bytes]) -> None:
    source.put(left)
    target.put(right)
    done(sync(source.root, target.root, by=By.CHECKSUM))
    assert source.files() == left
    assert target.files() == {**right, **left}
    done(sync(source.root, target.root, by=By.CHECKSUM, delete=True, force=True))
    assert source.files() == left
    assert target.files() == left
    assert target.empties() == []
    again = done(sync(source.root, target.root, by=By.CHECKSUM, delete=True))
    assert again.progress.files_found == 0
    done(sync(source.root, target.root))  # by time: from S3, what was uploaded before may be newer than a file
    assert done(sync(source.root, target.root, delete=True)).progress.files_found == 0
    assert target.files() == left


def memory() -> MemoryS3:
    client = MemoryS3()
    client.create_bucket("bucket")
    use_client("", client)
    return client


@settings(max_examples=25, deadline=None)
@given(PAIRS, st.sampled_from(["disk", "up", "down", "inside"]))
def test_both_sides_are_equal(pair: tuple[dict[str, bytes], dict[str, bytes]], way: str) -> None:
    client = memory()
    with tempfile.TemporaryDirectory() as top:
        source = Disk(f"{top}/from") if way in ("disk", "up") else Remote(client, "bucket", "from/")
        target = Disk(f"{top}/to") if way in ("disk", "down") else Remote(client, "bucket", "to/")
        synced(source, target, *pair)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PAIRS, st.sampled_from(["up", "down", "inside"]))
def test_both_sides_are_equal_on_a_server(
    s3: object, bucket: str, pair: tuple[dict[str, bytes], dict[str, bytes]], way: str
) -> None:
    prefix = os.urandom(4).hex()
    with tempfile.TemporaryDirectory() as top:
        source = Disk(f"{top}/from") if way == "up" else Remote(s3, bucket, f"{prefix}/from/")
        target = Disk(f"{top}/to") if way == "down" else Remote(s3, bucket, f"{prefix}/to/")
        synced(source, target, *pair)


EDITS = st.dictionaries(st.lists(NAMES, min_size=1, max_size=3).map("/".join), st.just(b"their work"), max_size=4)


@settings(max_examples=25, deadline=None)
@given(PAIRS, EDITS, st.sampled_from(["disk", "up", "down", "inside"]))
def test_an_edit_between_plan_and_run_is_never_overwritten(
    pair: tuple[dict[str, bytes], dict[str, bytes]], edits: dict[str, bytes], way: str
) -> None:
    left, right = pair
    edits = {name: data for name, data in edits.items() if without_clashes(left, right, {name: data})}
    edits = edits if without_clashes(edits) else {}
    client = memory()
    with tempfile.TemporaryDirectory() as top:
        source = Disk(f"{top}/from") if way in ("disk", "up") else Remote(client, "bucket", "from/")
        target = Disk(f"{top}/to") if way in ("disk", "down") else Remote(client, "bucket", "to/")
        source.put(left)
        target.put(right)
        file = LocalPath(top) / "plan"
        plan = sync_plan(source.root, target.root, delete=True, by=By.CHECKSUM)
        rows = list(plan)
        file.write_text("\n".join(json.dumps(record_of(row, plan.tops)) for row in rows))
        target.put(edits)
        if not rows:
            return
        finish(run_plan(Path(file)))
        found = target.files()
        assert {name: found.get(name) for name in edits} == edits
        assert source.files() == left
