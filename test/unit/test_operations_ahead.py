"""What is asked for ahead comes in order, not too far ahead, and with what went wrong in its place."""

import threading
import time

import pytest

from tfm.operations.ahead import PAGES, ahead, soon


def test_pages_come_in_order_and_the_next_ones_are_asked_for_meanwhile():
    asked, two_more = [], threading.Event()

    def pages():
        for number in range(10):
            asked.append(number)
            if number == 2:
                two_more.set()
            yield number

    found = ahead(pages())
    assert next(found) == 0
    assert two_more.wait(10), "nobody has wanted the second page yet"
    time.sleep(0.05)
    assert len(asked) <= 1 + PAGES + 1, "those that wait, and one at the door"
    assert list(found) == list(range(1, 10))


def test_what_goes_wrong_is_raised_in_its_place():
    def pages():
        yield 1
        raise PermissionError("no")

    found = ahead(pages())
    assert next(found) == 1
    with pytest.raises(PermissionError):
        next(found)


def test_a_listing_that_nobody_wants_any_more_ends():
    asked, threads = [], threading.active_count()

    def pages():
        while True:
            asked.append(1)
            yield 1

    found = ahead(pages())
    next(found)
    found.close()
    ends = time.monotonic() + 10
    while threading.active_count() > threads and time.monotonic() < ends:
        time.sleep(0.01)
    assert threading.active_count() == threads
    assert len(asked) <= 3 + PAGES


def test_a_call_runs_in_a_thread_and_gives_what_it_gives_or_raises():
    assert soon(threading.current_thread).result(10) is not threading.current_thread()
    with pytest.raises(ZeroDivisionError):
        soon(lambda: 1 // 0).result(10)
