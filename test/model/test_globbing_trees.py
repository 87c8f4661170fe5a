"""Random trees and patterns: what S3 finds, and our own glob of disks, is what the standard library finds on disk."""

from __future__ import annotations

import glob
import os
import pathlib
import sys
import tempfile
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfm import Path, diskglob, globbing
from tfm.s3.places import use_client
from tfm.testing import MemoryS3

NAMES = st.sampled_from(["a", "b", "ab", "a.b", "a-", "ba", ".a"])
FILES = st.lists(st.lists(NAMES, min_size=1, max_size=4), max_size=12)
MIXED_FILES = st.lists(
    st.lists(st.sampled_from(["a", "B", "Ab", "a.B", "A-", "bA"]), min_size=1, max_size=3), max_size=9
)
LINKS = st.lists(st.tuples(NAMES, st.builds("/".join, st.lists(NAMES, min_size=1, max_size=2))), max_size=3)
SEGMENTS = st.sampled_from(["a", "ab", "*", "a*", "*b", "?", "[ab]", "[!a]*", "**", "a.?"])
PATTERNS = st.builds(
    lambda parts, slash: "/".join(parts) + slash, st.lists(SEGMENTS, min_size=1, max_size=4), st.sampled_from(["", "/"])
)


def make_tree(top: str, files: list[list[str]]) -> list[str]:
    """Write the files that can be: those whose parents are not files, and that are not directories."""
    made = []
    for parts in files:
        name = os.path.join(top, *parts)
        try:
            os.makedirs(os.path.dirname(name), exist_ok=True)
            with open(name, "wb"):
                made.append("/".join(parts))
        except OSError:
            continue
    return made


def keys_of(top: str) -> list[str]:
    """List the keys that hold the same tree: each file, and a marker for each empty directory."""
    keys = []
    for directory, directories, files in os.walk(top):
        relative = os.path.relpath(directory, top)
        prefix = "" if relative == "." else relative + "/"
        keys += [prefix + name for name in files]
        if not directories and not files and prefix:
            keys.append(prefix)
    return keys


def on_s3(top: str, page_size: int) -> Path:
    """Put the same tree into S3, with a neighbour whose name begins like it."""
    client = MemoryS3(page_size=page_size)
    client.create_bucket("bucket")
    use_client("", client)
    for key in keys_of(top):
        client.put("bucket", "top/" + key, b"")
    client.put("bucket", "top/", b"")
    client.put("bucket", "topmost/a", b"")
    return Path("s3://bucket/top")


def on_disk(top: str, pattern: str) -> list[str]:
    """List what the standard library's `glob` finds."""
    found = glob.glob(pattern, root_dir=top, recursive=True, include_hidden=True)
    # It gives `a/` for `a/**` without looking whether there is such a directory.
    found = [name for name in found if os.path.lexists(os.path.join(top, name))]
    return sorted({os.path.normpath(name) for name in found if name})


def names(paths: Iterable[Any], top: Any) -> list[str]:
    return [str(path.relative_to(top)) for path in paths]


def either_case(pattern: str) -> str:
    """Let each letter of a pattern stand for both its cases."""
    out, within = "", False
    for letter in pattern:
        within = letter == "[" or (within and letter != "]")
        both = letter + letter.upper()
        out += (both if within else f"[{both}]") if letter.isalpha() else letter
    return out


def make_links(top: str, links: list[tuple[str, str]]) -> None:
    """Make links from one name at the top to what another leads to, never to anything above them."""
    for name, target in links:
        if not os.path.lexists(os.path.join(top, "l" + name)):
            os.symlink(target, os.path.join(top, "l" + name))


@settings(max_examples=150, deadline=None)
@given(FILES, PATTERNS, st.sampled_from([1, 2, 3, 1000]))
def test_same_as_on_disk(files: list[list[str]], pattern: str, page_size: int) -> None:
    with tempfile.TemporaryDirectory() as top:
        make_tree(top, files)
        root = on_s3(top, page_size)
        expected = on_disk(top, pattern)
    found = names(root.glob(pattern), root)
    # `glob` leaves out the root itself, which pathlib gives for a pattern of `**` alone.
    assert sorted({*found} - {"."}) == expected
    assert ("." in found) == (set(pattern.strip("/").split("/")) == {"**"})
    assert len(found) == len(set(found))


@settings(max_examples=100, deadline=None)
@given(FILES, PATTERNS, st.sampled_from([1, 3, 1000]))
def test_rglob_is_the_same_as_on_disk(files: list[list[str]], pattern: str, page_size: int) -> None:
    with tempfile.TemporaryDirectory() as top:
        make_tree(top, files)
        root = on_s3(top, page_size)
        expected = on_disk(top, "**/" + pattern)
    found = names(root.rglob(pattern), root)
    assert sorted({*found} - {"."}) == expected
    assert len(found) == len(set(found))


@settings(max_examples=100, deadline=None)
@given(MIXED_FILES, PATTERNS, st.sampled_from([1, 3, 1000]))
def test_ignoring_case_is_the_same_as_on_disk(files: list[list[str]], pattern: str, page_size: int) -> None:
    with tempfile.TemporaryDirectory() as top:
        make_tree(top, files)
        root = on_s3(top, page_size)
        expected = on_disk(top, either_case(pattern))
        disk = Path(top)
        found_on_disk = names(diskglob.glob(disk, pattern, False, False), disk)
    found = names(root.glob(pattern, case_sensitive=False), root)
    assert sorted({*found} - {"."}) == sorted({*found_on_disk} - {"."}) == expected
    assert len(found) == len(set(found))


@pytest.mark.skipif(sys.version_info < (3, 13), reason="the pathlib of Python 3.13 is the model")
@settings(max_examples=200, deadline=None)
@given(MIXED_FILES, LINKS, PATTERNS, st.booleans(), st.booleans())
def test_same_as_pathlib(
    files: list[list[str]], links: list[tuple[str, str]], pattern: str, case_sensitive: bool, recurse_symlinks: bool
) -> None:
    with tempfile.TemporaryDirectory() as top:
        make_tree(top, files)
        root = on_s3(top, 1000)
        plain: Any = pathlib.Path(top)
        without_links = names(plain.glob(pattern, case_sensitive=case_sensitive), plain)
        make_links(top, links)
        expected = names(plain.glob(pattern, case_sensitive=case_sensitive, recurse_symlinks=recurse_symlinks), plain)
        disk = Path(top)
        found_on_disk = names(diskglob.glob(disk, pattern, case_sensitive, recurse_symlinks), disk)
    found = names(root.glob(pattern, case_sensitive=case_sensitive), root)
    assert sorted(found) == sorted(set(without_links))
    assert sorted(found_on_disk) == sorted(set(expected))


@settings(max_examples=100, deadline=None)
@given(FILES, LINKS, st.booleans(), st.booleans())
def test_walk_is_the_same_as_on_disk(
    files: list[list[str]], links: list[tuple[str, str]], top_down: bool, follow: bool
) -> None:
    with tempfile.TemporaryDirectory() as top:
        made = make_tree(top, files)
        root, disk = on_s3(top, 3), Path(top)
        plain = [seen(root, *step) for step in root.walk(top_down)]
        assert sorted(plain) == sorted(seen(disk, Path(step[0]), step[1], step[2]) for step in os.walk(top))
        order = [step[0] for step in plain]
        for name in order:
            parent = os.path.dirname(name) or "."
            assert name == "." or (order.index(parent) < order.index(name)) == top_down
        assert sum(len(step[2]) for step in plain) == len(set(made))
        make_links(top, links)
        # `os.walk` gives a link to a directory as a directory also when it doesn't follow it; pathlib as a file.
        walked = [seen(disk, *step) for step in globbing.walk(disk, top_down, None, follow)]
        expected = [seen(disk, Path(step[0]), *as_pathlib(*step, follow)) for step in os.walk(top, followlinks=follow)]
        assert sorted(walked) == sorted(expected)


def as_pathlib(top: str, directories: list[str], files: list[str], follow: bool) -> tuple[list[str], list[str]]:
    links = [name for name in directories if not follow and os.path.islink(os.path.join(top, name))]
    return [name for name in directories if name not in links], files + links


def seen(top: Path, path: Path, directories: list[str], files: list[str]) -> tuple[str, list[str], list[str]]:
    return str(path.relative_to(top)), sorted(directories), sorted(files)
