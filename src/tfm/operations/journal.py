"""`Journal`: the jobs of a user and how far each has come, in one SQLite file, so that a killed job can be taken up.

Every step of a job is written here before it is taken: what a process leaves behind that dies at any moment is known to
the next one. The file is written ahead (WAL) and not flushed at every step: a process that is killed loses nothing of
it. After a power failure the last steps may be missing; then what they have made counts as somebody else's, which
overwrites and deletes nothing.

A job belongs to the process that holds the lock on its file; the system lets go of it when the process ends, however.

Source: https://www.sqlite.org/wal.html
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any

from tfm.contentcache import user_directory
from tfm.errors import TfmError
from tfm.operations.request import Request

STATE_VARIABLE = "TFM_STATE_DIR"
"""Names the directory in which the journal lies."""
PATIENCE = 30.0
"""Seconds that are waited for another process which writes at this moment."""
KEPT_JOBS = 50
"""Jobs that ended, of which is known what they did."""
VERSION = 1
"""Of the tables below; a journal of another one is left alone."""

_TABLES = """
CREATE TABLE IF NOT EXISTS jobs(
    id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, request TEXT NOT NULL, state TEXT NOT NULL,
    created REAL NOT NULL, ended REAL, boot TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
    reasons TEXT NOT NULL DEFAULT '[]');
CREATE TABLE IF NOT EXISTS steps(
    job INTEGER NOT NULL, source BLOB NOT NULL, target BLOB NOT NULL, version TEXT NOT NULL, replaced INTEGER NOT NULL,
    done INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(job, source)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS uploads(
    job INTEGER NOT NULL, source BLOB NOT NULL, target BLOB NOT NULL, upload TEXT NOT NULL, since REAL NOT NULL,
    PRIMARY KEY(job, source)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pieces(
    job INTEGER NOT NULL, source BLOB NOT NULL, version TEXT NOT NULL, number INTEGER NOT NULL, proof TEXT NOT NULL,
    PRIMARY KEY(job, source, number)) WITHOUT ROWID;
"""


class JournalError(TfmError, OSError):
    """The journal can't be used: names its file and why."""


class Standing(Enum):
    """What a job in the journal is doing, or how it ended."""

    RUNNING = "running"
    INTERRUPTED = "interrupted"
    """Its process ended before it did, or it was stopped: it can be taken up."""
    CANCELLED = "cancelled"
    """Somebody wanted no more of it."""
    FAILED = "failed"
    """It ended, and something was not done: it can be taken up for that."""
    DONE = "done"


@dataclass(frozen=True)
class Known:
    """What the journal tells of one job.

    Args:
        number: By which it is named.
        title: What it does, in a few words.
        request: What it was asked for.
        standing: What it is doing, or how it ended.
        created: When it was begun, in seconds since the epoch.
        ended: When it ended; `None` while it has not.
        done: Entries that were done.
        skipped: Entries that were skipped.
        failed: Entries that failed.
        bytes: Bytes that were moved.
        reasons: What failed and why, as far as it was written down.
    """

    number: int
    title: str
    request: Request
    standing: Standing
    created: float
    ended: float | None
    done: int
    skipped: int
    failed: int
    bytes: int
    reasons: tuple[str, ...]


class Journal:
    """The journal of a user; threads may share it, and any number of processes.

    Args:
        directory: Where it lies; by default `TFM_STATE_DIR`, or tfm's own among the user's directories of state.

    Raises:
        JournalError: It can't be opened or written.
    """

    def __init__(self, directory: str | os.PathLike[str] | None = None) -> None:
        self.directory = os.fspath(directory) if directory is not None else state_directory()
        self.file = os.path.join(self.directory, "jobs.sqlite")
        self._lock = threading.Lock()
        self._boot = _boot()
        import sqlite3  # loaded when the first job is written down

        self._error = sqlite3.Error
        with self._told():
            os.makedirs(os.path.join(self.directory, "locks"), mode=0o700, exist_ok=True)
            self._sqlite = sqlite3.connect(
                self.file, timeout=PATIENCE, isolation_level=None, check_same_thread=False, cached_statements=64
            )
            self._sqlite.execute("PRAGMA auto_vacuum=INCREMENTAL")
            self._sqlite.execute("PRAGMA journal_mode=WAL")
            self._sqlite.execute("PRAGMA synchronous=NORMAL")
            found = self._sqlite.execute("PRAGMA user_version").fetchone()[0]
            if found not in (0, VERSION):
                raise JournalError(22, f"it was written by another version of tfm (its tables are of version {found})")
            self._sqlite.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version={VERSION}; COMMIT;")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._sqlite.close()

    # Jobs

    def jobs(self) -> list[Known]:
        """Give what is known of all jobs, the newest last."""
        rows = self.read("SELECT * FROM jobs ORDER BY id")
        return [self._known(row) for row in rows]

    def job(self, number: int) -> Known:
        """Give what is known of one job.

        Args:
            number: By which it is named.

        Raises:
            JournalError: There is none.
        """
        rows = self.read("SELECT * FROM jobs WHERE id=?", number)
        if not rows:
            raise JournalError(2, f"there is no job {number} in {self.file}: `tfm jobs` lists those that there are")
        return self._known(rows[0])

    def begin(self, request: Request, title: str) -> int:
        """Write down a job that begins now, and forget the oldest of those that are over; gives its number.

        Args:
            request: What it was asked for.
            title: What it does, in a few words.
        """
        over = "SELECT id FROM jobs WHERE state IN ('done', 'cancelled') ORDER BY id DESC LIMIT -1 OFFSET ?"
        for (number,) in self.read(over, KEPT_JOBS):
            self.forget(number)
        values = (title, request.as_json(), Standing.RUNNING.value, time.time(), self._boot)
        with self._told(), self._lock:
            made = self._sqlite.execute(
                "INSERT INTO jobs(title, request, state, created, boot) VALUES(?,?,?,?,?)", values
            )
            assert made.lastrowid is not None  # it was inserted
            return made.lastrowid

    def forget(self, number: int) -> None:
        """Forget a job and all of its steps.

        Args:
            number: By which it is named.
        """
        for table in ("steps", "uploads", "pieces"):
            self.write(f"DELETE FROM {table} WHERE job=?", [(number,)])  # noqa: S608 (one of our tables)
        self.write("DELETE FROM jobs WHERE id=?", [(number,)])
        self.read("PRAGMA incremental_vacuum")

    def rebooted(self, number: int) -> bool:
        """Whether the machine was started anew since a job last ran: what was not flushed then may be lost.

        Args:
            number: By which it is named.
        """
        return self.read("SELECT boot FROM jobs WHERE id=?", number) != [(self._boot,)]

    def take_up(self, number: int) -> None:
        """Note that a job runs again, on this machine as it was started.

        Args:
            number: By which it is named.
        """
        values = (Standing.RUNNING.value, self._boot, number)
        self.write("UPDATE jobs SET state=?, boot=?, ended=NULL, failed=0, reasons='[]' WHERE id=?", [values])

    def _known(self, row: Sequence[Any]) -> Known:
        number, title, request, state, created, ended, _, done, skipped, failed, size, reasons = row
        standing = Standing(state)
        if standing is Standing.RUNNING and not self.held(number):
            standing = Standing.INTERRUPTED
        told = tuple(_texts(reasons))
        try:
            asked = Request.of(request)
        except ValueError as error:
            raise JournalError(22, f"job {number} in {self.file} can't be read: {error}") from error
        return Known(number, title, asked, standing, created, ended, done, skipped, failed, size, told)

    # Who runs one

    def hold(self, number: int) -> int:
        """Make a job this process's own; gives a descriptor, which lets go when it is closed.

        Args:
            number: By which it is named.

        Raises:
            JournalError: Another process runs it, or this one does already.
        """
        import fcntl

        with self._told():
            descriptor = os.open(self._lock_file(number), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise JournalError(16, f"job {number} runs at this moment: it is never run twice") from error
        return descriptor

    def held(self, number: int) -> bool:
        """Whether some process runs a job.

        Args:
            number: By which it is named.
        """
        try:
            descriptor = self.hold(number)
        except JournalError:
            return True
        os.close(descriptor)
        return False

    def _lock_file(self, number: int) -> str:
        return os.path.join(self.directory, "locks", str(number))

    # The tables

    def read(self, statement: str, *values: Any) -> list[Any]:
        """Read rows.

        Args:
            statement: Of SQL.
            values: What stands for its question marks.
        """
        with self._told(), self._lock:
            return self._sqlite.execute(statement, values).fetchall()

    def write(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Write rows, all or none; when this returns, no end of the process loses them.

        Args:
            statement: Of SQL, run for each row.
            rows: What stands for its question marks.
        """
        with self._told(), self._lock:
            self._sqlite.execute("BEGIN IMMEDIATE")
            try:
                self._sqlite.executemany(statement, rows)
            except BaseException:
                self._sqlite.execute("ROLLBACK")
                raise
            self._sqlite.execute("COMMIT")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except JournalError:
            raise
        except (self._error, OSError) as error:
            number = error.errno if isinstance(error, OSError) and error.errno else 5
            raise JournalError(number, f"the journal of jobs can't be used ({error})", self.file) from error


def state_directory() -> str:
    """Name the directory of what is kept between two runs: `TFM_STATE_DIR`, else tfm's own in the user's.

    Source: https://specifications.freedesktop.org/basedir-spec/latest/
    """
    return os.environ.get(STATE_VARIABLE) or user_directory("XDG_STATE_HOME", ".local/state")


def _boot() -> str:
    """Give what tells one start of the machine from another; where nothing does, from every other process."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return f"{os.getpid()}-{time.time()}"


def _texts(reasons: str) -> list[str]:
    import json

    found = json.loads(reasons)
    return [str(each) for each in found]
