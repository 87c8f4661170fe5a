"""CPython's own tests of pathlib, from the running interpreter, come to the same on local paths as on pathlib's."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[1] / "support" / "cpython_pathlib.py"
SHIPPED = importlib.util.find_spec("test.support") is not None
LEAST = {(3, 11): 300, (3, 12): 400, (3, 13): 600}
"""Tests that each version has at least, those left out that look at Windows; later versions have no fewer."""

CLASS = "it looks for the class that pathlib makes"
NAMES = "it counts the names of the class, and tfm's has more"
PRIVATE = "it calls a private method of pathlib on the class, and the factory is not the class of its paths"
HOST = "a file URI with a host is an error, as in Python 3.14"
KEYWORDS = "a keyword that nobody takes is an error, as from Python 3.13 on"
DIFFERENT = {
    "local": {
        "test_concrete_class": CLASS,
        "test_matches_pathbase_api": NAMES,
    },
    "factory": {
        "test_concrete_class": CLASS,
        "test_matches_pathbase_api": NAMES,
        "test_parse_path_common": PRIVATE,
        "test_parse_path_posix": PRIVATE,
        "test_from_uri_posix": HOST,
        "test_from_uri_pathname2url_posix": HOST,
        "test_passing_kwargs_deprecated": KEYWORDS,
    },
}
"""Tests that may come to something else, by name, with the reason."""


def run(kind: str, directory: Path) -> dict[str, str]:
    """Give what each test came to on a class of paths."""
    directory.mkdir()
    command = [sys.executable, "-P", "-W", "ignore", str(PROGRAM), kind]
    result = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    outcomes: dict[str, str] = json.loads(result.stdout.splitlines()[-1])
    return outcomes


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    if not SHIPPED:
        pytest.skip("this Python ships no tests of its own")
    return run("plain", tmp_path_factory.mktemp("cpython") / "run")


@pytest.mark.parametrize("kind", ["local", "factory"])
def test_same_as_pathlib(plain: dict[str, str], kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    # In a directory whose name is as long, since a socket's may only have about a hundred bytes.
    ours = run(kind, tmp_path_factory.mktemp("cpython") / "run")
    assert ours.keys() == plain.keys()
    passed = [name for name, outcome in plain.items() if outcome == "ok"]
    assert len(passed) >= LEAST[min(sys.version_info[:2], max(LEAST))]
    different = {name: ours[name] for name in plain if kinds(ours[name]) != kinds(plain[name])}
    assert {name: why for name, why in different.items() if name.partition(".")[2] not in DIFFERENT[kind]} == {}


def kinds(outcome: str) -> str:
    """Give the kind of an outcome: two failures of one kind are the same, whatever they print."""
    return outcome.partition(":")[0]
