"""The merge join: as a table, and on random trees against plain dictionaries."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfm.info import FileInfo
from tfm.operations.joining import Join, Pair
from tfm.operations.ordered import Listed

REFUSED = PermissionError(13, "Permission denied")


def tree(*keys: str) -> list[Listed]:
    """A tree of these keys; one with a `!` could not be listed."""
    found = []
    for text in sorted(keys):
        key = text.removesuffix("!")
        name = key.removesuffix("/").rpartition("/")[2]
        info = FileInfo(name, "directory") if key.endswith("/") else FileInfo(name, "file", 1)
        found.append(Listed(key, info, REFUSED if text.endswith("!") else None))
    return found


def shown(pair: Pair) -> str:
    if pair.error is not None:
        return "?" + pair.key
    sign = "=" if pair.left and pair.right else "<" if pair.left else ">"
    return sign + pair.key + ("" if pair.empty else "*")


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ((), (), []),
        (("a",), ("b",), ["<a", ">b"]),
        (("a", "c"), ("a", "b"), ["=a", ">b", "<c"]),
        # Names that sort around the slash: `-` and space before it, digits behind.
        (("a-b", "a/x", "a0"), ("a/x", "a0"), ["<a-b", "=a/x", "=a0"]),
        # Directories: those that tell nothing new have no row.
        (("d/", "d/x"), ("d/x",), ["=d/x"]),
        (("d/",), ("d/x",), [">d/x"]),
        (("d/x",), ("d/",), ["<d/x"]),
        (("d/",), (), ["<d/"]),
        (("d/", "d/x"), (), ["<d/x"]),
        ((), ("d/",), [">d/"]),
        ((), ("d/", "d/e/", "d/e/x", "d/f"), [">d/e/x", ">d/e/*", ">d/f", ">d/*"]),
        (("d-", "d0"), ("d/", "d/x"), ["<d-", ">d/x", ">d/*", "<d0"]),
        (("d",), ("d/", "d/x"), ["<d", ">d/x", ">d/*"]),
        # What can't be listed hides what the other side has there, and keeps the directories around it.
        (("d/!", "e"), ("d/x", "d/y/z", "e"), ["?d/", "=e"]),
        (("d/x", "e"), ("d/!",), ["?d/", "<e"]),
        ((), ("d/", "d/e/!", "d/x"), ["?d/e/", ">d/x"]),
        (("x!",), ("x",), ["?x"]),
    ],
)
def test_what_two_trees_have(left: tuple[str, ...], right: tuple[str, ...], expected: list[str]) -> None:
    assert [shown(pair) for pair in Join(tree(*left), tree(*right))] == expected


def test_what_is_left_out_at_the_left_is_never_only_right() -> None:
    left = [Listed("old", FileInfo("old", "file", 1, mtime=1.0)), Listed("x", FileInfo("x", "file", 1, mtime=9.0))]
    right = [Listed("old", FileInfo("old", "file", 1, mtime=9.0))]
    join = Join(left, right, lambda name, info: (info.mtime or 0) > 5)
    assert [shown(pair) for pair in join] == ["<x"]


def test_what_is_left_out_at_the_right_keeps_its_directories() -> None:
    join = Join([], tree("d/", "d/e/", "d/e/x.tmp", "d/f"), lambda name, info: not name.endswith(".tmp"))
    assert [shown(pair) for pair in join] == [">d/f"]


def test_markers_that_hold_bytes_are_never_passed_over() -> None:
    marked = [Listed("d/", FileInfo("d", "directory", 3)), *tree("d/x")]
    assert [shown(pair) for pair in Join(marked, tree("d/x"))] == ["<d/", "=d/x"]
    assert [shown(pair) for pair in Join(tree("d/x"), marked)] == [">d/", "=d/x"]
    assert [shown(pair) for pair in Join(marked, marked)] == ["=d/", "=d/x"]


NAMES = st.sampled_from(["a", "a-", "a0", "b", "ä", "\U0001f600"])
FILES = st.dictionaries(st.lists(NAMES, min_size=1, max_size=3).map("/".join), st.integers(0, 2), max_size=9)


def with_directories(files: dict[str, int]) -> list[Listed]:
    keys = {name: FileInfo("x", "file", size) for name, size in files.items()}
    for name in files:
        parts = name.split("/")
        keys |= {"/".join(parts[:end]) + "/": FileInfo("d", "directory") for end in range(1, len(parts))}
    return [Listed(key, keys[key]) for key in sorted(keys)]


@given(FILES, FILES, st.booleans(), st.booleans())
def test_the_join_is_what_dictionaries_tell(
    left: dict[str, int], right: dict[str, int], left_has: bool, right_has: bool
) -> None:
    def listed(files: dict[str, int], directories: bool) -> list[Listed]:
        return [each for each in with_directories(files) if directories or not each.directory]

    join = Join(listed(left, left_has), listed(right, right_has))
    pairs = list(join)
    found = {pair.key: (pair.left and pair.left.size, pair.right and pair.right.size) for pair in pairs if pair.empty}
    assert found == {name: (left.get(name), right.get(name)) for name in {*left, *right}}
    gone = [pair.key for pair in pairs if not pair.empty]
    there = {each.key for each in with_directories(left) if each.directory}
    own = {each.key for each in with_directories(right) if each.directory}
    assert sorted(gone) == (sorted(own - there) if right_has else [])
    for number, key in enumerate(gone):  # each comes behind all that is in it
        assert not any(other.startswith(key) for other in gone[number + 1 :])
    assert (join.left_count, join.right_count) == (len(left), len(right))


def test_no_more_than_a_few_entries_are_held() -> None:
    read = {"left": 0, "right": 0}

    def listed(side: str, step: int) -> Iterator[Listed]:
        for number in range(0, 30_000, step):
            read[side] += 1
            yield Listed(f"{number:06}/x", FileInfo("x", "file", 1))

    for given_so_far, _ in enumerate(Join(listed("left", 2), listed("right", 3)), 1):
        assert sum(read.values()) <= 2 * given_so_far + 4
    assert read == {"left": 15_000, "right": 10_000}
