"""Outcomes: any number of them, in order, with a bound on what is in memory."""

from __future__ import annotations

import pytest

from tfm import Path
from tfm.operations import outcomes as module
from tfm.operations.events import Outcome
from tfm.operations.outcomes import Outcomes


def outcome(number: int) -> Outcome:
    status = "failed" if number % 3 == 0 else "skipped"
    return Outcome(Path(f"s3://b/k{number}"), Path(f"/tmp/k{number}"), status, f"because of {number}", number)


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 1000])
def test_all_come_back_in_order(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(module, "KEPT", 10)
    taken = Outcomes()
    for number in range(count):
        taken.append(outcome(number))
    expected = [outcome(number) for number in range(count)]
    found = taken.all()
    assert list(found) == expected
    assert list(found) == expected, "a second time"
    assert len(found) == count
    assert taken.counts["failed"] == sum(each.status == "failed" for each in expected)
    if count > 2:
        assert (found[0], found[-1], found[2:-1], found[::-2]) == (
            expected[0], expected[-1], expected[2:-1], expected[::-2],
        )  # fmt: skip
    with pytest.raises(IndexError):
        found[count]
    assert list(found[5:2]) == []


def test_what_comes_later_is_in_the_next_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 3)
    taken = Outcomes()
    for number in range(5):
        taken.append(outcome(number))
    first = taken.all()
    reading = iter(first)
    assert next(reading) == outcome(0)
    taken.append(outcome(5))
    assert [each.bytes for each in reading] == [1, 2, 3, 4]
    assert [each.bytes for each in first] == [0, 1, 2, 3, 4]
    assert [each.bytes for each in taken.all()] == [0, 1, 2, 3, 4, 5]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 3)
    taken = Outcomes()
    for number in range(500):
        taken.append(outcome(number))
    assert len(taken._kept) == 3
