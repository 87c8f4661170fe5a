"""The two panes: which is active, keys to actions, and what the panes are told by jobs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal

from tfm.app.actions import find
from tfm.app.background import Background, CancelToken, Kind
from tfm.app.jobs import JobDesk
from tfm.app.listmodel import Key
from tfm.app.messages import Answered, JobChanged, ask
from tfm.app.screens.keyed import KeyedScreen
from tfm.app.widgets.chord_hint import ChordHint
from tfm.app.widgets.file_list import FileListView
from tfm.app.widgets.job_line import JobLine
from tfm.app.widgets.key_hints import KeyHints
from tfm.app.widgets.pane import Pane
from tfm.app.widgets.prompt import Prompt
from tfm.path import Path

Value = TypeVar("Value")

NARROWEST, WIDEST = 1, 9
"""Shares of the screen out of ten that a pane can have."""


class MainScreen(KeyedScreen):
    """Two panes, the line of jobs and the line of keys.

    Args:
        left: The left pane's directory and the key of its first row.
        right: The right pane's.
        background: The pools that work is done in.
    """

    keys = "files"
    takes_keys = FileListView

    def __init__(self, left: tuple[Path, Key | None], right: tuple[Path, Key | None], background: Background) -> None:
        super().__init__()
        self.background = background
        self.left = Pane(left[0], background, cursor=left[1], id="left")
        self.right = Pane(right[0], background, cursor=right[1], id="right")
        self.active = self.left
        self.left.add_class("-active")  # before the first paint: a class that changes later styles everything again
        self.right.add_class("-second")
        self.jobs = JobDesk(self)
        self.find_text = ""
        self.share = 5
        self.single = False

    def compose(self) -> ComposeResult:
        """Lay out panes, lines and the popup."""
        with Horizontal(id="panes"):
            yield self.left
            yield self.right
        yield JobLine(self.jobs)
        yield KeyHints("files")
        yield ChordHint()

    def on_mount(self) -> None:
        """Begin in the left pane, and list after the first paint."""
        self.activate(self.left)
        self.call_after_refresh(self._start)

    def _start(self) -> None:
        self.left.start()
        self.right.start()

    # Panes

    @property
    def view(self) -> FileListView:
        """The active pane's list."""
        return self.active.view

    @property
    def other(self) -> Pane:
        """The pane that is not active."""
        return self.right if self.active is self.left else self.left

    def activate(self, pane: Pane) -> None:
        """Give the keys to a pane.

        Args:
            pane: Which.
        """
        self.active = pane
        pane.set_active(True)
        self.other.set_active(False)
        self._arrange()
        pane.view.focus()

    def swap(self) -> None:
        """Exchange the panes; the active one stays active."""
        self.left, self.right = self.right, self.left
        self.query_one("#panes").move_child(self.left, before=self.right)
        self._arrange()

    def _arrange(self) -> None:
        """Give each pane its share of the screen; a single pane gets all of it."""
        for pane, share in ((self.left, self.share), (self.right, 10 - self.share)):
            pane.styles.width = f"{share}fr"
            pane.display = pane is self.active or not self.single
        self.left.remove_class("-second")
        self.right.set_class(not self.single, "-second")

    def resize_panes(self, share: int) -> None:
        """Move the border between the panes, or show one alone.

        Args:
            share: The left pane's share out of ten.
        """
        self.share = max(NARROWEST, min(share, WIDEST))
        self.single = False
        self._arrange()

    def show_single(self, single: bool) -> None:
        """Show the active pane alone, or both.

        Args:
            single: Whether alone.
        """
        self.single = single
        self._arrange()

    def refresh_panes(self, shows: Callable[[Path], bool]) -> None:
        """List anew the panes whose directory changed; cursor and selection stay.

        Args:
            shows: Tells of a directory whether it changed.
        """
        for pane in (self.left, self.right):
            if shows(pane.path):
                pane.again()

    # Background

    def ask(
        self, kind: Kind, call: Callable[[], Value], use: Callable[[Value | None, Exception | None], None]
    ) -> CancelToken:
        """Make a call in the background; see `messages.ask`.

        Args:
            kind: Which pool.
            call: May block.
            use: Gets the value or the error, on this thread.
        """
        return ask(self.background, kind, self, call, use)

    def on_answered(self, message: Answered) -> None:
        """Use the answer of a call.

        Args:
            message: The answer.
        """
        message.stop()
        self.guard(lambda: message.use(message.value, message.error))

    def on_job_changed(self, message: JobChanged) -> None:
        """Look after the jobs.

        Args:
            message: Says that one changed.
        """
        message.stop()
        self.guard(self.jobs.look)

    # Mouse and focus

    def on_pane_opened(self, message: Pane.Opened) -> None:
        """Open what was double-clicked.

        Args:
            message: Names the pane.
        """
        self.activate(message.pane)
        self.run(find("open"))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Make the pane active whose list gets the focus.

        Args:
            event: Names the widget.
        """
        for pane in (self.left, self.right):
            if event.widget is pane.view and pane is not self.active:
                self.activate(pane)

    # The prompt

    def on_prompt_typed(self, message: Prompt.Typed) -> None:
        """Find or filter while the text is typed.

        Args:
            message: The text.
        """
        message.stop()
        if message.mode == "filter":
            self.view.set_filter(message.text)
            return
        self.find_text = message.text
        row = self.view.model.find(message.text, start=self.view.model.cursor_row)
        if row is not None:
            self.view.move_to(row)

    def on_prompt_closed(self, message: Prompt.Closed) -> None:
        """Give the keys back to the list; a filter that was not kept goes.

        Args:
            message: How the prompt was left.
        """
        message.stop()
        if message.mode == "filter" and not message.kept:
            self.view.set_filter("")
        self.view.focus()
