"""Pieces of one object, several at once."""

import threading

import pytest

from tfm.s3.pieces import Allowance, in_pieces
from tfm.width import Width


def test_every_piece_is_moved_once_and_told():
    done, moved = [], []
    in_pieces(
        20, Width(first=4, most=4), "test", moved.append, lambda number, tally: (done.append(number), tally(number))
    )
    assert sorted(done) == sorted(moved) == list(range(20))


def test_the_first_error_ends_all_and_is_the_one_that_is_raised():
    others = threading.Barrier(3)
    ended = []

    def step(number, tally):
        others.wait(10)
        if number == 1:
            raise KeyError(number)
        for _ in range(10_000):
            try:
                tally(1)
            except Exception as error:
                ended.append(type(error).__name__)
                raise
            threading.Event().wait(0.001)

    with pytest.raises(KeyError):
        in_pieces(3, Width(first=3, most=3), "test", lambda count: None, step)
    assert ended == ["_StoppedError"] * 2


def test_what_is_told_can_end_it():
    def moved(count):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        in_pieces(10, Width(first=3, most=3), "test", moved, lambda number, tally: tally(1))


def test_it_is_told_by_one_thread_at_a_time():
    inside = []

    def moved(count):
        inside.append(1)
        assert len(inside) == 1
        threading.Event().wait(0.001)
        inside.pop()

    in_pieces(40, Width(first=8, most=8), "test", moved, lambda number, tally: tally(1))


def test_no_more_is_held_than_is_allowed():
    allowance, gate, passed = Allowance(10), threading.Event(), []

    def take():
        allowance.take(6)
        passed.append(1)
        gate.set()

    with allowance.hold(6):
        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        assert not gate.wait(0.05)
    assert gate.wait(10)
    thread.join()
    assert passed == [1]


def test_a_piece_larger_than_all_passes_alone():
    allowance = Allowance(10)
    with allowance.hold(50):
        thread = threading.Thread(target=allowance.take, args=(1,), daemon=True)
        thread.start()
        thread.join(0.05)
        assert thread.is_alive()
    thread.join(10)
    assert not thread.is_alive()
