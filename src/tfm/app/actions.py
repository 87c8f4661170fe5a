"""The registry of actions: every action has a name, a title, keys and a handler, declared once where it is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, TypeVar

from tfm.app.keymap import Keymap, show_chord

Context = Literal["files", "viewer"]
Group = Literal["Move", "Panes", "Places", "Select", "Find and order", "Files", "View", "App"]

Handler = Callable[[Any], None]
Function = TypeVar("Function", bound=Handler)


class Action(NamedTuple):
    """One thing that the app can do.

    Args:
        name: Names it in the registry, in keymaps and in the log.
        title: What it does, in words, for the help and the palette.
        group: Where the help lists it.
        keys: Chords, each keys by their Textual names with spaces between; empty for the palette alone.
        handler: Gets the screen of its context.
        hint: A word for the line of keys at the bottom; empty for none.
        context: Which screen's keys they are.
    """

    name: str
    title: str
    group: Group
    keys: tuple[str, ...]
    handler: Handler
    hint: str = ""
    context: Context = "files"

    @property
    def chords(self) -> list[str]:
        """Its chords as people write them, each once."""
        return list(dict.fromkeys(show_chord(chord) for chord in self.keys))

    @property
    def shown_keys(self) -> str:
        """Its keys as people write them."""
        return "  ".join(self.chords)


_REGISTRY: dict[str, Action] = {}


def action(
    name: str, title: str, group: Group, *keys: str, hint: str = "", context: Context = "files"
) -> Callable[[Function], Function]:
    """Register the function below as the handler of an action.

    Args:
        name: See `Action`.
        title: See `Action`.
        group: See `Action`.
        keys: See `Action`.
        hint: See `Action`.
        context: See `Action`.

    Raises:
        ValueError: The name is taken.
    """

    def register(handler: Function) -> Function:
        if name in _REGISTRY:
            raise ValueError(f"two actions are named {name!r}")
        _REGISTRY[name] = Action(name, title, group, keys, handler, hint, context)
        return handler

    return register


def actions(context: Context | None = None) -> list[Action]:
    """The actions of a context, or all, in the order in which they were declared.

    Args:
        context: Which.
    """
    return [each for each in _REGISTRY.values() if context in (None, each.context)]


def find(name: str) -> Action:
    """The action of a name.

    Args:
        name: The name.

    Raises:
        KeyError: There is none.
    """
    return _REGISTRY[name]


def keymap_for(context: Context) -> Keymap:
    """The default keys of a context.

    Args:
        context: Which.
    """
    return Keymap({each.name: each.keys for each in actions(context)})


def keys_markdown(context: Context) -> str:
    """The keys of a context as Markdown tables, one a group: what the guide shows.

    Args:
        context: Which.
    """
    groups: dict[str, list[Action]] = {}
    for each in actions(context):
        groups.setdefault(each.group, []).append(each)
    lines: list[str] = []
    for group, members in groups.items():
        lines += [f"### {group}", "", "| keys | what it does |", "|---|---|"]
        lines += [f"| {' '.join(f'`{chord}`' for chord in each.chords)} | {each.title} |" for each in members]
        lines.append("")
    return "\n".join(lines)
