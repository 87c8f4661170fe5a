"""The objects of a page by columns are what a list of them is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tfm.info import FileInfo
from tfm.s3.entries import directory_page, file_info, tree_page
from tfm.s3.objects import Objects, keys_of
from tfm.s3.protocol import ObjectFacts, Page

KEYS = st.lists(st.text("ab/.", min_size=1, max_size=6), unique=True, max_size=12).map(sorted)
FACTS = st.builds(
    lambda *told: ObjectFacts("", *told),
    st.integers(0, 1 << 50),
    st.floats(0, 2e9),
    st.sampled_from(["", '"e"']),
    st.sampled_from(["STANDARD", "GLACIER"]),
)


@st.composite
def listed(draw: st.DrawFn) -> tuple[Objects, list[ObjectFacts]]:
    facts = [draw(FACTS)._replace(key=key) for key in draw(KEYS)]
    columns = [[each[field] for each in facts] for field in range(5)]
    return Objects(*columns), facts  # type: ignore[arg-type]


@given(listed(), st.integers(0, 12), st.integers(0, 12))
def test_as_a_list_of_facts(both: tuple[Objects, list[ObjectFacts]], start: int, stop: int) -> None:
    objects, facts = both
    assert list(objects) == facts == objects
    assert all(type(each) is ObjectFacts for each in objects)
    assert len(objects) == len(facts)
    assert bool(objects) is bool(facts)
    assert [objects[index] for index in range(len(facts))] == facts
    assert objects[start:stop] == facts[start:stop]
    assert repr(objects) == repr(facts)
    assert list(keys_of(objects)) == list(keys_of(facts))


def test_they_differ_from_others() -> None:
    objects = Objects(["a"], [1], [2.0], [""], ["STANDARD"])
    assert objects != [ObjectFacts("a", 2, 2.0)]
    assert objects != "a"


@given(listed(), st.sampled_from(["", "a", "a/"]))
def test_the_entries_of_a_page_are_the_same(both: tuple[Objects, list[ObjectFacts]], prefix: str) -> None:
    objects, facts = both
    assert tree_page(Page(objects, []), prefix) == tree_page(Page(facts, []), prefix)
    assert directory_page(Page(objects, ["b/"]), prefix) == directory_page(Page(facts, ["b/"]), prefix)


def test_an_entry_is_that_of_its_object() -> None:
    objects = Objects(["d/x"], [3], [1.5], [""], ["GLACIER"])
    ((_, info),) = tree_page(Page(objects, []), "d/")
    assert type(info) is FileInfo
    assert info == file_info("x", objects[0])
