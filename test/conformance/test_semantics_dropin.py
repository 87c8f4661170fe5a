"""The rules of docs/semantics.md on programs that take nothing but local files, and on scripts that can't be edited."""

from __future__ import annotations

import os
import re
from pathlib import Path as Plain

import pytest
from grounds import Ground, LocalGround

from tfm.errors import S3ChangedError


@pytest.fixture(autouse=True)
def own_directories(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Plain:
    directory = tmp_path_factory.mktemp("own")
    monkeypatch.setenv("TFM_CACHE_DIR", str(directory / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(directory / "state"))
    return directory


def test_local(ground: Ground) -> None:
    """
    `local()` hands out a local file with the bytes that the object has now, and with its suffix; a local path is handed
    out itself.
    """
    path = ground.root / "d/table.csv.gz"
    for data in (b"one", b"two", b"two"):
        ground.put("d/table.csv.gz", data)
        with path.local() as file:
            assert isinstance(file, Plain)
            assert file.suffix == ".gz"
            with open(file, "rb") as stream:
                assert stream.read() == data
            assert (file == path) == isinstance(ground, LocalGround)


def test_local_edit(ground: Ground) -> None:
    """
    `local("r+")` hands out a file to edit, and `local("w")` a new one; it becomes the object when the block ends, and
    nothing does when the block raises.
    """
    ground.put("f.txt", b"old")
    path = ground.root / "f.txt"
    with path.local("r+") as file:
        assert file.read_bytes() == b"old"
        file.write_bytes(b"edited")
    assert ground.get("f.txt") == b"edited"
    with (ground.root / "new.txt").local("w") as file:
        file.write_bytes(b"new")
    assert ground.get("new.txt") == b"new"
    if isinstance(ground, LocalGround):
        return

    def fail(mode: str) -> None:
        with path.local(mode) as file:
            file.write_bytes(b"half")
            raise KeyError("the block's own error")

    for mode in ("r+", "w"):
        with pytest.raises(KeyError):
            fail(mode)
    assert ground.get("f.txt") == b"edited"
    with pytest.raises(FileExistsError), path.local("x") as file:
        file.write_bytes(b"other")
    assert ground.get("f.txt") == b"edited"


def test_local_edit_conflict(s3_ground: Ground) -> None:
    """
    An edit never replaces what somebody else wrote meanwhile: the error says where the edited file is kept.
    """
    s3_ground.put("f.txt", b"old")

    def edit() -> None:
        with (s3_ground.root / "f.txt").local("r+") as file:
            file.write_bytes(b"edited")
            s3_ground.put("f.txt", b"theirs")

    with pytest.raises(S3ChangedError) as caught:
        edit()
    assert s3_ground.get("f.txt") == b"theirs"
    found = re.search(r"kept in '(.+)'", str(caught.value))
    assert found
    with open(found[1], "rb") as stream:
        assert stream.read() == b"edited"


@pytest.mark.needs("long_names")
def test_content_cache(s3_ground: Ground, own_directories: Plain, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The content cache is on disk and bounded by bytes, a damaged file in it is fetched anew, and names of any length
    are safe.
    """
    monkeypatch.setenv("TFM_CACHE_BYTES", "3000")
    cache = own_directories / "cache"

    def files() -> list[Plain]:
        return [each for each in cache.rglob("*") if each.is_file()]

    for name in ("a", "b", "n" * 900, "d"):
        s3_ground.put(name, os.urandom(1000))
        with (s3_ground.root / name).local() as file:
            assert file.read_bytes() == s3_ground.get(name)
            assert Plain(file) in files()
    assert sum(each.stat().st_size for each in files()) <= 3000
    for each in files():
        each.chmod(0o600)
        each.write_bytes(bytes(1000))
    for name in ("n" * 900, "d"):
        with (s3_ground.root / name).local() as file:
            assert file.read_bytes() == s3_ground.get(name)
