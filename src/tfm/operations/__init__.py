"""What a person asks for, over trees and between any storages, as jobs: copy, move, delete, sync; and comparing."""

from __future__ import annotations

from tfm.operations.compare import Difference, compare
from tfm.operations.conflict import Conflict, Decision
from tfm.operations.copy import copy
from tfm.operations.delete import delete
from tfm.operations.events import JobEvent, JobState, Outcome, Question
from tfm.operations.guards import CONTENTS, GuardError
from tfm.operations.job import Job
from tfm.operations.journal import Journal, JournalError
from tfm.operations.move import move
from tfm.operations.preview import Step, preview_copy, preview_delete
from tfm.operations.resuming import discard, resume
from tfm.operations.sameness import By
from tfm.operations.selection import Selection
from tfm.operations.sync import run_plan, sync, sync_plan
from tfm.operations.undoing import undo
from tfm.transfer.progress import Progress

__all__ = [
    "CONTENTS",
    "By",
    "Conflict",
    "Decision",
    "Difference",
    "GuardError",
    "Job",
    "JobEvent",
    "JobState",
    "Journal",
    "JournalError",
    "Outcome",
    "Progress",
    "Question",
    "Selection",
    "Step",
    "compare",
    "copy",
    "delete",
    "discard",
    "move",
    "preview_copy",
    "preview_delete",
    "resume",
    "run_plan",
    "sync",
    "sync_plan",
    "undo",
]
