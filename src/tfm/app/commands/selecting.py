"""Actions that select."""

from __future__ import annotations

from tfm.app.actions import action
from tfm.app.screens.ask_text import AskText
from tfm.app.screens.main import MainScreen


@action("toggle", "Select or deselect, and move on", "Select", "space", "insert", hint="select")
def toggle(screen: MainScreen) -> None:
    """Turn the selection of a row round."""
    screen.view.toggle()


@action("extend_down", "Select downwards", "Select", "shift+down")
def extend_down(screen: MainScreen) -> None:
    """Select and move down."""
    screen.view.extend(1)


@action("extend_up", "Select upwards", "Select", "shift+up")
def extend_up(screen: MainScreen) -> None:
    """Select and move up."""
    screen.view.extend(-1)


@action("select_all", "Select all that is shown", "Select", "ctrl+a")
def select_all(screen: MainScreen) -> None:
    """Select every row."""
    screen.view.model.select_where(lambda _: True)
    screen.view.selection_changed()


@action("invert", "Invert the selection", "Select", "asterisk")
def invert(screen: MainScreen) -> None:
    """Select what is not selected, and the other way round."""
    model = screen.view.model
    model.select_where(lambda entry: not model.is_selected(entry))
    screen.view.selection_changed()


@action("select_pattern", "Select by pattern", "Select", "plus")
def select_pattern(screen: MainScreen) -> None:
    """Ask for a pattern and select what matches."""
    _by_pattern(screen, "Select", wanted=True)


@action("deselect_pattern", "Deselect by pattern", "Select", "minus")
def deselect_pattern(screen: MainScreen) -> None:
    """Ask for a pattern and deselect what matches."""
    _by_pattern(screen, "Deselect", wanted=False)


def _by_pattern(screen: MainScreen, title: str, *, wanted: bool) -> None:
    view = screen.view

    def choose(text: str | None) -> None:
        if text:
            view.model.select_matching(text, wanted)
            view.selection_changed()

    screen.app.push_screen(AskText(title, "a pattern such as *.csv, or a part of the name", "*", select=1), choose)


@action("clear", "Stop listing; clear the selection, then the filter", "Select", "escape", "ctrl+c")
def clear(screen: MainScreen) -> None:
    """Stop a listing, or else clear the selection, or else the filter."""
    view = screen.view
    if screen.active.stop():
        return
    if view.model.selection:
        view.model.selection.clear()
        view.selection_changed()
    elif view.model.filter_text:
        view.set_filter("")
