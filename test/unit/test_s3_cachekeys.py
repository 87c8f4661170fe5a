"""What a write makes untrue: the index and the memory of past writes find the same entries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfm.s3.cachekeys import EntryKey, Index, Invalidation, entry_key

names = st.text(alphabet="a/b", max_size=5)
entries = st.builds(
    EntryKey, st.sampled_from(["head", "probe", "pages", "list_objects_v2"]), st.just("b"), names, st.just(())
)


@given(st.lists(entries, max_size=20), st.lists(names, min_size=1, max_size=4))
def test_index_and_past_agree_on_keys(held: list[EntryKey], keys: list[str]) -> None:
    index = Index()
    for entry in held:
        index.add(entry)
    found = {entry for key in keys for entry in index.about(key)}
    past = Invalidation(1, "b", tuple(keys))
    assert found == {entry for entry in held if past.covers(entry)}


@given(st.lists(entries, max_size=20), names)
def test_index_and_past_agree_on_prefixes(held: list[EntryKey], prefix: str) -> None:
    index = Index()
    for entry in held:
        index.add(entry)
    past = Invalidation(1, "b", prefix=prefix)
    assert set(index.below(prefix)) == {entry for entry in held if past.covers(entry)}


@pytest.mark.parametrize(
    ("entry", "dropped"),
    [
        (entry_key("head", "b", "a/b"), True),
        (entry_key("probe", "b", "a"), True),
        (entry_key("probe", "b", "a/b/c"), False),
        (entry_key("probe", "b", "a/bb"), False),
        (entry_key("probe", "b", "a/"), False),
        (entry_key("pages", "b", ""), True),
        (entry_key("pages", "b", "a/"), True),
        (entry_key("pages", "b", "a/b"), True),
        (entry_key("pages", "b", "a/b/"), False),
        (entry_key("pages", "b", "a/c"), False),
        (entry_key("list_object_versions", "b", "a"), True),
        (entry_key("get_bucket_versioning", "b"), False),
        (entry_key("head", "other", "a/b"), False),
        (entry_key("list_buckets", ""), False),
    ],
)
def test_a_write_of_a_key(entry: EntryKey, dropped: bool) -> None:
    assert Invalidation(1, "b", ("x", "a/b")).covers(entry) is dropped


def test_a_bucket_and_everything() -> None:
    for entry in (entry_key("head", "b", "k"), entry_key("list_buckets", ""), entry_key("get_bucket_acl", "b")):
        assert Invalidation(1, "b").covers(entry)
        assert Invalidation(1).covers(entry)
    assert not Invalidation(1, "b").covers(entry_key("head", "c", "k"))
    assert not Invalidation(1, "b", prefix="").covers(entry_key("list_buckets", ""))


def test_an_entry_can_be_let_go() -> None:
    index = Index()
    index.add(entry_key("pages", "b", "a/"))
    index.add(entry_key("head", "b", "a/k"))
    assert len(set(index.all())) == 2
    for entry in [*index.all()]:
        index.discard(entry)
        index.discard(entry)
    assert set(index.all()) == set()
    assert not index.exact
    assert not index.listings


def test_whatever_an_answer_depends_on_is_part_of_its_key() -> None:
    assert entry_key("x", "b", "k", a=[1, {"c": 2}], b={1}) == entry_key("x", "b", "k", b={1}, a=[1, {"c": 2}])
    assert entry_key("x", "b", "k", a=1) != entry_key("x", "b", "k", a=2)
    assert entry_key("x", "b", "k") != entry_key("x", "b", "k", a=None)
    hash(entry_key("x", "b", operation={"nested": [{}]}))
