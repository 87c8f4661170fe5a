"""The files that docs/guide/testing.md shows are a project whose tests pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import tfm

pytest_plugins = ["pytester"]

FILE = re.compile(r"^```python\n# (\w+\.py)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_project_of_the_page_passes(root: Path, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    files = dict(FILE.findall((root / "docs" / "guide" / "testing.md").read_text()))
    assert {"conftest.py", "report.py", "test_in_memory.py", "test_with_moto.py"} == {*files}
    for name, text in files.items():
        (pytester.path / name).write_text(text)
    pytester.makeini("[pytest]\n")
    monkeypatch.setenv("PYTHONPATH", str(Path(tfm.__file__).parents[1]))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    result = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider", "-W", "error")
    result.assert_outcomes(passed=2)
