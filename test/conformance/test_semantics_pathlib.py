"""Every name of pathlib is on every kind of path, with the parameters of Python 3.14."""

from __future__ import annotations

import inspect
import pathlib
from typing import Any

import pytest

from pathlib_names import CONCRETE, PURE, Name
from tfm import LocalPathImpl, Path, S3PathImpl

NAMES = PURE + CONCRETE
CLASS_METHODS = {"cwd", "home", "from_uri"}


class MyPath(Path):
    """A user's own class."""


MINE = [type(MyPath("x")), type(MyPath("s3://bucket/x"))]
P = inspect.Parameter


def wanted(entry: Name) -> list[inspect.Parameter]:
    function: Any = eval(f"lambda {entry.parameters}: None")
    return list(inspect.signature(function).parameters.values())


def lacks(entry: Name, kind: type) -> list[str]:
    """List what a call with the parameters of 3.14 would miss."""
    own = inspect.signature(getattr(kind, entry.name)).parameters
    found = [each for each in own.values() if each.name != "self"]
    positional = [each for each in found if each.kind in (P.POSITIONAL_ONLY, P.POSITIONAL_OR_KEYWORD)]
    missing = []
    for index, each in enumerate(wanted(entry)):
        if each.kind is P.VAR_POSITIONAL:
            fits = any(other.kind is P.VAR_POSITIONAL for other in found)
        elif each.kind is P.KEYWORD_ONLY:
            fits = each.name in own and own[each.name].kind is not P.POSITIONAL_ONLY
            fits = fits and own[each.name].default == each.default
        else:
            fits = index < len(positional) and positional[index].name == each.name
            fits = fits and positional[index].default == each.default
        if not fits:
            missing.append(str(each))
    required = [each for each in found if each.default is P.empty and each.kind is P.KEYWORD_ONLY]
    return missing + [f"needs {each}" for each in required]


@pytest.mark.parametrize("kind", [LocalPathImpl, S3PathImpl, *MINE])
def test_every_name(kind: type) -> None:
    """Every public name of `pathlib.Path` of Python 3.14 is on both kinds of paths and on a user's class, with its
    parameters, whatever the running Python is.
    """
    assert len(NAMES) == len({entry.name for entry in NAMES}) == 70
    assert [entry.name for entry in NAMES if not hasattr(kind, entry.name)] == []
    wrong = {entry.name: lacks(entry, kind) for entry in NAMES if entry.parameters is not None}
    assert {name: missing for name, missing in wrong.items() if missing} == {}
    attributes = [entry.name for entry in NAMES if entry.parameters is None]
    assert [name for name in attributes if inspect.isfunction(inspect.getattr_static(kind, name))] == []
    class_methods = [name for name in CLASS_METHODS if isinstance(inspect.getattr_static(kind, name), classmethod)]
    assert sorted(class_methods) == sorted(CLASS_METHODS)


@pytest.mark.parametrize("kind", [LocalPathImpl, S3PathImpl, *MINE])
def test_every_name_of_the_running_python(kind: type) -> None:
    """Every public name of the running Python's `pathlib.Path` is on both kinds of paths."""
    public = [name for name in dir(pathlib.Path) if not name.startswith("_")]
    assert len(public) > 50
    assert [name for name in public if not hasattr(kind, name)] == []


def test_the_list_is_complete() -> None:
    dropped = {"link_to"}  # Python 3.12 dropped it
    names = {entry.name for entry in NAMES}
    assert {name for name in dir(pathlib.Path) if not name.startswith("_")} - names - dropped == set()


def test_the_measure_sees_what_is_missing() -> None:
    assert lacks(Name("chmod", "mode, *, follow_links=True"), LocalPathImpl) == ["follow_links=True"]
    assert lacks(Name("mkdir", "mode=0o700, parents=False"), S3PathImpl) == ["mode=448"]
    assert lacks(Name("rename", "destination"), LocalPathImpl) == ["destination"]
    assert lacks(Name("stat", "*names"), S3PathImpl) == ["*names"]
