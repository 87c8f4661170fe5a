"""Actions that show another directory."""

from __future__ import annotations

from tfm.app.actions import action
from tfm.app.ordering import is_directory
from tfm.app.places import target_path
from tfm.app.screens.ask_text import AskText
from tfm.app.screens.main import MainScreen
from tfm.app.screens.viewer import Viewer
from tfm.errors import InvalidPathError
from tfm.path import Path
from tfm.wording import explain, visible


@action("parent", "To the parent directory", "Places", "h", "left", "backspace")
def parent(screen: MainScreen) -> None:
    """Show the parent, with the cursor on the directory left."""
    screen.active.up()


@action("open", "Enter the directory, or view the file", "Places", "l", "right", "enter")
def open_entry(screen: MainScreen) -> None:
    """Enter a directory or view a file."""
    entry = screen.view.model.cursor
    if entry is None:
        return
    if is_directory(entry):
        screen.active.go(screen.active.path.child(entry.name))
    else:
        view(screen)


@action("view", "View the file", "Files", "R", "f3", hint="view")
def view(screen: MainScreen) -> None:
    """View the file under the cursor."""
    entry = screen.view.model.cursor
    if entry is None:
        return
    if entry.kind == "file":
        screen.app.push_screen(Viewer(screen.active.path.child(entry.name), screen.background))
    elif is_directory(entry):
        screen.notify("That is a directory: Enter goes into it.", markup=False)
    elif entry.kind == "missing":
        screen.notify(
            f"{visible(entry.name)} is a link to something that is not there.", severity="warning", markup=False
        )
    else:
        screen.notify(f"{visible(entry.name)} is a device, a pipe or a socket; it is not read.", markup=False)


@action("back", "Back in this pane's history", "Places", "H")
def back(screen: MainScreen) -> None:
    """Go back in the pane's history."""
    visit = screen.active.history.back(screen.active.here)
    if visit is None:
        screen.notify("There is nothing before this directory.", timeout=2)
    else:
        screen.active.go(visit.path, cursor=visit.cursor, record=False)


@action("forward", "Forward in this pane's history", "Places", "L")
def forward(screen: MainScreen) -> None:
    """Go forward in the pane's history."""
    visit = screen.active.history.forward(screen.active.here)
    if visit is None:
        screen.notify("There is nothing after this directory.", timeout=2)
    else:
        screen.active.go(visit.path, cursor=visit.cursor, record=False)


@action("buckets", "To the S3 buckets", "Places", "g b")
def buckets(screen: MainScreen) -> None:
    """List the buckets of the default place."""
    screen.active.go(Path("s3://"))


@action("home", "To the home directory", "Places", "g h")
def home(screen: MainScreen) -> None:
    """Show the home directory."""
    screen.active.go(target_path("~", Path.cwd()))


@action("root", "To the root: / or the list of buckets", "Places", "g slash")
def root(screen: MainScreen) -> None:
    """Show the root of the storage that the pane is in."""
    screen.active.go(Path(screen.active.path.anchor))


@action("go_to", "To a path that you type", "Places", "g space", hint="go to")
def go_to(screen: MainScreen) -> None:
    """Ask for a path and show it."""
    base = screen.active.path

    shown = visible(str(base))

    def meant(text: str) -> Path:
        return base if text == shown else target_path(text, base)

    def check(text: str) -> str:
        try:
            meant(text)
        except InvalidPathError as error:
            return explain(error)
        return ""

    def go(text: str | None) -> None:
        if text is not None:
            screen.guard(lambda: screen.active.go(meant(text)))

    screen.app.push_screen(AskText("Go to", "a directory: /tmp, ~, s3://bucket/prefix", shown, check=check), go)


@action("refresh", "List again, past the cache; try again", "Places", "ctrl+r")
def refresh(screen: MainScreen) -> None:
    """List the directory anew."""
    screen.active.again()
