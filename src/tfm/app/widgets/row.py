"""How one row of a list looks: the mark, the name, the size and the time, as one strip."""

from __future__ import annotations

from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tfm.app.columns import Columns
from tfm.app.format import fit
from tfm.app.ordering import is_directory
from tfm.info import FileInfo
from tfm.wording import size_text, time_text, visible


class RowStyles(NamedTuple):
    """The styles of a row's parts, each laid over the row's own background."""

    file: Style
    directory: Style
    link: Style
    broken: Style
    detail: Style
    mark: Style
    selected: Style
    cursor: Style
    cursor_selected: Style
    idle_cursor: Style


class RowState(NamedTuple):
    """What a row is at the moment.

    Args:
        selected: Whether it is in the selection.
        cursor: Whether the cursor is on it.
        active: Whether its list has the focus.
    """

    selected: bool = False
    cursor: bool = False
    active: bool = True


def label(entry: FileInfo) -> str:
    """An entry's name as it is shown: `/` after a directory, `@` after a link.

    Args:
        entry: The entry.
    """
    return visible(entry.name) + ("@" if entry.link else "") + ("/" if is_directory(entry) else "")


def size_cell(entry: FileInfo) -> str:
    """What the size column says.

    Args:
        entry: The entry.
    """
    if entry.kind == "missing":
        return "broken" if entry.link else "?"
    if is_directory(entry):
        return "dir"
    return "other" if entry.kind == "other" else size_text(entry.size)


def name_style(entry: FileInfo, styles: RowStyles) -> Style:
    """The style of an entry's name.

    Args:
        entry: The entry.
        styles: The styles to choose from.
    """
    if entry.kind == "missing":
        return styles.broken
    if is_directory(entry):
        return styles.directory
    return styles.link if entry.link else styles.file


def paint(entry: FileInfo, columns: Columns, state: RowState, styles: RowStyles, width: int) -> Strip:
    """Make the strip of one row.

    Args:
        entry: The entry.
        columns: Widths of the columns.
        state: Selected, cursor, active.
        styles: The styles.
        width: Cells of the whole strip.
    """
    parts = [
        ("* " if state.selected else "  ", styles.mark),
        (fit(label(entry), columns.name), name_style(entry, styles)),
    ]
    used = 2 + columns.name
    if columns.size:
        parts.append((" " + size_cell(entry).rjust(columns.size), styles.detail))
        used += 1 + columns.size
    if columns.time:
        parts.append(("  " + time_text(entry.mtime)[: columns.time].ljust(columns.time), styles.detail))
        used += 2 + columns.time
    parts.append((" " * max(0, width - used), styles.detail))
    over = _overlay(state, styles)
    if over is None:
        return Strip([Segment(text, style) for text, style in parts], max(width, used))
    if state.cursor and state.active:
        return Strip([Segment("".join(text for text, _ in parts), over)], max(width, used))
    return Strip([Segment(text, style + over) for text, style in parts], max(width, used))


def _overlay(state: RowState, styles: RowStyles) -> Style | None:
    if state.cursor and state.active:
        return styles.cursor_selected if state.selected else styles.cursor
    if state.cursor:
        return styles.idle_cursor + styles.selected if state.selected else styles.idle_cursor
    return styles.selected if state.selected else None
