"""On a server that keeps keys in directories, an emptied directory can be removed, and nothing else goes with it."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from typing import Any

import pytest

from tfm import Path
from tfm.s3.leftovers import drop_leftovers
from tfm.s3.places import use_client
from tfm.s3.protocol import Page
from tfm.testing import CountingClient, MemoryS3, WrappingClient


class DirectoryServer(WrappingClient):
    """S3 in memory whose directories stay until they are deleted by their own names."""

    def __init__(self) -> None:
        super().__init__(MemoryS3())
        self.directories: set[str] = set()

    def put(self, bucket: str, key: str, *more: Any, **options: Any) -> Any:
        parts = key.split("/")
        self.directories.update("/".join(parts[:end]) + "/" for end in range(1, len(parts)))
        return super().put(bucket, key, *more, **options)

    def delete(self, bucket: str, key: str, *more: Any, **options: Any) -> Any:
        self.directories.discard(key)
        return super().delete(bucket, key, *more, **options)

    def pages(self, bucket: str, prefix: str = "", *, delimiter: str = "/", **more: Any) -> Iterator[Page]:
        for page in super().pages(bucket, prefix, delimiter=delimiter, **more):
            below = {each for each in self.directories if each.startswith(prefix) and each.count("/", len(prefix)) == 1}
            shown = sorted({*page.prefixes} | (below if delimiter else set()))
            yield page._replace(prefixes=shown)


@pytest.fixture
def server() -> DirectoryServer:
    client = DirectoryServer()
    client.create_bucket("bucket")
    use_client("", client)
    return client


def test_an_emptied_tree_can_be_removed(server: DirectoryServer) -> None:
    for key in ("d/a/b/x", "d/c/x", "d/x", "d2/x"):
        server.put("bucket", key, b"x")
    path = Path("s3://bucket/d")
    assert path.delete_below(["a/b/x", "c/x", "x"]) == {}
    assert sorted(each.name for each in path.iterdir()) == ["a", "c"]
    path.rmdir()
    assert server.directories == {"d2/"}
    assert [each.name for each in Path("s3://bucket").iterdir()] == ["d2"]


@pytest.mark.parametrize("left", ["d/a/b/y", "d/y", "d/made/"])
def test_what_holds_a_key_is_not_empty(server: DirectoryServer, left: str) -> None:
    for key in ("d/a/b/x", left):
        server.put("bucket", key, b"")
    server.delete("bucket", "d/a/b/x")
    before = {*server.directories}
    with pytest.raises(OSError, match="not empty") as caught:
        Path("s3://bucket/d").rmdir()
    assert caught.value.errno == errno.ENOTEMPTY
    assert server.directories == before
    assert server.head("bucket", left).size == 0


def test_a_key_that_comes_meanwhile_stays(server: DirectoryServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.put("bucket", "d/a/x", b"x")
    server.delete("bucket", "d/a/x")

    def delete(bucket: str, key: str) -> None:
        server.put("bucket", "d/a/new", b"new")
        DirectoryServer.delete(server, bucket, key)

    monkeypatch.setattr(server, "delete", delete)
    with pytest.raises(OSError, match="not empty"):
        Path("s3://bucket/d").rmdir()
    assert server.get("bucket", "d/a/new").read() == b"new"


def test_a_full_directory_costs_one_more_listing() -> None:
    memory = MemoryS3()
    memory.create_bucket("bucket")
    memory.put("bucket", "d/x", b"")
    client = CountingClient(memory)
    assert not drop_leftovers(client, "bucket", "d/")
    assert dict(client.counts) == {"pages": 1}
