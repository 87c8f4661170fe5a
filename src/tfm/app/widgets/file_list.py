"""The file list: a scroll view on the line API that draws only the rows on screen and keeps the strips it drew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tfm.app.columns import Columns, columns_for
from tfm.app.listmodel import ListModel
from tfm.app.messages import later
from tfm.app.ordering import Sort
from tfm.app.widgets.row import RowState, RowStyles, paint
from tfm.info import FileInfo

CACHED_STRIPS = 2_000
"""Strips that are kept; a screen of them is a few dozen."""

SORT_SLICE = 0.004
"""Seconds between two steps of a new sort, in which keys are answered."""

_ENDED = object()
_OVERLAYS = {"selected", "idle_cursor"}


class FileListView(ScrollView, inherit_bindings=False, can_focus=True):
    """Shows a `ListModel`; every change of the model goes through a method here, which repaints what changed."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "list--file", "list--directory", "list--link", "list--broken", "list--detail", "list--mark", "list--selected",
        "list--cursor", "list--cursor-selected", "list--idle-cursor",
    }  # fmt: skip

    class Changed(Message):
        """The cursor, the selection, the filter or the number of rows changed."""

        def __init__(self, view: FileListView) -> None:
            super().__init__()
            self.view = view

        @property
        def control(self) -> FileListView:
            """The list."""
            return self.view

    class Opened(Message):
        """A row was double-clicked."""

        def __init__(self, view: FileListView) -> None:
            super().__init__()
            self.view = view

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.model = ListModel()
        self.active = False
        self._strips: dict[tuple[int, RowState], Strip] = {}
        self._styles: RowStyles | None = None
        self._columns = Columns(1, 0, 0)
        self._steps: Iterator[object] | None = None

    # What is shown

    def set_model(self, model: ListModel) -> None:
        """Show another model.

        Args:
            model: The new one.
        """
        self.model = model
        self._steps = None
        self._forget_strips()
        self._resized()
        self._show_cursor(top=True)
        self.refresh()
        self._tell()

    def add(self, page: Sequence[FileInfo]) -> None:
        """Append a page; what is under the cursor stays where it is on the screen.

        Args:
            page: Entries in any order.
        """
        before = self.model.cursor_row
        held = bool(len(self.model)) and self.scroll_offset.y > 0
        waiting = self.model.wanted
        self.model.add(page)
        self._resized()
        moved = self.model.cursor_row - before
        if waiting is not None and self.model.wanted is None:
            self._show_cursor()
        elif held and moved:
            self.scroll_to(y=self.scroll_offset.y + moved, animate=False)
        self.refresh()

    def tell(self) -> None:
        """Say that the list changed; after pages were added."""
        self._tell()

    def _tell(self) -> None:
        self.post_message(self.Changed(self))

    def _resized(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width or self.size.width, len(self.model))

    def _forget_strips(self) -> None:
        self._strips.clear()

    def notify_style_update(self) -> None:
        """Make strips anew: the theme or the focus changed."""
        super().notify_style_update()
        self._styles = None
        self._forget_strips()

    def on_resize(self) -> None:
        """Fit the columns to the new width."""
        self._columns = columns_for(self.scrollable_content_region.width)
        self._forget_strips()
        self._resized()
        self._show_cursor()

    def on_focus(self) -> None:
        """Show the cursor as the active one."""
        self.refresh()

    def on_blur(self) -> None:
        """Show the cursor as an idle one."""
        self.refresh()

    def set_active(self, active: bool) -> None:
        """Mark the list as the active one of the two, or not.

        Args:
            active: Whether it is.
        """
        if active != self.active:
            self.active = active
            self.refresh()

    # Drawing

    def _row_styles(self) -> RowStyles:
        if self._styles is None:
            style = self.get_component_rich_style
            self._styles = RowStyles(
                *(style(f"list--{field.replace('_', '-')}", partial=field in _OVERLAYS) for field in RowStyles._fields)
            )
        return self._styles

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen.

        Args:
            y: The line, from the top of what is visible.
        """
        row = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if row >= len(self.model):
            return Strip.blank(width, self.rich_style)
        number = self.model.number_at(row)
        entry = self.model.entries[number]
        state = RowState(self.model.is_selected(entry), row == self.model.cursor_row, self.active)
        strip = self._strips.get((number, state))
        if strip is None:
            if len(self._strips) > CACHED_STRIPS:
                self._strips.clear()
            strip = paint(entry, self._columns, state, self._row_styles(), width)
            self._strips[number, state] = strip
        return strip

    def refresh_row(self, row: int) -> None:
        """Repaint one row.

        Args:
            row: The row.
        """
        self.refresh_line(row)

    # Cursor

    @property
    def page_rows(self) -> int:
        """Rows that fit on the screen."""
        return max(1, self.scrollable_content_region.height)

    def move_to(self, row: int) -> None:
        """Put the cursor on a row and scroll there; only two rows are repainted when nothing scrolls.

        Args:
            row: Any number; it is held to the list.
        """
        before = self.model.cursor_row
        now = self.model.move_to(row)
        self.refresh_row(before)
        self.refresh_row(now)
        self._show_cursor()
        self._tell()

    def move_by(self, rows: int) -> None:
        """Move the cursor.

        Args:
            rows: Down when positive.
        """
        self.move_to(self.model.cursor_row + rows)

    def _show_cursor(self, *, top: bool = False) -> None:
        row, height, first = self.model.cursor_row, self.page_rows, round(self.scroll_target_y)
        if top:
            first = 0
        if row < first:
            first = row
        elif row >= first + height:
            first = row - height + 1
        first = max(0, min(first, len(self.model) - height))
        if first != round(self.scroll_target_y) or top:
            self.scroll_to(y=first, animate=False)

    # Selection, filter, order

    def toggle(self, step: int = 1) -> None:
        """Turn the selection of the row under the cursor round, and move on.

        Args:
            step: How far to move.
        """
        entry = self.model.cursor
        if entry is not None:
            self.model.select(entry, not self.model.is_selected(entry))
            self.move_by(step)

    def extend(self, step: int) -> None:
        """Select the row under the cursor and the one that the cursor moves to.

        Args:
            step: 1 for down, -1 for up.
        """
        entry = self.model.cursor
        if entry is None:
            return
        self.model.select(entry)
        self.move_by(step)
        after = self.model.cursor
        if after is not None:
            self.model.select(after)
            self.refresh_row(self.model.cursor_row)

    def selection_changed(self) -> None:
        """Repaint after the model's selection was changed."""
        self.refresh()
        self._tell()

    def set_filter(self, text: str) -> None:
        """Show only what matches.

        Args:
            text: See `ListModel.set_filter`.
        """
        self.model.set_filter(text)
        self._rows_changed()

    def set_hidden(self, shown: bool) -> None:
        """Show or hide names that begin with a dot.

        Args:
            shown: Whether they are shown.
        """
        self.model.set_hidden(shown)
        self._rows_changed()

    def set_sort(self, sort: Sort) -> None:
        """Change the order; long lists are sorted in steps between which keys are answered.

        Args:
            sort: The new order.
        """
        self._steps = self.model.resort(sort)
        self._sort_on()

    def _sort_on(self) -> None:
        if self._steps is None:
            return
        if next(self._steps, _ENDED) is not _ENDED:
            later(self, SORT_SLICE, self._sort_on)
            return
        self._steps = None
        self._rows_changed()

    def _rows_changed(self) -> None:
        self._resized()
        self._show_cursor()
        self.refresh()
        self._tell()

    # Mouse

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse was clicked; a double click opens.

        Args:
            event: The click.
        """
        row = event.y + self.scroll_offset.y
        if row >= len(self.model):
            return
        self.move_to(row)
        if event.ctrl:
            self.toggle(0)
        elif event.chain == 2:
            self.post_message(self.Opened(self))
