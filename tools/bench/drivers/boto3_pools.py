"""boto3: paginators, a pool of threads over one client, managed transfers; also with awscrt.

Source: https://boto3.amazonaws.com/v1/documentation/api/latest/guide/clients.html#multithreading-or-multiprocessing-with-clients
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from bench.drivers.harness import WIDE, Result, Task, batches, in_threads, local_files, local_target, run, verb_keys

boto3: Any = import_module("boto3")
config: Any = import_module("botocore.config")
transfers: Any = import_module("boto3.s3.transfer")
BODY = b"x" * 4096


def client() -> Any:
    """Make a client with a connection for each thread."""
    return boto3.client("s3", config=config.Config(max_pool_connections=WIDE))


def keys(s3: Any, bucket: str) -> list[str]:
    """Name everything below `data/`."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="data/")
    return [each["Key"] for page in pages for each in page["Contents"]]


def list_tree(task: Task) -> Result:
    """List everything below a prefix."""
    objects = size = 0
    for page in client().get_paginator("list_objects_v2").paginate(Bucket=task.bucket, Prefix="data/"):
        for each in page["Contents"]:
            objects += 1
            size += each["Size"]
    return {"objects": objects, "bytes": size}


def list_directory(task: Task) -> Result:
    """List one directory, with sizes and times."""
    objects = size = 0
    pages = client().get_paginator("list_objects_v2").paginate(Bucket=task.bucket, Prefix="data/", Delimiter="/")
    for page in pages:
        for each in page["Contents"]:
            objects += 1
            size += each["Size"]
            each["LastModified"].timestamp()
    return {"objects": objects, "bytes": size}


def get_small(task: Task) -> Result:
    """Download a directory of small objects."""
    s3, target = client(), local_target(task)

    def get(key: str) -> None:
        body = s3.get_object(Bucket=task.bucket, Key=key)["Body"].read()
        (target / key.rpartition("/")[2]).write_bytes(body)

    in_threads(get, keys(s3, task.bucket))
    return {}


def put_small(task: Task) -> Result:
    """Upload a directory of small files."""
    s3 = client()
    in_threads(
        lambda file: s3.put_object(Bucket=task.target, Key=f"data/{file.name}", Body=file.read_bytes()),
        local_files(task.directory),
    )
    return {}


def delete(task: Task) -> Result:
    """Delete everything below a prefix."""
    s3 = client()

    def delete_batch(batch: list[str]) -> None:
        named = {"Objects": [{"Key": key} for key in batch], "Quiet": True}
        assert "Errors" not in s3.delete_objects(Bucket=task.bucket, Delete=named)

    in_threads(delete_batch, [*batches(keys(s3, task.bucket))], 8)
    return {}


def copy(task: Task) -> Result:
    """Copy everything below a prefix inside the server."""
    s3 = client()

    def copy_one(key: str) -> None:
        s3.copy_object(Bucket=task.target, Key=key, CopySource={"Bucket": task.bucket, "Key": key})

    in_threads(copy_one, keys(s3, task.bucket))
    return {}


def _transfer() -> Any:
    """Transfer by awscrt when the driver is asked to, by threads otherwise."""
    return transfers.TransferConfig(preferred_transfer_client="crt" if "--crt" in sys.argv else "classic")


def get_large(task: Task) -> Result:
    """Download one large object."""
    client().download_file(task.bucket, "data/large", task.file, Config=_transfer())
    return {}


def put_large(task: Task) -> Result:
    """Upload one large file."""
    client().upload_file(task.file, task.target, "data/large", Config=_transfer())
    return {}


def verbs(task: Task) -> Result:
    """Send one verb again and again, one after another."""
    s3 = client()
    named = {"Bucket": task.bucket}
    one: dict[str, Callable[[str], Any]] = {
        "head": lambda key: s3.head_object(Key=key, **named),
        "get": lambda key: s3.get_object(Key=key, **named)["Body"].read(),
        "put": lambda key: s3.put_object(Key=key, Body=BODY, **named),
        "copy": lambda key: s3.copy_object(Key=key, CopySource={"Bucket": task.bucket, "Key": key}, Bucket=task.target),
    }
    if task.verb == "list":
        for page in s3.get_paginator("list_objects_v2").paginate(Prefix="data/", **named):
            assert page["Contents"]
    elif task.verb == "delete":
        for batch in batches(verb_keys(task)):
            s3.delete_objects(Delete={"Objects": [{"Key": key} for key in batch], "Quiet": True}, **named)
    else:
        for key in verb_keys(task):
            one[task.verb](key)
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
            "verbs": verbs,
        }
    )
