"""Steps of a job: bounded, in two lanes."""

import threading
import time

from tfm.operations.scheduler import LARGE, MOST_AHEAD, Scheduler
from tfm.width import Width


def scheduler(width, cancelled=lambda: False):
    changed = threading.Condition(threading.RLock())
    return Scheduler(Width(first=width, most=width), changed, cancelled), changed


def test_whoever_brings_more_waits_while_many_wait():
    steps, changed = scheduler(1)
    gate, brought = threading.Event(), []

    def bring():
        for number in range(30):
            steps.submit(0, gate.wait)
            brought.append(number)

    thread = threading.Thread(target=bring, daemon=True)
    thread.start()
    time.sleep(0.2)
    assert len(brought) == 8
    gate.set()
    thread.join(5)
    with changed:
        assert changed.wait_for(lambda: not steps.left, 5)
    assert len(brought) == 30
    steps.close()


class Waiting:
    """Runs nothing before it is told to."""

    def __init__(self):
        self.steps = []
        self.add = self.steps.append


def test_what_waits_is_bounded_however_wide_it_is():
    waiting = Waiting()
    steps, _ = scheduler(10_000)
    steps._small = waiting
    thread = threading.Thread(target=lambda: [steps.submit(0, int) for _ in range(MOST_AHEAD + 5)], daemon=True)
    thread.start()
    time.sleep(0.3)
    assert len(waiting.steps) == MOST_AHEAD
    for step in waiting.steps[:]:
        step()
    thread.join(10)
    assert len(waiting.steps) == MOST_AHEAD + 5


def test_large_files_do_not_hold_up_small_ones():
    steps, changed = scheduler(2)
    gate, small = threading.Event(), threading.Event()
    for _ in range(4):
        steps.submit(LARGE, gate.wait)
    steps.submit(0, small.set)
    assert small.wait(5)
    gate.set()
    with changed:
        assert changed.wait_for(lambda: not steps.left, 5)
    steps.close()
