"""What a person asks for, over trees and between any storages, as jobs: copy, move, delete."""

from __future__ import annotations

from tfm.operations.conflict import Conflict, Decision
from tfm.operations.copy import copy
from tfm.operations.delete import delete
from tfm.operations.events import JobEvent, JobState, Outcome, Question
from tfm.operations.guards import GuardError
from tfm.operations.job import Job
from tfm.operations.move import move
from tfm.transfer.progress import Progress

__all__ = [
    "Conflict",
    "Decision",
    "GuardError",
    "Job",
    "JobEvent",
    "JobState",
    "Outcome",
    "Progress",
    "Question",
    "copy",
    "delete",
    "move",
]
