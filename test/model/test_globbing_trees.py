"""Random trees and patterns: what S3 finds is what the standard library's `glob` finds on the same tree on disk."""

from __future__ import annotations

import glob
import os
import tempfile

from hypothesis import given, settings
from hypothesis import strategies as st

from tfm import Path
from tfm.s3.places import use_client
from tfm.testing import MemoryS3

NAMES = st.sampled_from(["a", "b", "ab", "a.b", "a-", "ba", ".a"])
FILES = st.lists(st.lists(NAMES, min_size=1, max_size=4), max_size=12)
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


@settings(max_examples=150, deadline=None)
@given(FILES, PATTERNS, st.sampled_from([1, 2, 3, 1000]))
def test_same_as_on_disk(files: list[list[str]], pattern: str, page_size: int) -> None:
    client = MemoryS3(page_size=page_size)
    client.create_bucket("bucket")
    use_client("", client)
    with tempfile.TemporaryDirectory() as top:
        make_tree(top, files)
        for key in keys_of(top):
            client.put("bucket", "top/" + key, b"")
        client.put("bucket", "top/", b"")
        client.put("bucket", "topmost/a", b"")
        expected = glob.glob(pattern, root_dir=top, recursive=True, include_hidden=True)
        # `glob` gives `a/` for `a/**` without looking whether there is such a directory.
        expected = [name for name in expected if os.path.lexists(os.path.join(top, name))]
        root = Path("s3://bucket/top")
        found = [str(path.relative_to(root)) for path in root.glob(pattern)]
    # `glob` leaves out the root itself, which pathlib gives for a pattern of `**` alone.
    assert sorted({*found} - {"."}) == sorted({os.path.normpath(name) for name in expected if name})
    assert ("." in found) == (set(pattern.strip("/").split("/")) == {"**"})
    assert len(found) == len(set(found))
