"""Actions that change files: copy, move, delete, rename, make."""

from __future__ import annotations

from collections.abc import Callable

from tfm.app.actions import action
from tfm.app.ordering import is_directory
from tfm.app.screens.ask_text import AskText
from tfm.app.screens.confirm import MOST_LINES, Confirm
from tfm.app.screens.main import MainScreen
from tfm.app.screens.transfer import Transfer, TransferDialog
from tfm.app.widgets.pane import Pane
from tfm.app.widgets.row import label
from tfm.errors import InvalidPathError
from tfm.info import FileInfo
from tfm.operations import Conflict, Job, copy, delete, move
from tfm.path import Path
from tfm.wording import bytes_text, count_text, explain, visible


@action("copy", "Copy to the other pane, or elsewhere", "Files", "C", "f5", hint="copy")
def copy_entries(screen: MainScreen) -> None:
    """Ask where to, and copy."""
    _transfer(screen, "Copy")


@action("move", "Move to the other pane, or elsewhere", "Files", "M", "f6", hint="move")
def move_entries(screen: MainScreen) -> None:
    """Ask where to, and move."""
    _transfer(screen, "Move")


def _chosen(screen: MainScreen) -> list[FileInfo]:
    """What an operation takes: the selection, else the entry under the cursor; says so when there is neither."""
    entries = screen.active.model.chosen()
    if not entries:
        screen.notify("There is nothing here to take: this pane shows no entry.", severity="warning", markup=False)
    return entries


def _given(directory: Path, entries: list[FileInfo]) -> list[tuple[Path, FileInfo]]:
    """The entries as operations take them: an object and a prefix of one name are told apart by their facts."""
    return [(directory.child(entry.name), entry) for entry in entries]


def _transfer(screen: MainScreen, verb: str) -> None:
    pane = screen.active
    entries = _chosen(screen)
    if not entries:
        return
    directory = pane.path

    def start(choice: Transfer | None) -> None:
        if choice is None:
            return

        def make() -> Job:
            sources = _given(directory, entries)
            names = None if choice.name is None else {sources[0][0]: choice.name}
            work = copy if verb == "Copy" else move
            return work(sources, choice.into, names=names, conflict=choice.conflict)

        _run(screen, make, pane, [directory, choice.into])

    screen.app.push_screen(TransferDialog(verb, directory, entries, screen.other.path, screen.background), start)


def _run(screen: MainScreen, make: Callable[[], Job], pane: Pane, touched: list[Path]) -> None:
    """Make a job in the background, for it looks at its paths, and start it; its selection is done with."""

    def start(job: Job | None, error: Exception | None) -> None:
        if job is None:
            screen.complain(error or ValueError("nothing to do"))
            return
        pane.model.selection.clear()
        pane.view.selection_changed()
        screen.jobs.start(job, touched)

    screen.ask("job", make, start)


@action("delete", "Delete; asks first, and says what is final", "Files", "d", "f8", "delete", hint="delete")
def delete_entries(screen: MainScreen) -> None:
    """Ask, and delete for good."""
    pane = screen.active
    entries = _chosen(screen)
    if not entries:
        return
    directory = pane.path
    what = count_text(len(entries), "entry", "entries")
    text = f"{what} in {visible(str(directory))}{_weight(entries)}. There is no trash: this is final."
    lines = [label(entry) for entry in entries[:MOST_LINES]]

    def make() -> Job:
        return delete(_given(directory, entries))

    def answer(yes: bool | None) -> None:
        if yes:
            _run(screen, make, pane, [directory])

    title = f"Delete {what} for good?"
    screen.app.push_screen(
        Confirm(title, text, lines, more=len(entries) - len(lines), yes="Delete", danger=True), answer
    )


def _weight(entries: list[FileInfo]) -> str:
    """What goes with entries that are deleted: trees, and bytes of files; a link is only a link."""
    trees = sum(is_directory(entry) and not entry.link for entry in entries)
    files = [entry for entry in entries if not is_directory(entry) and not entry.link]
    parts = []
    if trees:
        parts.append(f"{count_text(trees, 'directory', 'directories')} among them with all that is below")
    if files:
        parts.append(f"{bytes_text(sum(entry.size or 0 for entry in files))} in files")
    return "".join(f", {part}" for part in parts)


@action("delete_for_good", "Delete for good", "Files", "D")
def delete_for_good(screen: MainScreen) -> None:
    """Delete for good; without a trash it is what `delete` does."""
    delete_entries(screen)


@action("rename", "Rename", "Files", "r", "shift+f6", "f18", hint="rename")
def rename_entry(screen: MainScreen) -> None:
    """Ask for the new name, and rename by a job that never writes over anything unasked."""
    pane = screen.active
    entry = pane.model.cursor
    if entry is None:
        _chosen(screen)
        return
    shown = visible(entry.name)

    def check(text: str) -> str:
        return "" if text == shown else _wrong_name(pane.path, text)

    def start(text: str | None) -> None:
        if text is not None and text != shown:
            pane.expect(text)
            _run(screen, lambda: _rename_job(entry, pane.path, text), pane, [pane.path])

    stem = shown.rfind(".")
    select = stem if stem > 0 and not is_directory(entry) else len(shown)
    screen.app.push_screen(AskText("Rename", shown, shown, button="Rename", check=check, select=select), start)


def _rename_job(entry: FileInfo, directory: Path, name: str) -> Job:
    sources = _given(directory, [entry])
    return move(sources, directory, names={sources[0][0]: name}, conflict=Conflict.ASK)


def _wrong_name(directory: Path, name: str) -> str:
    """A sentence when a directory cannot hold a name, or an empty one."""
    if not name:
        return "The name is empty."
    if "/" in name:
        return "A name can't contain '/'; make one directory at a time."
    try:
        directory.child(name)
    except InvalidPathError as error:
        return explain(error)
    return ""


@action("new", "New file; a trailing / makes a directory", "Files", "a")
def new(screen: MainScreen) -> None:
    """Ask for a name and make a file or a directory."""
    _new(screen, "")


@action("new_directory", "New directory", "Files", "A", "f7", hint="new dir")
def new_directory(screen: MainScreen) -> None:
    """Ask for a name and make a directory."""
    _new(screen, "/")


def _new(screen: MainScreen, value: str) -> None:
    pane = screen.active
    directory = pane.path

    def check(text: str) -> str:
        return _wrong_name(directory, text.removesuffix("/"))

    def start(text: str | None) -> None:
        if text is not None:
            name = text.removesuffix("/")
            screen.ask(
                "job", lambda: _make(directory.child(name), text.endswith("/")), lambda _, error: done(name, error)
            )

    def done(name: str, error: Exception | None) -> None:
        if error is not None:
            screen.complain(error, name)
            return
        pane.expect(name)
        screen.refresh_panes(lambda shown: shown == directory)

    label = "a name; with / at the end it is a directory"
    dialog = AskText("New directory" if value else "New file", label, value, button="Make", check=check)
    screen.app.push_screen(dialog, start)
    if value:
        screen.call_after_refresh(dialog.to_start)


def _make(path: Path, directory: bool) -> None:
    if directory:
        path.mkdir()
        return
    with path.open("xb"):
        pass  # an empty file, and never over one that exists
