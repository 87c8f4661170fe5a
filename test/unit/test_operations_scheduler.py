"""Pools whose threads never keep a process alive, and bounded queues."""

import subprocess
import sys
import threading
import time
from concurrent.futures import Future

import pytest

from tfm.daemonpool import DaemonPool, settle
from tfm.operations.scheduler import LARGE, Scheduler


def test_a_pool_gives_results_and_errors():
    pool = DaemonPool(2, "test")
    assert pool.submit(pow, 2, 5).result(5) == 32
    with pytest.raises(ZeroDivisionError):
        pool.submit(divmod, 1, 0).result(5)
    pool.shutdown()


def test_a_pool_is_as_wide_as_it_says_and_no_wider():
    pool = DaemonPool(3, "test")
    running, most, lock = [0], [0], threading.Lock()

    def work():
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.02)
        with lock:
            running[0] -= 1

    for future in [pool.submit(work) for _ in range(12)]:
        future.result(5)
    pool.shutdown()
    assert most == [3]


def test_a_pool_that_was_shut_down_takes_nothing_more():
    pool = DaemonPool(1, "test")
    pool.shutdown()
    with pytest.raises(RuntimeError):
        pool.submit(print)


def test_a_stalled_thread_does_not_keep_the_process_alive():
    code = (
        "import threading; from tfm.daemonpool import DaemonPool;"
        "DaemonPool(1, 'x').submit(threading.Event().wait); print('end')"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True)
    assert result.stdout == "end\n"


def test_a_future_that_was_cancelled_is_not_run():
    future = Future()
    future.cancel()
    ran = []
    settle(future, ran.append, 1)
    assert ran == []


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
