"""`Record`: the page of a running job in the journal: what is begun is written down before, what is done after."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from tfm.info import FileInfo
from tfm.operations.events import JobState, Outcome
from tfm.operations.journal import Journal, Standing
from tfm.operations.request import Request, absolute
from tfm.path import Path
from tfm.resumable import Keeper, Known
from tfm.transfer.progress import Progress

SOON = 0.2
"""Seconds after which it is written that something was done, at the latest when something else happens."""
MANY = 256
"""Entries that were done and are written down together."""
MOST_REASONS = 100
"""Failures that are written down with the job."""
MARK = "\0/"
"""Behind the names of directories: no name ends so."""
PAGE = 1000
"""Steps that are read together."""
MOST_KEPT = 100_000
"""Steps of a job that went well which are kept, so that it can be undone."""


STANDING = {
    JobState.CANCELLED: Standing.CANCELLED,
    JobState.FAILED: Standing.FAILED,
    JobState.DONE: Standing.DONE,
}
"""How the journal calls the states in which a job ends."""


class Step(NamedTuple):
    """One entry that a job places, or an earlier process of the same job has begun to.

    Args:
        source: The entry.
        target: Where it goes.
        version: What tells this version of the source from another.
        replaced: Whether something was at the target, and was to be replaced.
        done: Whether it is there, and for a move the source gone.
        directory: Whether it is the directory of that name, and not the file.
    """

    source: Path
    target: Path
    version: str = ""
    replaced: bool = False
    done: bool = False
    directory: bool = False

    @property
    def key(self) -> bytes:
        """The bytes by which the journal names it."""
        return key_of(self.source, self.directory)


class Record:
    """The page of one job; threads may share it.

    Args:
        journal: Where it is.
        number: The job's.
        resumed: Whether an earlier process has begun it.
    """

    def __init__(self, journal: Journal, number: int, *, resumed: bool = False) -> None:
        self.number = number
        self.journal = journal
        self.resumed = resumed
        self.mark = f"job{number}"
        """Makes the names of unfinished files this job's own."""
        self._lock = threading.Lock()
        self._finished: list[tuple[int, bytes]] = []
        self._flushed = time.monotonic()
        self._descriptor = journal.hold(number)
        if resumed:
            if journal.rebooted(number):  # what was written to a part file may not be on the disk
                journal.write("DELETE FROM pieces WHERE job=? AND version LIKE 'disk:%'", [(number,)])
            journal.take_up(number)

    # Steps

    def find(self, source: Path, *, directory: bool = False) -> Step | None:
        """Tell how far an earlier process has come with an entry.

        Args:
            source: The entry.
            directory: Whether the directory of that name is meant.
        """
        if not self.resumed:
            return None
        found = self.journal.read(
            "SELECT target, version, replaced, done FROM steps WHERE job=? AND source=?",
            self.number, key_of(source, directory),
        )  # fmt: skip
        if not found:
            return None
        target, version, replaced, done = found[0]
        return Step(source, Path(os.fsdecode(target)), version, bool(replaced), bool(done), directory)

    def begin(self, steps: Sequence[Step]) -> None:
        """Write down what is about to be placed; only when this has returned may it be.

        Args:
            steps: The entries.
        """
        self.flush()
        self.journal.write(
            "INSERT OR REPLACE INTO steps(job, source, target, version, replaced) VALUES(?,?,?,?,?)",
            [(self.number, step.key, key_of(step.target), step.version, step.replaced) for step in steps],
        )

    def done(self, source: Path, *, size: int = 0, directory: bool = False) -> None:
        """Note that an entry is placed, and for a move that its source is gone.

        Args:
            source: The entry.
            size: Its bytes: of a large one it is written at once.
            directory: Whether the directory of that name is meant.
        """
        with self._lock:
            self._finished.append((self.number, key_of(source, directory)))
            due = len(self._finished) >= MANY or time.monotonic() - self._flushed > SOON or size >= 1 << 20
        if due:
            self.flush()

    def flush(self) -> None:
        """Write down what was done so far."""
        with self._lock:
            finished, self._finished = self._finished, []
            self._flushed = time.monotonic()
        if finished:
            self.journal.write("UPDATE steps SET done=1 WHERE job=? AND source=?", finished)

    def steps(self, *, done: bool) -> Iterator[Step]:
        """Give the steps, in the order of their sources.

        Args:
            done: Those that are done, or those that are not.
        """
        self.flush()
        return steps_of(self.journal, self.number, done=done)

    def keeper(self, step: Step, stopping: Callable[[], bool]) -> Keeper:
        """Give what remembers how far the bytes of an entry have come.

        Args:
            step: The entry.
            stopping: Whether the job ends such that it can be taken up.
        """
        return JournalKeeper(self, step, stopping)

    # The whole

    def conclude(self, state: JobState, keeps: bool, progress: Progress, report: Sequence[Outcome]) -> None:
        """Note how the job ended, and let go of it.

        Args:
            state: In which it ended.
            keeps: Whether it was stopped such that it can be taken up.
            progress: How far it came.
            report: What became of everything.
        """
        failed = (f"{outcome.source}: {outcome.reason}" for outcome in report if outcome.status == "failed")
        counts = (progress.files_done, progress.skipped, progress.failed, progress.bytes_done)
        self.end(Standing.INTERRUPTED if keeps else STANDING[state], counts, failed)

    def end(self, standing: Standing, counts: Sequence[int], reasons: Iterable[str]) -> None:
        """Note how the job ended, and let go of it.

        Args:
            standing: How.
            counts: Entries done, skipped and failed, and bytes.
            reasons: What failed and why.
        """
        self.flush()
        values = (standing.value, time.time(), *counts, json.dumps(list(islice(reasons, MOST_REASONS))), self.number)
        self.journal.write(
            "UPDATE jobs SET state=?, ended=?, done=?, skipped=?, failed=?, bytes=?, reasons=? WHERE id=?", [values]
        )
        if standing is Standing.DONE:
            self._drop_what_is_over()
        self.close()

    def _drop_what_is_over(self) -> None:
        self.journal.write("DELETE FROM pieces WHERE job=?", [(self.number,)])
        if self.journal.read("SELECT count(*) FROM steps WHERE job=?", self.number)[0][0] > MOST_KEPT:
            self.journal.write("DELETE FROM steps WHERE job=?", [(self.number,)])
            self.journal.read("PRAGMA incremental_vacuum")

    def close(self) -> None:
        """Let go of the job."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


class JournalKeeper:
    """Remembers the pieces of one large file, and the upload that they belong to.

    Args:
        record: The job's.
        step: The file.
        stopping: Whether the job ends such that it can be taken up.
    """

    def __init__(self, record: Record, step: Step, stopping: Callable[[], bool]) -> None:
        self.mark = record.mark
        self._record = record
        self._journal = record.journal
        self._key = (record.number, key_of(step.source))
        self._target = key_of(step.target)
        self._stopping = stopping

    def known(self, version: str) -> Known:
        """Give what is there of a version; of another one nothing is, and it is forgotten.

        Args:
            version: Of the source, and how it is cut.
        """
        rows = self._journal.read("SELECT number, proof, version FROM pieces WHERE job=? AND source=?", *self._key)
        pieces = {number: proof for number, proof, whose in rows if whose == version}
        if len(pieces) < len(rows):
            self.forget_pieces()
            pieces = {}
        found = self._journal.read("SELECT upload FROM uploads WHERE job=? AND source=?", *self._key)
        return Known(pieces, found[0][0] if found else "")

    def piece(self, version: str, number: int, proof: str = "") -> None:
        """Note that a piece is there.

        Args:
            version: As for `known`.
            number: The piece's.
            proof: What tells it from another one, such as its ETag.
        """
        self._journal.write("INSERT OR REPLACE INTO pieces VALUES(?,?,?,?,?)", [(*self._key, version, number, proof)])

    def forget_pieces(self) -> None:
        """Forget all pieces: they are of no use any more."""
        self._journal.write("DELETE FROM pieces WHERE job=? AND source=?", [self._key])

    def uploading(self, upload_id: str) -> None:
        """Note that an upload is about to begin, or which one it is.

        Args:
            upload_id: Empty before it begins.
        """
        values = (*self._key, self._target, upload_id, time.time())
        self._journal.write("INSERT OR REPLACE INTO uploads VALUES(?,?,?,?,?)", [values])

    def ended(self) -> None:
        """Note that the upload was completed or dropped."""
        self._journal.write("DELETE FROM uploads WHERE job=? AND source=?", [self._key])

    def keeps(self, error: BaseException) -> bool:
        """Whether what is there shall stay for another attempt.

        Args:
            error: What ended this one.
        """
        return self._stopping() or isinstance(error, ConnectionError | TimeoutError)


def key_of(path: Path, directory: bool = False) -> bytes:
    """Give the bytes by which the journal names a path.

    Args:
        path: Any path.
        directory: Whether the directory of that name is meant, and not the file.
    """
    text = absolute(path)
    return os.fsencode(text + MARK if directory else text)


def version_of(info: FileInfo) -> str:
    """Give what tells one version of a file from another, by what a listing told.

    Args:
        info: Of the file.
    """
    return f"{info.size} {info.mtime} {info.etag or ''}"


def steps_of(journal: Journal, number: int, *, done: bool) -> Iterator[Step]:
    """Give the steps of a job, in the order of their sources; they may be written to meanwhile.

    Args:
        journal: Where they are.
        number: The job's.
        done: Those that are done, or those that are not.
    """
    wanted = "SELECT source, target, version, replaced FROM steps WHERE job=? AND done=? AND source>? ORDER BY source"
    last = b""
    while rows := journal.read(f"{wanted} LIMIT {PAGE}", number, int(done), last):
        for last, target, version, replaced in rows:
            directory = last.endswith(MARK.encode())
            source = Path(os.fsdecode(last).removesuffix(MARK))
            yield Step(source, Path(os.fsdecode(target)), version, bool(replaced), done, directory)


def opening(journal: Journal | None, request: Callable[[], Request]) -> Callable[[str], Record] | None:
    """Give what opens the page of a new job when it is started.

    Args:
        journal: Where; `None` gives `None`.
        request: Gives what was asked for; called now, so that what can't be written down is refused at once.
    """
    if journal is None:
        return None
    wanted = request()
    return lambda title: Record(journal, journal.begin(wanted, title))
