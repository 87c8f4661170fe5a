"""Patches: all or none, and those of modules that come later."""

from __future__ import annotations

import importlib
import os
import pickle
import shutil
import sys
import types
from pathlib import Path
from typing import Any

import pytest

import tfm
from tfm.dropin.late import waiting
from tfm.dropin.patches import Patch, installed, is_installed


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Any:
    made = types.ModuleType("dropin_example")
    made.number = 1  # type: ignore[attr-defined]
    made.act = lambda: "old"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "dropin_example", made)
    return made


def replaced(original: Any) -> Any:
    return lambda: f"new {original()}"


def test_in_place_and_away(module: Any) -> None:
    table = [Patch("dropin_example", "act", replaced), Patch("dropin_example", "missing", replaced)]
    assert not is_installed()
    with installed(lambda: table):
        assert is_installed()
        assert module.act() == "new old"
        with installed(lambda: pytest.fail("the inner block uses what is there")):
            assert module.act() == "new old"
        assert module.act() == "new old"
        assert not hasattr(module, "missing")
    assert module.act() == "old"
    assert not is_installed()


def test_one_that_fails_takes_the_others_away(module: Any) -> None:
    def fail(_: Any) -> Any:
        raise RuntimeError("can't be made")

    table = [Patch("dropin_example", "act", replaced), Patch("dropin_example", "number", fail)]
    with pytest.raises(RuntimeError), installed(lambda: table):
        pytest.fail("it did not begin")
    assert module.act() == "old"
    assert not is_installed()


def test_somebody_elses_patch_stays(module: Any) -> None:
    with installed(lambda: [Patch("dropin_example", "act", replaced)]):
        ours = module.act
        module.act = lambda: f"theirs {ours()}"
    assert module.act() == "theirs new old"


def test_modules_that_come_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "late_example"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "common.py").write_text("def act(): return 'old'\n")
    (package / "user.py").write_text("from late_example.common import act\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    patches = [Patch("late_example.common", "act", replaced)]
    for _ in range(2):  # loaded inside the block, and before it
        with installed(list), waiting(patches):
            common = importlib.import_module("late_example.common")
            user = importlib.import_module("late_example.user")
            assert common.act() == "new old"
            assert user.act() == "new old"
            assert common.__spec__ is not None
        assert common.act() == "old"
        for name in ("late_example.user", "late_example.common"):
            monkeypatch.delitem(sys.modules, name)
        importlib.import_module("late_example.user")
    for name in [name for name in sys.modules if name.startswith("late_example")]:
        del sys.modules[name]


def test_patched_functions_look_like_the_originals() -> None:
    with tfm.dropin():
        for function in (os.remove, shutil.rmtree, os.path.join, open):
            assert pickle.loads(pickle.dumps(function)) is not None
        assert os.listdir.__doc__
        assert shutil.rmtree.avoids_symlink_attacks


def test_it_can_be_called_however_it_was_imported() -> None:
    from tfm.dropin import dropin

    module: Any = sys.modules["tfm.dropin"]
    for call in (tfm.dropin, dropin, module):
        with call():
            assert is_installed()
        assert not is_installed()


def test_what_speaks_pathlike_is_forgotten_with_the_session() -> None:
    path = tfm.Path("s3://bucket/key")
    for _ in range(2):
        assert not isinstance(path, os.PathLike)
        with tfm.dropin():
            assert isinstance(path, os.PathLike)
    assert not isinstance(path, os.PathLike)
