"""Completion in real shells: verbs, options, local names, buckets and keys."""

from __future__ import annotations

import os
import pty
import select
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path as LocalPath
from typing import Any

import pytest

from tfm.cli.completing import candidates
from tfm.cli.verbs.completion import SCRIPTS

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="these shells are of other systems")

BASH = r"""
source {script}
COMP_LINE={line}; COMP_POINT=${{#COMP_LINE}}
_tfm
printf '%s\n' "${{COMPREPLY[@]}}"
"""


def shell(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed here")
    return found


@pytest.fixture
def place(tmp_path: LocalPath, monkeypatch: pytest.MonkeyPatch) -> LocalPath:
    """A directory to stand in, with the command of this environment first in the path."""
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "report 1.csv").touch()
    (tmp_path / "here" / "reports").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "tfm"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tfm "$@"\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def script(place: LocalPath, name: str) -> LocalPath:
    file = place / f"completion.{name}"
    printed = subprocess.run(["tfm", "completion", name], stdout=subprocess.PIPE, text=True, check=True).stdout
    assert printed == SCRIPTS[name] + "\n"
    file.write_text(printed)
    return file


def in_bash(place: LocalPath, line: str) -> list[str]:
    program = BASH.format(script=script(place, "bash"), line=shlex.quote(line))
    ended = subprocess.run([shell("bash"), "--norc", "-c", program], capture_output=True, text=True, check=True)
    assert not ended.stderr
    return ended.stdout.splitlines()


def in_fish(place: LocalPath, line: str) -> list[str]:
    program = f"source {script(place, 'fish')}; complete -C {shlex.quote(line)}"
    ended = subprocess.run([shell("fish"), "--no-config", "-c", program], stdout=subprocess.PIPE, text=True, check=True)
    return ended.stdout.splitlines()


def in_zsh(place: LocalPath, line: str) -> str:
    """Type a line and a tab into a zsh on a terminal of its own; gives what stands there then."""
    program = shell("zsh")
    file = script(place, "zsh")
    pid, terminal = pty.fork()
    if not pid:
        os.execve(program, [program, "-f", "-i"], {**os.environ, "TERM": "dumb", "PS1": "> ", "ZDOTDIR": str(place)})
    try:
        setup = "unsetopt prompt_sp; autoload -Uz compinit; compinit -u -D"
        os.write(terminal, f"{setup}; source {file}; print REA''DY\n".encode())
        wait_for(terminal, "READY")
        os.write(terminal, f"{line}\t".encode())
        os.write(terminal, b"\x01print -rl -- LINE: \x05 :END\n")
        return wait_for(terminal, "\n:END")
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        os.close(terminal)


def wait_for(terminal: int, text: str, seconds: float = 60) -> str:
    seen = ""
    end = time.monotonic() + seconds
    while text not in seen.replace("\r", ""):
        assert time.monotonic() < end, seen
        if select.select([terminal], [], [], 0.5)[0]:
            seen += os.read(terminal, 65536).decode(errors="replace")
    return seen.replace("\r", "")


@pytest.fixture
def key(s3: Any, bucket: str) -> str:
    s3.put_object(Bucket=bucket, Key="logs/2026/app.log", Body=b"")
    s3.put_object(Bucket=bucket, Key="logs.txt", Body=b"")
    return f"s3://{bucket}"


def test_bash(place: LocalPath, key: str) -> None:
    shell("bash")
    assert in_bash(place, "tfm comp") == ["compare ", "completion "]
    assert in_bash(place, "tfm ls --summ") == ["--summarize "]
    assert in_bash(place, "tfm cat rep") == ["report 1.csv ", "reports/"]
    assert in_bash(place, f"tfm cat {key[:-1]}") == [f"{key[3:]}/"]  # what stands behind the colon
    assert in_bash(place, f"tfm cat {key}/lo") == [f"{key[3:]}/logs/", f"{key[3:]}/logs.txt "]
    assert in_bash(place, f"tfm cp reports {key}/logs/") == [f"{key[3:]}/logs/2026/"]


def test_fish(place: LocalPath, key: str) -> None:
    shell("fish")
    assert in_fish(place, "tfm comp") == ["compare", "completion"]
    assert in_fish(place, "tfm ls --summ") == ["--summarize"]
    assert in_fish(place, f"tfm cat {key[:-1]}") == [f"{key}/"]
    assert in_fish(place, f"tfm cat {key}/lo") == [f"{key}/logs.txt", f"{key}/logs/"]
    assert "reports/" in in_fish(place, "tfm cat rep")


def test_zsh(place: LocalPath, key: str) -> None:
    shell("zsh")
    assert "LINE:\ntfm\ncompletion\n:END" in in_zsh(place, "tfm complet")
    assert f"LINE:\ntfm\ncat\n{key}/logs/2026/\n:END" in in_zsh(place, f"tfm cat {key}/logs/")


def test_names_are_offered_as_they_are(place: LocalPath) -> None:
    assert list(candidates(["cat", "report "])) == ["report 1.csv "]
    assert list(candidates(["cat", "s3:/"])) == ["s3://"]
    assert list(candidates(["no-such-verb", "--x"])) == []
