"""Layers and doors: the contracts of pyproject.toml hold, and a module without a layer breaks them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def lint_imports(directory: Path, sources: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache"],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(sources), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_contracts_hold(root: Path) -> None:
    result = lint_imports(root, root / "src")
    assert result.returncode == 0, result.stdout
    assert "0 broken" in result.stdout


@pytest.mark.parametrize(
    ("file", "text", "broken"),
    [
        ("utils.py", "", "every module has a layer"),
        ("s3/helpers.py", "", "every module has a layer"),
        ("errors.py", "import tfm.info\n", "Imports point down"),
        ("s3/listing.py", "def f() -> None:\n    import boto3\n", "imports boto3"),
        ("uri.py", "import textual\n", "imports Textual"),
        ("operations/__init__.py", "import moto\n", "import moto"),
        ("operations/remote.py", "import distributed\n", "imports Dask"),
    ],
)
def test_contracts_notice(root: Path, tmp_path: Path, file: str, text: str, broken: str) -> None:
    shutil.copytree(root / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", tmp_path)
    with (tmp_path / "src" / "tfm" / file).open("a") as source:
        source.write(text)
    result = lint_imports(tmp_path, tmp_path / "src")
    assert result.returncode == 1, result.stdout
    assert any(broken in line and " BROKEN" in line for line in result.stdout.splitlines()), result.stdout
