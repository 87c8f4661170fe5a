"""tfm by its public names: paths and jobs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path as Disk
from typing import Any

from bench.drivers.harness import Result, Task, batches, run, verb_keys
from tfm import Path
from tfm.operations import Job, copy, delete

BODY = b"x" * 4096


def finish(job: Job) -> Result:
    """Do a job, and make sure that all of it went well."""
    job.start()
    job.wait()
    failures = [outcome for outcome in job.report if outcome.status != "done"]
    assert not failures, failures[:3]
    return {}


def list_tree(task: Task) -> Result:
    """List everything below a prefix."""
    objects = size = 0
    for page in Path(f"s3://{task.bucket}/data").scan_tree():
        objects += len(page)
        for _, info in page:
            size += info.size or 0
    return {"objects": objects, "bytes": size}


def rglob(task: Task) -> Result:
    """The same with a pattern, which gives paths."""
    return {"objects": sum(1 for _ in Path(f"s3://{task.bucket}/data").rglob("*.*"))}


def list_directory(task: Task) -> Result:
    """List one directory, with sizes and times."""
    objects = size = 0
    for page in Path(f"s3://{task.bucket}/data").scan():
        for info in page:
            objects += 1
            size += info.size or 0
            assert info.mtime
    return {"objects": objects, "bytes": size}


def get_small(task: Task) -> Result:
    """Download a directory of small objects."""
    return finish(copy([Path(f"s3://{task.bucket}/data")], Path(task.directory)))


def put_small(task: Task) -> Result:
    """Upload a directory of small files."""
    return finish(copy([Path(task.directory)], Path(f"s3://{task.target}/"), names={Path(task.directory): "data"}))


def delete_tree(task: Task) -> Result:
    """Delete everything below a prefix."""
    return finish(delete([Path(f"s3://{task.bucket}/data")]))


def copy_tree(task: Task) -> Result:
    """Copy everything below a prefix inside the server."""
    return finish(copy([Path(f"s3://{task.bucket}/data")], Path(f"s3://{task.target}/")))


def get_large(task: Task) -> Result:
    """Download one large object."""
    source, target = Path(f"s3://{task.bucket}/data/large"), Disk(task.file)
    return finish(copy([source], Path(str(target.parent)), names={source: target.name}))


def put_large(task: Task) -> Result:
    """Upload one large file."""
    source = Path(task.file)
    return finish(copy([source], Path(f"s3://{task.target}/data"), names={source: "large"}))


def verbs(task: Task) -> Result:
    """Send one verb again and again, one after another, by what paths have for it."""
    root, target = Path(f"s3://{task.bucket}/"), Path(f"s3://{task.target}/")
    one: dict[str, Callable[[str], Any]] = {
        "head": lambda key: (root / key).stat(),
        "get": lambda key: (root / key).read_bytes(),
        "put": lambda key: (root / key).write_bytes(BODY),
        "copy": lambda key: (root / key).copy(target / key),
    }
    if task.verb == "list":
        for page in (root / "data").scan_tree():
            assert page
    elif task.verb == "delete":
        for batch in batches(verb_keys(task)):
            assert not root.delete_below(batch)
    else:
        for key in verb_keys(task):
            one[task.verb](key)
    return {}


def local(task: Task) -> Result:
    """Copy a local directory, or file, into another directory."""
    return finish(copy([Path(task.file)], Path(task.directory)))


if __name__ == "__main__":
    run(
        {
            "list": list_tree,
            "rglob": rglob,
            "directory": list_directory,
            "get-small": get_small,
            "put-small": put_small,
            "delete": delete_tree,
            "copy": copy_tree,
            "get-large": get_large,
            "put-large": put_large,
            "verbs": verbs,
            "local": local,
        }
    )
