"""The libraries that give paths on S3: cloudpathlib, universal_pathlib, s3path; each by its name as third argument."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from bench.drivers.harness import WIDE, Result, Task, in_threads, local_files, local_target, run

Maker = Callable[[str], Any]


def make_cloudpathlib() -> Maker:
    """Give what makes a path of cloudpathlib."""
    made: Maker = import_module("cloudpathlib").S3Path
    return made


def make_universal_pathlib() -> Maker:
    """Give what makes a path of universal_pathlib; s3fs is loaded too."""
    import_module("s3fs")
    made: Maker = import_module("upath").UPath
    return made


def make_s3path() -> Maker:
    """Give what makes a path of s3path, which leaves the client to boto3."""
    made: Maker = import_module("s3path").S3Path.from_uri
    return made


def list_tree(make: Maker, task: Task) -> Result:
    """List everything below a prefix; every name of a file has a dot, and none of a directory."""
    return {"objects": sum("." in path.name for path in make(f"s3://{task.bucket}/data/").rglob("*"))}


def list_directory(make: Maker, task: Task) -> Result:
    """List one directory, with sizes and times."""
    facts = [path.stat() for path in make(f"s3://{task.bucket}/data/").iterdir()]
    return {"objects": len(facts), "bytes": sum(each.st_size for each in facts)}


def get_small(make: Maker, task: Task) -> Result:
    """Download a directory of small objects."""
    target = local_target(task)
    paths = [*make(f"s3://{task.bucket}/data/").iterdir()]
    in_threads(lambda path: (target / path.name).write_bytes(path.read_bytes()), paths, WIDE)
    return {}


def put_small(make: Maker, task: Task) -> Result:
    """Upload a directory of small files."""
    into = make(f"s3://{task.target}/data/")
    in_threads(lambda file: (into / file.name).write_bytes(file.read_bytes()), local_files(task.directory), WIDE)
    return {}


if __name__ == "__main__":
    maker: Maker = globals()[f"make_{sys.argv[3]}"]()
    cases: dict[str, Callable[[Maker, Task], Result]] = {
        "list": list_tree,
        "directory": list_directory,
        "get-small": get_small,
        "put-small": put_small,
    }
    run({name: partial(case, maker) for name, case in cases.items()})
