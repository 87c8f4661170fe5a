"""KeyedScreen: a screen whose keys are the actions of one group, and on which no error ends the app."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.screen import Screen
from textual.widget import Widget

from tfm.app.actions import Action, Context, find, keymap_for
from tfm.app.background import Caught
from tfm.app.widgets.chord_hint import ChordHint
from tfm.app.widgets.key_hints import KeyHints
from tfm.wording import explain


class KeyedScreen(Screen[None]):
    """Feeds keys to a keymap and runs the actions that they name."""

    keys: ClassVar[Context]
    """The group of actions whose keys these are."""
    takes_keys: ClassVar[type[Widget]]
    """The widget that must have the focus: while another has it, keys are its own."""

    def __init__(self) -> None:
        super().__init__()
        self._keymap = keymap_for(self.keys)

    def on_key(self, event: events.Key) -> None:
        """Run the action of a key, or begin a chord.

        Args:
            event: The key.
        """
        if not isinstance(self.focused, self.takes_keys):
            return
        hint = self.query_one(ChordHint)
        hint.hide()
        event.stop()
        event.prevent_default()
        if self._keymap.typed and event.key == "escape":
            self._keymap.forget()
            return
        match = self._keymap.feed(event.key)
        if match.pending:
            hint.wait_for(self._keymap)
        elif match.action is not None:
            self.run(find(match.action))

    def on_key_hints_clicked(self, message: KeyHints.Clicked) -> None:
        """Run the action of a hint.

        Args:
            message: Names the action.
        """
        self.run(find(message.name))

    def run(self, action: Action) -> None:
        """Run an action; what it raises is shown and logged, and the app goes on.

        Args:
            action: Which.
        """
        self.guard(lambda: action.handler(self))

    def guard(self, call: Callable[[], object]) -> None:
        """Make a call whose error is shown and logged instead of ending the app.

        Args:
            call: What to do.
        """
        with Caught() as caught:
            call()
        if caught.error is not None:
            self.log.error(repr(caught.error))
            self.complain(caught.error)

    def complain(self, error: Exception, name: str = "") -> None:
        """Show an error in words.

        Args:
            error: What was raised.
            name: What it was about.
        """
        self.notify(explain(error, name), severity="error", timeout=8, markup=False)
