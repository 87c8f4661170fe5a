"""Runs a job for a verb: progress on a terminal, questions, Ctrl-C, and what became of everything."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from contextlib import suppress

from tfm.cli.console import Console
from tfm.cli.exits import Exit
from tfm.cli.quantities import bytes_a_second, count
from tfm.cli.rules import argued
from tfm.errors import TfmError
from tfm.operations import Decision, Job, JobEvent, JobState, Outcome, Progress, Question
from tfm.operations.journal import Journal, JournalError
from tfm.wording import bytes_text, count_text, duration_text, time_text, visible

TICK = 0.1
"""Seconds between two looks at a running job."""

ANSWERS = {
    "o": Decision.OVERWRITE,
    "s": Decision.SKIP,
    "n": Decision.NEWER,
    "d": Decision.SIZE_DIFFERS,
    "c": Decision.CHECKSUM_DIFFERS,
    "k": Decision.KEEP_BOTH,
}
PROMPT = (
    "[o]verwrite, [s]kip, overwrite if [n]ewer, if size [d]iffers, if [c]hecksum differs, [k]eep both; "
    "a capital letter for all: "
)


def add_limits(parser: argparse.ArgumentParser, *, rate: bool = True) -> None:
    """Add the options that make a job do less than it could.

    Args:
        parser: A verb's.
        rate: Whether it moves bytes.
    """
    parser.add_argument("--jobs", type=argued(count), metavar="N", help="files at once, at most (default: found out)")
    if rate:
        parser.add_argument("--limit-rate", type=argued(bytes_a_second), metavar="RATE", help="such as 10M a second")


def limited(job: Job, given: argparse.Namespace) -> Job:
    """Make a job do what the options say.

    Args:
        job: Not started.
        given: The arguments of a parser that `add_limits` knows.
    """
    job.limit(given.jobs, getattr(given, "limit_rate", None))
    return job


def run_journaled(make: Callable[[Journal | None], Job], given: argparse.Namespace, console: Console) -> Exit:
    """Make a job, write it down in the journal as far as that can be, and run it to its end.

    Args:
        make: Makes it, with a journal or without one.
        given: The arguments of a parser that `add_limits` knows.
        console: Where outcomes and failures are printed.
    """
    try:
        journal = Journal()
    except JournalError as error:
        _not_journaled(error)
        journal = None
    return run_job(limited(make(journal), given), console)


def _not_journaled(error: JournalError) -> None:
    print(f"tfm: This job can't be taken up if it is interrupted: {error.strerror}.", file=sys.stderr)


def run_job(job: Job, console: Console, *, interactive: bool | None = None) -> Exit:
    """Run a job to its end and give the exit code.

    Args:
        job: Not started.
        console: Where outcomes and failures are printed.
        interactive: Whether somebody can be asked; by default, whether standard input and error are a terminal.
    """
    asks = sys.stdin.isatty() and sys.stderr.isatty() if interactive is None else interactive
    shown = ProgressLine(sys.stderr.isatty() and not console.as_json)
    nobody_asked = False
    _start(job, _reporter(console) if console.as_json else None)
    try:
        while not job.wait(TICK):
            shown.update(job.progress)
            for question in job.questions[:1]:
                shown.clear()
                nobody_asked |= not _answer(job, question, asks)
    except KeyboardInterrupt:
        shown.clear()
        return _interrupted(job, console)
    shown.clear()
    return _ended(job, console, nobody_asked)


def _start(job: Job, listener: Callable[[JobEvent], None] | None) -> None:
    """Start a job; one that can't be written down, as on a full disk, is done all the same."""
    try:
        job.start(listener)
    except JournalError as error:
        if job.resumed:
            raise  # what was done before is known to the journal alone
        _not_journaled(error)
        job.opens_with(None)
        job.start(listener)


class ProgressLine:
    """One line at the bottom of a terminal that says how far a job is.

    Args:
        wanted: Whether there is a terminal to write it on.
    """

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted
        self._width = 0

    def update(self, progress: Progress) -> None:
        """Write it anew.

        Args:
            progress: How far the job is.
        """
        if not self._wanted:
            return
        text = progress_text(progress)
        columns = os.get_terminal_size(sys.stderr.fileno()).columns or 80
        text = text[: max(columns - 1, 20)]
        sys.stderr.write("\r" + text.ljust(self._width))
        sys.stderr.flush()
        self._width = len(text)

    def clear(self) -> None:
        """Take it away."""
        if self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            sys.stderr.flush()
            self._width = 0


def progress_text(progress: Progress) -> str:
    """Say in a line how far a job is.

    Args:
        progress: How far.
    """
    more = "" if progress.listing_done else "+"
    parts = [
        f"{progress.files_done:,}/{progress.files_found:,}{more} files",
        f"{bytes_text(progress.bytes_done)} of {bytes_text(progress.bytes_found)}{more}",
        f"{bytes_text(int(progress.speed))}/s",
    ]
    if progress.eta is not None:
        parts.append(f"{duration_text(progress.eta)} left")
    if progress.failed:
        parts.append(f"{progress.failed:,} failed")
    return ", ".join(parts)


def _reporter(console: Console) -> Callable[[JobEvent], None]:
    def report(event: JobEvent) -> None:
        if event.outcome is not None and event.kind in ("done", "skipped", "failed"):
            console.show("", outcome_record(event.outcome))

    return report


def outcome_record(outcome: Outcome) -> dict[str, object]:
    """Give an outcome as JSON shows it.

    Args:
        outcome: What became of one path.
    """
    return {
        "source": str(outcome.source),
        "target": None if outcome.target is None else str(outcome.target),
        "status": outcome.status,
        "reason": outcome.reason or None,
        "bytes": outcome.bytes,
    }


def _answer(job: Job, question: Question, asks: bool) -> bool:
    """Ask whoever is there, and tell whether somebody was; where nobody is, what exists stays."""
    if not asks:
        job.answer(question, Decision.SKIP, for_all=True)
        return False
    there = question.target_info
    size = "" if there.size is None else f", {bytes_text(there.size)}"
    print(f"{visible(str(question.target))} exists ({time_text(there.mtime)}{size}).", file=sys.stderr)
    while True:
        sys.stderr.write(PROMPT)
        sys.stderr.flush()
        text = sys.stdin.readline()
        if not text:
            job.answer(question, Decision.SKIP, for_all=True)
            return False
        letter = text.strip()[:1]
        if letter.lower() in ANSWERS:
            job.answer(question, ANSWERS[letter.lower()], for_all=letter.isupper())
            return True


def _interrupted(job: Job, console: Console) -> Exit:
    """Stop cleanly; a second Ctrl-C ends the process at once."""
    done = job.progress.files_done
    job.cancel(keep=True)
    print("tfm: Stopping at the next chunk. Ctrl-C again ends at once.", file=sys.stderr)
    with suppress(KeyboardInterrupt):
        while not job.wait(TICK):
            pass
        print(f"tfm: Stopped: {count_text(done, 'entry was', 'entries were')} done, the rest was not.", file=sys.stderr)
        _offer(job)
        console.bytes.flush()
        return Exit.INTERRUPTED
    os._exit(int(Exit.INTERRUPTED))


def _ended(job: Job, console: Console, nobody_asked: bool) -> Exit:
    for outcome in job.report:
        if outcome.status in ("failed", "cancelled"):
            named = str(outcome.source) in outcome.reason
            console.fail(TfmError(outcome.reason if named else f"{outcome.source}: {outcome.reason}"))
        elif outcome.status == "skipped" and nobody_asked:
            console.fail(
                TfmError(f"{outcome.target} exists and was left alone: say --conflict overwrite, or another rule")
            )
        elif outcome.status == "skipped" and not console.as_json:
            print(f"tfm: {visible(str(outcome.source))} was skipped: {outcome.reason}.", file=sys.stderr)
    if job.state is JobState.FAILED:
        console.failures = max(console.failures, 1)
        _offer(job)
    return console.exit()


def _offer(job: Job) -> None:
    """Say how a job is taken up."""
    if job.record is not None:
        number = job.record.number
        print(f"tfm: Go on with: tfm jobs resume {number} (or give it up: tfm jobs drop {number}).", file=sys.stderr)
