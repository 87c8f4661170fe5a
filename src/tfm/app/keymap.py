"""Keys: chords as data, the state of a half-typed chord, and keys as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

Chord = tuple[str, ...]

_NAMES = {
    "up": "↑", "down": "↓", "left": "←", "right": "→", "escape": "Esc", "enter": "Enter", "space": "Space",
    "tab": "Tab", "backspace": "Backspace", "delete": "Del", "insert": "Ins", "pageup": "PgUp", "pagedown": "PgDn",
    "home": "Home", "end": "End", "slash": "/", "comma": ",",
    "full_stop": ".", "question_mark": "?", "plus": "+", "minus": "-",
    "asterisk": "*", "equals_sign": "=", "less_than_sign": "<", "greater_than_sign": ">",
    "f18": "S-F6",  # what most terminals send for it
}  # fmt: skip
_MODIFIERS = {"ctrl": "C", "shift": "S", "alt": "A"}


def show_key(key: str) -> str:
    """One key as people write it: `C-d`, `S-↑`, `F5`, `/`.

    Args:
        key: A key by its Textual name.
    """
    *modifiers, name = key.split("+")
    shown = _NAMES.get(name, name.upper() if len(name) > 1 and name[0] == "f" and name[1:].isdigit() else name)
    return "".join(f"{_MODIFIERS.get(modifier, modifier)}-" for modifier in modifiers) + shown


def show_chord(text: str) -> str:
    """A chord as people write it: `gg`, `g Space`, `C-w x`.

    Args:
        text: Keys by their Textual names, with spaces between.
    """
    keys = [show_key(key) for key in text.split()]
    return ("" if all(len(key) == 1 for key in keys) else " ").join(keys)


class Clash(ValueError):
    """Two actions want the same keys, or one's keys begin another's."""


class Match(NamedTuple):
    """What a key led to.

    Args:
        action: The name of the action whose chord is complete, or `None`.
        pending: Whether a chord has begun and waits for its next key.
    """

    action: str | None = None
    pending: bool = False


class Keymap:
    """Which chord means which action.

    Args:
        bindings: For each action's name its chords, each a text of keys with spaces between.
    """

    def __init__(self, bindings: Mapping[str, Iterable[str]]) -> None:
        self._actions: dict[Chord, str] = {}
        self._typed: Chord = ()
        for action, chords in bindings.items():
            for chord in chords:
                self._bind(tuple(chord.split()), action)
        self._prefixes = {chord[:length] for chord in self._actions for length in range(1, len(chord))}
        for prefix in self._prefixes & self._actions.keys():
            raise Clash(f"The keys {' '.join(prefix)} of {self._actions[prefix]} also begin a longer chord.")

    def _bind(self, chord: Chord, action: str) -> None:
        if chord in self._actions:
            raise Clash(f"The keys {' '.join(chord)} are given to both {self._actions[chord]} and {action}.")
        self._actions[chord] = action

    @property
    def typed(self) -> Chord:
        """The keys of the chord that has begun."""
        return self._typed

    def feed(self, key: str) -> Match:
        """Take the next key.

        Args:
            key: A key by its Textual name.
        """
        chord = (*self._typed, key)
        self._typed = ()
        if chord in self._prefixes:
            self._typed = chord
            return Match(pending=True)
        return Match(self._actions.get(chord))

    def forget(self) -> None:
        """Drop a chord that has begun."""
        self._typed = ()

    def continuations(self) -> list[tuple[str, str]]:
        """What may follow the chord that has begun: (rest of the keys, action) pairs."""
        begun = len(self._typed)
        return [
            (" ".join(chord[begun:]), action)
            for chord, action in self._actions.items()
            if len(chord) > begun and chord[:begun] == self._typed
        ]
