"""The which-key popup: what may follow the keys that were typed."""

from __future__ import annotations

from asyncio import TimerHandle

from textual.content import Content
from textual.widgets import Static

from tfm.app.actions import find
from tfm.app.keymap import Keymap, show_chord, show_key
from tfm.app.messages import later

DELAY = 0.3
"""Seconds between a chord's first key and the popup: who knows the chord never sees it."""


class ChordHint(Static):
    """Hidden until a chord waits for its next key."""

    def on_mount(self) -> None:
        """Begin hidden."""
        self.display = False
        self._timer: TimerHandle | None = None
        self._keymap: Keymap | None = None

    def wait_for(self, keymap: Keymap) -> None:
        """Show the popup soon, unless the chord is finished before.

        Args:
            keymap: Has the chord that has begun.
        """
        self.hide()
        self._keymap = keymap
        self._timer = later(self, DELAY, self._show)

    def hide(self) -> None:
        """Hide the popup, or don't show it at all."""
        if self._timer is not None:
            self._timer.cancel()
        self.display = False

    def _show(self) -> None:
        if self._keymap is None or not self._keymap.typed:
            return
        lines = [Content.styled(" ".join(show_key(key) for key in self._keymap.typed) + " …", "bold")]
        for keys, name in self._keymap.continuations():
            lines.append(Content.assemble((show_chord(keys).rjust(6), "bold $accent"), f"  {find(name).title}"))
        self.update(Content("\n").join(lines))
        self.display = True
