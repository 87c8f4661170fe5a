"""Counting, speed and time left."""

import threading

import pytest

from tfm.transfer.progress import Meter


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def meter(clock):
    return Meter(clock)


def run(meter, clock, seconds, per_second, step=0.1):
    for _ in range(round(seconds / step)):
        clock.now += step
        meter.moved(round(per_second * step))


def test_a_steady_flow_gives_its_speed_from_the_start(meter, clock):
    run(meter, clock, 1, 1_000_000)
    assert meter.snapshot().speed == pytest.approx(1_000_000, rel=0.03)
    run(meter, clock, 30, 1_000_000)
    assert meter.snapshot().speed == pytest.approx(1_000_000, rel=0.03)


def test_the_speed_falls_when_nothing_comes(meter, clock):
    run(meter, clock, 20, 1_000_000)
    clock.now += 15
    assert meter.snapshot().speed < 100_000


def test_a_jump_is_smoothed(meter, clock):
    run(meter, clock, 20, 1_000_000)
    run(meter, clock, 1, 10_000_000)
    assert 1_500_000 < meter.snapshot().speed < 5_000_000


def test_time_left_is_known_only_when_everything_was_found(meter, clock):
    meter.found(1, 10_000_000)
    run(meter, clock, 2, 1_000_000)
    assert meter.snapshot().eta is None
    meter.listed()
    assert meter.snapshot().eta == pytest.approx(8, rel=0.05)


def test_no_time_left_is_guessed_in_the_first_moment(meter, clock):
    meter.found(1, 10_000_000)
    meter.listed()
    run(meter, clock, 0.3, 1_000_000)
    assert meter.snapshot().eta is None


def test_many_small_files_are_bound_by_their_number(meter, clock):
    meter.found(1000, 1000)
    meter.listed()
    for _ in range(100):
        clock.now += 0.1
        meter.moved(1)
        meter.done()
    assert meter.snapshot().eta == pytest.approx(90, rel=0.05)


def test_what_failed_or_was_skipped_is_not_waited_for(meter, clock):
    meter.found(3, 30_000_000)
    meter.listed()
    run(meter, clock, 5, 1_000_000)
    meter.failed(10_000_000)
    meter.skipped(10_000_000)
    snapshot = meter.snapshot()
    assert snapshot.eta == pytest.approx(5, rel=0.05)
    assert (snapshot.failed, snapshot.skipped) == (1, 1)


def test_the_bytes_of_a_failed_attempt_are_taken_back(meter, clock):
    meter.found(1, 100)
    meter.moved(60)
    meter.moved(-60)
    meter.failed(100)
    assert meter.snapshot().bytes_done == 0


def test_a_finished_job_has_nothing_left(meter):
    meter.found(1, 5)
    meter.listed()
    meter.moved(5)
    meter.done()
    assert meter.snapshot().eta == 0.0


def test_a_stalled_job_has_no_time_left_to_tell(meter, clock):
    meter.found(2, 100)
    meter.listed()
    clock.now += 60
    assert meter.snapshot().eta is None


def test_no_count_is_lost_between_threads():
    meter = Meter()

    def work():
        for _ in range(2000):
            meter.found(1, 3)
            meter.moved(3)
            meter.done()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    snapshot = meter.snapshot()
    assert (snapshot.files_found, snapshot.files_done) == (16_000, 16_000)
    assert (snapshot.bytes_found, snapshot.bytes_done) == (48_000, 48_000)
