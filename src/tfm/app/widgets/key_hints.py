"""The line of keys at the bottom, from the registry; a click runs the action."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tfm.app.actions import Context, find
from tfm.app.keymap import show_chord

HINTS: dict[Context, tuple[str, ...]] = {
    "files": (
        "help", "toggle", "copy", "move", "delete", "rename", "new_directory", "view", "find", "filter", "other",
        "go_to", "quit",
    ),
    "viewer": ("viewer_leave", "viewer_find", "viewer_last", "viewer_wrap", "viewer_help"),
}  # fmt: skip
"""The actions on the line of keys, the most needed first: a narrow screen shows only the first few."""


class KeyHints(Static):
    """The hints of a context, as many as fit; one widget, for a dozen would delay the first paint.

    Args:
        context: Whose actions.
    """

    class Clicked(Message):
        """A hint was clicked.

        Args:
            name: The action's name.
        """

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, context: Context) -> None:
        self._ends: list[tuple[int, str]] = []
        parts: list[Content] = []
        width = 0
        for name in HINTS[context]:
            each = find(name)
            part = Content.assemble(" ", (show_chord(each.keys[0]), "bold $accent"), f" {each.hint} ")
            width += part.cell_length
            parts.append(part)
            self._ends.append((width, name))
        super().__init__(Content("").join(parts))

    def on_click(self, event: events.Click) -> None:
        """Ask for the action under the mouse.

        Args:
            event: The click.
        """
        event.stop()
        name = next((name for end, name in self._ends if event.x < end), None)
        if name is not None:
            self.post_message(self.Clicked(name))
