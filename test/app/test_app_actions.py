from __future__ import annotations

import re
from pathlib import Path

import pytest

from tfm.app import commands
from tfm.app.actions import actions, find, keymap_for, keys_markdown
from tfm.app.keymap import Clash, Keymap, Match, show_chord
from tfm.app.screens.help import help_text
from tfm.app.widgets.key_hints import HINTS

commands.load()


@pytest.mark.parametrize("context", ["files", "viewer"])
def test_every_chord_leads_to_the_action_that_declares_it(context):
    keymap = keymap_for(context)
    for each in actions(context):
        for chord in each.keys:
            *begun, last = chord.split()
            for key in begun:
                assert keymap.feed(key) == Match(pending=True)
            assert keymap.feed(last) == Match(each.name)


def test_every_function_key_has_a_letter_twin_and_nothing_needs_alt() -> None:
    for each in actions():
        assert not any("alt+" in chord for chord in each.keys)
        if any(re.search(r"\bf\d+$", chord) for chord in each.keys):
            assert any(not re.search(r"\bf\d+$", chord) for chord in each.keys), each.name


def test_every_action_has_a_title_and_a_handler_with_a_sentence() -> None:
    for each in actions():
        assert each.title
        assert each.handler.__doc__
        assert each.keys


@pytest.mark.parametrize("context", ["files", "viewer"])
def test_the_line_of_keys_shows_just_the_actions_that_have_a_word_for_it(context):
    assert set(HINTS[context]) == {each.name for each in actions(context) if each.hint}


@pytest.mark.parametrize("context", ["files", "viewer"])
def test_the_help_names_every_action_and_its_keys(context):
    text = help_text(context).plain
    for each in actions(context):
        assert each.title in text
        assert each.shown_keys in text


def test_the_guide_has_the_keys_of_the_registry(root: Path) -> None:
    page = (root / "docs/guide/file-manager.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| `") and line.count("|") == 3]
    marks = [line for line in rows if " before a name" in line or " after a name" in line or " in a name" in line]
    wanted = [
        line
        for context in ("files", "viewer")
        for line in keys_markdown(context).splitlines()
        if line.startswith("| `")
    ]
    assert [line for line in rows if line not in marks] == wanted


def test_two_actions_cannot_have_the_same_keys() -> None:
    with pytest.raises(Clash, match="both one and two"):
        Keymap({"one": ["g g"], "two": ["g g"]})
    with pytest.raises(Clash, match="also begin a longer chord"):
        Keymap({"one": ["g"], "two": ["g g"]})


def test_a_chord_that_leads_nowhere_is_dropped() -> None:
    keymap = Keymap({"one": ["g g"], "two": ["x"]})
    assert keymap.feed("g") == Match(pending=True)
    assert keymap.continuations() == [("g", "one")]
    assert keymap.feed("x") == Match()
    assert keymap.feed("x") == Match("two")
    keymap.feed("g")
    keymap.forget()
    assert keymap.typed == ()


def test_keys_are_shown_as_people_write_them() -> None:
    chords = ["g g", "g space", "ctrl+w equals_sign", "shift+up", "f5", "comma n"]
    assert [show_chord(chord) for chord in chords] == ["gg", "g Space", "C-w =", "S-↑", "F5", ",n"]


def test_finding_an_action_that_is_not_there_fails() -> None:
    with pytest.raises(KeyError):
        find("no such action")
