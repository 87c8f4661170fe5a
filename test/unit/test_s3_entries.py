"""Entries of a directory and of a tree, from the pages of a listing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tfm import Path
from tfm.globbing import ancestors, with_directories
from tfm.info import FileInfo
from tfm.s3.entries import directory_page, file_info, tree_page
from tfm.s3.protocol import ObjectFacts, Page

FACTS = ObjectFacts("d/x", 3, 1.5, '"e"', "GLACIER", "v1", "text/plain", {"a": "b"}, None, 2)
NAMES = st.lists(st.text("ab/.", min_size=1, max_size=6), unique=True, max_size=12)


def test_an_entry_tells_all_that_is_known_of_an_object() -> None:
    known = FileInfo(
        "x", "file", size=3, mtime=1.5, etag='"e"', storage_class="GLACIER", version_id="v1", content_type="text/plain",
        metadata={"a": "b"},
    )  # fmt: skip
    info = file_info("x", FACTS)
    assert info == known
    assert type(info) is FileInfo
    assert info.is_file()
    assert info.metadata is not FACTS.metadata


def test_an_entry_tells_nothing_that_is_not_known() -> None:
    assert file_info("x", ObjectFacts("x", 0, 0.0)) == FileInfo("x", "file", 0, 0.0, storage_class="STANDARD")


def test_a_directory_has_objects_and_prefixes_in_byte_order() -> None:
    page = Page([ObjectFacts(key, 1, 2.0) for key in ("d/", "d/a", "d/c")], ["d/a/", "d/b/"])
    assert [(info.name, info.kind) for info in directory_page(page, "d/")] == [
        ("a", "file"), ("a", "directory"), ("b", "directory"), ("c", "file"),
    ]  # fmt: skip


def test_a_tree_has_markers_as_directories() -> None:
    page = Page([ObjectFacts(key, size, 2.0) for key, size in (("d/", 0), ("d/a/", 0), ("d/a/b", 1), ("d/c/", 5))], [])
    assert tree_page(page, "d/") == [
        ("a", FileInfo("a", "directory", None, 2.0)),
        ("a/b", file_info("b", ObjectFacts("d/a/b", 1, 2.0))),
        ("c", FileInfo("c", "directory", 5, 2.0)),
    ]


@given(NAMES)
def test_every_directory_comes_once_and_before_what_is_in_it(keys: list[str]) -> None:
    rows = tree_page(Page([ObjectFacts(key, 1, 0.0) for key in sorted(keys)], []), "")
    seen: list[str] = []
    for names, info in with_directories(rows):
        if info.is_dir():
            seen.append(names)
        assert all(ancestor in seen for ancestor in ancestors(names))
    assert len(seen) == len(set(seen))


@given(st.sampled_from(["s3://", "s3://bkt", "s3://bkt/a", "s3://place@bkt/a/b"]), st.text("xyz/", max_size=8))
def test_a_path_below_is_the_child_of_a_child(root: str, names: str) -> None:
    names = names if root != "s3://" else f"bkt/{names}"
    expected = Path(root)
    for name in names.split("/"):
        expected = expected.child(name)
    info = file_info(names.rpartition("/")[2], FACTS)
    found = Path(root).listed_below(names, info)
    assert found == expected
    assert found.info is info
