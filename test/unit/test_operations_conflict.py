"""The rules for targets that exist, as tables."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfm.info import FileInfo
from tfm.operations import Conflict, Decision
from tfm.operations.conflict import judge, numbered


def info(size=1, mtime=100.0):
    return FileInfo("x", "file", size, mtime)


@pytest.mark.parametrize(
    ("rule", "source", "target", "action"),
    [
        (Conflict.ASK, info(), info(), Conflict.ASK),
        (Conflict.SKIP, info(), info(), Conflict.SKIP),
        (Conflict.OVERWRITE, info(), info(), Conflict.OVERWRITE),
        (Conflict.KEEP_BOTH, info(), info(), Conflict.KEEP_BOTH),
        (Conflict.NEWER, info(mtime=101.5), info(mtime=100.5), Conflict.OVERWRITE),
        (Conflict.NEWER, info(mtime=100.5), info(mtime=100.5), Conflict.SKIP),
        (Conflict.NEWER, info(mtime=100.7), info(mtime=100.5), Conflict.OVERWRITE),
        (Conflict.NEWER, info(mtime=100.7), info(mtime=100.0), Conflict.SKIP),
        (Conflict.NEWER, info(mtime=99.0), info(mtime=100.0), Conflict.SKIP),
        (Conflict.NEWER, info(mtime=None), info(), Conflict.SKIP),
        (Conflict.NEWER, info(), info(mtime=None), Conflict.SKIP),
        (Conflict.SIZE_DIFFERS, info(size=1), info(size=2), Conflict.OVERWRITE),
        (Conflict.SIZE_DIFFERS, info(size=2), info(size=2), Conflict.SKIP),
        (Conflict.SIZE_DIFFERS, info(size=None), info(size=2), Conflict.SKIP),
    ],
)
def test_a_rule_decides(rule, source, target, action):
    verdict = judge(rule, source, target)
    assert verdict.action is action
    assert bool(verdict.reason) == (action is Conflict.SKIP)


def test_every_answer_is_a_rule():
    assert {Conflict(each.value) for each in Decision} == set(Conflict) - {Conflict.ASK}


@pytest.mark.parametrize(
    ("name", "number", "expected"),
    [
        ("a.txt", 1, "a (1).txt"),
        ("a", 2, "a (2)"),
        (".hidden", 1, ".hidden (1)"),
        ("a.tar.gz", 1, "a (1).tar.gz"),
        ("a.b.c", 10, "a.b (10).c"),
        ("a (1).txt", 1, "a (1) (1).txt"),
        ("ends.", 1, "ends. (1)"),
        (".", 1, ". (1)"),
    ],
)
def test_both_are_kept_under_a_number(name, number, expected):
    assert numbered(name, number) == expected


@given(st.text(min_size=1, max_size=300).filter(lambda text: "/" not in text), st.integers(1, 9999))
def test_a_numbered_name_differs_and_fits_a_disk(name, number):
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        return
    result = numbered(name, number)
    assert result != name
    assert len(os.fsencode(result)) <= max(255, len(f" ({number})"))
    assert f" ({number})" in result
