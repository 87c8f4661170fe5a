"""The app: two panes on a calm theme; everything else is in its screens and in the registry of actions."""

from __future__ import annotations

from pathlib import PurePath
from typing import ClassVar

from textual.app import App
from textual.binding import BindingType
from textual.screen import Screen
from textual.theme import Theme

from tfm.app import commands
from tfm.app.background import Background
from tfm.app.collector import INTERVAL, Collector
from tfm.app.listmodel import Key
from tfm.app.screens.main import MainScreen
from tfm.path import Path

CALM = Theme(
    name="tfm",
    primary="#5f87af",
    secondary="#87afaf",
    accent="#87afd7",
    foreground="#d0d0d0",
    background="#1c1c1c",
    surface="#1c1c1c",
    panel="#303030",
    success="#87af87",
    warning="#d7af5f",
    error="#d75f5f",
    dark=True,
    variables={"border": "#5f87af", "input-cursor-background": "#d0d0d0", "scrollbar": "#444444"},
)


class TfmApp(App[None], inherit_bindings=False):
    """The file manager.

    Args:
        left: The left pane's directory.
        right: The right pane's directory.
        left_cursor: The key of the row to begin on in the left pane.
        right_cursor: The same in the right pane.
    """

    TITLE = "tfm"
    CSS_PATH: ClassVar[list[str | PurePath]] = ["styles/panes.tcss", "styles/dialogs.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = []
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self, left: Path, right: Path, *, left_cursor: Key | None = None, right_cursor: Key | None = None
    ) -> None:
        commands.load()
        super().__init__()
        self.register_theme(CALM)
        self.theme = "tfm"
        self.background = Background()
        self.collector = Collector()
        self._starts = ((left, left_cursor), (right, right_cursor))

    def on_mount(self) -> None:
        """Take over when memory is collected."""
        self.call_after_refresh(self.collector.start)
        self.set_interval(INTERVAL, self.collector.rest)

    def on_unmount(self) -> None:
        """Give it back."""
        self.collector.stop()

    def get_default_screen(self) -> Screen[None]:
        """The two panes."""
        return MainScreen(*self._starts, self.background)
