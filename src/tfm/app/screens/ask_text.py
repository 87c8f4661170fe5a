"""A dialog that asks for one line of text: a name, a path, a pattern."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.widgets import Button, Input, Label

from tfm.app.screens.dialog import Dialog


class AskText(Dialog[str]):
    """Gives the text, or `None`.

    Args:
        title: The title.
        label: What the text is.
        value: What the field begins with.
        button: The word on the button that goes on.
        check: Gives a sentence when the text will not do, or an empty one.
        select: How many characters from the beginning are selected, so that typing replaces them.
    """

    def __init__(
        self,
        title: str,
        label: str,
        value: str = "",
        *,
        button: str = "OK",
        check: Callable[[str], str] = lambda _: "",
        select: int = 0,
    ) -> None:
        super().__init__(title)
        self._label = label
        self._value = value
        self._button = button
        self._check = check
        self._select = select

    def body(self) -> ComposeResult:
        """The label and the field."""
        yield Label(self._label, markup=False)
        yield Input(self._value, select_on_focus=False, compact=True, id="text")

    def buttons(self) -> ComposeResult:
        """OK and Cancel."""
        yield Button(self._button, id="ok", variant="primary", compact=True)
        yield Button("Cancel", id="leave", compact=True)

    def on_mount(self) -> None:
        """Put the cursor in the field, with the part that is most often replaced selected."""
        field = self.query_one(Input)
        field.focus()
        field.cursor_position = self._select or len(self._value)
        if self._select:
            field.selection = type(field.selection)(0, self._select)

    def to_start(self) -> None:
        """Put the cursor before what the field begins with."""
        self.query_one(Input).cursor_position = 0

    def on_input_changed(self) -> None:
        """Take a complaint back once the text changes."""
        self.complain("")

    def on_input_submitted(self) -> None:
        """Go on by Enter."""
        self.pressed("ok")

    def pressed(self, button: str) -> None:
        """Go on, unless the text will not do.

        Args:
            button: Its id.
        """
        text = self.query_one(Input).value
        wrong = self._check(text)
        if wrong:
            self.complain(wrong)
        elif button == "ok":
            self.dismiss(text)
