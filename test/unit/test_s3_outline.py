"""Directories that were asked for are places where the keys behind one can be split."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tfm.s3.outline import Outline

KEYS = st.lists(st.text("ab/", min_size=1, max_size=8), min_size=1, unique=True).map(sorted)


def below(keys: list[str], directory: str) -> list[str]:
    found = {key[: key.index("/", len(directory)) + 1] for key in keys if "/" in key[len(directory) :]}
    return sorted(each for each in found if each.startswith(directory))


def dates() -> Outline:
    outline = Outline("d/")
    outline.learn("d/", ["d/2015/", "d/2016/", "d/2017/"], whole=True)
    return outline


def test_the_middle_directory_behind_a_key() -> None:
    assert dates().between("d/2014/x", None) == "d/2016/"
    assert dates().between("d/2015/x", "d/2017/") == "d/2016/"
    assert dates().between("d/2016/x", "d/2017/") is None
    assert dates().between("d/2017/x", None) is None
    assert Outline("d/").between("d/a", None) is None


def test_each_directory_is_asked_for_once_and_where_nothing_is_known() -> None:
    outline = Outline("d/")
    assert outline.ask("d/2015/01/x", None) == ("d/", False)
    assert outline.ask("d/2015/01/x", None) == (None, True)
    outline.learn("d/", ["d/2015/", "d/2016/"], whole=True)
    assert outline.ask("d/2015/01/x", None) == (None, False)  # it can be split
    assert outline.ask("d/2015/01/x", "d/2016/") == ("d/2015/", False)
    outline.learn("d/2015/", [], whole=True)
    assert outline.ask("d/2015/01/x", "d/2016/") == (None, False)  # no directory is behind the last one
    assert outline.ask("d/2015/01/2/x", "d/2016/") == ("d/2015/01/", False)
    assert outline.ask("d/x", "d/y") == (None, False)


def test_how_many_are_left() -> None:
    outline = dates()
    assert outline.part("d/2015/a", "d/2015/b", None) == 2.5 / 0.5
    assert outline.part("d/2015/a", "d/2016/b", None) == 1.5 / 1.5
    assert outline.part("d/2016/a", "d/2016/b", "d/2017/") is None
    assert Outline("d/").part("d/a/a", "d/a/b", None) is None


def test_whether_the_end_is_known() -> None:
    assert dates().ends
    outline = Outline("d/")
    outline.learn("d/", ["d/a/"], whole=False)
    assert not outline.ends
    outline.learn("d/", [], whole=True)
    assert not outline.ends


@given(KEYS, st.integers(0, 40), st.integers(0, 40), st.sampled_from(["", "a", "a/"]))
def test_a_directory_that_is_given_has_keys_between_the_two(keys: list[str], one: int, other: int, prefix: str) -> None:
    keys = [key for key in keys if key.startswith(prefix)] or [prefix + "a"]
    low, high = keys[min(one, other) % len(keys)], keys[max(one, other) % len(keys)]
    outline = Outline(prefix)
    for end in (high, None):
        if end is not None and end <= low:
            continue
        while (directory := outline.ask(low, end)[0]) is not None:
            outline.learn(directory, below(keys, directory), whole=True)
        point = outline.between(low, end)
        if point is not None:
            assert low < point
            assert end is None or point < end
            assert any(key.startswith(point) for key in keys)
        part = outline.part(keys[0], low, end)
        assert part is None or part > 0
