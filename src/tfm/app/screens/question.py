"""The dialog for a target that exists already: what to do, for this one or for all."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button, Label, Static

from tfm.app.screens.dialog import Dialog
from tfm.app.widgets.choice import Choice
from tfm.info import FileInfo
from tfm.operations import Decision, Question
from tfm.wording import bytes_text, time_text, visible

_WORDS: tuple[tuple[str, Decision, str], ...] = (
    ("s", Decision.SKIP, "Skip (s)"),
    ("o", Decision.OVERWRITE, "Overwrite (o)"),
    ("n", Decision.NEWER, "If newer (n)"),
    ("k", Decision.KEEP_BOTH, "Keep both (k)"),
)


class Answer(NamedTuple):
    """What was decided.

    Args:
        decision: What to do.
        for_all: Whether for every question of the job.
    """

    decision: Decision
    for_all: bool


class QuestionDialog(Dialog[Answer]):
    """Gives the answer, or `None` to leave the question open; the job goes on with what needs no answer.

    Args:
        question: What the job asks.
        waiting: How many questions wait, this one included.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, f"decide('{decision.name}')", text, show=False) for key, decision, text in _WORDS),
        Binding("a", "all", "For all", show=False),
    ]

    def __init__(self, question: Question, waiting: int) -> None:
        super().__init__("It exists already" + (f" ({waiting:,} questions)" if waiting > 1 else ""))
        self._question = question

    def body(self) -> ComposeResult:
        """Both files, with size and time."""
        asked = self._question
        yield Static(visible(str(asked.target)), markup=False, classes="dialog-text")
        yield Static(f"there: {_facts(asked.target_info)}\nnew:   {_facts(asked.source_info)}", markup=False)
        with Horizontal(classes="dialog-row"):
            yield Label("answer (a)  ")
            yield Choice(((False, "for this one"), (True, "for all of this job")))

    def buttons(self) -> ComposeResult:
        """The decisions."""
        for _, decision, text in _WORDS:
            yield Button(text, id=decision.name, compact=True)

    def on_mount(self) -> None:
        """Begin on the answer that changes nothing."""
        self.query_one(f"#{Decision.SKIP.name}").focus()

    def action_all(self) -> None:
        """Answer for all, or for this one again."""
        self.query_one(Choice).action_step(1)

    def action_decide(self, name: str) -> None:
        """Answer.

        Args:
            name: The decision's name.
        """
        self.dismiss(Answer(Decision[name], self.query_one(Choice[bool]).value))

    def pressed(self, button: str) -> None:
        """Answer by a button.

        Args:
            button: Its id, which is the decision's name.
        """
        self.action_decide(button)


def _facts(info: FileInfo) -> str:
    size = "size unknown" if info.size is None else bytes_text(info.size)
    return f"{size}, {time_text(info.mtime) or 'time unknown'}"
