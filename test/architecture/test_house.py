"""Small rules of the house that nothing else checks."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import tfm


def test_files_of_tests_have_unique_names(root: Path) -> None:
    names = Counter(file.name for file in (root / "test").rglob("test_*.py"))
    assert names
    assert [name for name, count in names.items() if count > 1] == []


def test_the_folder_of_tests_is_no_package(root: Path) -> None:
    assert [*(root / "test").rglob("__init__.py")] == []


def test_the_test_package_of_python_stays_importable(root: Path) -> None:
    code = "import test, test.support; print(test.support.__file__)"
    result = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    if "No module named 'test.support'" in result.stderr or "No module named 'test'" in result.stderr:
        # Debian ships python3 without most of CPython's own tests: then only our folder must stay out of the way.
        assert not (root / "test" / "support.py").exists()
        return
    assert result.returncode == 0, result.stderr
    assert str(root) not in result.stdout


def test_versions_agree(root: Path) -> None:
    declared = tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"]
    assert tfm.__version__ == declared == importlib.metadata.version("tfm")
    assert declared in (root / "CHANGELOG.md").read_text()


def test_types_ship(root: Path) -> None:
    assert (root / "src" / "tfm" / "py.typed").is_file()


def test_every_package_has_an_init(root: Path) -> None:
    folders = {file.parent for file in (root / "src" / "tfm").rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def test_nothing_is_left_to_do(root: Path) -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|except Exception\b|except:")
    found = [
        f"{file.relative_to(root)}:{number}"
        for folder in ("src", "tools")
        for file in (root / folder).rglob("*.py")
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if marks.search(line)
    ]
    assert found == []


def test_the_lock_names_no_index(root: Path) -> None:
    lock = (root / "requirements.lock").read_text()
    assert "==" in lock
    assert re.findall(r"https?://|--index-url|--extra-index|--find-links|file:", lock) == []


def test_the_lock_has_what_is_declared(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    wanted = [
        *project["project"]["dependencies"],
        *(one for extra in project["project"]["optional-dependencies"].values() for one in extra),
        *(one for group in groups.values() for one in group if isinstance(one, str)),
    ]
    locked = set(re.findall(r"^([a-z0-9-]+)==", (root / "requirements.lock").read_text(), re.MULTILINE))
    assert {re.split(r"[\[<>=]", one)[0] for one in wanted} - locked == set()
