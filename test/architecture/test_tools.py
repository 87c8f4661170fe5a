"""The scripts in tools/: they parse, can be started, and say what is wrong in one sentence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CLOSED = "http://127.0.0.1:9/simple"
"""An index where nothing listens."""


def scripts() -> list[Path]:
    root = Path(__file__).resolve().parents[2]
    files = [file for folder in ("tools", ".ci") for file in sorted((root / folder).iterdir()) if file.is_file()]
    return [file for file in files if file.read_bytes().startswith(b"#!/usr/bin/env bash\n")]


@pytest.mark.parametrize("script", scripts(), ids=lambda script: script.name)
def test_script_parses_and_can_be_started(script: Path) -> None:
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    assert os.access(script, os.X_OK)


@pytest.fixture
def checkout(root: Path, tmp_path: Path) -> Path:
    """A copy of what the environment is made from, without an environment."""
    copy = tmp_path / "checkout"
    shutil.copytree(root / "tools", copy / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "requirements.lock", "README.md", "LICENSE"):
        shutil.copy(root / name, copy)
    return copy


@pytest.fixture
def commands(tmp_path: Path) -> Path:
    """A directory to use as PATH: what the scripts need of a shell, and nothing else."""
    directory = tmp_path / "commands"
    directory.mkdir()
    for name in ("bash", "readlink", "dirname", "mkdir", "env"):
        found = shutil.which(name)
        assert found
        (directory / name).symlink_to(found)
    return directory


def start(checkout: Path, path: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", checkout / "tools" / "test", *arguments],
        env={"PATH": str(path), "HOME": str(path), "PIP_CONFIG_FILE": os.devnull, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def fake_python(directory: Path, name: str, says: str) -> None:
    """Put a Python on the PATH that answers the probe of tools/with_environment with a text."""
    file = directory / name
    file.write_text(f"#!/usr/bin/env bash\necho '{says}'\n")
    file.chmod(0o755)


@pytest.mark.parametrize(
    ("arguments", "says", "needle"),
    [
        ((), None, "no Python was found on PATH"),
        ((), "3.9 yes 1", "Python 3.11 or newer is needed, and python3 is 3.9"),
        ((), "3.11 no 0", "apt install python3-venv"),
        (("--python", "python3"), "3.10 yes 1", "python3 is 3.10"),
        (("--python=nonsense",), None, "'nonsense' does not run as a Python"),
        (("--python",), None, "--python needs the name"),
    ],
)
def test_unfit_python_gets_one_sentence(
    checkout: Path, commands: Path, arguments: tuple[str, ...], says: str | None, needle: str
) -> None:
    if says:
        fake_python(commands, "python3", says)
    result = start(checkout, commands, *arguments)
    assert result.returncode == 2
    assert needle in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_unreachable_index_gets_one_sentence(checkout: Path, commands: Path, tool: str) -> None:
    uv = shutil.which("uv")
    if tool == "uv":
        if not uv:
            pytest.skip("uv is not installed")
        (commands / "uv").symlink_to(uv)
    (commands / "python3").symlink_to(sys.executable)
    off = {"PIP_NO_CACHE_DIR": "1", "UV_NO_CACHE": "1", "PIP_INDEX_URL": CLOSED, "UV_DEFAULT_INDEX": CLOSED}
    result = start(checkout, commands, **off, PIP_FIND_LINKS="")
    assert result.returncode == 2
    first, last = result.stderr.splitlines()
    assert first == f"tfm: making .envs/{sys.version_info[0]}.{sys.version_info[1]} with {tool} ..."
    assert last.startswith("tfm: the package index did not answer")
    assert not [*checkout.rglob("tfm-complete.json")]
