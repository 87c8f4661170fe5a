"""obstore: listings as a stream, many requests at once on one event loop, its own multipart transfers.

Source: https://developmentseed.org/obstore/latest/
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.drivers.harness import Result, Task, batches, local_files, local_target, run, verb_keys

obstore: Any = import_module("obstore")
stores: Any = import_module("obstore.store")
AT_ONCE = 256
STREAMED = 10 << 20
BODY = b"x" * 4096


def store(bucket: str) -> Any:
    """Make a store for one bucket, on the endpoint of the environment."""
    return stores.S3Store(
        bucket,
        endpoint=os.environ["AWS_ENDPOINT_URL"],
        region=os.environ["AWS_REGION"],
        access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
        secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
        virtual_hosted_style_request=False,
        client_options={"allow_http": True},
    )


def keys(held: Any) -> list[str]:
    """Name everything below `data/`."""
    return [each["path"] for batch in obstore.list(held, "data", chunk_size=1000) for each in batch]


async def _at_once(work: Callable[[Any], Awaitable[Any]], items: Iterable[Any]) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(item: Any) -> None:
        async with gate:
            await work(item)

    await asyncio.gather(*(one(item) for item in items))


def list_tree(task: Task) -> Result:
    """List everything below a prefix."""
    objects = size = 0
    for batch in obstore.list(store(task.bucket), "data", chunk_size=1000):
        objects += len(batch)
        for each in batch:
            size += each["size"]
    return {"objects": objects, "bytes": size}


def list_directory(task: Task) -> Result:
    """List one directory, with sizes and times."""
    found = obstore.list_with_delimiter(store(task.bucket), "data")["objects"]
    for each in found:
        each["last_modified"].timestamp()
    return {"objects": len(found), "bytes": sum(each["size"] for each in found)}


def get_small(task: Task) -> Result:
    """Download a directory of small objects."""
    held, target = store(task.bucket), local_target(task)

    async def get(key: str) -> None:
        body = await (await obstore.get_async(held, key)).bytes_async()
        with open(target / key.rpartition("/")[2], "wb") as file:  # noqa: ASYNC230 (4 KiB: a thread costs more)
            file.write(body)

    asyncio.run(_at_once(get, keys(held)))
    return {}


def put_small(task: Task) -> Result:
    """Upload a directory of small files."""
    held = store(task.target)

    async def put(file: Path) -> None:
        await obstore.put_async(held, f"data/{file.name}", file.read_bytes())

    asyncio.run(_at_once(put, local_files(task.directory)))
    return {}


def delete(task: Task) -> Result:
    """Delete everything below a prefix."""
    held = store(task.bucket)
    obstore.delete(held, keys(held))
    return {}


def copy(task: Task) -> Result:
    """Copy everything below a prefix inside the server; it copies inside one bucket only."""
    held = store(task.bucket)

    async def copy_one(key: str) -> None:
        await obstore.copy_async(held, key, key.replace("data/", "copies/", 1))

    asyncio.run(_at_once(copy_one, keys(held)))
    return {}


def get_large(task: Task) -> Result:
    """Download one large object, as its guide does it."""
    with open(task.file, "wb") as file:
        file.writelines(obstore.get(store(task.bucket), "data/large").stream(min_chunk_size=STREAMED))
    return {}


def put_large(task: Task) -> Result:
    """Upload one large file."""
    obstore.put(store(task.target), "data/large", Path(task.file))
    return {}


def verbs(task: Task) -> Result:
    """Send one verb again and again, one after another."""
    held = store(task.bucket)
    one: dict[str, Callable[[str], Any]] = {
        "head": lambda key: obstore.head(held, key),
        "get": lambda key: obstore.get(held, key).bytes(),
        "put": lambda key: obstore.put(held, key, BODY),
        "copy": lambda key: obstore.copy(held, key, key.replace("data/", "copies/", 1)),
    }
    if task.verb == "list":
        for batch in obstore.list(held, "data", chunk_size=1000):
            assert batch
    elif task.verb == "delete":
        for names in batches(verb_keys(task)):
            obstore.delete(held, [*names])
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
