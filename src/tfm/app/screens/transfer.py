"""The dialog before a copy or a move: what, where to, which way, and what if it exists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button, Input, Label, Static

from tfm.app.background import Background
from tfm.app.messages import Answered, ask
from tfm.app.ordering import is_directory
from tfm.app.places import target_path, way
from tfm.app.screens.dialog import Dialog
from tfm.app.widgets.choice import Choice
from tfm.errors import InvalidPathError
from tfm.info import FileInfo
from tfm.operations import Conflict
from tfm.path import Path
from tfm.wording import bytes_text, count_text, explain, visible

_CONFLICTS: tuple[tuple[Conflict, str], ...] = (
    (Conflict.ASK, "ask"),
    (Conflict.SKIP, "skip it"),
    (Conflict.OVERWRITE, "overwrite it"),
    (Conflict.NEWER, "overwrite older ones"),
    (Conflict.KEEP_BOTH, "keep both"),
)


class Transfer(NamedTuple):
    """What was decided.

    Args:
        into: The directory to write into.
        name: The new name of a single entry, or `None` to keep the names.
        conflict: What to do with a target that exists.
    """

    into: Path
    name: str | None
    conflict: Conflict


class TransferDialog(Dialog[Transfer]):
    """Gives the decision, or `None`.

    Args:
        verb: `Copy` or `Move`.
        source: The directory that the entries are in.
        entries: What is copied or moved.
        into: The directory that is proposed.
        background: Where the way is looked up, which may have to ask a disk.
    """

    def __init__(
        self, verb: str, source: Path, entries: Sequence[FileInfo], into: Path, background: Background
    ) -> None:
        what = visible(entries[0].name) if len(entries) == 1 else count_text(len(entries), "entry", "entries")
        super().__init__(f"{verb} {what}")
        self._verb = verb
        self._source = source
        self._entries = entries
        self._into = into
        self._background = background

    def body(self) -> ComposeResult:
        """Names, destination, conflict rule and way."""
        yield Static(_what(self._entries), markup=False, classes="dialog-text")
        yield Label("into the directory")
        yield Input(visible(str(self._into)), select_on_focus=False, compact=True, id="into")
        if len(self._entries) == 1:
            yield Label("as")
            yield Input(visible(self._entries[0].name), select_on_focus=False, compact=True, id="name")
        with Horizontal(classes="dialog-row"):
            yield Label("if it exists  ")
            yield Choice(_CONFLICTS, id="conflict")
        yield Static(id="way", markup=False)

    def buttons(self) -> ComposeResult:
        """Start and Cancel."""
        yield Button(self._verb, id="ok", variant="primary", compact=True)
        yield Button("Cancel", id="leave", compact=True)

    def on_mount(self) -> None:
        """Begin at the destination."""
        self.query_one("#into", Input).focus()
        self._look_up_way()

    def _look_up_way(self) -> None:
        text = self.query_one("#into", Input).value
        self._ask(lambda: way(self._source, self._target(text), move=self._verb == "Move"), self._show_way)

    def _target(self, text: str) -> Path:
        """The directory of a typed text; what was proposed and not changed is itself, also when it can't be typed."""
        return self._into if text == visible(str(self._into)) else target_path(text, self._source)

    def _ask(self, call: Callable[[], str], use: Callable[[str | None, Exception | None], None]) -> None:
        ask(self._background, "stat", self, call, use)

    def on_answered(self, message: Answered) -> None:
        """Use an answer.

        Args:
            message: The answer.
        """
        message.stop()
        message.use(message.value, message.error)

    def _show_way(self, text: str | None, error: Exception | None) -> None:
        self.query_one("#way", Static).update(text or (explain(error) if error is not None else ""))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Look the way up again when the destination changes.

        Args:
            event: The field's.
        """
        self.complain("")
        if event.input.id == "into":
            self._look_up_way()

    def on_input_submitted(self) -> None:
        """Start by Enter."""
        self.pressed("ok")

    def pressed(self, button: str) -> None:
        """Start, unless the destination cannot be one.

        Args:
            button: Its id.
        """
        if button != "ok":
            return
        conflict = self.query_one(Choice[Conflict]).value
        try:
            into = self._target(self.query_one("#into", Input).value)
            name = self._new_name(into)
        except InvalidPathError as error:
            self.complain(explain(error))
            return
        self.dismiss(Transfer(into, name, conflict))

    def _new_name(self, into: Path) -> str | None:
        if len(self._entries) != 1:
            return None
        name = self.query_one("#name", Input).value
        if name == visible(self._entries[0].name):
            return None
        into.child(name)
        return name


def _what(entries: Sequence[FileInfo]) -> str:
    size = sum(entry.size or 0 for entry in entries if not is_directory(entry) and not entry.link)
    links = sum(entry.link for entry in entries)
    directories = sum(is_directory(entry) and not entry.link for entry in entries)
    files = len(entries) - directories - links
    parts = []
    if directories:
        parts.append(count_text(directories, "directory", "directories") + " with all that is below")
    if files:
        parts.append(f"{count_text(files, 'file', 'files')}, {bytes_text(size)}")
    if links:
        parts.append(count_text(links, "link", "links"))
    names = ", ".join(visible(entry.name) for entry in entries[:3]) + (", …" if len(entries) > 3 else "")
    return f"{' and '.join(parts)}: {names}"
