"""How objects are cut into parts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tfm.s3.cuts import MIB, equal, usual


@given(st.integers(0, 10**13), st.integers(1, 10_000))
def test_parts_of_one_size_and_a_rest(size: int, part: int) -> None:
    cuts = equal(size % 10**6, part)
    assert sum(cuts) == size % 10**6
    assert all(each == part for each in cuts[:-1])


@given(st.integers(0, 10**12), st.integers(0, 200))
def test_every_way_has_the_size_and_the_count(size: int, count: int) -> None:
    for cuts in usual(size, count):
        assert (sum(cuts), len(cuts)) == (size, count)


def test_what_usual_programs_do_is_among_them() -> None:
    assert equal(100 * MIB + 1, 8 * MIB) in usual(100 * MIB + 1, 13)
    assert equal(100 * MIB, 50 * MIB) in usual(100 * MIB, 2)
    assert usual(10, 0) == usual(0, 1) == []
