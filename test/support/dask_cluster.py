"""A Dask cluster of several processes on loopback, that can lose workers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

PATIENCE = 60


class DaskCluster:
    """A scheduler and its workers, each a process without a nanny; use it as a context manager.

    Args:
        directory: Where they write.
        variables: Their environment, besides this process's own.
        workers: How many.
    """

    def __init__(self, directory: Path, variables: Mapping[str, str], workers: int = 3) -> None:
        self._directory = directory
        self._variables = {**os.environ, **variables}
        self._file = directory / "scheduler.json"
        self._wanted = workers
        self._started = 0
        self._scheduler: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        self._scheduler = self._start("scheduler", "--port", "0", "--scheduler-file", str(self._file))
        for _ in range(self._wanted):
            self.add()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        for process in [*self.workers, self._scheduler]:
            if process is not None and process.poll() is None:
                process.kill()
        for process in [*self.workers, self._scheduler]:
            if process is not None:
                process.wait()

    @property
    def address(self) -> str:
        """The scheduler's address."""
        end = time.monotonic() + PATIENCE
        while not self._file.exists() or not self._file.read_text():
            assert time.monotonic() < end, self._said("scheduler")
            time.sleep(0.05)
        address: str = json.loads(self._file.read_text())["address"]
        return address

    def add(self, **variables: str) -> None:
        """Start one more worker, and wait until it is one of the cluster's."""
        self._started += 1
        name = f"worker{self._started}"
        more = ("--no-nanny", "--nthreads", "1", "--name", name, "--local-directory", str(self._directory / name))
        self.workers.append(self._start("worker", self.address, *more, log=name, variables=variables))
        end = time.monotonic() + PATIENCE
        while "Registered to" not in self._said(name):
            assert time.monotonic() < end, self._said(name)
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill a worker, which has no chance to say good-bye."""
        process = self.workers.pop(0)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def _said(self, log: str) -> str:
        file = self._directory / f"{log}.log"
        return file.read_text() if file.exists() else ""

    def _start(
        self, what: str, *arguments: str, log: str = "", variables: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", "--host", "127.0.0.1", "--no-dashboard"]
        with (self._directory / f"{log or what}.log").open("wb") as output:
            return subprocess.Popen(
                [*command, *arguments],
                env={**self._variables, **(variables or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
