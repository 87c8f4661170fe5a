"""The dialog after a job in which something failed: each path and why."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Button, Static

from tfm.app.jobtext import summary
from tfm.app.screens.dialog import Dialog
from tfm.operations import Job
from tfm.wording import visible

MOST_FAILURES = 500
"""Failures that are listed; the rest is counted."""


class ReportDialog(Dialog[None]):
    """Lists what failed.

    Args:
        job: A job that ended.
    """

    def __init__(self, job: Job) -> None:
        super().__init__(visible(job.title))
        self._job = job

    def body(self) -> ComposeResult:
        """The sum, then the failures."""
        yield Static(summary(self._job), markup=False, classes="dialog-text")
        failed = [outcome for outcome in self._job.report if outcome.status == "failed"]
        lines = [f"{visible(str(outcome.source))}\n    {visible(outcome.reason)}" for outcome in failed[:MOST_FAILURES]]
        if len(failed) > MOST_FAILURES:
            lines.append(f"and {len(failed) - MOST_FAILURES:,} more")
        yield Static("\n".join(lines), markup=False, classes="dialog-list")

    def on_mount(self) -> None:
        """Let the list scroll by keys from the button."""
        self.query_one(Button).focus()
