"""The line of keys at the bottom, from the registry; a click runs the action."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tfm.app.actions import Action, Context, find
from tfm.app.keymap import show_chord

HINTS: dict[Context, tuple[str, ...]] = {
    "files": (
        "help", "toggle", "copy", "move", "delete", "rename", "new_directory", "view", "find", "filter", "other",
        "go_to", "quit",
    ),
    "viewer": ("viewer_leave", "viewer_find", "viewer_last", "viewer_wrap", "viewer_help"),
}  # fmt: skip
"""The actions on the line of keys, the most needed first: a narrow screen shows only the first few."""


class Hint(Static):
    """One key and its word.

    Args:
        action: The action.
    """

    class Clicked(Message):
        """A hint was clicked.

        Args:
            name: The action's name.
        """

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, action: Action) -> None:
        key = show_chord(action.keys[0])
        super().__init__(Content.assemble((key, "bold $accent"), f" {action.hint}"))
        self._action = action.name

    def on_click(self, event: events.Click) -> None:
        """Ask for the action.

        Args:
            event: The click.
        """
        event.stop()
        self.post_message(self.Clicked(self._action))


class KeyHints(Horizontal):
    """The hints of a context, as many as fit.

    Args:
        context: Whose actions.
    """

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._keys_of: Context = context

    def compose(self) -> ComposeResult:
        """Lay out the hints."""
        for name in HINTS[self._keys_of]:
            yield Hint(find(name))
