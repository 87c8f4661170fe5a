"""The limit of bytes a second, on a clock that no thread moves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfm.operations.rate import BURST, RateLimit


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


@given(st.lists(st.integers(1, 5_000), min_size=1, max_size=30), st.sampled_from([10.0, 1000.0]))
def test_bytes_take_the_time_that_the_rate_says(sizes: list[int], rate: float) -> None:
    clock = Clock()
    limit = RateLimit(rate, clock=clock, sleep=clock.sleep)
    for size in sizes:
        limit(size)
    assert clock.now - 100 == pytest.approx(sum(sizes) / rate)


def test_a_rest_is_worth_a_short_burst_only() -> None:
    clock = Clock()
    limit = RateLimit(1000, clock=clock, sleep=clock.sleep)
    clock.now += 60
    limit(2000)
    assert clock.now - 160 == pytest.approx(2 - BURST)


def test_a_cancelled_job_does_not_wait() -> None:
    clock = Clock()
    limit = RateLimit(1, lambda: clock.now > 101, clock, clock.sleep)
    limit(1_000_000)
    assert clock.now < 102
