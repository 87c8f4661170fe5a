"""What is measured beside tfm: each peer in an environment of its own below `.envs/bench`, made on demand.

An environment is made once, by uv or pip, with the newest versions at that time, which the page names; remove the
directory to get newer ones. A peer that can't be installed is said and left out.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bench.server import BUILT, ROOT, BenchFailure

VERSIONS = "import importlib.metadata as m, json, sys; print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"


@dataclass(frozen=True)
class Peer:
    """A library or program that does the same work.

    Args:
        name: How it is called in tables and on the command line.
        packages: What is installed for it, as pip names it; the first one's version is told.
        driver: The module in `bench.drivers` that does the cases by it; empty for a program.
        arguments: What the driver gets behind case and task.
        about: How it is used here, for the page.
    """

    name: str
    packages: tuple[str, ...] = ()
    driver: str = ""
    arguments: tuple[str, ...] = ()
    about: str = ""

    @property
    def directory(self) -> Path:
        """Its environment."""
        return BUILT / "peers" / self.name

    @property
    def python(self) -> Path:
        """The interpreter that its driver runs in; ours for what needs no packages."""
        return self.directory / "bin" / "python" if self.packages else Path(sys.executable)

    @property
    def is_ours(self) -> bool:
        """Whether it is tfm itself, or comes with Python or the system."""
        return not self.packages

    def program(self) -> str:
        """Give the path of the program of its own name.

        Raises:
            BenchFailure: There is none.
        """
        if not self.packages:
            found = shutil.which(self.name.split()[0])
            return found or self.name
        # The one on the path of an environment may be a script that starts the real one, and would be measured too.
        for file in sorted(self.directory.glob(f"lib/python*/site-packages/*/bin/{self.packages[0]}")):
            if file.is_file():
                return str(file)
        for file in (self.directory / "bin" / self.packages[0], self.directory / "bin" / self.name):
            if file.is_file():
                return str(file)
        raise BenchFailure(f"{self.name}: its environment holds no program of this name.")


PEERS = {
    peer.name: peer
    for peer in (
        Peer("tfm", driver="tfm_paths", about="paths and jobs, as a program or the file manager uses them"),
        Peer("tfm rglob", driver="tfm_paths", about="`rglob()`, which gives paths"),
        Peer("tfm client", driver="tfm_client", about="the S3 client below the paths, without cache and jobs"),
        Peer("boto3", ("boto3",), "boto3_pools", about="paginators, 64 threads over one client, managed transfers"),
        Peer("boto3 crt", ("boto3[crt]",), "boto3_pools", ("--crt",), about="managed transfers by awscrt"),
        Peer("s3fs", ("s3fs",), "s3fs_bulk", about="its recursive operations with `batch_size=64`"),
        Peer("cloudpathlib", ("cloudpathlib[s3]",), "other_paths", ("cloudpathlib",), about="its paths, 64 threads"),
        Peer(
            "universal_pathlib", ("universal_pathlib", "s3fs"), "other_paths", ("universal_pathlib",),
            about="its paths over s3fs, 64 threads",
        ),
        Peer("s3path", ("s3path",), "other_paths", ("s3path",), about="its paths over boto3, 64 threads"),
        Peer("obstore", ("obstore",), "obstore_async", about="256 requests at once on an event loop; streams"),
        Peer("s5cmd", ("s5cmd",), about="the program at its defaults: 256 workers"),
        Peer("awscli", ("awscli",), about="`aws s3` at its defaults"),
        Peer("python", about="the interpreter, doing nothing"),
        Peer("shutil", driver="local_shutil", about="`copytree` and `copy2`"),
        Peer("cp", about="`cp -r`"),
    )
}  # fmt: skip


def install(peer: Peer) -> dict[str, str]:
    """Make the environment of a peer unless it is there, and give the versions of what it holds.

    Args:
        peer: The peer.

    Raises:
        BenchFailure: It can't be installed.
    """
    told = peer.directory / "versions.json"
    if peer.is_ours:
        return {}
    if not told.exists():
        print(f"bench: installing {peer.name} ...", file=sys.stderr, flush=True)
        shutil.rmtree(peer.directory, ignore_errors=True)
        peer.directory.parent.mkdir(parents=True, exist_ok=True)
        uv = shutil.which("uv")
        make, put = _commands(peer, uv)
        for command in (make, put):
            _step(peer, command)
        names = [package.partition("[")[0] for package in peer.packages]
        found = _step(peer, [str(peer.python), "-c", VERSIONS, *names])
        told.write_text(found)
    versions = json.loads(told.read_text())
    assert isinstance(versions, dict)
    return versions


def _commands(peer: Peer, uv: str | None) -> tuple[list[str], list[str]]:
    directory, python = str(peer.directory), str(peer.python)
    if uv:
        make = [uv, "venv", "--no-project", "--python", sys.executable, directory]
        return make, [uv, "pip", "install", "--compile-bytecode", "--python", python, *peer.packages]
    quiet = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    return [sys.executable, "-m", "venv", directory], [python, "-m", "pip", "install", *quiet, *peer.packages]


def _step(peer: Peer, command: Sequence[str]) -> str:
    variables = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    done = subprocess.run(
        command, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )  # fmt: skip
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["it said nothing"]
        raise BenchFailure(f"{peer.name} can't be installed and is left out: {lines[-1].strip()}")
    return done.stdout


def own_version() -> str:
    """Tell what of tfm is measured: its version and the commit of the checkout."""
    try:
        number = version("tfm")
    except PackageNotFoundError:
        number = "not installed"
    git = subprocess.run(
        ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return f"{number} ({git.stdout.strip()})" if git.returncode == 0 else number
