"""docs/reference/requests.md is right: each operation sends as many requests as it says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path as LocalPath
from typing import Any

import pytest

import tfm
from tfm import Path
from tfm.s3.caching import CachingClient
from tfm.s3.places import use_client
from tfm.testing import MemoryS3

PAGE = LocalPath(__file__).parents[2] / "docs/reference/requests.md"
ROWS = re.findall(r"^\| (`.+?) \| (\d+) \| (\d*) ?\|$", PAGE.read_text("utf-8"), re.MULTILINE)
Case = Callable[[Path], Any]


def walk_children(directory: Path) -> None:
    size = 0
    for child in directory.iterdir():  # asked while the listing goes on
        assert not child.is_dir()
        size += child.stat().st_size
    assert size == 2500


def stat_missing(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        path.stat()


def renamed_from_listing(root: Path) -> Path:
    (found,) = [path for path in root.iterdir() if path.name == "renamed"]
    return found.rename(root / "renamed2")


def facts_of(top: Path) -> None:
    path: Any = top / "f"
    told = [getattr(path, name) for name in ("metadata", "content_type", "storage_class", "etag", "version_id")]
    assert told[3].startswith('"')


def large_file() -> Path:
    file = Path.home() / "large"
    with file.open("wb") as stream:
        stream.truncate(40 << 20)
    return file


def count(paths: Iterator[Path], expected: int) -> None:
    assert len(list(paths)) == expected


CASES: dict[str, Case] = {
    "`exists()` of an object": lambda top: (top / "f").exists(),
    "`exists()` of a directory": lambda top: (top / "a").exists(),
    "`exists()` of what is missing": lambda top: (top / "missing").exists(),
    "`exists()` of a bucket": lambda top: top.parent.exists(),
    "`is_dir()`": lambda top: (top / "a").is_dir(),
    "`stat()`": lambda top: (top / "f").stat(),
    "`stat()` of what is missing": lambda top: stat_missing(top / "missing"),
    "`iterdir()` over 2,500 children with `is_dir()` and `stat()` of each": lambda top: walk_children(top / "many"),
    '`rglob("*")` over 10 directories of 300 objects': lambda top: count((top / "r").rglob("*"), 3010),
    '`glob("a/*/c*.txt")` over 60 directories of 18 objects': lambda top: count(top.glob("a/*/c*.txt"), 540),
    '`glob("a/05/*.txt")` in one directory': lambda top: count(top.glob("a/05/*.txt"), 18),
    "`read_bytes()`": lambda top: (top / "f").read_bytes(),
    "`write_bytes()`": lambda top: (top / "w").write_bytes(b"x"),
    '`open("xb")` and close': lambda top: (top / f"x{id(object())}-{next(NUMBERS)}").open("xb").close(),
    '`open("ab")` on a small object': lambda top: (top / "w2").open("ab").close(),
    "`write_bytes()` of 20 MiB: begin, three parts, complete": lambda top: (top / "w").write_bytes(bytes(20 << 20)),
    "`unlink()`": lambda top: (top / "u").unlink(),
    "`copy()` inside a place": lambda top: (top / "f").copy(top / "copied"),
    "`copy()` of a file from disk": lambda top: Path(__file__).copy(top / "up"),
    "`copy()` of a file to disk": lambda top: (top / "f").copy(Path.home() / f"down-{next(NUMBERS)}"),
    "`copy()` of 40 MiB from disk: begin, five parts, complete": lambda top: large_file().copy(top / "large"),
    "`copy()` of 40 MiB to disk: three ranges": lambda top: (top / "large").copy(Path.home() / "down-large"),
    "`read_bytes()` of 40 MiB: three ranges": lambda top: (top / "large").read_bytes(),
    "`rename()` of an object": lambda top: (top / "n").rename(top / "n2"),
    "`rename()` of a directory of 220 objects": lambda top: (top / "d220").rename(top / "renamed"),
    "`rename()` of a directory of 220 objects that a listing gave": renamed_from_listing,
    "`rmtree()` of 2,500 objects": lambda top: (top / "many").rmtree(),
    "`mkdir()` of a directory in a bucket": lambda top: (top.parent / "made").mkdir(),
    "`rmdir()`": lambda top: (top.parent / "made").rmdir(),
    "`touch()` of a new object": lambda top: (top / "t").touch(),
    "`touch()` of an existing object": lambda top: (top / "f").touch(),
    "`metadata`, `content_type`, `storage_class`, `etag` and `version_id` together": facts_of,
    "`tags`": lambda top: (top / "f").tags,
    "`set_metadata()`": lambda top: (top / "f").set_metadata({"a": "b"}),
    "`set_tags()`": lambda top: (top / "f").set_tags({"a": "b"}),
    "`versions()`": lambda top: (top / "f").versions(),
    "`restore()` of a version that `versions()` gave": lambda top: (top / "f").versions()[0].restore(),
}
NUMBERS = iter(range(1000))


def keys() -> Iterator[str]:
    yield from ("f", "u", "n", "w2")
    yield from (
        f"a/{directory:02}/{'c' if number < 9 else 'e'}{number}.txt" for directory in range(60) for number in range(18)
    )
    yield from (f"r/{directory}/{number:03}" for directory in range(10) for number in range(300))
    yield from (f"d220/{number % 7}/{number}" for number in range(220))
    yield from (f"many/{number:04}" for number in range(2500))


@pytest.fixture
def requests() -> Counter[str]:
    """A bucket in memory with a few thousand small objects, and the counts of what is sent to it."""
    server = MemoryS3()
    server.create_bucket("budgets")
    for key in keys():
        server.put("budgets", "top/" + key, b"x")
    use_client("", CachingClient(server, tfm.get_s3_cache()))
    return server.requests


def test_page_and_cases_are_one_list() -> None:
    assert [name for name, _, _ in ROWS] == list(CASES)


def test_requests(requests: Counter[str]) -> None:
    top = Path("s3://budgets/top")
    wrong = []
    for name, cold, again in ROWS:
        tfm.clear_s3_cache()
        if "that a listing gave" in name:
            list(top.iterdir())
        for when, expected in (("cold", cold), ("again", again)):
            requests.clear()
            if expected:
                CASES[name](top)
                if requests.total() != int(expected):
                    wrong.append((name, when, expected, dict(requests)))
    assert wrong == []
