"""Trees for the tests of jobs: put there and read back by plain `os` and plain boto3, never by tfm."""

from __future__ import annotations

import os
import time
from typing import Any

from tfm.operations import Job, JobEvent


def finish(job: Job, events: list[JobEvent] | None = None) -> Job:
    """Run a job to its end."""
    job.start(events.append if events is not None else None)
    assert job.wait(60), f"{job.title} did not end"
    return job


def statuses(job: Job) -> dict[str, str]:
    """The outcomes by the last name of their sources."""
    return {outcome.source.name: outcome.status for outcome in job.report}


def until(condition: Any, seconds: float = 15) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def write(top: Any, tree: dict[str, bytes | None]) -> None:
    """Make files, and empty directories for `None`, below a local directory."""
    for name, data in tree.items():
        path = os.path.join(top, name)
        os.makedirs(path if data is None else os.path.dirname(path), exist_ok=True)
        if data is not None:
            with open(path, "wb") as stream:
                stream.write(data)


def read(top: Any) -> dict[str, bytes | None]:
    """Give everything below a local directory: files, links as `-> target`, and empty directories as `None`."""
    found: dict[str, bytes | None] = {}
    for directory, directories, files in os.walk(top):
        for name in [*files, *(each for each in directories if os.path.islink(os.path.join(directory, each)))]:
            path = os.path.join(directory, name)
            relative = os.path.relpath(path, top)
            if os.path.islink(path):
                found[relative] = b"-> " + os.fsencode(os.readlink(path))
            elif os.path.isfile(path):
                with open(path, "rb") as stream:
                    found[relative] = stream.read()
        if not directories and not files and directory != str(top):
            found[os.path.relpath(directory, top)] = None
    return found


class Bucket:
    """A bucket seen through plain boto3."""

    def __init__(self, client: Any, name: str) -> None:
        self.client = client
        self.name = name

    def put(self, key: str, data: bytes = b"") -> None:
        """Write an object."""
        self.client.put_object(Bucket=self.name, Key=key, Body=data)

    def get(self, key: str) -> bytes:
        """Read an object."""
        data: bytes = self.client.get_object(Bucket=self.name, Key=key)["Body"].read()
        return data

    def listed(self) -> list[str]:
        """Every key."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def all(self) -> dict[str, bytes]:
        """Every object."""
        return {key: self.get(key) for key in self.listed()}

    def uploads(self) -> list[Any]:
        """The multipart uploads that were begun and neither completed nor aborted."""
        found: list[Any] = self.client.list_multipart_uploads(Bucket=self.name).get("Uploads", [])
        return found
