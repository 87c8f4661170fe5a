"""How a peer does a case: the command that is measured, and whether its own clock or the whole process counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.cases import Case
from bench.drivers.harness import Result, Task
from bench.peers import Peer
from bench.server import ROOT, BenchFailure

S3FS = "import s3fs; print(s3fs.S3FileSystem().exists({name!r}))"
FIRST_ANSWER = {
    "tfm": "from tfm import Path; print(Path({uri!r}).exists())",
    "boto3": "import boto3; print(bool(boto3.client('s3').head_object(Bucket={bucket!r}, Key={key!r})))",
    "s3fs": S3FS,
    "cloudpathlib": "from cloudpathlib import S3Path; print(S3Path({uri!r}).exists())",
    "universal_pathlib": "from upath import UPath; print(UPath({uri!r}).exists())",
    "s3path": "from s3path import S3Path; print(S3Path.from_uri({uri!r}).exists())",
    "obstore": (
        "import obstore, os; from obstore.store import S3Store; print(bool(obstore.head(S3Store({bucket!r}, "
        "endpoint=os.environ['AWS_ENDPOINT_URL'], client_options={{'allow_http': True}}), {key!r})))"
    ),
}
"""What a fresh process runs."""


@dataclass(frozen=True)
class Command:
    """What is measured.

    Args:
        arguments: The program and its arguments.
        own_clock: Whether the process tells its time itself, without its start and imports.
        read: Gives the result from what it wrote; `None` where only the effect is checked.
    """

    arguments: tuple[str, ...]
    own_clock: bool = False
    read: Callable[[str], Result] | None = None


def command(peer: Peer, case: Case, task: Task) -> Command:
    """Give the command by which a peer does a case.

    Args:
        peer: The peer.
        case: The case.
        task: What it is done on.

    Raises:
        BenchFailure: It can't do it.
    """
    if case.name == "import":
        code = "pass" if peer.name == "python" else f"import {peer.name}"
        return Command((str(peer.python), "-c", code))
    if case.name == "start" and peer.name in FIRST_ANSWER:
        key = "data/file-00000000.bin"
        names = {"bucket": task.bucket, "key": key, "name": f"{task.bucket}/{key}", "uri": f"s3://{task.bucket}/{key}"}
        return Command((str(peer.python), "-c", FIRST_ANSWER[peer.name].format(**names)), read=_read_true)
    if peer.driver:
        name = "rglob" if peer.name == "tfm rglob" else case.driver or case.name
        module = f"bench.drivers.{peer.driver}"
        given = (name, json.dumps(asdict(task)), *peer.arguments)
        return Command((str(peer.python), "-m", module, *given), own_clock=True)
    made = {"s5cmd": _s5cmd, "awscli": _awscli, "cp": _cp}.get(peer.name, _none)(peer, case.driver or case.name, task)
    if made is None:
        raise BenchFailure(f"{peer.name} does not do {case.name}.")
    return made


def variables(peer: Peer) -> dict[str, str]:
    """Give what a peer's command needs in its environment beside the server: where drivers and tfm are found.

    Args:
        peer: The peer.
    """
    if not peer.driver and peer.name not in ("tfm", "python"):
        return {}
    ours = [str(ROOT / "src")] if peer.is_ours else []
    return {"PYTHONPATH": ":".join([*ours, str(ROOT / "tools")])}


def _read_true(said: str) -> Result:
    if said.strip() != "True":
        raise BenchFailure(f"it said {said.strip()!r} instead of True")
    return {}


def _read_listing(column: int) -> Callable[[str], Result]:
    """Give what reads lines whose column is a size, and which end in a name."""

    def read(said: str) -> Result:
        sizes = [int(line.split(None, column + 1)[column]) for line in said.splitlines() if line.strip()]
        return {"objects": len(sizes), "bytes": sum(sizes)}

    return read


def _none(peer: Peer, case: str, task: Task) -> Command | None:  # noqa: ARG001 (it does nothing)
    return None


def _s5cmd(peer: Peer, case: str, task: Task) -> Command | None:
    """s5cmd at its defaults.

    Source: https://github.com/peak/s5cmd#usage
    """
    source, target = f"s3://{task.bucket}/data/", f"s3://{task.target}/data/"
    arguments = {
        "list": ("ls", f"{source}*"),
        "directory": ("ls", source),
        "get-small": ("cp", f"{source}*", f"{task.directory}/data/"),
        "put-small": ("cp", f"{task.directory}/", target),
        "delete": ("rm", f"{source}*"),
        "copy": ("cp", f"{source}*", target),
        "get-large": ("cp", f"{source}large", task.file),
        "put-large": ("cp", task.file, f"{target}large"),
        "start": ("head", f"{source}file-00000000.bin"),
    }.get(case)
    if arguments is None:
        return None
    # "2026/01/01 00:00:00    4096  file": its sizes are the third column.
    return Command((peer.program(), *arguments), read=_read_listing(2) if arguments[0] == "ls" else None)


def _awscli(peer: Peer, case: str, task: Task) -> Command | None:
    """The AWS command line at its defaults.

    Source: https://docs.aws.amazon.com/cli/latest/reference/s3/
    """
    source, target = f"s3://{task.bucket}/data/", f"s3://{task.target}/data/"
    quiet = ("--only-show-errors",)
    arguments = {
        "list": ("s3", "ls", "--recursive", source),
        "get-small": ("s3", "cp", "--recursive", *quiet, source, f"{task.directory}/data"),
        "put-small": ("s3", "cp", "--recursive", *quiet, task.directory, target),
        "delete": ("s3", "rm", "--recursive", *quiet, source),
        "get-large": ("s3", "cp", *quiet, f"{source}large", task.file),
        "put-large": ("s3", "cp", *quiet, task.file, f"{target}large"),
        "start": ("s3api", "head-object", "--bucket", task.bucket, "--key", "data/file-00000000.bin"),
    }.get(case)
    if arguments is None:
        return None
    # Not by the script, whose first line names the interpreter through the PATH of the user.
    script = (str(peer.python), str(Path(peer.directory) / "bin" / "aws"))
    return Command((*script, *arguments), read=_read_listing(2) if arguments[1] == "ls" else None)


def _cp(peer: Peer, case: str, task: Task) -> Command | None:
    return Command((peer.program(), "-r", task.file, task.directory)) if case == "local" else None
