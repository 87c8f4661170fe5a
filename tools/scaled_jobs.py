"""What tools/scale has done by tfm, in a process of its own: `scaled_jobs.py CASE TASK`; the last line is JSON."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from tfm import Path
from tfm.operations import Conflict, Job, JobState, compare, copy, delete, sync
from tfm.operations.events import EventKind
from tfm.s3 import filling, taking
from tfm.s3.moving import LARGEST_COPY, parts_of
from tfm.s3.places import use_client
from tfm.s3.protocol import NO_OPTIONS, Body, Checksum, ObjectFacts, WriteOptions
from tfm.testing import MemoryS3
from tfm.transfer.engine import transfer

Facts = dict[str, Any]


def follow(job: Job) -> Facts:
    """Do a job; tells when its first entry was begun and when everything was found."""
    began = time.monotonic()
    first: list[float] = []
    only: tuple[EventKind, ...] = ("started",)
    job.start(lambda _: first.append(time.monotonic() - began) if not first else None, only)
    listed = None
    while not job.wait(0.02):
        if listed is None and job.progress.listing_done:
            listed = time.monotonic() - began
    assert job.state is JobState.DONE, job.report[:3]
    return {
        "objects": job.progress.files_done + job.progress.skipped,
        "first": first[0] if first else None,
        "listed": listed or time.monotonic() - began,
    }


def copy_tree(_: Facts) -> Facts:
    """Copy everything inside the server."""
    return follow(copy([Path("s3://scale/data")], Path("s3://copies"), conflict=Conflict.OVERWRITE))


def copy_again(_: Facts) -> Facts:
    """Copy it once more, where everything is there already and stays."""
    return {**follow(copy([Path("s3://scale/data")], Path("s3://copies"), conflict=Conflict.SKIP)), "first": None}


def delete_tree(_: Facts) -> Facts:
    """Delete everything."""
    return follow(delete([Path("s3://scale/data")]))


def compare_trees(_: Facts) -> Facts:
    """Compare two equal trees."""
    began, first, verdicts = time.monotonic(), 0.0, Counter[str]()
    for row in compare(Path("s3://scale/data"), Path("s3://copies/data")):
        first = first or time.monotonic() - began
        verdicts[row.verdict] += 1
    assert set(verdicts) == {"same"}, verdicts
    return {"objects": verdicts["same"], "first": first, "listed": time.monotonic() - began}


def sync_trees(_: Facts) -> Facts:
    """Sync to an empty place."""
    return follow(sync(Path("s3://scale/data"), Path("s3://copies/data")))


def up(task: Facts) -> Facts:
    """Upload a directory of small files."""
    source = Path(task["directory"])
    return follow(copy([source], Path("s3://copies"), names={source: "data"}))


def down(task: Facts) -> Facts:
    """Download a directory of small objects."""
    return follow(copy([Path("s3://scale/data")], Path(task["directory"])))


# One object that is larger than any disk here


class Dropping(MemoryS3):
    """A server that counts parts and ranges, drops the bytes of the ones and makes the others of zeros."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.create_bucket("b")
        self.size = size
        self.parts: list[int] = []
        self.ranges = 0
        self._counting = threading.Lock()

    def upload_part(self, bucket: str, key: str, upload_id: str, number: int, body: bytes | memoryview) -> str:
        """Count a part."""
        del bucket, key, upload_id
        return self._count(number, len(body))

    def copy_part(
        self, source: tuple[str, str], start: int, stop: int, bucket: str, key: str, upload_id: str, number: int, *,
        if_match: str | None = None, version_id: str | None = None,
    ) -> str:  # fmt: skip
        """Count a part that the server would copy."""
        del source, bucket, key, upload_id, if_match, version_id
        return self._count(number, stop - start)

    def copy(
        self, source: tuple[str, str], bucket: str, key: str, *, if_match: str | None = None,
        version_id: str | None = None, options: WriteOptions = NO_OPTIONS, replace: bool = False,
    ) -> ObjectFacts:  # fmt: skip
        """Count what the server would copy at once."""
        del source, bucket, version_id, options, replace
        self._count(1, self.size)
        return ObjectFacts(key, -1, 1.0, if_match or "")

    def _count(self, number: int, size: int) -> str:
        with self._counting:
            self.parts.append(size)
        return f'"{number}"'

    def complete_upload(
        self, bucket: str, key: str, upload_id: str, etags: Sequence[str], options: WriteOptions = NO_OPTIONS
    ) -> str:
        """Look whether every part has its ETag."""
        del bucket, key, upload_id, options
        assert list(etags) == [f'"{number}"' for number in range(1, len(self.parts) + 1)]
        return '"e"'

    def head(self, bucket: str, key: str, *, version_id: str | None = None) -> ObjectFacts:
        """Tell of the object."""
        del bucket, version_id
        return ObjectFacts(key, self.size, 1.0, '"e"')

    def get(
        self, bucket: str, key: str, *, start: int = 0, stop: int | None = None, if_match: str | None = None,
        version_id: str | None = None,
    ) -> Body:  # fmt: skip
        """Give zeros."""
        del if_match, version_id
        with self._counting:
            self.ranges += 1
        return _Zeros(self.head(bucket, key), (self.size if stop is None else stop) - start)


class _Zeros:
    def __init__(self, facts: ObjectFacts, left: int) -> None:
        self.facts, self._left = facts, left

    def take_checksum(self) -> Checksum | None:
        return None

    def read(self, size: int = -1) -> bytes:
        data = bytearray(self._left if size < 0 else size)
        return bytes(data[: self.readinto(data)])

    def readinto(self, buffer: bytearray | memoryview) -> int:
        count = min(len(buffer), self._left)
        self._left -= count
        return count

    def close(self) -> None:
        self._left = 0


def large(task: Facts) -> Facts:
    """Carry an object from a sparse file, to one, and inside the server, without its bytes."""
    size = task["bytes"]
    server = Dropping(size)
    use_client("", server)
    file = os.path.join(task["directory"], "sparse")
    with open(file, "wb") as sparse:
        sparse.truncate(size)
    transfer(Path(file), Path("s3://b/k"), Path(file).facts(), overwrite=True)
    assert (sum(server.parts), len(server.parts)) == (size, -(-size // taking.part_size(size)))
    sent, server.parts = len(server.parts), []
    written = Counter[str]()
    vars(filling).update(reserve=os.ftruncate, _write_at=lambda *_: None)
    os.unlink(file)
    transfer(Path("s3://b/k"), Path(file), server_facts(server), progress=lambda count: written.update(bytes=count))
    assert (written["bytes"], os.stat(file).st_size) == (size, size)
    transfer(Path("s3://b/k"), Path("s3://b/copy"), server_facts(server), overwrite=True)
    assert (sum(server.parts), len(server.parts)) == (size, len(parts_of(size)) if size > LARGEST_COPY else 1)
    assert max(sent, len(server.parts)) <= taking.MOST_PARTS
    return {"objects": 3, "parts up": sent, "ranges down": server.ranges, "parts copied": len(server.parts)}


def server_facts(server: Dropping) -> Any:
    """Give what a listing would tell of the object."""
    from tfm.s3.entries import file_info

    return file_info("k", server.head("b", "k"))


CASES: dict[str, Callable[[Facts], Facts]] = {
    "copy": copy_tree, "copy-again": copy_again, "delete": delete_tree, "compare": compare_trees, "sync": sync_trees,
    "up": up, "down": down, "large": large,
}  # fmt: skip


def most_held() -> int:
    """Give the most memory that this program held at once, in bytes, and nothing of the one that started it.

    `getrusage` counts in what the process was before it became this program.

    Source: https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
    """
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))


def main() -> None:
    """Do one case, and tell what it took."""
    name, task = sys.argv[1], json.loads(sys.argv[2])
    began, cpu = time.monotonic(), time.process_time()
    facts = CASES[name](task)
    took = {"seconds": time.monotonic() - began, "cpu": time.process_time() - cpu}
    peak = most_held()
    print(json.dumps({**facts, **took, "peak": peak}), flush=True)


if __name__ == "__main__":
    main()
