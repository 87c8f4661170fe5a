"""The viewer: a file read by ranges in the background, as far as it is looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO

from textual.app import ComposeResult
from textual.widgets import Static

from tfm.app.background import Background, CancelToken, Caught
from tfm.app.document import Document
from tfm.app.format import fit_end
from tfm.app.messages import Answered, ask, later
from tfm.app.screens.keyed import KeyedScreen
from tfm.app.widgets.chord_hint import ChordHint
from tfm.app.widgets.key_hints import KeyHints
from tfm.app.widgets.prompt import Prompt
from tfm.app.widgets.text_view import TextView
from tfm.path import Path
from tfm.wording import bytes_text, explain, visible

STEP = 256 * 1024
"""Bytes of one read."""

PATIENCE = 2.0
"""Seconds without the first bytes after which the viewer says what it waits for."""


class Viewer(KeyedScreen):
    """Shows one file; nothing here waits for its storage.

    Args:
        path: The file.
        background: The pools that it is read in.
    """

    keys = "viewer"
    takes_keys = TextView

    def __init__(self, path: Path, background: Background) -> None:
        super().__init__()
        self.path = path
        self.document = Document(0)
        self.searching = ""
        self._background = background
        self._file: IO[bytes] | None = None
        self._busy: CancelToken | None = None
        self._search_from = 0

    def compose(self) -> ComposeResult:
        """Lay out title, text, notice and lines."""
        yield Static(f" {visible(str(self.path))}", classes="viewer-title", markup=False)
        yield Static("reading…", classes="viewer-notice", markup=False)
        yield TextView()
        yield Prompt()
        yield Static(classes="viewer-status", markup=False)
        yield KeyHints("viewer")
        yield ChordHint()

    def on_mount(self) -> None:
        """Begin to read."""
        self.view.focus()
        self._ask(self._open, self._opened)
        later(self, PATIENCE, self._still_waiting)

    @property
    def view(self) -> TextView:
        """The text."""
        return self.query_one(TextView)

    # Reading, in the background

    def _open(self) -> tuple[int, bytes]:
        reader = self.path.open("rb")
        size = reader.seek(0, 2)
        reader.seek(0)
        self._file = reader
        return size, reader.read(STEP)

    def _read(self, start: int, size: int) -> bytes:
        assert self._file is not None
        self._file.seek(start)
        return self._file.read(size)

    def _ask(self, call: Callable[[], object], use: Callable[[object, Exception | None], None]) -> None:
        def answered(value: object, error: Exception | None) -> None:
            self._busy = None
            if error is not None:
                self._say(explain(error, str(self.path)), failed=True)
            else:
                use(value, None)
            self.show_status()

        self._busy = ask(self._background, "preview", self, call, answered)

    def on_answered(self, message: Answered) -> None:
        """Use what was read.

        Args:
            message: The answer.
        """
        message.stop()
        self.guard(lambda: message.use(message.value, message.error))

    def on_unmount(self) -> None:
        """Close the file without waiting for it."""
        if self._busy is not None:
            self._busy.cancel()
        opened = self._file
        if opened is not None:
            self._background.submit("preview", lambda _: _close(opened))

    # What arrived

    def _opened(self, value: object, _: Exception | None) -> None:
        assert isinstance(value, tuple)
        size, data = value
        self.document = Document(size)
        self.document.begin(0, data)
        self._say("" if size else "The file is empty.")
        self.view.wrap = self.document.shape == "text"
        self.view.show(self.document.lines)

    def more(self) -> None:
        """Read on below, unless all is there or a read is going on."""
        document = self.document
        if self._busy is not None or document.at_end or self._file is None:
            return

        def use(value: object, _: Exception | None) -> None:
            assert isinstance(value, bytes)
            gone = document.append(value)
            self._search_from = max(0, self._search_from - gone)
            self.view.grown(gone=gone)
            self._search_on()

        self._ask(lambda: self._read(document.stop, STEP), use)

    def more_above(self) -> None:
        """Read on above, when the window does not begin at the file's beginning."""
        document = self.document
        if self._busy is not None or document.start == 0:
            return
        size = min(STEP, document.start)

        def use(value: object, _: Exception | None) -> None:
            assert isinstance(value, bytes)
            self.view.grown(above=document.prepend(value))

        self._ask(lambda: self._read(document.start - size, size), use)

    def to_end(self) -> None:
        """Show the end of the file: of what is not there only the last part is read."""
        if self.document.at_end or self._file is None or self._busy is not None:
            self.view.to_end()
            return
        start = max(0, self.document.size - STEP)
        self._jump(start, self.view.to_end)

    def to_start(self) -> None:
        """Show the beginning of the file."""
        if self.document.start == 0 or self._busy is not None:
            self.view.scroll_to(0, 0, animate=False)
            return
        self._jump(0, lambda: None)

    def _jump(self, start: int, then: Callable[[], None]) -> None:
        def use(value: object, _: Exception | None) -> None:
            assert isinstance(value, bytes)
            self.document.begin(start, value)
            self.view.show(self.document.lines)
            self.call_after_refresh(then)

        self._ask(lambda: self._read(start, STEP), use)

    def on_text_view_near_end(self) -> None:
        """Read on."""
        self.more()

    def on_text_view_near_start(self) -> None:
        """Read on above."""
        self.more_above()

    # Searching

    def search(self, text: str) -> None:
        """Go to the next line that has a text, reading on until there is one.

        Args:
            text: The text; capitals do not matter.
        """
        self.view.found = text
        self.view.refresh()
        if text:
            self.searching = text
            self._search_from = self.view.top_line + 1 if self._search_from or self._on_match(text) else 0
            self._search_on()

    def _on_match(self, text: str) -> bool:
        lines, top = self.document.lines, self.view.top_line
        return top < len(lines) and text.casefold() in lines[top].casefold()

    def _search_on(self) -> None:
        if not self.searching:
            return
        wanted, lines = self.searching.casefold(), self.document.lines
        for number in range(self._search_from, len(lines)):
            if wanted in lines[number].casefold():
                self.searching = ""
                self._search_from = number
                self.view.scroll_to_line(number)
                return
        self._search_from = len(lines)
        if self.document.at_end:
            self.searching = ""
            self.notify("Not found below.", timeout=2)
        else:
            self.more()

    def search_up(self) -> None:
        """Go to the line before that has the text that was searched for, in what was read."""
        wanted = self.view.found.casefold()
        for number in range(self.view.top_line - 1, -1, -1):
            if wanted and wanted in self.document.lines[number].casefold():
                self._search_from = number
                self.view.scroll_to_line(number)
                return
        self.notify("Not found above, in what was read.", timeout=2)

    def stop_searching(self) -> bool:
        """Stop reading for a search; says whether there was one."""
        searching, self.searching = bool(self.searching), ""
        self.show_status()
        return searching

    def on_prompt_typed(self, message: Prompt.Typed) -> None:
        """Mark what matches while it is typed.

        Args:
            message: The text.
        """
        self.view.found = message.text
        self.view.refresh()

    def on_prompt_closed(self, message: Prompt.Closed) -> None:
        """Search for what was typed, or forget it.

        Args:
            message: How the prompt was left.
        """
        self.view.focus()
        if message.kept:
            self._search_from = 0
            self.search(self.view.found)
        else:
            self.view.found = ""
            self.view.refresh()

    # Words

    def _still_waiting(self) -> None:
        if self._busy is not None and self._file is None:
            self._say(f"Waiting for {visible(str(self.path))} …\nq leaves.")

    def _say(self, text: str, *, failed: bool = False) -> None:
        notice = self.query_one(".viewer-notice", Static)
        notice.set_class(failed, "-failed")
        notice.display = bool(text)
        notice.update(text)

    def show_status(self) -> None:
        """Show how much was read, the encoding and the wrap."""
        document = self.document
        if self._file is None:
            return
        parts = [f"read {bytes_text(min(document.read, document.size))} of {bytes_text(document.size)}"]
        parts.append("hex dump" if document.shape == "hex" else {"utf-8": "UTF-8"}.get(document.encoding, "Latin-1"))
        if document.start:
            parts.append(f"from byte {document.start:,}")
        if self.searching:
            parts.append("searching… Esc stops")
        elif document.shape == "text":
            parts.append("wrapped" if self.view.wrap else "not wrapped")
        self.query_one(".viewer-status", Static).update(" " + " · ".join(parts))

    def on_resize(self) -> None:
        """Fit the title."""
        title = fit_end(visible(str(self.path)), max(1, self.size.width - 2))
        self.query_one(".viewer-title", Static).update(f" {title}")

    # Keys


def _close(opened: IO[bytes]) -> None:
    with Caught():  # nobody is left to tell
        opened.close()
