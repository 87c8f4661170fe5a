"""Steps of a job: bounded, in two lanes."""

import threading
import time

from tfm.operations.scheduler import LARGE, Scheduler


def scheduler(width, cancelled=lambda: False):
    changed = threading.Condition(threading.RLock())
    return Scheduler(None, width, changed, cancelled), changed


def test_whoever_brings_more_waits_while_many_wait():
    steps, changed = scheduler(1)
    gate, brought, failed = threading.Event(), [], []

    def bring():
        for number in range(30):
            steps.submit(0, gate.wait, failed.append)
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
    assert failed == []
    steps.close()


def test_a_step_that_raises_is_told():
    steps, changed = scheduler(1)
    failed = []
    steps.submit(0, lambda: 1 // 0, failed.append)
    with changed:
        assert changed.wait_for(lambda: not steps.left, 5)
    assert [type(error) for error in failed] == [ZeroDivisionError]
    steps.close()


def test_large_files_do_not_hold_up_small_ones():
    steps, changed = scheduler(2)
    gate, small = threading.Event(), threading.Event()
    for _ in range(4):
        steps.submit(LARGE, gate.wait, print)
    steps.submit(0, small.set, print)
    assert small.wait(5)
    gate.set()
    with changed:
        assert changed.wait_for(lambda: not steps.left, 5)
    steps.close()
