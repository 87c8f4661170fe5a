"""Taking up a job that was interrupted or failed, and forgetting one for good."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor

from tfm.errors import RefusedError
from tfm.info import FileInfo
from tfm.operations.conflict import Conflict
from tfm.operations.copy import copy
from tfm.operations.delete import delete
from tfm.operations.guards import Given
from tfm.operations.job import Job
from tfm.operations.joining import everything
from tfm.operations.journal import Journal, Standing
from tfm.operations.move import move
from tfm.operations.record import Record
from tfm.operations.request import Asked, Request
from tfm.operations.sameness import By
from tfm.operations.sweeping import sweep
from tfm.operations.sync import run_plan, sync
from tfm.operations.takingup import finish_renames
from tfm.path import Path


def resume(number: int, journal: Journal, *, executor: Executor | None = None) -> Job:
    """Make a job that goes on where an earlier process has ended, and ends as if that had never happened.

    What is done is not done again; what was begun is looked at, and counts as done only when all of its bytes are
    there; what failed is tried again.

    Args:
        number: The job's in the journal.
        journal: The journal.
        executor: As for `copy`.

    Raises:
        JournalError: There is no such job, or it runs at this moment.
        RefusedError: It is done, or was cancelled.
    """
    known = journal.job(number)
    if known.standing is Standing.RUNNING:
        raise RefusedError(f"Job {number} runs at this moment: it is never run twice.")
    if known.standing in (Standing.DONE, Standing.CANCELLED):
        raise RefusedError(f"Job {number} is {known.standing.value}: there is nothing to take up.")
    record = Record(journal, number, resumed=True)
    try:
        if known.request.verb == "move":
            finish_renames(record)
        job = job_of(known.request, executor)
    except BaseException:
        record.close()
        raise
    job.opens_with(lambda _: record, resumed=True)
    return job


def discard(number: int, journal: Journal) -> None:
    """Give a job up: remove what it has left unfinished, and forget it; what it has finished stays.

    Args:
        number: The job's in the journal.
        journal: The journal.

    Raises:
        JournalError: There is no such job, or it runs at this moment.
        OSError: Something could not be removed; then the job is still known.
    """
    journal.job(number)
    record = Record(journal, number, resumed=True)
    try:
        sweep(record)
    except BaseException:
        record.end(Standing.INTERRUPTED, (0, 0, 0, 0), ())
        raise
    record.close()
    journal.forget(number)


def job_of(request: Request, executor: Executor | None = None) -> Job:
    """Make the job that a request asks for.

    Args:
        request: What was asked for.
        executor: As for `copy`.
    """
    return _MAKERS[request.verb](request, executor)


def _copy(request: Request, executor: Executor | None) -> Job:
    return copy(
        _given(request), Path(request.into), names=_names(request), conflict=Conflict(request.conflict),
        take=request.take, executor=executor,
    )  # fmt: skip


def _move(request: Request, executor: Executor | None) -> Job:
    return move(
        _given(request), Path(request.into), names=_names(request), conflict=Conflict(request.conflict),
        take=request.take, executor=executor,
    )  # fmt: skip


def _delete(request: Request, executor: Executor | None) -> Job:
    del executor  # a delete is a few requests
    return delete(_given(request), take=request.take)


def _sync(request: Request, executor: Executor | None) -> Job:
    options = request.options
    return sync(
        Path(request.sources[0].path), Path(request.into), delete=bool(options["delete"]), by=By(options["by"]),
        force=bool(options["force"]), take=request.take or everything, executor=executor,
    )  # fmt: skip


def _plan(request: Request, executor: Executor | None) -> Job:
    return run_plan(Path(request.sources[0].path), executor=executor)


_MAKERS: dict[str, Callable[[Request, Executor | None], Job]] = {
    "copy": _copy,
    "move": _move,
    "delete": _delete,
    "sync": _sync,
    "plan": _plan,
}


def _given(request: Request) -> list[Given]:
    return [_one(each) for each in request.sources]


def _one(asked: Asked) -> Given:
    path = Path(asked.path)
    if asked.kind == "file":
        return path, FileInfo(path.name, "file")
    return (path, FileInfo(path.name, "directory")) if asked.kind == "directory" else path


def _names(request: Request) -> dict[Path, str]:
    return {Path(each.path): each.name for each in request.sources if each.name}
