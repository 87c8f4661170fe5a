"""Jobs killed by SIGKILL at many steps, and taken up: the result is that of a run that nobody disturbed, byte for byte.

Each case counts the steps of an undisturbed run: requests, changes of a disk and notes in the journal. Then it is
killed before some of them, again while it is taken up, and taken up to its end. `TFM_KILLS=0` kills at every step.
"""

from __future__ import annotations

import contextlib
import os
import random
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path as LocalPath
from typing import Any

import pytest
from jobs import Bucket, write
from killed_jobs import Killer
from servers import Server

KILLS = int(os.environ.get("TFM_KILLS", "6"))
"""Steps at which each case is killed; 0 is all of them."""

MIB = 1024 * 1024
TREE: dict[str, bytes | None] = {
    "a.txt": b"a" * 10,
    "b/one.bin": b"1" * 5000,
    "b/two.bin": b"2" * 300_000,
    "b/c/empty": b"",
    "b/c/deep/x": b"deep",
    "large.bin": bytes(range(256)) * (12 * MIB // 256),
    "nothing": None,
}
"""Small and large ones, in directories, of which one is empty."""


@pytest.fixture(scope="module")
def killer_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Server], Killer]]:
    made: dict[str, Killer] = {}

    def give(server: Server) -> Killer:
        if server.name not in made:
            made[server.name] = Killer(server.environment())
        return made[server.name]

    yield give
    for killer in made.values():
        killer.close()


class Disk:
    """A local directory, seen by plain `os`."""

    def __init__(self, top: LocalPath) -> None:
        self.top = top
        self.path = str(top)

    def fill(self) -> None:
        """Put the tree there, with times of its own."""
        self.empty()
        write(self.top, TREE)
        for number, (directory, directories, files) in enumerate(os.walk(self.top, topdown=False)):
            for name in [*files, *directories]:
                path = os.path.join(directory, name)
                os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))

    def empty(self) -> None:
        """Make it empty."""
        for directory, directories, files in os.walk(self.top, topdown=False):
            for name in files:
                os.unlink(os.path.join(directory, name))
            for name in directories:
                os.rmdir(os.path.join(directory, name))
        self.top.mkdir(parents=True, exist_ok=True)

    def put(self, name: str, data: bytes) -> None:
        """Write a file."""
        write(self.top, {name: data})

    def seen(self) -> dict[str, Any]:
        """Everything that is there, unfinished files included: bytes, and times to the second."""
        found: dict[str, Any] = {}
        for directory, directories, files in os.walk(self.top):
            for name in files:
                path = os.path.join(directory, name)
                with open(path, "rb") as stream:
                    found[os.path.relpath(path, self.top)] = stream.read()
            for name in directories:
                found[os.path.relpath(os.path.join(directory, name), self.top) + "/"] = None
        return found

    def times(self) -> dict[str, int]:
        """The time of everything, to the second."""
        return {name: int(os.lstat(os.path.join(self.top, name)).st_mtime) for name in self.seen()}


class Prefix:
    """A prefix of a bucket, seen by plain boto3."""

    def __init__(self, bucket: Bucket, prefix: str) -> None:
        self.bucket = bucket
        self.prefix = prefix
        self.path = f"s3://{bucket.name}/{prefix}"

    def fill(self) -> None:
        """Put the tree there."""
        self.empty()
        for name, data in TREE.items():
            self.bucket.put(f"{self.prefix}/{name}" if data is not None else f"{self.prefix}/{name}/", data or b"")

    def put(self, name: str, data: bytes) -> None:
        """Write an object."""
        self.bucket.put(f"{self.prefix}/{name}", data)

    def empty(self) -> None:
        """Remove everything."""
        for key in self._keys():
            self.bucket.client.delete_object(Bucket=self.bucket.name, Key=key)

    def _keys(self) -> list[str]:
        return [key for key in self.bucket.listed() if key.startswith(f"{self.prefix}/")]

    def seen(self) -> dict[str, Any]:
        """Everything that is there, and uploads that nobody ended."""
        keys = self._keys()
        # Whether a directory above an empty one gets a marker depends on whether a file was there first, in an
        # undisturbed run too; where files are, it says nothing.
        plain = [
            key
            for key in keys
            if not (key.endswith("/") and any(key < other and other.startswith(key) for other in keys))
        ]
        found: dict[str, Any] = {key[len(self.prefix) :]: self.bucket.get(key) for key in plain}
        found |= {f"upload of {upload['Key']}": upload["UploadId"] for upload in self.bucket.uploads()}
        return found

    def times(self) -> dict[str, int]:
        """The time of every object, to the second."""
        pages = self.bucket.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket.name)
        rows = [row for page in pages for row in page.get("Contents", [])]
        return {row["Key"][len(self.prefix) + 1 :]: int(row["LastModified"].timestamp()) for row in rows}


DIRECTIONS = {
    "up": ("disk", "s3"),
    "down": ("s3", "disk"),
    "across": ("s3", "s3"),
    "here": ("disk", "disk"),
}


@pytest.fixture
def sides(request: pytest.FixtureRequest, tmp_path: LocalPath, remote: Bucket) -> tuple[Disk | Prefix, Disk | Prefix]:
    made = []
    for name, kind in zip(("from", "to"), DIRECTIONS[request.param], strict=True):
        made.append(Disk(tmp_path / name) if kind == "disk" else Prefix(remote, name))
    return made[0], made[1]


class Trial:
    """Kills a job at many steps and takes it up.

    Args:
        killer: Runs it.
        order: The job.
        journals: A directory for the journals.
        prepare: Puts everything into the state that the job begins with.
        look: Gives everything that is there.
    """

    def __init__(
        self, killer: Killer, order: dict[str, Any], journals: LocalPath, prepare: Callable[[], object],
        look: Callable[[], Any],
    ) -> None:  # fmt: skip
        self.killer = killer
        self.order = order
        self.journals = journals
        self.prepare = prepare
        self.look = look

    def run(self) -> None:
        """Do it: whatever is there in the end must be what an undisturbed run leaves."""
        self.prepare()
        undisturbed = self.killer.run({**self.order, "journal": str(self.journals / "first")})
        assert (undisturbed.state, undisturbed.failures) == ("done", [])
        wanted = self.look()
        chance = random.Random(repr(sorted(self.order)))
        steps = range(1, undisturbed.steps + 1)
        for kill_at in steps if not KILLS else sorted(chance.sample(steps, min(KILLS, len(steps)))):
            self.prepare()
            told = self._through(kill_at, chance.randrange(1, undisturbed.steps + 1))
            assert self.look() == wanted, told

    def _through(self, kill_at: int, second: int) -> str:
        """Run it, killed twice; tells what was done."""
        given = {**self.order, "journal": str(self.journals / f"at-{kill_at}")}
        told = f"killed at step {kill_at}"
        ended = self.killer.run(given, kill_at=kill_at)
        again = {"verb": "resume", "journal": given["journal"]}
        if ended.killed and state(given["journal"]) == "":  # before it was in the journal, and so had done anything
            given = {**given, "journal": given["journal"] + "-anew"}
            ended = self.killer.run(given)
        elif ended.killed and state(given["journal"]) != "done":
            told += f", then at {second}"
            ended = self.killer.run(again, kill_at=second)
            if ended.killed and state(given["journal"]) != "done":
                ended = self.killer.run(again)
        assert ended.failures == [], told
        assert state(given["journal"]) == "done", told
        return told


@pytest.mark.timeout(900)
@pytest.mark.parametrize("sides", DIRECTIONS, indirect=True)
@pytest.mark.parametrize("verb", ["copy", "move", "sync"])
def test_a_killed_job_on_a_tree_ends_as_if_nothing_had_been(
    verb: str, sides: tuple[Any, Any], s3_server: Server, killer_of: Callable[[Server], Killer], tmp_path: LocalPath
) -> None:
    source, target = sides
    times: dict[str, int] = {}

    def prepare() -> None:
        source.fill()
        target.empty()
        times.clear()
        times.update(source.times())

    def look() -> Any:
        for name, time in target.times().items() if isinstance(target, Disk) else ():
            # A directory keeps its time between two disks, and a file always; sync makes directories for their files.
            if not name.endswith("/") or (isinstance(source, Disk) and verb != "sync" and name != "from/"):
                assert time == times[name.removeprefix("from/")], name
        return source.seen(), target.seen()

    into = f"{target.path}/from" if verb == "sync" else target.path
    order = {"verb": verb, "sources": [source.path], "into": into, "conflict": "keep-both"}
    Trial(killer_of(s3_server), order, tmp_path / "journal", prepare, look).run()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("sides", DIRECTIONS, indirect=True)
@pytest.mark.parametrize("verb", ["copy", "move"])
def test_a_killed_job_on_single_files_that_replaces_others(
    verb: str, sides: tuple[Any, Any], s3_server: Server, killer_of: Callable[[Server], Killer], tmp_path: LocalPath
) -> None:
    source, target = sides

    def prepare() -> None:
        source.fill()
        target.empty()
        target.put("a.txt", b"somebody else's, and longer")
        target.put("large.bin", b"short")
        target.put("bystander", b"stays")

    names = ("a.txt", "large.bin", "b/two.bin")
    order = {
        "verb": verb, "sources": [f"{source.path}/{name}" for name in names], "into": target.path,
        "conflict": "overwrite",
    }  # fmt: skip
    Trial(killer_of(s3_server), order, tmp_path / "journal", prepare, lambda: (source.seen(), target.seen())).run()
    assert target.seen()[f"{'' if isinstance(target, Disk) else '/'}bystander"] == b"stays"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("sides", ["up", "down"], indirect=True)
def test_a_killed_deletion_deletes_the_rest_and_nothing_else(
    sides: tuple[Any, Any], s3_server: Server, killer_of: Callable[[Server], Killer], tmp_path: LocalPath
) -> None:
    source, other = sides

    def prepare() -> None:
        source.fill()
        other.empty()
        other.put("bystander", b"stays")

    order = {"verb": "delete", "sources": [f"{source.path}/b", f"{source.path}/a.txt"]}
    Trial(killer_of(s3_server), order, tmp_path / "journal", prepare, lambda: (source.seen(), other.seen())).run()


def state(directory: str) -> str:
    """The state of the only job of a journal, read by plain SQL; empty when there is none."""
    if not os.path.exists(f"{directory}/jobs.sqlite"):
        return ""
    with contextlib.closing(sqlite3.connect(f"{directory}/jobs.sqlite")) as journal:
        if not journal.execute("SELECT count(*) FROM sqlite_master WHERE name='jobs'").fetchone()[0]:
            return ""
        row = journal.execute("SELECT state FROM jobs").fetchone()
        return row[0] if row else ""
