"""Actions that find, filter and order."""

from __future__ import annotations

from tfm.app.actions import action
from tfm.app.ordering import Sort
from tfm.app.screens.main import MainScreen


@action("find", "Find in the list while typing", "Find and order", "slash", hint="find")
def find_in_list(screen: MainScreen) -> None:
    """Open the prompt for finding."""
    screen.active.prompt.open("find")


@action("find_next", "Next that matches", "Find and order", "n")
def find_next(screen: MainScreen) -> None:
    """Go to the next match."""
    _find(screen, 1)


@action("find_previous", "Match before", "Find and order", "N")
def find_previous(screen: MainScreen) -> None:
    """Go to the match before."""
    _find(screen, -1)


def _find(screen: MainScreen, step: int) -> None:
    view = screen.view
    row = view.model.find(screen.find_text, start=view.model.cursor_row + step, step=step)
    if row is not None:
        view.move_to(row)
    elif screen.find_text:
        screen.notify("Nothing in this list matches.", timeout=2)
    else:
        screen.notify("Nothing was searched yet: / searches.", timeout=2)


@action("filter", "Filter: show only what matches", "Find and order", "f", hint="filter")
def filter_list(screen: MainScreen) -> None:
    """Open the prompt for filtering."""
    screen.active.prompt.open("filter", screen.view.model.filter_text)


@action("sort_name", "Order by name", "Find and order", "comma n")
def sort_name(screen: MainScreen) -> None:
    """Order by name."""
    screen.active.sort_by("name")


@action("sort_size", "Order by size", "Find and order", "comma s")
def sort_size(screen: MainScreen) -> None:
    """Order by size."""
    screen.active.sort_by("size")


@action("sort_time", "Order by time", "Find and order", "comma t")
def sort_time(screen: MainScreen) -> None:
    """Order by time."""
    screen.active.sort_by("time")


@action("sort_extension", "Order by extension", "Find and order", "comma e")
def sort_extension(screen: MainScreen) -> None:
    """Order by extension."""
    screen.active.sort_by("extension")


@action("reverse", "Turn the order round", "Find and order", "comma r")
def reverse(screen: MainScreen) -> None:
    """Turn the order round."""
    sort = screen.view.model.sort
    screen.active.set_sort(Sort(sort.by, not sort.reverse))


@action("hidden", "Show or hide names that begin with a dot", "Find and order", "full_stop")
def hidden(screen: MainScreen) -> None:
    """Show or hide dot names."""
    screen.view.set_hidden(not screen.view.model.hidden)
