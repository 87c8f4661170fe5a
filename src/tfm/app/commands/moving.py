"""Actions that move the cursor."""

from __future__ import annotations

from tfm.app.actions import action
from tfm.app.screens.main import MainScreen


@action("down", "Down", "Move", "j", "down")
def down(screen: MainScreen) -> None:
    """Move one row down."""
    screen.view.move_by(1)


@action("up", "Up", "Move", "k", "up")
def up(screen: MainScreen) -> None:
    """Move one row up."""
    screen.view.move_by(-1)


@action("first", "To the first row", "Move", "g g", "home")
def first(screen: MainScreen) -> None:
    """Move to the first row."""
    screen.view.move_to(0)


@action("last", "To the last row", "Move", "G", "end")
def last(screen: MainScreen) -> None:
    """Move to the last row."""
    screen.view.move_to(len(screen.view.model) - 1)


@action("half_down", "Half a page down", "Move", "ctrl+d")
def half_down(screen: MainScreen) -> None:
    """Move half a page down."""
    screen.view.move_by(max(1, screen.view.page_rows // 2))


@action("half_up", "Half a page up", "Move", "ctrl+u")
def half_up(screen: MainScreen) -> None:
    """Move half a page up."""
    screen.view.move_by(-max(1, screen.view.page_rows // 2))


@action("page_down", "A page down", "Move", "pagedown", "ctrl+f")
def page_down(screen: MainScreen) -> None:
    """Move a page down."""
    screen.view.move_by(screen.view.page_rows)


@action("page_up", "A page up", "Move", "pageup", "ctrl+b")
def page_up(screen: MainScreen) -> None:
    """Move a page up."""
    screen.view.move_by(-screen.view.page_rows)
