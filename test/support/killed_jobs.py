"""Jobs in processes of their own that are killed at a chosen step: a request, a call that changes a disk, a note.

Run as a program it reads one order a line and answers each with a line; every order is done in a forked child, which
kills itself by SIGKILL at the step that the order names. As a module it has `Killer`, which gives such orders.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

CHANGES = ("link", "unlink", "rename", "replace", "symlink", "mkdir", "rmdir", "utime")
"""Functions of `os` that count as steps."""


class Ended(NamedTuple):
    """How an order ended.

    Args:
        killed: Whether it was killed.
        steps: How many steps it took, when it was not.
        state: Of the job, likewise.
        failures: What failed and why, likewise.
    """

    killed: bool
    steps: int
    state: str
    failures: list[str]


class Killer:
    """A process that runs jobs in children and kills them.

    Args:
        environment: Of these processes.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        paths = os.pathsep.join([os.path.dirname(__file__), *filter(None, sys.path)])
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, **environment, "PYTHONPATH": paths},
        )  # fmt: skip

    def run(self, order: Mapping[str, Any], *, kill_at: int = 0, seconds: float = 0.0) -> Ended:
        """Run a job.

        Args:
            order: `verb` and its arguments; `resume` takes up the only job of the journal.
            kill_at: The step before which it is killed; 0 for never.
            seconds: After so many seconds instead; 0 for never.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({**order, "kill_at": kill_at, "seconds": seconds}) + "\n")
        self._process.stdin.flush()
        return Ended(**json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


class Steps:
    """Counts steps, and kills the process before the one that was named.

    Args:
        kill_at: The number of that step; 0 for none.
    """

    def __init__(self, kill_at: int) -> None:
        self.count = 0
        self._kill_at = kill_at
        self._lock = threading.Lock()

    def step(self) -> None:
        """Count one."""
        with self._lock:
            self.count += 1
            if self.count == self._kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    def before(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Make a function that counts a step before each of its calls."""

        def counted(*given: Any, **named: Any) -> Any:
            self.step()
            return function(*given, **named)

        return counted


def watch(steps: Steps) -> None:
    """Count every request, every change of a disk and every note in the journal."""
    from tfm.operations.journal import Journal
    from tfm.s3.fast.wire import Connection
    from tfm.transfer import newname

    for name in CHANGES:
        setattr(os, name, steps.before(getattr(os, name)))
    if (rename := newname._find_rename()) is not None:
        counted = steps.before(rename)
        newname._find_rename = lambda: counted  # type: ignore[assignment]
    Connection.send = steps.before(Connection.send)  # type: ignore[method-assign]
    Connection.exchange = steps.before(Connection.exchange)  # type: ignore[method-assign]
    Journal.write = steps.before(Journal.write)  # type: ignore[method-assign]


def shrink() -> None:
    """Let files count as large that are quick to send, as far as a server's own limits allow."""
    from tfm.s3 import filling, reader, stretch, taking, writer
    from tfm.transfer import source

    taking.PART = writer.PART = 5 * 1024 * 1024
    writer.LARGE = 6 * 1024 * 1024
    for module in (filling, reader, stretch):
        module.LARGE = 1024 * 1024  # type: ignore[attr-defined]
    filling.RANGE = 1024 * 1024
    source.PIECEWISE = 1024 * 1024


def do(order: dict[str, Any]) -> tuple[int, str, list[str]]:
    """Do an order in this process; gives its steps, the state of its job and what failed."""
    from tfm import Path
    from tfm.operations import Conflict, Job, copy, delete, move, sync
    from tfm.operations.journal import Journal
    from tfm.operations.resuming import resume

    shrink()
    journal = Journal(order["journal"])
    sources = [Path(each) for each in order.get("sources", ())]
    into = Path(order.get("into", "."))
    rule = Conflict(order.get("conflict", "ask"))
    makers: dict[str, Callable[[], Job]] = {
        "copy": lambda: copy(sources, into, conflict=rule, journal=journal),
        "move": lambda: move(sources, into, conflict=rule, journal=journal),
        "delete": lambda: delete(sources, journal=journal),
        "sync": lambda: sync(sources[0], into, delete=True, force=True, journal=journal),
        "resume": lambda: resume(journal.jobs()[-1].number, journal),
    }
    steps = Steps(order["kill_at"])
    watch(steps)
    job = makers[order["verb"]]()
    job.start()
    assert job.wait(120)
    failed = [f"{outcome.source}: {outcome.reason}" for outcome in job.report if outcome.status != "done"]
    return steps.count, job.state.value, failed


def in_child(order: dict[str, Any]) -> dict[str, Any]:
    """Do an order in a forked child; tells how that ended."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        try:
            told = json.dumps(do(order))
        except BaseException as error:  # noqa: BLE001 - it is told, and the child ends
            told = json.dumps((0, "raised", [repr(error)]))
        os.write(writing, told.encode())
        os._exit(0)
    os.close(writing)
    timer = threading.Timer(order["seconds"] or 3600, os.kill, (child, signal.SIGKILL))
    timer.start()
    with os.fdopen(reading) as answer:
        text = answer.read()
    timer.cancel()
    os.waitpid(child, 0)
    steps, state, failures = json.loads(text) if text else (0, "", [])
    return Ended(not text, steps, state, failures)._asdict()


def main() -> None:
    """Do one order a line, until there are no more."""
    import tfm.operations.resuming
    import tfm.s3.bulk
    import tfm.s3.client
    import tfm.s3.fast.many
    import tfm.s3.path  # noqa: F401 (loaded once, so that a child begins at once)

    for line in sys.stdin:
        print(json.dumps(in_child(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
