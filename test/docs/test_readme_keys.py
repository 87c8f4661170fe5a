"""The table of keys in README says what the registry of actions says."""

from __future__ import annotations

import re
from pathlib import Path

from tfm.app import commands
from tfm.app.actions import actions
from tfm.app.keymap import show_chord


def test_keys_are_those_of_the_registry(root: Path) -> None:
    commands.load()
    table = re.findall(r"^\| (`.+`) \| (.+) \|$", (root / "README.md").read_text(), re.MULTILINE)
    assert len(table) > 10
    registry = {each.title: {show_chord(chord) for chord in each.keys} for each in actions("files")}
    wrong = [(keys, title) for keys, title in table if not {*re.findall("`(.+?)`", keys)} <= registry.get(title, set())]
    assert wrong == []
