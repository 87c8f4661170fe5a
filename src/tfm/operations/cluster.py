"""A Dask cluster as the executor of a job: the only module that knows `distributed`, which is loaded when asked for."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

from tfm import __version__
from tfm.daemonpool import attempt
from tfm.errors import RefusedError
from tfm.operations.remote import check_version, introduce

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE = 10
"""Seconds in which the scheduler must answer."""
TICK = 0.5
"""Seconds between two looks at whether the scheduler is lost."""
ALIVE = ("running", "connecting")
"""States of a client that reaches its scheduler, or goes on trying to."""
ADDRESS = re.compile(r"(tcp|tls)://[^/\s]+:\d{1,5}")


class ClusterError(RefusedError):
    """The cluster can't be used; nothing was done."""


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """Give the executor of a cluster, for a job; when it ends, what is not begun there is dropped.

    Args:
        address: Of its scheduler: `tcp://HOST:PORT`, or `tls://HOST:PORT` with the certificates of Dask's settings.

    Raises:
        ClusterError: `distributed` is not installed; the scheduler doesn't answer, or has no workers; a worker has no
            tfm, or another version of it.

    Source: https://distributed.dask.org/en/stable/api.html#distributed.Client.get_executor
    """
    with _client(address) as client:
        _check_workers(client, address)
        with _Watched(client, address) as executor:
            yield executor


class _Watched(Executor):
    """The client's executor; when the scheduler is lost, so is what was on its way, and that is told.

    The client's own leaves those futures open for ever: the loop that would end them has ended.

    Args:
        client: The client.
        address: Of the scheduler.
    """

    def __init__(self, client: Any, address: str) -> None:
        self._client = client
        self._address = address
        self._executor: Executor = client.get_executor(pure=False)  # the same batch may have to be carried again
        self._lock = threading.Lock()
        self._away: set[Future[Any]] = set()
        self._over = threading.Event()
        threading.Thread(target=self._watch, name="tfm-cluster", daemon=True).start()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a call in a worker.

        Args:
            fn: What to run.
            args: Its arguments.
            kwargs: Its named arguments.

        Raises:
            RuntimeError: The scheduler is lost.
        """
        if self._client.status not in ALIVE:
            raise self._lost()
        future = self._executor.submit(fn, *args, **kwargs)
        with self._lock:
            self._away.add(future)
        future.add_done_callback(self._ended)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Drop what is not begun.

        Args:
            wait: Of no effect.
            cancel_futures: Of no effect.
        """
        del wait, cancel_futures
        self._over.set()
        if self._client.status in ALIVE:
            self._executor.shutdown(wait=False)

    def _lost(self) -> RuntimeError:
        return RuntimeError(f"the scheduler at {self._address} is lost")

    def _ended(self, future: Future[Any]) -> None:
        with self._lock:
            self._away.discard(future)

    def _watch(self) -> None:
        while not self._over.wait(TICK):
            if self._client.status not in ALIVE:
                with self._lock:
                    away = list(self._away)
                for future in away:
                    attempt(future.set_exception, self._lost())  # it may have come just now


def _client(address: str) -> Any:
    dask: Any  # it says that it has types, and most of its functions have none
    try:
        import distributed as dask
    except ModuleNotFoundError as error:
        raise ClusterError(
            f"A cluster is reached by {error.name}, which is not installed; install it with: pip install distributed"
        ) from error
    if not ADDRESS.fullmatch(address):
        raise ClusterError(f"{address!r} is no address of a scheduler: write tcp://HOST:PORT.")
    if address.startswith("tls:") and dask.Security().get_connection_args("client")["ssl_context"] is None:
        raise ClusterError(f"{address} needs certificates: name them in Dask's settings (distributed.comm.tls).")
    try:
        return dask.Client(address, timeout=PATIENCE, set_as_default=False, name="tfm")
    except OSError as error:
        raise ClusterError(f"No scheduler answers at {address}: {error}") from error


def _check_workers(client: Any, address: str) -> None:
    found = client.run(introduce, on_error="return")
    if not found:
        raise ClusterError(f"The cluster at {address} has no workers: start some with `dask worker {address}`.")
    for worker, version in found.items():
        if isinstance(version, BaseException):
            raise ClusterError(
                f"The worker {worker} can't be used ({version}): install tfm {__version__} where it runs, too."
            )
        check_version(__version__, version, worker)
