"""Actions of the viewer."""

from __future__ import annotations

from tfm.app.actions import action
from tfm.app.screens.help import HelpDialog
from tfm.app.screens.viewer import Viewer
from tfm.app.widgets.prompt import Prompt


@action(
    "viewer_leave",
    "Leave the viewer; first stops a search",
    "View",
    "q",
    "escape",
    "f3",
    "f10",
    hint="back",
    context="viewer",
)
def leave(viewer: Viewer) -> None:
    """Close the viewer."""
    if not viewer.stop_searching():
        viewer.dismiss(None)


@action("viewer_down", "Down", "View", "j", "down", "enter", context="viewer")
def down(viewer: Viewer) -> None:
    """Scroll down."""
    viewer.view.scroll_rows(1)


@action("viewer_up", "Up", "View", "k", "up", context="viewer")
def up(viewer: Viewer) -> None:
    """Scroll up."""
    viewer.view.scroll_rows(-1)


@action("viewer_left", "Left, when lines are not wrapped", "View", "h", "left", context="viewer")
def left(viewer: Viewer) -> None:
    """Scroll left."""
    viewer.view.scroll_to(x=viewer.view.scroll_offset.x - 8, animate=False)


@action("viewer_right", "Right, when lines are not wrapped", "View", "l", "right", context="viewer")
def right(viewer: Viewer) -> None:
    """Scroll right."""
    viewer.view.scroll_to(x=viewer.view.scroll_offset.x + 8, animate=False)


@action("viewer_page_down", "A page down", "View", "pagedown", "space", "ctrl+f", "ctrl+d", context="viewer")
def page_down(viewer: Viewer) -> None:
    """Scroll a page down."""
    viewer.view.scroll_rows(max(1, viewer.view.size.height - 1))


@action("viewer_page_up", "A page up", "View", "pageup", "b", "ctrl+b", "ctrl+u", context="viewer")
def page_up(viewer: Viewer) -> None:
    """Scroll a page up."""
    viewer.view.scroll_rows(-max(1, viewer.view.size.height - 1))


@action("viewer_first", "To the beginning", "View", "g g", "home", context="viewer")
def first(viewer: Viewer) -> None:
    """Show the beginning."""
    viewer.to_start()


@action(
    "viewer_last", "To the end; of a large file only the end is read", "View", "G", "end", hint="end", context="viewer"
)
def last(viewer: Viewer) -> None:
    """Show the end."""
    viewer.to_end()


@action("viewer_find", "Search", "View", "slash", "f7", hint="search", context="viewer")
def search(viewer: Viewer) -> None:
    """Open the prompt."""
    viewer.query_one(Prompt).open("find")


@action("viewer_next", "Next that matches", "View", "n", context="viewer")
def following(viewer: Viewer) -> None:
    """Go to the next match."""
    viewer.search(viewer.view.found)


@action("viewer_previous", "Match before", "View", "N", context="viewer")
def previous(viewer: Viewer) -> None:
    """Go to the match before."""
    viewer.search_up()


@action("viewer_wrap", "Wrap long lines, or cut them", "View", "w", "f2", hint="wrap", context="viewer")
def wrap(viewer: Viewer) -> None:
    """Turn wrapping round."""
    if viewer.document.shape == "text":
        viewer.view.set_wrap(not viewer.view.wrap)
        viewer.show_status()


@action("viewer_help", "Help: all keys", "View", "question_mark", "f1", hint="help", context="viewer")
def show_help(viewer: Viewer) -> None:
    """Show the viewer's keys."""
    viewer.app.push_screen(HelpDialog("viewer"))
