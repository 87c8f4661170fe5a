"""Help, made from the registry: every action with its keys, by group."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tfm.app.actions import Context, actions
from tfm.app.screens.dialog import Dialog


class HelpDialog(Dialog[None]):
    """Lists the keys of a context.

    Args:
        context: Whose.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,f1,question_mark,enter", "leave", "Leave", show=False),
        Binding("j,down", "scroll(1)", "Down", show=False),
        Binding("k,up", "scroll(-1)", "Up", show=False),
        Binding("pagedown,ctrl+d,space", "scroll(8)", "Page down", show=False),
        Binding("pageup,ctrl+u", "scroll(-8)", "Page up", show=False),
    ]

    def __init__(self, context: Context) -> None:
        super().__init__("Keys")
        self._keys_of: Context = context

    def body(self) -> ComposeResult:
        """One table."""
        yield Static(help_text(self._keys_of))

    def action_scroll(self, lines: int) -> None:
        """Scroll.

        Args:
            lines: Down when positive.
        """
        self.query_one("#dialog-body", VerticalScroll).scroll_relative(y=lines, animate=False)


def help_text(context: Context) -> Content:
    """The keys of a context, by group.

    Args:
        context: Whose.
    """
    lines: list[Content] = []
    group = ""
    for each in sorted(actions(context), key=lambda each: _group_order(context).index(each.group)):
        if each.group != group:
            group = each.group
            lines += [Content("")] * bool(lines) + [Content.styled(group, "bold underline")]
        lines.append(Content.assemble((f"{each.shown_keys or 'C-p':<20} ", "$accent"), each.title))
    return Content("\n").join(lines)


def _group_order(context: Context) -> list[str]:
    return list(dict.fromkeys(each.group for each in actions(context)))
