"""A dialog that asks yes or no, with the button that changes nothing under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Button, Static

from tfm.app.screens.dialog import Dialog

MOST_LINES = 200
"""Lines of a list in a dialog; the rest is counted."""


class Confirm(Dialog[bool]):
    """Gives `True` for yes; `y` says yes, and Enter does what the button under the cursor says.

    Args:
        title: The title.
        text: What is asked.
        lines: A list below the text, such as the names; at most `MOST_LINES`.
        more: How many more there are that are not listed.
        yes: The word on the button that goes on.
        danger: Whether yes cannot be taken back.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "Yes", show=False),
        Binding("n,q", "leave", "No", show=False),
    ]

    def __init__(
        self, title: str, text: str, lines: Sequence[str] = (), *, more: int = 0, yes: str, danger: bool = False
    ) -> None:
        super().__init__(title)
        self._text = text
        self._lines = lines
        self._more = more
        self._yes = yes
        self._danger = danger

    def body(self) -> ComposeResult:
        """The question and the list."""
        yield Static(self._text, markup=False, classes="dialog-text")
        if self._lines:
            shown = [f"  {line}" for line in self._lines]
            if self._more:
                shown.append(f"  and {self._more:,} more")
            yield Static("\n".join(shown), markup=False, classes="dialog-list")

    def buttons(self) -> ComposeResult:
        """Cancel, which has the focus, and yes."""
        yield Button("Cancel", id="leave", compact=True)
        yield Button(f"{self._yes} (y)", id="yes", variant="error" if self._danger else "primary", compact=True)

    def on_mount(self) -> None:
        """Put the focus on the button that does nothing."""
        self.query_one("#leave").focus()

    def action_yes(self) -> None:
        """Go on."""
        self.dismiss(True)

    def pressed(self, button: str) -> None:
        """Go on.

        Args:
            button: Its id.
        """
        if button == "yes":
            self.action_yes()
