"""What is measured: each case prepares the ground, names the work, and checks the result before its time counts."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.drivers.harness import Result, Task
from bench.scene import SMALL, Scene

PATHS = ("cloudpathlib", "universal_pathlib", "s3path")
MAIN = ("tfm", "boto3", "obstore", "s5cmd")
REHEARSED = 48 << 20
"""Bytes of the large file in a rehearsal, whose content is compared: the server drops what is timed."""


@dataclass(frozen=True)
class Case:
    """One kind of work.

    Args:
        name: How the command line and the tables call it.
        title: What it is, for the page.
        peers: Who does it where latency is added, or always.
        near: Who does it without latency; `None` means the same ones.
        latencies: Milliseconds added to each request.
        rounds: How many times as often as other cases, because it is short.
        driver: What drivers call it.
    """

    name: str
    title: str
    peers: tuple[str, ...] = MAIN
    near: tuple[str, ...] | None = None
    latencies: tuple[int, ...] = (0, 30)
    rounds: int = 1
    driver: str = ""
    tls: bool = False

    def prepare(self, scene: Scene) -> Task:
        """Bring everything into the state that the work begins with, and give the work."""
        raise NotImplementedError

    def check(self, scene: Scene, peer: str, result: Result) -> str:
        """Say what is wrong with the result; empty when nothing is."""
        raise NotImplementedError

    def minimum(self, scene: Scene) -> int:  # noqa: ARG002 (most have none)
        """Give the least number of requests that the work takes; 0 where that says nothing."""
        return 0

    def rehearse(self, scene: Scene) -> Task | None:  # noqa: ARG002 (most have none)
        """Give work to be done once per peer before anything is timed, whose result is checked more closely."""
        return None

    def check_rehearsal(self, scene: Scene) -> str:  # noqa: ARG002 (most have none)
        """Say what is wrong after the rehearsal; empty when nothing is."""
        return ""


def fill(scene: Scene, shape: str, count: int, size: int) -> None:
    """Put made-up objects below `data/`, and nothing else, into the bucket that is worked on.

    Args:
        scene: The scene.
        shape: The shape of the keys.
        count: How many.
        size: Bytes of each; 0 for many sizes.
    """
    scene.server.control(clear="bench")
    scene.server.control(clear="copies")
    scene.server.control(fill="bench", shape=shape, count=count, size=size, prefix="data/")


def differs(what: str, found: object, wanted: object) -> str:
    """Say that something is not as it should be; empty when it is."""
    return "" if found == wanted else f"{what}: {found} instead of {wanted}"


def empty_directory(directory: Path) -> Path:
    """Remove a directory and make it anew."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory


class Listing(Case):
    """Everything below a prefix; the shape is the part of the name behind the dash."""

    def prepare(self, scene: Scene) -> Task:
        """Make the keys."""
        fill(scene, self.name.removeprefix("list-"), scene.sizes.listing, 0)
        return Task(count=scene.sizes.listing)

    def check(self, scene: Scene, peer: str, result: Result) -> str:  # noqa: ARG002
        """Compare how many were found, and their bytes where sizes were given."""
        there = scene.server.control(digest="bench")
        wanted = {name: there[name] for name in result} if result else {"objects": there["objects"]}
        return differs("listed", result, wanted)

    def minimum(self, scene: Scene) -> int:
        """A request for each thousand keys."""
        return -(-scene.sizes.listing // 1000)


class Directory(Case):
    """One directory with facts."""

    def prepare(self, scene: Scene) -> Task:
        """Make the entries."""
        fill(scene, "flat", scene.sizes.directory, 0)
        return Task(count=scene.sizes.directory)

    def check(self, scene: Scene, peer: str, result: Result) -> str:  # noqa: ARG002
        """Compare how many were found, and their bytes."""
        there = scene.server.control(digest="bench")
        return differs("listed", result, {name: there[name] for name in ("objects", "bytes")})

    def minimum(self, scene: Scene) -> int:
        """A request for each thousand entries."""
        return -(-scene.sizes.directory // 1000)


class GetSmall(Case):
    """Many small objects to a local directory."""

    def prepare(self, scene: Scene) -> Task:
        """Make the objects, and an empty directory."""
        fill(scene, "flat", scene.sizes.small, SMALL)
        return Task(directory=str(empty_directory(scene.memory / "got")), count=scene.sizes.small)

    def check(self, scene: Scene, peer: str, result: Result) -> str:  # noqa: ARG002
        """Compare every file."""
        right = scene.is_small(scene.memory / "got" / "data", scene.sizes.small)
        return "" if right else "the files are not what the objects are"

    def minimum(self, scene: Scene) -> int:
        """A request for each object, and one for each thousand to list them."""
        return scene.sizes.small + -(-scene.sizes.small // 1000)


def digest_of_small(count: int, content: bytes) -> dict[str, object]:
    """Give what the server tells of a bucket that holds the small files."""
    md5 = hashlib.md5(content).hexdigest()
    lines = "".join(f"data/file-{number:08d}.bin\t{SMALL}\t{md5}\n" for number in range(count))
    return {"objects": count, "bytes": count * SMALL, "md5": hashlib.md5(lines.encode()).hexdigest()}


class PutSmall(Case):
    """Many small local files to S3."""

    def prepare(self, scene: Scene) -> Task:
        """Make the files, and an empty bucket."""
        scene.server.control(clear="copies")
        source = scene.write_small(scene.memory / f"small-{scene.sizes.small}", scene.sizes.small)
        return Task(directory=str(source), count=scene.sizes.small)

    def check(self, scene: Scene, peer: str, result: Result) -> str:  # noqa: ARG002
        """Compare every object."""
        wanted = digest_of_small(scene.sizes.small, scene.pattern()[:SMALL])
        return differs("uploaded", scene.server.control(digest="copies"), wanted)

    def minimum(self, scene: Scene) -> int:
        """A request for each file."""
        return scene.sizes.small


class Delete(Case):
    """Everything below a prefix, with its listing."""

    def prepare(self, scene: Scene) -> Task:
        """Make the objects."""
        fill(scene, "flat", scene.sizes.delete, SMALL)
        return Task(count=scene.sizes.delete)

    def check(self, scene: Scene, peer: str, result: Result) -> str:  # noqa: ARG002
        """Nothing may be left."""
        return differs("objects left", scene.server.control(digest="bench")["objects"], 0)

    def minimum(self, scene: Scene) -> int:
        """Two requests for each thousand."""
        return 2 * -(-scene.sizes.delete // 1000)


class Copy(Case):
    """Everything below a prefix into another bucket, inside the server."""

    def prepare(self, scene: Scene) -> Task:
        """Make the objects."""
        fill(scene, "flat", scene.sizes.copy, SMALL)
        return Task(count=scene.sizes.copy)

    def check(self, scene: Scene, peer: str, result: Result) -> str:  # noqa: ARG002
        """Compare every copy; those of obstore lie in the same bucket, where only their number is seen."""
        if peer == "obstore":
            return differs("objects", scene.server.control(digest="bench")["objects"], 2 * scene.sizes.copy)
        wanted = digest_of_small(scene.sizes.copy, scene.pattern()[:SMALL])
        return differs("copied", scene.server.control(digest="copies"), wanted)

    def minimum(self, scene: Scene) -> int:
        """A request for each object, and one for each thousand to list them."""
        return scene.sizes.copy + -(-scene.sizes.copy // 1000)


class Verb(Case):
    """One verb again and again, one after another; its name is the part behind the dash."""

    def _count(self, scene: Scene) -> int:
        return scene.sizes.verb * (50 if self.name in ("verb-list", "verb-delete") else 1)

    def prepare(self, scene: Scene) -> Task:
        """Make the objects."""
        fill(scene, "flat", self._count(scene), SMALL)
        return Task(count=self._count(scene), verb=self.name.removeprefix("verb-"))

    def check(self, scene: Scene, peer: str, result: Result) -> str:  # noqa: ARG002
        """Count what was asked for; copies and deletes by what they left."""
        counted = scene.server.control()
        if counted["errors"]:
            return f"{counted['errors']} requests failed"
        if self.name == "verb-delete":
            return differs("objects left", scene.server.control(digest="bench")["objects"], 0)
        if self.name == "verb-list":
            return ""
        verb, wanted = self.name.removeprefix("verb-"), self._count(scene)
        return "" if counted["requests"].get(verb, 0) >= wanted or verb == "head" else f"too few: {counted['requests']}"

    def minimum(self, scene: Scene) -> int:
        """As many as there are, or one for each thousand."""
        each = 1000 if self.name in ("verb-list", "verb-delete") else 1
        return -(-self._count(scene) // each)


class GetLarge(Case):
    """One large object to a local file."""

    def prepare(self, scene: Scene) -> Task:
        """Make the object, and no file."""
        scene.server.control(clear="bench")
        scene.server.control(fill="bench", shape="one", count=1, size=scene.sizes.large, prefix="data/large")
        file = scene.memory / "large-got"
        file.unlink(missing_ok=True)
        return Task(file=str(file), count=1)

    def check(self, scene: Scene, peer: str, result: Result) -> str:  # noqa: ARG002
        """Compare every byte."""
        file = scene.memory / "large-got"
        right = scene.is_pattern(file, scene.sizes.large)
        file.unlink(missing_ok=True)
        return "" if right else "the file is not what the object is"


class PutLarge(Case):
    """One large local file to S3."""

    def prepare(self, scene: Scene) -> Task:
        """Make the file, and an empty bucket."""
        scene.server.control(clear="copies", keep=0)
        return Task(file=str(scene.write_large(scene.memory / "large", scene.sizes.large)), count=1)

    def check(self, scene: Scene, peer: str, result: Result) -> str:  # noqa: ARG002
        """Compare the number of bytes: the server drops them, and so they are compared in the rehearsal."""
        return differs("bytes", scene.server.control(digest="copies")["bytes"], scene.sizes.large)

    def rehearse(self, scene: Scene) -> Task | None:
        """Upload a shorter file, which the server keeps."""
        scene.server.control(clear="copies", keep=1, latency=0)
        return Task(file=str(scene.write_large(scene.memory / "rehearsed", REHEARSED)), count=1)

    def check_rehearsal(self, scene: Scene) -> str:
        """Compare every byte."""
        right = scene.server.content("copies", "data/large") == (scene.memory / "rehearsed").read_bytes()
        scene.server.control(keep=0, clear="copies")
        return "" if right else "the object is not what the file is"


class Start(Case):
    """A fresh process to its first answer: whether one object exists."""

    def prepare(self, scene: Scene) -> Task:
        """Make the object."""
        fill(scene, "flat", 1, SMALL)
        return Task(count=1)

    def check(self, scene: Scene, peer: str, result: Result) -> str:  # noqa: ARG002
        """It exited well, which the runner checks, and asked."""
        return differs("failed requests", scene.server.control()["errors"], 0)

    def minimum(self, scene: Scene) -> int:  # noqa: ARG002
        """One request."""
        return 1


class Import(Case):
    """A process that only imports the package, beside one that imports nothing."""

    def prepare(self, scene: Scene) -> Task:  # noqa: ARG002
        """Nothing is needed."""
        return Task()

    def check(self, scene: Scene, peer: str, result: Result) -> str:  # noqa: ARG002
        """It exited well, which the runner checks."""
        return ""


class Local(Case):
    """A copy on the local disk: many small files, or one large one."""

    def prepare(self, scene: Scene) -> Task:
        """Make the source, and an empty directory."""
        if self.name == "local-small":
            source = scene.write_small(scene.disk / "small", scene.sizes.local_small)
        else:
            source = scene.write_large(scene.disk / "large", scene.sizes.local_large)
        target = empty_directory(scene.disk / "copied")
        os.sync()  # what earlier copies left to be written would slow this one
        return Task(file=str(source), directory=str(target))

    def check(self, scene: Scene, peer: str, result: Result) -> str:  # noqa: ARG002
        """Compare every byte."""
        copied = scene.disk / "copied"
        if self.name == "local-small":
            right = scene.is_small(copied / "small", scene.sizes.local_small)
        else:
            right = scene.is_pattern(copied / "large", scene.sizes.local_large)
        shutil.rmtree(copied, ignore_errors=True)
        return "" if right else "the copy is not what the source is"


VERBS = ("head", "get", "put", "copy", "list", "delete")
LARGE = ("tfm", "boto3", "s3fs", "obstore", "s5cmd", "awscli")
SECURE = ("tfm", "boto3", "boto3 crt", "obstore", "s5cmd")
"""Who is measured over https; the transfers of awscrt know nothing else there."""
CASES: Sequence[Case] = (
    Listing(
        "list-flat", "recursive listing, one directory", ("tfm", "tfm rglob", "boto3", "s3fs", *PATHS, "obstore",
        "s5cmd"), MAIN, driver="list",
    ),
    Listing("list-tree", "recursive listing, a deep tree", MAIN, ("tfm", "obstore", "s5cmd"), driver="list"),
    Listing(
        "list-dates", "recursive listing, keys that begin with dates", MAIN, ("tfm", "obstore", "s5cmd"), driver="list",
    ),
    Directory(
        "directory", "one directory, with sizes and times", (*MAIN, "s3fs", "universal_pathlib"), MAIN,
    ),
    GetSmall("get-small", "small objects down", (*MAIN, "s3fs"), MAIN),
    PutSmall("put-small", "small files up", (*MAIN, "s3fs"), MAIN),
    Delete("delete", "delete, with the listing", (*MAIN, "s3fs"), MAIN),
    Copy("copy", "copies inside the server", (*MAIN, "s3fs"), MAIN),
    *(
        Verb(
            f"verb-{verb}", f"{verb.upper()}, one after another", ("tfm client", "tfm", "boto3", "obstore"),
            latencies=(0,), driver="verbs",
        )
        for verb in VERBS
    ),
    GetLarge("get-large", "a large object down, http", LARGE, latencies=(0,)),
    PutLarge("put-large", "a large file up, http", LARGE, latencies=(0,)),
    GetLarge("get-large-tls", "a large object down, https", SECURE, latencies=(0,), driver="get-large", tls=True),
    PutLarge("put-large-tls", "a large file up, https", SECURE, latencies=(0,), driver="put-large", tls=True),
    Start(
        "start", "a fresh process to its first answer", ("tfm", "boto3", "s3fs", *PATHS, "obstore", "s5cmd", "awscli"),
        latencies=(0,), rounds=2,
    ),
    Import("import", "a process that imports the package", ("python", "tfm", "boto3"), latencies=(0,), rounds=5),
    Local("local-small", "small local files", ("tfm", "cp", "shutil"), latencies=(0,), driver="local"),
    Local("local-large", "a large local file", ("tfm", "cp", "shutil"), latencies=(0,), driver="local"),
)  # fmt: skip
