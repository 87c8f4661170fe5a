"""The lines of a document on the line API, wrapped or cut, with what was searched for marked."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import chop_cells
from rich.segment import Segment
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

NEAR = 50
"""Rows from an end of the window at which more is asked for."""


class TextView(ScrollView, inherit_bindings=False, can_focus=True):
    """Shows lines; says when it is scrolled near an end of them."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"text--line", "text--match"}

    class NearEnd(Message):
        """The view is near the last line that is there."""

    class NearStart(Message):
        """The view is near the first line that is there."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.wrap = True
        self.found = ""
        self._rows: list[tuple[int, int, int]] = []
        self._wrapped = 0

    def show(self, lines: list[str]) -> None:
        """Show other lines.

        Args:
            lines: The list, which may grow; call `grown` then.
        """
        self.lines = lines
        self._lay_out()
        self.scroll_to(0, 0, animate=False)

    def grown(self, *, above: int = 0, gone: int = 0) -> None:
        """Follow the list of lines; what is on screen stays there.

        Args:
            above: Lines that came at the beginning.
            gone: Lines that went at the beginning.
        """
        line = self.top_line + above - gone
        if above or gone:
            self._lay_out()
            self.scroll_to_line(max(0, line))
        else:
            self._wrap_on()
        self.refresh()

    def _lay_out(self) -> None:
        self._rows, self._wrapped = [], 0
        self._wrap_on()

    def _wrap_on(self) -> None:
        width = max(1, self.scrollable_content_region.width or self.size.width)
        if not self.wrap:
            longest = max(map(len, self.lines[self._wrapped :]), default=0)
            self._wrapped = len(self.lines)
            self.virtual_size = Size(max(longest * 2, self.virtual_size.width), len(self.lines))
            return
        for number in range(self._wrapped, len(self.lines)):
            line = self.lines[number]
            if len(line) <= width and line.isascii():
                self._rows.append((number, 0, len(line)))
                continue
            start = 0
            for piece in chop_cells(line, width) or [""]:
                self._rows.append((number, start, start + len(piece)))
                start += len(piece)
        self._wrapped = len(self.lines)
        self.virtual_size = Size(width, len(self._rows))

    def set_wrap(self, wrap: bool) -> None:
        """Wrap long lines, or cut them and scroll sideways.

        Args:
            wrap: Whether to wrap.
        """
        line = self.top_line
        self.wrap = wrap
        self.virtual_size = Size(0, 0)
        self._lay_out()
        self.scroll_to(x=0, animate=False)
        self.scroll_to_line(line)
        self.refresh()

    @property
    def top_line(self) -> int:
        """The number of the first line on screen."""
        row = self.scroll_offset.y
        if self.wrap:
            return self._rows[row][0] if row < len(self._rows) else 0
        return row

    def scroll_to_line(self, line: int) -> None:
        """Put a line at the top.

        Args:
            line: Its number.
        """
        row = line
        if self.wrap:
            row = next((at for at, (number, _, _) in enumerate(self._rows) if number >= line), 0)
        self.scroll_to(y=row, animate=False)

    def scroll_rows(self, rows: int) -> None:
        """Scroll.

        Args:
            rows: Down when positive.
        """
        self.scroll_to(y=self.scroll_offset.y + rows, animate=False)

    def to_end(self) -> None:
        """Scroll to the last line that is there."""
        self.scroll_to(y=max(0, self.virtual_size.height - self.size.height), animate=False)

    def on_resize(self) -> None:
        """Wrap to the new width."""
        line = self.top_line
        self._lay_out()
        self.scroll_to_line(line)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for more near the ends.

        Args:
            old_value: The row that was at the top.
            new_value: The row that is.
        """
        super().watch_scroll_y(old_value, new_value)
        if new_value + self.size.height + NEAR >= self.virtual_size.height:
            self.post_message(self.NearEnd())
        if new_value <= NEAR:
            self.post_message(self.NearStart())

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen.

        Args:
            y: The line, from the top of what is visible.
        """
        x, row = self.scroll_offset.x, y + self.scroll_offset.y
        width = self.size.width
        if self.wrap:
            if row >= len(self._rows):
                return Strip.blank(width, self.rich_style)
            number, start, stop = self._rows[row]
            return self._strip(self.lines[number][start:stop]).adjust_cell_length(width, self.rich_style)
        if row >= len(self.lines):
            return Strip.blank(width, self.rich_style)
        return self._strip(self.lines[row]).crop_extend(x, x + width, self.rich_style)

    def _strip(self, text: str) -> Strip:
        plain = self.get_component_rich_style("text--line")
        if not self.found:
            return Strip([Segment(text, plain)])
        match = self.get_component_rich_style("text--match")
        parts: list[Segment] = []
        start, folded, wanted = 0, text.casefold(), self.found.casefold()
        at = folded.find(wanted) if len(folded) == len(text) else -1
        while at >= 0:
            parts += [Segment(text[start:at], plain), Segment(text[at : at + len(wanted)], match)]
            start = at + len(wanted)
            at = folded.find(wanted, start)
        parts.append(Segment(text[start:], plain))
        return Strip([part for part in parts if part.text])
