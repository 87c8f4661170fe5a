"""The line of counts below a list."""

from __future__ import annotations

from tfm.app.format import fit
from tfm.app.listmodel import ListModel
from tfm.wording import bytes_text, count_text, visible


def pane_status(model: ListModel, note: str, width: int) -> str:
    """What the line says: how many, what of it is selected, and what is not shown.

    Args:
        model: The list.
        note: What goes on at the moment, such as `1,204 so far…`; empty when nothing does.
        width: Cells; what does not fit is left out from the end.
    """
    parts = [note] if note else [count_text(len(model), "entry", "entries")]
    if model.selection:
        size = f", {bytes_text(model.selected_bytes)}" if model.selected_bytes else ""  # directories tell no size
        parts.insert(0, f"{len(model.selection):,} selected{size}")
    if model.filter_text:
        parts.append(f"filter: {visible(model.filter_text)}")
    if model.hidden_count:
        parts.append(f"{model.hidden_count:,} hidden")
    while len(parts) > 1 and len(" · ".join(parts)) > width:
        parts.pop()
    return " " + fit(" · ".join(parts), max(1, width)).rstrip()
