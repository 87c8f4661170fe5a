"""The dialog of a running job: bar, counts, speed, what it is at; it can go to the background."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Button, Static

from tfm.app.format import fit
from tfm.app.jobtext import bar, fraction, progress_text
from tfm.app.screens.dialog import Dialog
from tfm.operations import Job, JobState
from tfm.wording import visible


class ProgressDialog(Dialog[None]):
    """Looks at the job ten times a second; Esc and `b` leave it to run on, `c` cancels it.

    Args:
        job: The job.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b,w", "leave", "Background", show=False),
        Binding("c,ctrl+c", "stop", "Cancel the job", show=False),
    ]

    def __init__(self, job: Job) -> None:
        super().__init__(visible(job.title))
        self.job = job
        self.ready = False

    def body(self) -> ComposeResult:
        """The lines that change."""
        yield Static(id="progress-bar", markup=False)
        yield Static(id="progress-counts", markup=False)
        yield Static(id="progress-current", markup=False)

    def buttons(self) -> ComposeResult:
        """To the background, and cancel."""
        yield Button("Background (b)", id="leave", variant="primary", compact=True)
        yield Button("Cancel (c)", id="stop", compact=True)

    def on_mount(self) -> None:
        """Look now and from now on."""
        self.query_one("#leave").focus()
        self.set_interval(0.1, self._look)
        self.call_after_refresh(self._look)
        self.ready = True

    def _look(self) -> None:
        line = self.query_one("#progress-bar", Static)
        width = max(10, line.size.width)
        done = fraction(self.job)
        share = "counting…" if done is None else f"{done:4.0%}"
        line.update(f"{bar(done, width - len(share) - 1)} {share}")
        self.query_one("#progress-counts", Static).update(progress_text(self.job))
        asks = self.job.state is JobState.ASKING
        current = "waits for your answer" if asks else visible(self.job.progress.current)
        self.query_one("#progress-current", Static).update(fit(current, width))

    def action_stop(self) -> None:
        """Cancel the job; the dialog closes when it has stopped."""
        self.job.cancel()
        self.query_one("#stop", Button).label = "Cancelling…"

    def pressed(self, button: str) -> None:
        """Cancel.

        Args:
            button: Its id.
        """
        if button == "stop":
            self.action_stop()
