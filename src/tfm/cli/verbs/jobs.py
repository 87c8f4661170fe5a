"""`tfm jobs`: the copies, moves, deletions and syncs of the last time, and how to go on with those that did not end."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection

from tfm.cli.console import Console, stamp
from tfm.cli.exits import Exit
from tfm.cli.running import add_limits, limited, run_job
from tfm.cli.workers import add_cluster, workers_of
from tfm.errors import RefusedError
from tfm.operations.journal import Journal, Known, Standing
from tfm.operations.resuming import discard, resume
from tfm.operations.undoing import undo
from tfm.wording import bytes_text, count_text, time_text

EXAMPLES = [
    "tfm jobs                 list them",
    "tfm jobs show 1          all that is known of one",
    "tfm jobs resume 1        go on with one that was interrupted or failed",
    "tfm jobs undo 2          take back what a copy, move or deletion did",
    "tfm jobs drop 1          give one up: what it left unfinished is removed",
]
OPEN = (Standing.INTERRUPTED, Standing.FAILED)
"""How a job stands that can be taken up."""
OVER = (*OPEN, Standing.DONE, Standing.CANCELLED)
"""How a job stands that can be taken back."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments.

    Args:
        parser: The verb's.
    """
    parser.add_argument("action", nargs="?", choices=sorted(ACTIONS), default="list", help="default: list")
    parser.add_argument("number", nargs="?", type=int, metavar="N", help="the job's number; of the last one by default")
    add_limits(parser)
    add_cluster(parser)


def run(given: argparse.Namespace, console: Console) -> Exit:
    """Do it.

    Args:
        given: The arguments.
        console: Where it is printed.
    """
    return ACTIONS[given.action](given, Journal(), console)


def _list(given: argparse.Namespace, journal: Journal, console: Console) -> Exit:
    if given.number is not None:
        return _show(given, journal, console)
    jobs = journal.jobs()
    for job in jobs:
        console.show(_line(job), _record(job))
    return console.exit(bool(jobs))


def _show(given: argparse.Namespace, journal: Journal, console: Console) -> Exit:
    job = _chosen(given, journal, tuple(Standing))
    lines = [_line(job), *(f"  {asked.path}" for asked in job.request.sources)]
    if job.request.into:
        lines.append(f"  to {job.request.into}")
    lines += [f"  {reason}" for reason in job.reasons]
    console.show(lines, _record(job))
    return console.exit()


def _resume(given: argparse.Namespace, journal: Journal, console: Console) -> Exit:
    job = _chosen(given, journal, OPEN)
    with workers_of(given) as executor:
        return run_job(limited(resume(job.number, journal, executor=executor), given), console)


def _undo(given: argparse.Namespace, journal: Journal, console: Console) -> Exit:
    job = _chosen(given, journal, OVER)
    return run_job(limited(undo(job.number, journal), given), console)


def _drop(given: argparse.Namespace, journal: Journal, console: Console) -> Exit:
    job = _chosen(given, journal, ())
    discard(job.number, journal)
    console.show(f"Job {job.number} is dropped; what it had finished stays.", {"job": job.number, "state": "dropped"})
    return console.exit()


ACTIONS: dict[str, Callable[[argparse.Namespace, Journal, Console], Exit]] = {
    "list": _list,
    "show": _show,
    "resume": _resume,
    "undo": _undo,
    "drop": _drop,
}


def _chosen(given: argparse.Namespace, journal: Journal, standing: Collection[Standing]) -> Known:
    """Give the job that is meant: the one that is named, or else the last one that stands so.

    Raises:
        RefusedError: None is named, and none stands so.
        JournalError: There is none of that number.
    """
    if given.number is not None:
        return journal.job(given.number)
    fitting = [job for job in journal.jobs() if job.standing in standing]
    if not fitting:
        raise RefusedError(f"Which job? Name it by its number: tfm jobs {given.action} N; tfm jobs lists them.")
    return fitting[-1]


def _line(job: Known) -> str:
    parts = [f"{job.number:>4}  {time_text(job.created)}  {job.standing.value:<11}  {job.title}"]
    if job.ended is not None:
        done = count_text(job.done, "entry", "entries")
        parts.append(f"{done} done" + (f" ({bytes_text(job.bytes)})" if job.bytes else ""))
    if job.failed:
        parts.append(f"{job.failed:,} failed")
    return ", ".join(parts)


def _record(job: Known) -> dict[str, object]:
    return {
        "job": job.number,
        "title": job.title,
        "verb": job.request.verb,
        "state": job.standing.value,
        "sources": [asked.path for asked in job.request.sources],
        "into": job.request.into or None,
        "begun": stamp(job.created),
        "ended": stamp(job.ended),
        "done": job.done,
        "skipped": job.skipped,
        "failed": job.failed,
        "bytes": job.bytes,
        "reasons": list(job.reasons) or None,
    }
