"""The one-line prompt below a list: finding and filtering while typing."""

from __future__ import annotations

from typing import Literal

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label

Mode = Literal["find", "filter"]

_LABELS: dict[Mode, str] = {"find": "/", "filter": "filter:"}


class Prompt(Horizontal):
    """Hidden until it is opened; Enter keeps what was typed, Esc drops it."""

    class Typed(Message):
        """The text changed.

        Args:
            mode: What the prompt is open for.
            text: The text.
        """

        def __init__(self, mode: Mode, text: str) -> None:
            super().__init__()
            self.mode = mode
            self.text = text

    class Closed(Message):
        """The prompt was left.

        Args:
            mode: What the prompt was open for.
            kept: Whether by Enter.
        """

        def __init__(self, mode: Mode, kept: bool) -> None:
            super().__init__()
            self.mode = mode
            self.kept = kept

    def compose(self) -> ComposeResult:
        """Lay out the label and the field."""
        yield Label()
        yield Input(compact=True, select_on_focus=False)

    def on_mount(self) -> None:
        """Begin hidden."""
        self.mode: Mode = "find"
        self.display = False

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return bool(self.display)

    def open(self, mode: Mode, text: str = "") -> None:
        """Show the prompt and give it the keys.

        Args:
            mode: What for.
            text: What it begins with.
        """
        self.mode = mode
        self.display = True
        self.query_one(Label).update(_LABELS[mode])
        field = self.query_one(Input)
        with field.prevent(Input.Changed):
            field.value = text
        field.cursor_position = len(text)
        self.screen.set_focus(field)  # at once, so that the next key is not taken by the list

    def close(self) -> None:
        """Hide the prompt; what was typed stays in force."""
        self.display = False

    def on_input_changed(self, event: Input.Changed) -> None:
        """Pass the text on as it is typed.

        Args:
            event: The field's.
        """
        event.stop()
        if self.is_open:
            self.post_message(self.Typed(self.mode, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Leave, keeping what was typed.

        Args:
            event: The field's.
        """
        event.stop()
        self.close()
        self.post_message(self.Closed(self.mode, kept=True))

    def on_key(self, event: events.Key) -> None:
        """Leave without keeping on Esc; leave keeping on the arrows, which then move in the list.

        Args:
            event: A key that the field does not use.
        """
        if event.key in ("escape", "up", "down", "ctrl+c"):
            event.stop()
            event.prevent_default()
            self.close()
            self.post_message(self.Closed(self.mode, kept=event.key in ("up", "down")))
