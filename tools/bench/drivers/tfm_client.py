"""tfm's own S3 client, without paths, cache and jobs around it: what one request costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bench.drivers.harness import Result, Task, batches, run, verb_keys
from tfm.s3.places import client_for, configure_s3_cache

BODY = b"x" * 4096


def verbs(task: Task) -> Result:
    """Send one verb again and again, one after another."""
    configure_s3_cache(ttl=0)
    client = client_for()
    bucket = task.bucket
    one: dict[str, Callable[[str], Any]] = {
        "head": lambda key: client.head(bucket, key),
        "get": lambda key: client.get(bucket, key).read(),
        "put": lambda key: client.put(bucket, key, BODY),
        "copy": lambda key: client.copy((bucket, key), task.target, key),
    }
    if task.verb == "list":
        for page in client.pages(bucket, "data/", delimiter=""):
            assert page.objects
    elif task.verb == "delete":
        for batch in batches(verb_keys(task)):
            assert not client.delete_many(bucket, batch)
    else:
        for key in verb_keys(task):
            one[task.verb](key)
    return {}


def list_tree(task: Task) -> Result:
    """List everything below a prefix."""
    objects = size = 0
    for page in client_for().pages(task.bucket, "data/", delimiter=""):
        objects += len(page.objects)
        size += sum(facts.size for facts in page.objects)
    return {"objects": objects, "bytes": size}


if __name__ == "__main__":
    run({"verbs": verbs, "list": list_tree})
