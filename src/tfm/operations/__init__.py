"""What a person asks for, over trees and between any storages, as jobs: copy, move, delete, sync; and comparing."""

from __future__ import annotations

from tfm.operations.compare import Difference, compare
from tfm.operations.conflict import Conflict, Decision
from tfm.operations.copy import copy
from tfm.operations.delete import delete
from tfm.operations.events import JobEvent, JobState, Outcome, Question
from tfm.operations.guards import GuardError
from tfm.operations.job import Job
from tfm.operations.move import move
from tfm.operations.preview import Step, preview_copy, preview_delete
from tfm.operations.sameness import By
from tfm.operations.sync import run_plan, sync, sync_plan
from tfm.transfer.progress import Progress

__all__ = [
    "By",
    "Conflict",
    "Decision",
    "Difference",
    "GuardError",
    "Job",
    "JobEvent",
    "JobState",
    "Outcome",
    "Progress",
    "Question",
    "Step",
    "compare",
    "copy",
    "delete",
    "move",
    "preview_copy",
    "preview_delete",
    "run_plan",
    "sync",
    "sync_plan",
]
