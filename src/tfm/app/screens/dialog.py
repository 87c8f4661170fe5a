"""What all dialogs share: a framed box in the middle, Esc to leave, arrows between buttons."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Static

Result = TypeVar("Result")

FRAME = 4
"""Rows of a dialog besides its body: the frame, a blank one and the buttons."""


class Dialog(ModalScreen[Result | None]):
    """A box with a title; `body()` and `buttons()` fill it. Leaving by Esc gives `None`.

    Args:
        title: The title in the frame.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c,f10", "leave", "Leave", show=False),
        Binding("left", "app.focus_previous", "Button before", show=False),
        Binding("right", "app.focus_next", "Next button", show=False),
        Binding("up", "app.focus_previous", "Field before", show=False),
        Binding("down", "app.focus_next", "Next field", show=False),
    ]

    def __init__(self, title: str) -> None:
        super().__init__()
        self._dialog_title = title

    def compose(self) -> ComposeResult:
        """Lay out the box."""
        with Vertical(id="dialog") as box:
            box.border_title = self._dialog_title
            with VerticalScroll(id="dialog-body", can_focus=False):
                yield from self.body()
            yield Static(id="dialog-error", markup=False)
            with Horizontal(id="dialog-buttons"):
                yield from self.buttons()

    def body(self) -> ComposeResult:
        """What stands in the box."""
        yield from ()

    def buttons(self) -> ComposeResult:
        """The buttons below."""
        yield Button("Close", id="leave", compact=True)

    def on_resize(self) -> None:
        """Leave room for the buttons: on a low screen the body scrolls."""
        self._fit(self.query_one("#dialog-error", Static))

    def _fit(self, error: Static) -> None:
        complaint = 2 if error.display else 0
        self.query_one("#dialog-body").styles.max_height = max(1, self.size.height - FRAME - complaint)

    def complain(self, sentence: str) -> None:
        """Say what is wrong with what was typed.

        Args:
            sentence: One sentence.
        """
        error = self.query_one("#dialog-error", Static)
        error.update(sentence)
        error.display = bool(sentence)
        self._fit(error)

    def action_leave(self) -> None:
        """Leave without doing anything."""
        self.dismiss(None)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Leave by the button that does nothing; other buttons are for each dialog.

        Args:
            event: The button's.
        """
        event.stop()
        if event.button.id == "leave":
            self.action_leave()
        else:
            self.pressed(event.button.id or "")

    def pressed(self, button: str) -> None:
        """Do what a button says.

        Args:
            button: Its id.
        """
