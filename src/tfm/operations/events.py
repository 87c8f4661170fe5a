"""What a job tells: its state, what happens, what it asks and what became of each path."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from tfm.errors import TfmError
from tfm.info import FileInfo
from tfm.path import Path
from tfm.transfer.progress import Progress

Status = Literal["done", "skipped", "failed", "cancelled"]
EventKind = Literal["found", "started", "progressed", "done", "skipped", "failed", "asked", "finished"]


class JobState(Enum):
    """What a job is doing."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    """It waits until somebody lets it go on."""
    ASKING = "asking"
    """It has questions; whatever needs no answer goes on."""
    CANCELLED = "cancelled"
    FAILED = "failed"
    """It ended, and something was not done."""
    DONE = "done"
    """It ended, and everything was done or skipped as asked."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one path.

    Args:
        source: The path.
        target: Where it was to be; `None` for a delete.
        status: What became of it.
        reason: Why it was not done, in a sentence; empty when it was.
        bytes: The bytes that were moved.
    """

    source: Path
    target: Path | None
    status: Status
    reason: str = ""
    bytes: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """A target that exists already; two questions are never equal.

    Args:
        source: What is to be copied or moved.
        target: Where it is to be.
        source_info: What the source is.
        target_info: What is at the target.
    """

    source: Path
    target: Path
    source_info: FileInfo
    target_info: FileInfo


@dataclass(frozen=True, slots=True)
class JobEvent:
    """One thing that happened in a job.

    Args:
        kind: What happened; `found` and a delete's `done` may stand for several entries.
        progress: How far the job was.
        path: With whom it happened; `None` for `finished` and `progressed`.
        count: How many entries it stands for.
        outcome: What became of the path, for `done`, `skipped` and `failed`.
        question: What is asked, for `asked`.
    """

    kind: EventKind
    progress: Progress
    path: Path | None = None
    count: int = 1
    outcome: Outcome | None = None
    question: Question | None = None


def reason_of(error: BaseException) -> str:
    """Say in words why something failed.

    Args:
        error: What was raised.
    """
    if isinstance(error, OSError) and error.strerror:
        text = str(error.strerror)
        name = os.fspath(error.filename) if isinstance(error.filename, str | os.PathLike) else ""
        return text if not name or name in text else f"{text}: {name!r}"
    if isinstance(error, OSError | ValueError | TfmError):
        return str(error) or type(error).__name__
    return f"unexpected {type(error).__name__}: {error}"
