"""The jobs that were started here: what they ask, how far they are, and what is done when one ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tfm.app.jobtext import summary
from tfm.app.messages import JobChanged, later, post_to
from tfm.app.screens.progress import ProgressDialog
from tfm.app.screens.question import Answer, QuestionDialog
from tfm.app.screens.report import ReportDialog
from tfm.app.state import affected
from tfm.operations import Job, JobEvent, JobState
from tfm.path import Path
from tfm.wording import visible

if TYPE_CHECKING:
    from tfm.app.screens.main import MainScreen

OVER = (JobState.CANCELLED, JobState.FAILED, JobState.DONE)
"""States in which a job does nothing any more."""

FOREGROUND_DELAY = 0.25
"""Seconds before a job shows its dialog: what is done by then needs none."""

LAYOUT_DELAY = 0.02
"""Seconds until a dialog that is being laid out is looked at again."""


class JobDesk:
    """Starts jobs and looks after them.

    Args:
        screen: Shows the dialogs; its panes are listed anew after a job.
    """

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self.running: list[Job] = []
        self.last: Job | None = None
        self.foreground: Job | None = None
        self._touched: dict[int, list[Path]] = {}

    def start(self, job: Job, touched: list[Path]) -> None:
        """Start a job and show it.

        Args:
            job: Not started yet.
            touched: Paths that it may change.
        """
        self.running.append(job)
        self._touched[id(job)] = touched
        job.start(self._listen, only=("asked", "finished"))
        later(self._screen, FOREGROUND_DELAY, lambda: self.show(job) if job.state not in OVER else None)

    def _listen(self, event: JobEvent) -> None:
        """Wake the screen; runs in the job's threads."""
        del event
        post_to(self._screen, JobChanged())

    def show(self, job: Job) -> None:
        """Show the progress dialog of a job, unless a dialog is open.

        Args:
            job: Which.
        """
        if self._screen.is_current:
            self.foreground = job
            self._screen.app.push_screen(ProgressDialog(job), lambda _: self._left(job))
            self.look()

    def _left(self, job: Job) -> None:
        if self.foreground is job:
            self.foreground = None
        self._screen.call_later(self.look)

    def look(self) -> None:
        """Ask what the job in front asks, and see to the jobs that ended."""
        front = self._screen.app.screen
        if isinstance(front, ProgressDialog) and not front.ready:
            # It was opened just now and is still being laid out: taken away before that, it would end the app.
            later(self._screen, LAYOUT_DELAY, self.look)
            return
        for job in [job for job in self.running if job.state in OVER]:
            self._end(job)
        shown = self.foreground
        if shown is not None and shown.state is JobState.ASKING:
            self._ask(shown)

    def _ask(self, job: Job) -> None:
        questions = job.questions
        if not questions or not isinstance(self._screen.app.screen, ProgressDialog):
            return
        question = questions[0]

        def answer(given: Answer | None) -> None:
            if given is not None:
                job.answer(question, given.decision, for_all=given.for_all)
                self._screen.call_later(self.look)
            elif isinstance(self._screen.app.screen, ProgressDialog):
                self._screen.app.pop_screen()

        self._screen.app.push_screen(QuestionDialog(question, len(questions)), answer)

    def _end(self, job: Job) -> None:
        self.running.remove(job)
        self.last = job
        touched = self._touched.pop(id(job), [])
        shown = self._screen.app.screen
        if isinstance(shown, ProgressDialog) and shown.job is job:
            shown.dismiss(None)
        failed = any(outcome.status == "failed" for outcome in job.report)
        if failed or job.state is JobState.FAILED:
            self._screen.app.push_screen(ReportDialog(job))
        else:
            cancelled = job.state is JobState.CANCELLED
            severity: Literal["warning", "information"] = "warning" if cancelled else "information"
            self._screen.notify(summary(job), title=visible(job.title), severity=severity, timeout=5, markup=False)
        self._screen.refresh_panes(lambda directory: affected(directory, touched))
