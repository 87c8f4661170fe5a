"""The content cache: checked bytes, bounded, shared, and never taken away from whoever reads them."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tfm import contentcache
from tfm.contentcache import ContentCache, content_cache, suffix_of, user_directory

ONE = ("", "bucket", "key")


def put(cache: ContentCache, identity: tuple[str, ...], etag: str, data: bytes, suffix: str = ".bin") -> str:
    with cache.shelf(identity) as shelf:
        return shelf.add(etag, suffix, io.BytesIO(data), 1_000_000.0)


def get(cache: ContentCache, identity: tuple[str, ...], etag: str, size: int) -> bytes | None:
    with cache.shelf(identity) as shelf:
        path = shelf.find(etag, size)
        return None if path is None else Path(path).read_bytes()


def kept(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file())


@pytest.fixture
def cache(tmp_path: Path) -> ContentCache:
    return ContentCache(str(tmp_path / "cache"))


def test_a_version_is_found_again_by_etag_and_size(cache: ContentCache) -> None:
    path = put(cache, ONE, '"e"', b"hello", ".tar.gz")
    assert path.endswith(".tar.gz")
    assert os.stat(path).st_mode & 0o777 == 0o400
    assert os.stat(path).st_mtime == 1_000_000.0
    assert get(cache, ONE, '"e"', 5) == b"hello"
    assert get(cache, ONE, '"other"', 5) is None
    assert get(cache, ONE, '"e"', 6) is None
    assert get(cache, ("", "bucke", "tkey"), '"e"', 5) is None
    assert get(cache, ("place", "bucket", "key"), '"e"', 5) is None


def test_an_object_without_etag_is_never_found(cache: ContentCache) -> None:
    put(cache, ONE, "", b"hello")
    assert get(cache, ONE, "", 5) is None


def test_names_of_any_length_and_kind(cache: ContentCache) -> None:
    for key in ("k" * 1024, "\n/../..", "ü" * 512, "", "\ud800"):
        put(cache, ("", "b", key), '"e"', key.encode(errors="replace"))
        assert get(cache, ("", "b", key), '"e"', len(key.encode(errors="replace"))) is not None


@pytest.mark.parametrize("damage", [b"hellO", b"hell", b"hello!", b""])
def test_damage_is_found(tmp_path: Path, damage: bytes) -> None:
    path = Path(put(ContentCache(str(tmp_path)), ONE, '"e"', b"hello"))
    path.chmod(0o600)
    path.write_bytes(damage)
    os.utime(path, (1_000_000.0, 1_000_000.0))
    another_process = ContentCache(str(tmp_path))
    assert get(another_process, ONE, '"e"', 5) is None
    put(another_process, ONE, '"e"', b"hello")
    assert get(another_process, ONE, '"e"', 5) == b"hello"


def test_a_change_is_found_by_the_process_that_trusted_the_file(cache: ContentCache) -> None:
    path = Path(put(cache, ONE, '"e"', b"hello"))
    assert get(cache, ONE, '"e"', 5) == b"hello"
    path.chmod(0o600)
    path.write_bytes(b"HELLO")
    assert get(cache, ONE, '"e"', 5) is None


def test_a_source_that_breaks_leaves_nothing(cache: ContentCache, tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise ConnectionError("it broke")
            return super().read(3)

    with pytest.raises(ConnectionError), cache.shelf(ONE) as shelf:
        shelf.add('"e"', "", Broken(b"hello"), 0.0)
    assert kept(tmp_path) == []


def test_the_least_recently_used_goes_first(tmp_path: Path) -> None:
    cache = ContentCache(str(tmp_path), max_bytes=4000)
    for name in "abcd":
        put(cache, (name,), '"e"', name.encode() * 1000)
        time.sleep(0.002)
    assert get(cache, ("a",), '"e"', 1000) is not None  # now the most recently used
    put(cache, ("e",), '"e"', b"e" * 1000)
    assert [name for name in "abcde" if get(cache, (name,), '"e"', 1000) is not None] == ["a", "d", "e"]
    assert sum(path.stat().st_size for path in kept(tmp_path)) <= 4000


def test_the_bound_holds_whatever_is_added(tmp_path: Path) -> None:
    cache = ContentCache(str(tmp_path), max_bytes=10_000)
    for index in range(50):
        put(cache, (str(index % 20),), f'"{index}"', bytes(997))
        assert sum(path.stat().st_size for path in kept(tmp_path)) <= 10_000


def test_what_is_in_use_stays_and_goes_later(tmp_path: Path) -> None:
    cache = ContentCache(str(tmp_path), max_bytes=1500)
    with cache.shelf(("held",)) as shelf:
        path = Path(shelf.add('"e"', "", io.BytesIO(bytes(1000)), 0.0))
        for index in range(5):
            put(ContentCache(str(tmp_path), max_bytes=1500), (str(index),), '"e"', bytes(1000))
        assert path.read_bytes() == bytes(1000)
        huge = Path(shelf.add('"huge"', "", io.BytesIO(bytes(5000)), 0.0))
        assert huge.stat().st_size == 5000
    assert not huge.exists()
    assert sum(each.stat().st_size for each in kept(tmp_path)) <= 1500


def test_an_old_version_goes_with_its_last_reader(cache: ContentCache, tmp_path: Path) -> None:
    put(cache, ONE, '"1"', b"one")
    with cache.shelf(ONE) as reading:
        old = reading.find('"1"', 3)
        assert old is not None
        put(cache, ONE, '"2"', b"two")
        assert Path(old).read_bytes() == b"one"
    put(cache, ONE, '"3"', b"three")
    assert [path.read_bytes() for path in kept(tmp_path)] == [b"three"]


def test_what_a_killed_process_left_is_removed(cache: ContentCache, tmp_path: Path) -> None:
    with cache.shelf(ONE) as shelf:
        left = Path(shelf.directory) / ".part-0123"
        left.write_bytes(b"half")
    assert get(cache, ONE, '"e"', 4) is None
    put(cache, ONE, '"e"', b"whole")
    assert not left.exists()


def test_processes_and_threads_share_it(tmp_path: Path) -> None:
    """Small bound, same few objects: everything that is handed out is whole, all the time."""
    code = """
import io, sys, threading
from tfm import contentcache
from tfm.contentcache import ContentCache
cache = ContentCache(sys.argv[1], max_bytes=150_000)
def work(start):
    for turn in range(60):
        name = str((turn * 7 + start) % 5)
        data = name.encode() * 40_000
        with cache.shelf((name,)) as shelf:
            path = shelf.find(name, len(data)) or shelf.add(name, ".x", io.BytesIO(data), 0.0)
            for _ in range(3):
                with open(path, "rb") as stream:
                    assert stream.read() == data, path
        print("ok")
threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
[t.start() for t in threads]; [t.join() for t in threads]
"""
    source = str(Path(sys.modules["tfm"].__file__ or "").parents[1])
    environment = {**os.environ, "PYTHONPATH": source}
    workers = [
        subprocess.Popen([sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE, env=environment)
        for _ in range(2)
    ]
    outputs = [worker.communicate()[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0]
    assert [output.count(b"ok") for output in outputs] == [180, 180]
    with ContentCache(str(tmp_path), max_bytes=150_000).shelf(("last",)) as shelf:
        shelf.add("e", "", io.BytesIO(b"x"), 0.0)
    assert sum(path.stat().st_size for path in kept(tmp_path)) <= 150_000


def test_a_thread_waits_for_a_shelf_that_is_thrown_away(cache: ContentCache) -> None:
    def use(_: int) -> None:
        for _ in range(100):
            put(cache, ONE, '"e"', b"x")
            get(cache, ONE, '"e"', 1)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(use, range(4))) == [None] * 4


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("a.csv", ".csv"),
        ("a.tar.gz", ".tar.gz"),
        ("a.b.json", ".json"),
        ("plain", ""),
        (".hidden", ""),
        ("..", ""),
        (".", ""),
        ("", ""),
        ("x.дан", ".дан"),
        ("a.b\nc", ""),
        ("a." + "x" * 300, ""),
    ],
)
def test_suffixes(name: str, suffix: str) -> None:
    assert suffix_of(name) == suffix


def test_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def directory() -> str:
        return content_cache()._directory

    monkeypatch.setenv("HOME", str(tmp_path))
    assert directory() == str(tmp_path / ".cache/tfm/content")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert directory() == str(tmp_path / ".cache/tfm/content")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert directory() == str(tmp_path / "xdg/tfm/content")
    monkeypatch.setenv("TFM_CACHE_DIR", str(tmp_path / "own"))
    assert directory() == str(tmp_path / "own/content")
    monkeypatch.setenv("TFM_CACHE_BYTES", "1000")
    assert content_cache()._max_bytes == 1000
    monkeypatch.setenv("TFM_CACHE_BYTES", "2G")
    with pytest.raises(ValueError, match="TFM_CACHE_BYTES is '2G'"):
        content_cache()


def test_without_a_home_it_is_a_private_temporary_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "missing"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    found = Path(user_directory("XDG_CACHE_HOME", ".cache"))
    assert found.parent == tmp_path
    assert found.stat().st_mode & 0o777 == 0o700
    assert user_directory("XDG_CACHE_HOME", ".cache") == str(found)
    found.chmod(0o777)  # as if somebody else could have put files there
    other = Path(user_directory("XDG_CACHE_HOME", ".cache"))
    assert other != found
    assert other.stat().st_mode & 0o777 == 0o700


def test_a_shelf_that_goes_while_it_is_made_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory, real, refusals = str(tmp_path / "ab" / "shelf"), os.makedirs, [FileExistsError(17, "gone again")]

    def makedirs(name: str, *args: Any, **options: Any) -> None:
        if name == directory and refusals:
            raise refusals.pop()
        real(name, *args, **options)

    monkeypatch.setattr(os, "makedirs", makedirs)
    os.close(contentcache._open_shared(directory))
    assert os.path.isdir(directory)
    (tmp_path / "ab" / "file").touch()
    with pytest.raises(FileExistsError):
        contentcache._open_shared(str(tmp_path / "ab" / "file"))
