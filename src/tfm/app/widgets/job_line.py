"""The line that shows jobs going on in the background; hidden while there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Static

from tfm.app.jobtext import bar, fraction, progress_text
from tfm.operations import JobState
from tfm.wording import visible

if TYPE_CHECKING:
    from tfm.app.jobs import JobDesk

BAR = 12
"""Cells of the bar."""


class JobLine(Static):
    """Looks at the jobs ten times a second while there are any.

    Args:
        desk: Has the jobs.
    """

    def __init__(self, desk: JobDesk) -> None:
        super().__init__(markup=False)
        self._desk = desk

    def on_mount(self) -> None:
        """Begin hidden, and look from now on."""
        self.display = False
        self.set_interval(0.1, self._look)

    def _look(self) -> None:
        jobs = self._desk.running
        self.display = bool(jobs)
        if not jobs:
            return
        job = next((each for each in jobs if each.state is JobState.ASKING), jobs[-1])
        others = f" · and {len(jobs) - 1} more" if len(jobs) > 1 else ""
        if job.state is JobState.ASKING:
            self.update(f" {visible(job.title)}: has {len(job.questions)} to ask · w answers{others}")
        else:
            self.update(f" {bar(fraction(job), BAR)} {visible(job.title)} · {progress_text(job)} · w shows it{others}")

    def on_click(self) -> None:
        """Show the last job."""
        if self._desk.running:
            self._desk.show(self._desk.running[-1])
