"""Ground truth: the same small tree on each storage, put there and read back by means that are not tfm's."""

from __future__ import annotations

import os
from typing import Any, Protocol

from tfm import Path


class Ground(Protocol):
    """A directory of some storage, empty at first."""

    root: Path

    def put(self, names: str, data: bytes = b"") -> None:
        """Write a file below the root."""

    def get(self, names: str) -> bytes | None:
        """Read a file below the root, or give `None`."""

    def files(self) -> list[str]:
        """List every file below the root."""


class LocalGround:
    def __init__(self, directory: Any) -> None:
        self.root = Path(str(directory))
        self._top = str(directory)

    def put(self, names: str, data: bytes = b"") -> None:
        target = os.path.join(self._top, names)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as stream:
            stream.write(data)

    def get(self, names: str) -> bytes | None:
        target = os.path.join(self._top, names)
        if not os.path.isfile(target):
            return None
        with open(target, "rb") as stream:
            return stream.read()

    def files(self) -> list[str]:
        found = []
        for top, _, names in os.walk(self._top):
            found += [os.path.relpath(os.path.join(top, name), self._top) for name in names]
        return sorted(found)


class ServerGround:
    """A prefix of a bucket on a real server, seen through plain boto3."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        self.root = Path(f"s3://{bucket}/top")

    def put(self, names: str, data: bytes = b"") -> None:
        self._client.put_object(Bucket=self._bucket, Key="top/" + names, Body=data)

    def get(self, names: str) -> bytes | None:
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key="top/" + names)
        except self._client.exceptions.NoSuchKey:
            return None
        body: bytes = answer["Body"].read()
        return body

    def files(self) -> list[str]:
        return sorted(key for key in self._keys() if not key.endswith("/"))

    def markers(self) -> list[str]:
        """List the markers of directories below the root."""
        return sorted(key for key in self._keys() if key.endswith("/"))

    def _keys(self) -> list[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix="top/")
        return [row["Key"][4:] for page in pages for row in page.get("Contents", [])]


class MemoryGround:
    """A prefix of a bucket of the in-memory client, seen through its own dictionary-like verbs."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        client.create_bucket(bucket)
        self.root = Path(f"s3://{bucket}/top")

    def put(self, names: str, data: bytes = b"") -> None:
        self._client.put(self._bucket, "top/" + names, data)

    def get(self, names: str) -> bytes | None:
        try:
            data: bytes = self._client.get(self._bucket, "top/" + names).read()
        except FileNotFoundError:
            return None
        return data

    def files(self) -> list[str]:
        pages = self._client.pages(self._bucket, "top/", delimiter="")
        return [facts.key[4:] for page in pages for facts in page.objects if not facts.key.endswith("/")]
