"""Threads that come when there is work, and go when there is none."""

import threading
import time

import pytest

from tfm import workers as module
from tfm.width import Width
from tfm.workers import Workers, for_each


def until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


def alive(name):
    return sum(thread.name == name for thread in threading.enumerate())


def test_threads_come_with_work_and_go_without(monkeypatch):
    monkeypatch.setattr(module, "IDLE", 0.05)
    width = Width(first=4, most=4)
    workers, gate, done = Workers(width, "come-and-go"), threading.Event(), []
    assert alive("come-and-go") == 0
    for number in range(10):
        workers.add(lambda number=number: (gate.wait(10), done.append(number)))
    until(lambda: alive("come-and-go") == 4)
    gate.set()
    until(lambda: len(done) == 10)
    until(lambda: alive("come-and-go") == 0)
    assert [width.claim() for _ in range(5)] == [True] * 4 + [False]
    for _ in range(4):
        width.release()
    workers.add(lambda: done.append("again"))
    until(lambda: done[-1] == "again")


def test_one_step_needs_one_thread():
    workers, done = Workers(Width(), "one-by-one"), []
    for number in range(20):
        workers.add(lambda number=number: done.append(number))
        until(lambda number=number: len(done) == number + 1)
        time.sleep(0.002)
    assert done == list(range(20))
    assert alive("one-by-one") <= 2
    workers.close()
    until(lambda: alive("one-by-one") == 0)


def test_all_workers_of_a_storage_share_its_width_and_none_starves():
    width, gate = Width(first=3, most=3), threading.Event()
    first, second = Workers(width, "sharing"), Workers(width, "sharing")
    for _ in range(10):
        first.add(lambda: gate.wait(10))
    until(lambda: alive("sharing") == 3)
    second.add(lambda: gate.wait(10))
    second.add(lambda: gate.wait(10))
    until(lambda: alive("sharing") == 4)
    time.sleep(0.02)
    assert alive("sharing") == 4
    gate.set()
    first.close(), second.close()
    until(lambda: alive("sharing") == 0)


def test_a_narrower_width_ends_threads():
    width, gate, done = Width(first=16, most=16), threading.Semaphore(0), []
    workers = Workers(width, "narrower")
    for number in range(60):
        workers.add(lambda number=number: (gate.acquire(timeout=10), done.append(number)))
    until(lambda: alive("narrower") == 16)
    until(lambda: time.monotonic() > width._calm_until)
    width.slow_down()
    assert width.limit == 8
    gate.release(20)
    until(lambda: len(done) == 20)
    until(lambda: alive("narrower") == 8)
    gate.release(40)
    until(lambda: len(done) == 60)
    workers.close()


def test_everything_is_done_and_the_items_are_taken_as_they_are_needed():
    width, taken, done = Width(first=2, most=2), [], []

    def items():
        for number in range(100):
            taken.append(number)
            assert len(taken) - len(done) <= 6
            yield number

    for_each(width, "each", done.append, items())
    assert sorted(done) == list(range(100))


def test_the_first_error_ends_it_after_what_is_under_way():
    begun, ended = [], []

    def fail(number):
        begun.append(number)
        time.sleep(0.01)
        if number == 5:
            raise KeyError(number)
        ended.append(number)

    with pytest.raises(KeyError, match="5"):
        for_each(Width(first=3, most=3), "failing", fail, range(1000))
    assert len(begun) < 30
    assert sorted([*ended, 5]) == sorted(begun)


def test_an_error_of_the_items_is_raised_too():
    done = []

    def items():
        yield from range(5)
        raise OSError("the listing broke")

    with pytest.raises(OSError, match="the listing broke"):
        for_each(Width(), "listing", done.append, items())
    assert set(done) <= set(range(5))


def test_a_system_without_more_threads_uses_those_that_there_are(monkeypatch):
    started, real = [], threading.Thread.start

    def start(thread):
        if thread.name == "few" and len(started) == 2:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        real(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    done = []
    for_each(Width(), "few", done.append, range(50))
    assert sorted(done) == list(range(50))
