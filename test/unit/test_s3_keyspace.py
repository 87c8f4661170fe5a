"""Guesses where keys are: between their neighbours, fit to be sent, and near the middle where that shows."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfm.s3.keyspace import LONGEST, KeySpace, beyond, common, leap

KEYS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=12)


def space_of(keys: list[str], prefix: str = "") -> KeySpace:
    space = KeySpace(prefix)
    space.learn(keys)
    return space


@settings(deadline=None)
@given(st.lists(KEYS, min_size=2, max_size=20, unique=True), st.data())
def test_a_guess_is_between_its_neighbours(keys: list[str], data: st.DataObject) -> None:
    keys.sort()
    space = space_of(keys)
    low, high = data.draw(st.sampled_from([*zip(keys, [*keys[1:], None], strict=True)]))
    guess = space.between(low, high)
    if guess is not None:
        assert low < guess
        assert high is None or guess < high
        guess.encode()
        assert guess[common(low, guess) :].isprintable()
    assert space.part(keys[0], low, high) >= 0


@settings(deadline=None)
@given(KEYS.filter(bool), st.data())
def test_beyond_is_behind_all_keys_of_the_same_beginning(key: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(key) - 1))
    found = beyond(key, position)
    if found is not None:
        assert found > key[: position + 1] + data.draw(KEYS)
        assert found[:position] == key[:position]
        found.encode()


@settings(deadline=None)
@given(KEYS, KEYS)
def test_a_leap_is_behind_both(one: str, other: str) -> None:
    first, last = sorted((one, other))
    found = leap(first, last)
    if found is not None:
        assert first < last < found
        found.encode()


@settings(deadline=None)
@given(KEYS, KEYS)
def test_common(one: str, other: str) -> None:
    count = common(one, other)
    assert one[:count] == other[:count]
    assert one[count : count + 1] != other[count : count + 1] or max(len(one), len(other)) == count


def test_the_middle_of_numbers() -> None:
    space = space_of([f"p/{number:04}" for number in range(1000)], "p/")
    middle = space.between("p/0999", "p/9")
    assert middle is not None
    assert "p/4" < middle < "p/6"
    assert 0.8 < space.part("p/0000", "p/2", "p/4") < 1.2


def test_what_was_gone_through_is_not_expected_to_have_more() -> None:
    keys = [f"d{number // 10}/s{number % 10 // 5}/x" for number in range(30)]
    space = space_of(keys)
    found = space.between("d1/s1/x", "d2")
    assert found is None or found < "d1/s2"  # behind `s1` comes `d2`, as it was twice
    assert (KeySpace("").between("d1/s1/x", "d2") or "") > "d1/s2"


def test_a_gap_is_remembered() -> None:
    space = space_of(["2020-01", "2020-02"])
    before = space.between("2020-02", "2021")
    assert before is not None
    assert before >= "2020-3"
    for start in ("2020-5", "2020-3", "2020-2"):
        space.learn_gap("2020-02", start, "2021-01")
    after = space.between("2020-02", "2021")
    assert after is None or after < "2020-2"


def test_words_stay_words_until_several_letters_were_seen() -> None:
    assert (space_of(["a/x", "b/x"]).between("b/x", None) or "b").startswith("b")
    assert (space_of(["a/x", "b/x", "c/x"]).between("c/x", None) or "") > "d"


@pytest.mark.parametrize("low", ["x" * LONGEST, "x" * (LONGEST - 1) + "0", "\u20ac" * (LONGEST // 3)])
def test_a_guess_is_never_longer_than_a_key(low: str) -> None:
    space = space_of([low[:-1] + "0", low[:-1] + "1"])
    for guess in (space.between(low, None), space.between(low, low[:-1] + "\U0001f642")):
        assert guess is None or len(guess.encode()) <= LONGEST
    assert beyond(low, len(low) - 1) is None or len(str(beyond(low, len(low) - 1)).encode()) <= LONGEST


def test_there_is_nothing_beyond_the_last_character() -> None:
    assert beyond("a\U0010ffff", 1) is None
    assert beyond("a\U0010ffff", 0) == "b"
    assert beyond("~", 0) == "\xa1"  # no control character
    assert leap("a", "a") is None
    assert leap("\ud7f0", "\ud7ff") != "\ud80e"
