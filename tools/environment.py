"""Make the environment that tools/test, tools/demo and tools/check run in, and print the path of its Python.

It lies in the checkout (`.envs/3.11` for Python 3.11), holds exactly what requirements.lock lists, checked by hash, and
the project itself, editable. With `--servers` it is another one, `.envs/servers-3.11`, with what tools/servers.lock
lists and without the project. uv makes it when it is on PATH, venv and pip otherwise. What is complete is written down
last, in `.envs/3.11/tfm-complete.json`, so that an interrupted run is never taken for a finished one. Only the standard
library is used here.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
SERVERS_LOCK = ROOT / "tools" / "servers.lock"
PROJECT = ROOT / "pyproject.toml"

UNREACHABLE = re.compile(
    r"connection refused|failed to establish|max retries|newconnectionerror|name resolution|dns error|"
    r"name or service not known|"
    r"failed to fetch|error sending request|timed out|network is unreachable|connection (?:was )?reset|proxyerror|"
    r"could not find a version|no route to host|tunnel|operation timed out",
    re.IGNORECASE,
)
"""What pip and uv write when the package index does not answer."""


class EnvironmentFailure(Exception):
    """The environment cannot be made; the text is one sentence that says why and what to do."""


class Environment:
    """One environment of the checkout.

    Args:
        directory: Where it lies; its log lies beside it, so that it outlives a failed attempt.
        uv: The path of uv, or `None` to use venv and pip.
        lock: What it holds.
        project: Whether it also holds the project, editable.
    """

    def __init__(self, directory: Path, uv: str | None, lock: Path = LOCK, *, project: bool = True) -> None:
        self.directory = directory
        self.uv = uv
        self.lock = lock
        self.project = project
        self.python = directory / "bin" / "python"
        self.log = directory.with_name(f"{directory.name}.log")
        self.complete = directory / "tfm-complete.json"

    def prepare(self) -> None:
        """Bring the environment up to date: the packages if the lock or the Python changed, then the project."""
        wanted = {
            "packages": _digest(self.lock, sys.version, sys.base_prefix, str(self.directory)),
            "project": _digest(PROJECT) if self.project else "",
        }
        have = self._read_complete()
        if have == wanted and self.python.exists():
            return
        started = time.monotonic()
        if have.get("packages") != wanted["packages"] or not self._can_install():
            self._say(f"making {self.directory.relative_to(ROOT)} with {'uv' if self.uv else 'pip'} ...")
            self._make()
            self._write_complete({"packages": wanted["packages"]})
        if self.project:
            self._run(self._project_command(), "the project could not be installed into it")
        self._write_complete(wanted)
        self._say(f"{self.directory.relative_to(ROOT)} is ready after {time.monotonic() - started:.1f} s.")

    def _can_install(self) -> bool:
        """Whether it is there with something to install the project by: uv puts no pip into what it makes."""
        return self.python.exists() and (bool(self.uv) or any(self.directory.glob("lib/python*/site-packages/pip")))

    def _make(self) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)
        self.log.write_bytes(b"")
        if self.uv:
            self._run(
                [self.uv, "venv", "--no-project", "--python", sys.executable, str(self.directory)],
                "uv could not make it",
            )
        else:
            self._run(
                [sys.executable, "-m", "venv", str(self.directory)],
                "venv could not make it (apt install python3-venv installs what it needs)",
            )
        self._run(self._packages_command(), f"what {self.lock.relative_to(ROOT)} lists could not be installed")

    def _packages_command(self) -> list[str]:
        wanted = ["--require-hashes", "-r", str(self.lock)]
        if self.uv:
            return [self.uv, "pip", "install", "--python", str(self.python), "--compile-bytecode", *wanted]
        return [*self._pip(), "--retries", "2", "--only-binary", ":all:", *wanted]

    def _project_command(self) -> list[str]:
        wanted = ["--no-deps", "--no-build-isolation", "--no-index", "--editable", str(ROOT)]
        if self.uv:
            return [self.uv, "pip", "install", "--python", str(self.python), *wanted]
        return [*self._pip(), *wanted]

    def _pip(self) -> list[str]:
        quiet = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
        return [str(self.python), "-m", "pip", "install", *quiet]

    def _run(self, command: list[str], failure: str) -> None:
        """Run one step with its output in the log.

        Args:
            command: The program and its arguments.
            failure: What to say when it fails, after the name of the environment.
        """
        variables = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
        with self.log.open("ab") as log:
            before = log.tell()
            result = subprocess.run(
                command,
                cwd=ROOT,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if result.returncode == 0:
            return
        written = self.log.read_bytes()[before:].decode(errors="replace")
        log_name = self.log.relative_to(ROOT)
        if UNREACHABLE.search(written):
            raise EnvironmentFailure(
                f"the package index did not answer, so {failure}; check the network and the index settings "
                f"of {'uv' if self.uv else 'pip'}, then try again (details in {log_name})."
            )
        raise EnvironmentFailure(f"{failure}: {_last_line(written)} (details in {log_name}).")

    def _read_complete(self) -> dict[str, str]:
        try:
            found = json.loads(self.complete.read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write_complete(self, facts: dict[str, str]) -> None:
        beside = self.complete.with_suffix(".new")
        beside.write_text(json.dumps(facts))
        beside.replace(self.complete)

    @staticmethod
    def _say(text: str) -> None:
        print(f"tfm: {text}", file=sys.stderr, flush=True)


def _digest(file: Path, *more: str) -> str:
    return hashlib.sha256(b"\0".join([file.read_bytes(), *(text.encode() for text in more)])).hexdigest()


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return (errors or lines or ["no output"])[-1].rstrip(".")


@contextlib.contextmanager
def one_at_a_time(file: Path) -> Iterator[None]:
    """Hold a lock file, so that two commands started together make one environment.

    Args:
        file: The lock file; it is made if it is missing.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Prepare the environment of this Python's version; print its interpreter on stdout, anything else on stderr."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if sys.argv[1:] == ["--servers"]:
        directory = ROOT / ".envs" / f"servers-{version}"
        environment = Environment(directory, shutil.which("uv"), SERVERS_LOCK, project=False)
    else:
        directory = ROOT / ".envs" / version
        environment = Environment(directory, shutil.which("uv"))
    try:
        with one_at_a_time(ROOT / ".envs" / ".lock"):
            environment.prepare()
    except EnvironmentFailure as failure:
        print(f"tfm: {failure}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"tfm: the environment {directory} cannot be made: {error}.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("tfm: interrupted; the next run makes the environment anew.", file=sys.stderr)
        return 130
    print(environment.python)
    return 0


if __name__ == "__main__":
    sys.exit(main())
