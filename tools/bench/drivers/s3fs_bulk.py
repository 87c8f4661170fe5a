"""s3fs: its recursive operations, which run as many requests at once as `batch_size` says.

Source: https://filesystem-spec.readthedocs.io/en/latest/async.html
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from bench.drivers.harness import WIDE, Result, Task, run

s3fs: Any = import_module("s3fs")


def files() -> Any:
    """Make a file system with a connection for each request of a batch."""
    return s3fs.S3FileSystem(config_kwargs={"max_pool_connections": WIDE})


def list_tree(task: Task) -> Result:
    """List everything below a prefix."""
    found = files().find(f"{task.bucket}/data", detail=True)
    return {"objects": len(found), "bytes": sum(each["size"] for each in found.values())}


def list_directory(task: Task) -> Result:
    """List one directory, with sizes and times."""
    found = files().ls(f"{task.bucket}/data", detail=True)
    for each in found:
        each["LastModified"].timestamp()
    return {"objects": len(found), "bytes": sum(each["size"] for each in found)}


def get_small(task: Task) -> Result:
    """Download a directory of small objects."""
    target = Path(task.directory) / "data"
    files().get(f"{task.bucket}/data/", f"{target}/", recursive=True, batch_size=WIDE)
    return {}


def put_small(task: Task) -> Result:
    """Upload a directory of small files."""
    files().put(f"{task.directory}/", f"{task.target}/data/", recursive=True, batch_size=WIDE)
    return {}


def delete(task: Task) -> Result:
    """Delete everything below a prefix."""
    files().rm(f"{task.bucket}/data", recursive=True)
    return {}


def copy(task: Task) -> Result:
    """Copy everything below a prefix inside the server."""
    files().copy(f"{task.bucket}/data/", f"{task.target}/data/", recursive=True, batch_size=WIDE)
    return {}


def get_large(task: Task) -> Result:
    """Download one large object."""
    files().get_file(f"{task.bucket}/data/large", task.file)
    return {}


def put_large(task: Task) -> Result:
    """Upload one large file."""
    files().put_file(task.file, f"{task.target}/data/large")
    return {}


if __name__ == "__main__":
    run(
        {
            "list": list_tree,
            "directory": list_directory,
            "get-small": get_small,
            "put-small": put_small,
            "delete": delete,
            "copy": copy,
            "get-large": get_large,
            "put-large": put_large,
        }
    )
