"""One of a few values on one line: the arrows or a click go to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

Value = TypeVar("Value")


class Choice(Static, Generic[Value], can_focus=True):
    """Shows `‹ text ›` and holds the value that the text stands for.

    Args:
        options: (value, text) pairs; the first is chosen at the beginning.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,space,l", "step(1)", "Next value", show=False),
        Binding("left,h", "step(-1)", "Value before", show=False),
    ]

    def __init__(self, options: Sequence[tuple[Value, str]], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._options = list(options)
        self._at = 0

    @property
    def value(self) -> Value:
        """The chosen value."""
        return self._options[self._at][0]

    def on_mount(self) -> None:
        """Show the first value."""
        self._show()

    def _show(self) -> None:
        self.update(Content.assemble(("‹ ", "$text-muted"), self._options[self._at][1], (" ›", "$text-muted")))

    def action_step(self, step: int) -> None:
        """Go to another value.

        Args:
            step: 1 for the next, -1 for the one before.
        """
        self._at = (self._at + step) % len(self._options)
        self._show()

    def on_click(self) -> None:
        """Go to the next value."""
        self.action_step(1)
