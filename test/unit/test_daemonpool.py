"""A pool whose threads never keep a process alive."""

import subprocess
import sys
import threading
import time
from concurrent.futures import Future

import pytest

from tfm.daemonpool import DaemonPool, settle


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
