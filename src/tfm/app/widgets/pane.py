"""A pane: one directory of any storage, listed in the background while its list is already in use."""

from __future__ import annotations

from asyncio import TimerHandle
from time import perf_counter

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from tfm.app.background import Background
from tfm.app.counts import pane_status
from tfm.app.format import fit_end
from tfm.app.listing import Listing
from tfm.app.listmodel import Key, ListModel, key_for
from tfm.app.messages import PagesReady, later, post_to
from tfm.app.ordering import FIRST_DIRECTION, Sort, SortBy
from tfm.app.state import History, Visit
from tfm.app.widgets.column_header import ColumnHeader
from tfm.app.widgets.file_list import FileListView
from tfm.app.widgets.prompt import Prompt
from tfm.path import Path
from tfm.wording import count_text, explain, visible

SLICE = 0.006
"""Seconds of one go at the pages that wait; then keys are answered."""

PATIENCE = 2.0
"""Seconds without a first page after which the pane says what it waits for."""


class Pane(Vertical):
    """A directory's title, columns, list and counts.

    Args:
        path: The directory to begin with.
        background: Where listings run.
        cursor: The key of the row to begin on.
    """

    class Opened(Message):
        """The entry under the cursor is to be opened."""

        def __init__(self, pane: Pane) -> None:
            super().__init__()
            self.pane = pane

    def __init__(self, path: Path, background: Background, *, cursor: Key | None = None, id: str | None = None) -> None:
        super().__init__(id=id)
        self.path = path
        self.history = History()
        self.prompt = Prompt()
        self.listing: Listing | None = None
        self.stopped = False
        self.problem = ""
        self._status_text = ""
        self._background = background
        self._next: ListModel | None = None
        self._expected = cursor
        self._draining: TimerHandle | None = None
        self._waiting: TimerHandle | None = None

    def compose(self) -> ComposeResult:
        """Lay out the parts."""
        yield Static(classes="pane-title", markup=False)
        yield ColumnHeader()
        yield Static(classes="pane-notice", markup=False)
        yield FileListView()
        yield Static(classes="pane-status", markup=False)

    def on_mount(self) -> None:
        """Find the parts once."""
        self.view = self.query_one(FileListView)
        self.header = self.query_one(ColumnHeader)
        self._title = self.query_one(".pane-title", Static)
        self._notice = self.query_one(".pane-notice", Static)
        self._status = self.query_one(".pane-status", Static)
        self._notice.display = False
        self._show_title()

    @property
    def model(self) -> ListModel:
        """The list that is shown."""
        return self.view.model

    @property
    def here(self) -> Visit:
        """The directory and the row of the cursor."""
        cursor = self.model.cursor
        return Visit(self.path, None if cursor is None else key_for(cursor))

    # Going

    def start(self) -> None:
        """List the first directory and make what is not seen at first; after the first paint."""
        self.mount(self.prompt, before=self._status)
        self.go(self.path, cursor=self._expected, record=False)

    def go(self, path: Path, *, cursor: Key | None = None, record: bool = True, refresh: bool = False) -> None:
        """Show another directory.

        Args:
            path: The directory; whether it is one shows when it is listed.
            cursor: The key of the row to put the cursor on when it arrives.
            record: Whether the history remembers where the pane was.
            refresh: Whether to go past what is cached.
        """
        if record and path != self.path:
            self.history.leave(self.here)
        self.path = path
        model = ListModel(self.model.sort, natural=not path.capabilities.server_copy, hidden=self.model.hidden)
        model.wanted = cursor
        self._expected = None
        if self.prompt.is_mounted:
            self.prompt.close()
        self.view.set_model(model)
        self._next = None
        self._show_title()
        self._list(refresh=refresh)

    def again(self) -> None:
        """List the same directory anew, past the cache; what is shown stays until the new listing is complete."""
        if self.problem or not len(self.model.entries):
            self.go(self.path, cursor=self._expected, record=False, refresh=True)
            return
        self._next = ListModel(self.model.sort, natural=not self.path.capabilities.server_copy, hidden=True)
        self._list(refresh=True)

    def expect(self, name: str) -> None:
        """Put the cursor on a name when the directory is listed next.

        Args:
            name: An entry that is being made or renamed.
        """
        self._expected = (name, "")

    def up(self) -> None:
        """Show the parent, with the cursor on the directory that the pane comes from."""
        if not self._is_top:
            self.go(self.path.parent, cursor=(self.path.name, "directory"))

    @property
    def _is_top(self) -> bool:
        return bool(self.path.parent == self.path)

    # Listing

    def _list(self, *, refresh: bool) -> None:
        self.stop()
        self.stopped = False
        self._say("")
        self.listing = Listing(self.path, lambda listing: post_to(self, PagesReady(listing)), refresh=refresh)
        self._background.submit("list", self.listing.run, self.listing.token)
        self._waiting = later(self, PATIENCE, self._still_waiting)
        self._show_status()

    def stop(self) -> bool:
        """Cancel the listing that is going on; says whether there was one."""
        if self.listing is None:
            return False
        self.listing.cancel()
        self.listing = None
        self.stopped = True
        self._next = None
        self._say("")
        self._show_status()
        return True

    def on_pages_ready(self, message: PagesReady) -> None:
        """Take the pages that wait.

        Args:
            message: Names the listing; one that was cancelled is not looked at.
        """
        message.stop()
        if message.listing is self.listing and self._draining is None:
            self._drain()

    def _drain(self) -> None:
        """Take pages for a few milliseconds, and come back for the rest."""
        self._draining = None
        listing = self.listing
        if listing is None:
            return
        stop = perf_counter() + SLICE
        while (page := listing.take()) is not None:
            if self._next is not None:
                self._next.add(page)
            else:
                self.view.add(page)
            if perf_counter() > stop:
                self._draining = later(self, 0.001, self._drain)
                break
        if self._arrived and self._waiting is not None:
            self._say("")
        if listing.drained:
            self._ended(listing)
        self._show_status()
        self.view.tell()

    @property
    def _arrived(self) -> int:
        return len((self._next or self.model).entries)

    def _ended(self, listing: Listing) -> None:
        self.listing = None
        error, following = listing.error, self._next
        self._next = None
        self._say("")
        if error is not None:
            if isinstance(error, NotADirectoryError) and not self._is_top:
                self.go(self.path.parent, cursor=(self.path.name, "file"), record=False)
                return
            if isinstance(error, FileNotFoundError):
                self.view.set_model(ListModel(self.model.sort, hidden=self.model.hidden))
            self._fail(error)
        elif following is not None:
            self._replace(following)
        else:
            self.model.finish()

    def _replace(self, following: ListModel) -> None:
        """Put a refreshed list in place of the old one: cursor, selection, filter and scroll stay."""
        old, row, top = self.model, self.model.cursor_row, self.view.scroll_offset.y
        following.selection = dict(old.selection)
        following.set_hidden(old.hidden)
        following.set_filter(old.filter_text)
        for _ in following.resort(old.sort):
            pass
        cursor, self._expected = self._expected or self.here.cursor, None
        following.finish()
        if cursor is None or not following.move_to_key(cursor):
            following.move_to(row)
        self.view.set_model(following)
        self.view.scroll_to(y=top, animate=False)
        self.view.move_by(0)

    # Words

    def _still_waiting(self) -> None:
        if self.listing is not None and not self._arrived:
            self._say(f"Waiting for {visible(str(self.path))} …\nEsc stops waiting.")

    def _fail(self, error: Exception) -> None:
        self.problem = explain(error, str(self.path))
        up = "" if self._is_top else " · h goes up"
        self._say(f"{self.problem}\nC-r tries again{up} · H goes back", failed=True)

    def _say(self, text: str, *, failed: bool = False) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        if not failed:
            self.problem = ""
        self._notice.set_class(failed, "-failed")
        self._notice.display = bool(text)
        if text:
            self._notice.update(text)

    def _show_title(self) -> None:
        width = max(1, self.size.width - 2)
        self._title.update(f" {fit_end(visible(str(self.path)), width)}")

    def _show_status(self) -> None:
        if self.listing is not None:
            note = f"{self._arrived:,} so far…" if self._arrived else "listing…"
        elif self.stopped:
            note = f"stopped at {count_text(self._arrived, 'entry', 'entries')}, C-r lists all"
        else:
            note = ""
        text = pane_status(self.model, note, self.size.width - 2)
        if text != self._status_text:  # an update lays the screen out anew, and most moves change nothing here
            self._status_text = text
            self._status.update(text)

    def on_resize(self) -> None:
        """Fit title and counts to the new width."""
        self._show_title()
        self._show_status()

    def on_file_list_view_changed(self) -> None:
        """Show the counts anew."""
        self._show_status()

    def on_file_list_view_opened(self, message: FileListView.Opened) -> None:
        """Pass a double click on as an open.

        Args:
            message: The double click.
        """
        message.stop()
        self.post_message(self.Opened(self))

    # Order

    def on_column_header_sorted(self, message: ColumnHeader.Sorted) -> None:
        """Sort by the column that was clicked.

        Args:
            message: Names the column.
        """
        message.stop()
        self.sort_by(message.by)

    def sort_by(self, by: SortBy) -> None:
        """Sort by a column; a second time turns the order round.

        Args:
            by: The column.
        """
        now = self.model.sort
        self.set_sort(Sort(by, not now.reverse if now.by == by else FIRST_DIRECTION[by]))

    def set_sort(self, sort: Sort) -> None:
        """Set the order of this pane's lists.

        Args:
            sort: The order.
        """
        self.view.set_sort(sort)
        self.header.show_sort(sort)

    def set_active(self, active: bool) -> None:
        """Mark the pane as the active one, or not.

        Args:
            active: Whether it is.
        """
        self.set_class(active, "-active")
        self.view.set_active(active)
