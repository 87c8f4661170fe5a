"""The line above a list: the names of its columns and the order; a click on a name sorts by it."""

from __future__ import annotations

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tfm.app.columns import GUTTER, columns_for
from tfm.app.ordering import DEFAULT_SORT, Sort, SortBy


class ColumnHeader(Widget):
    """One line, drawn for the same width as the list below it."""

    class Sorted(Message):
        """A column's name was clicked."""

        def __init__(self, by: SortBy) -> None:
            super().__init__()
            self.by = by

    def __init__(self) -> None:
        super().__init__()
        self._sort = DEFAULT_SORT

    def show_sort(self, sort: Sort) -> None:
        """Show an order.

        Args:
            sort: The order.
        """
        self._sort = sort
        self.refresh()

    def _title(self, by: SortBy, text: str) -> str:
        if self._sort.by != by:
            return text
        return f"{text}{'↓' if self._sort.reverse else '↑'}"

    def render_line(self, y: int) -> Strip:  # noqa: ARG002 - the name is Textual's
        """Draw the line.

        Args:
            y: Always 0.
        """
        columns = columns_for(self.size.width - 1)
        name = self._title("name", "Name")
        if self._sort.by == "extension":
            name = self._title("extension", "Name by extension")
        text = " " * GUTTER + name[: columns.name].ljust(columns.name)
        if columns.size:
            text += " " + self._title("size", "Size").rjust(columns.size)
        if columns.time:
            text += "  " + self._title("time", "Modified").ljust(columns.time)
        width = self.size.width
        return Strip([Segment(text.ljust(width)[:width], self.rich_style)], width)

    def on_click(self, event: events.Click) -> None:
        """Sort by the column under the mouse.

        Args:
            event: The click.
        """
        columns = columns_for(self.size.width - 1)
        by: SortBy = "name"
        if columns.size and event.x >= GUTTER + columns.name:
            by = "size"
        if columns.time and event.x >= GUTTER + columns.name + 1 + columns.size:
            by = "time"
        self.post_message(self.Sorted(by))
