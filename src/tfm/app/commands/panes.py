"""Actions about the two panes."""

from __future__ import annotations

from tfm.app.actions import action
from tfm.app.screens.main import MainScreen


@action("other", "To the other pane", "Panes", "tab", "ctrl+w w", hint="other pane")
def other(screen: MainScreen) -> None:
    """Go to the other pane."""
    screen.activate(screen.other)


@action("swap", "Swap the panes", "Panes", "ctrl+w x")
def swap(screen: MainScreen) -> None:
    """Swap the panes."""
    screen.swap()


@action("single", "One pane alone, or both", "Panes", "ctrl+w o")
def single(screen: MainScreen) -> None:
    """Show the active pane alone, or both again."""
    screen.show_single(not screen.single)


@action("equal", "Panes of equal width", "Panes", "ctrl+w equals_sign")
def equal(screen: MainScreen) -> None:
    """Give both panes half of the screen."""
    screen.resize_panes(5)


@action("narrower", "Border to the left", "Panes", "ctrl+w less_than_sign")
def narrower(screen: MainScreen) -> None:
    """Move the border to the left."""
    screen.resize_panes(screen.share - 1)


@action("wider", "Border to the right", "Panes", "ctrl+w greater_than_sign")
def wider(screen: MainScreen) -> None:
    """Move the border to the right."""
    screen.resize_panes(screen.share + 1)


@action("same", "Show this directory in the other pane too", "Panes", "ctrl+w s")
def same(screen: MainScreen) -> None:
    """Show the active pane's directory in the other pane."""
    screen.other.go(screen.active.path, cursor=screen.active.here.cursor)
