"""The rules of docs/semantics.md on the metadata cache, counted below the cache on a real server."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from counting import counted
from grounds import ServerGround

import tfm
from tfm import Path


def test_listing_answers_for_children(server_ground: ServerGround) -> None:
    """A listing answers for its children: `iterdir()` and then `stat()` of each is one request per 1,000 children."""
    for number in range(30):
        server_ground.put(f"d/{number:03}", b"x" * number)
    server_ground.put("d/sub/x")
    tfm.configure_s3_cache(max_entries=5)
    requests = counted("")
    children = list((server_ground.root / "d").iterdir())
    assert [child.stat().st_size for child in children if child.is_file()] == list(range(30))
    assert [child.name for child in children if child.is_dir()] == ["sub"]
    assert not (server_ground.root / "d/missing").exists()
    assert requests.take() == {"ListObjectsV2": 1}


def test_asking_again(server_ground: ServerGround) -> None:
    """Asking the same again is no request, also for what is missing."""
    server_ground.put("f", b"x")
    requests = counted("")
    for _ in range(3):
        assert (server_ground.root / "f").is_file()
        assert not (server_ground.root / "missing").exists()
        assert (server_ground.root / "f").stat().st_size == 1
        assert server_ground.root.is_dir()
    assert requests.take() == {"ListObjectsV2": 3}
    assert tfm.get_s3_cache_stats()["hits"] == 9
    tfm.clear_s3_cache()
    assert (server_ground.root / "f").is_file()
    assert requests.total == 1
    tfm.configure_s3_cache(ttl=0)
    assert (server_ground.root / "f").is_file()
    assert (server_ground.root / "f").is_file()
    assert requests.total == 3


@pytest.mark.needs("flat_namespace")
def test_writes_are_seen(server_ground: ServerGround) -> None:
    """A write through any path is seen by every later read: the key, its parents, and what is below."""
    root = server_ground.root

    def look() -> tuple[Any, ...]:
        listed = sorted(p.name for p in root.iterdir()) if root.exists() else []
        return listed, (root / "a").exists(), (root / "a/b").is_file(), sorted(p.name for p in root.rglob("*"))

    assert look() == ([], False, False, [])
    Path(f"{root}/a/b").write_bytes(b"1")
    assert look() == (["a"], True, True, ["a", "b"])
    (root / "a").rename(root / "c")
    assert look() == (["c"], False, False, ["b", "c"])
    thread = threading.Thread(target=lambda: (root / "c/b").unlink())
    thread.start()
    thread.join()
    assert look() == ([], False, False, [])
    (root / "m").mkdir(parents=True)
    assert look() == (["m"], False, False, ["m"])
    (root / "m").rmdir()
    with (root / "a/b").open("wb") as stream:
        stream.write(bytes(20 * 1024 * 1024))
    assert (root / "a/b").stat().st_size == 20 * 1024 * 1024
    (root / "a/b").copy(root / "copy")
    assert look()[0] == ["a", "copy"]
    root.delete_below(["a/b", "copy"])
    assert look() == ([], False, False, [])


def test_fresh_and_refresh(server_ground: ServerGround) -> None:
    """`with tfm.fresh():` and `p.refresh()` go past the cache."""
    root = server_ground.root
    assert not (root / "d/f").exists()
    assert not (root / "d").exists()
    server_ground.put("d/f", b"by somebody else")
    assert not (root / "d/f").exists()
    with tfm.fresh():
        assert (root / "d/f").exists()
    assert (root / "d/f").exists()
    assert not (root / "d").exists()
    (root / "d").refresh()
    assert [path.name for path in (root / "d").iterdir()] == ["f"]
    server_ground.put("d/g", b"by somebody else")
    assert [path.name for path in (root / "d").iterdir()] == ["f"]
    for path in (root / "d", root, root.parent, Path("s3://")):
        path.refresh()
        assert [path.name for path in (root / "d").iterdir()] == ["f", "g"]
