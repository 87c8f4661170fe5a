"""The fast S3 server in C that the bench brings with it: built when needed, started, told what to do, and asked.

It is built by the C compiler (`CC`, `cc` or `gcc`) into `.envs/bench`, with TLS where OpenSSL's headers and its program
are, and listens on the loopback interface only. It ends with whoever started it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

ROOT = Path(__file__).resolve().parents[2]
SOURCES = Path(__file__).resolve().parent / "server"
BUILT = ROOT / ".envs" / "bench"
FLAGS = ("-std=gnu11", "-O2", "-Wall", "-Wextra")
STOP_SECONDS = 5
CONTROL_SECONDS = 120
DAYS = 30
"""For how long a certificate is good."""


class BenchFailure(Exception):
    """The bench can't go on; the text is one sentence that says why and what to do."""


class Programs(NamedTuple):
    """What was built.

    Args:
        server: The server.
        measure: What runs a program and tells what it took.
        tls: Whether the server speaks TLS.
    """

    server: Path
    measure: Path
    tls: bool


def compiler() -> str | None:
    """Find the C compiler; `None` when there is none."""
    named = os.environ.get("CC")
    return next((found for name in (named, "cc", "gcc", "clang") if name and (found := shutil.which(name))), None)


def build(into: Path = BUILT) -> Programs:
    """Build the server and what measures, unless they are up to date.

    Args:
        into: The directory of the programs.

    Raises:
        BenchFailure: There is no compiler, or it fails, or the system isn't Linux.
    """
    if sys.platform != "linux":
        raise BenchFailure("the bench's S3 server runs on Linux only; run the bench there, or in a container.")
    using = compiler()
    if using is None:
        raise BenchFailure(
            "the bench's S3 server is written in C, and no compiler was found; install one (apt install gcc)."
        )
    files = sorted(SOURCES.glob("*.[ch]"))
    digest = hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]
    directory = into / f"server-{digest}"
    server, measure = directory / "server", directory / "measure"
    if not (server.exists() and measure.exists()):
        making = into / f"making-{os.getpid()}"
        making.mkdir(parents=True, exist_ok=True)
        units = [file for file in files if file.suffix == ".c" and file.name != "measure.c"]
        if not _compile(using, units, making / "server", ("-DWITH_TLS", "-lssl", "-lcrypto"), may_fail=True):
            _compile(using, units, making / "server", ())
        _compile(using, [SOURCES / "measure.c"], making / "measure", ())
        if directory.exists():  # somebody else was faster
            shutil.rmtree(making)
        else:
            making.rename(directory)
    tls = b"libssl" in server.read_bytes() and shutil.which("openssl") is not None
    return Programs(server, measure, tls)


def _compile(using: str, units: Sequence[Path], program: Path, more: Sequence[str], *, may_fail: bool = False) -> bool:
    """Compile and link one program; tell whether that went well.

    Args:
        using: The compiler.
        units: What it is made of.
        program: What is made.
        more: More arguments.
        may_fail: Whether failing is an answer.
    """
    defines = [one for one in more if one.startswith("-D")]
    libraries = [one for one in more if one.startswith("-l")]
    command = [using, *FLAGS, *defines, "-o", str(program), *map(str, units), *libraries]
    made = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if made.returncode and not may_fail:
        errors = [line for line in made.stderr.splitlines() if "error" in line] or ["it said nothing"]
        raise BenchFailure(f"{using} could not build {program.name} of the bench: {errors[0]}")
    return made.returncode == 0


def certificate(directory: Path) -> tuple[Path, Path]:
    """Give a certificate for 127.0.0.1 and its key, made by `openssl` when they are missing or old.

    Args:
        directory: Where they lie.
    """
    chain, key = directory / "certificate.pem", directory / "key.pem"
    if key.exists() and chain.exists() and time.time() - chain.stat().st_mtime < DAYS / 2 * 86400:
        return chain, key
    directory.mkdir(parents=True, exist_ok=True)
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", str(DAYS), "-subj", "/CN=127.0.0.1"]
    for extension in ("subjectAltName=IP:127.0.0.1", "basicConstraints=critical,CA:FALSE"):
        command += ["-addext", extension]
    command += ["-keyout", str(key), "-out", str(chain)]
    made = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if made.returncode:
        raise BenchFailure(f"openssl could not make a certificate: {made.stderr.strip()}")
    return chain, key


class Server:
    """A running server; use it as a context manager.

    Args:
        programs: What `build` gave.
        chain: The certificate for https and its key; `None` for http only.
    """

    def __init__(self, programs: Programs, chain: tuple[Path, Path] | None = None) -> None:
        self._process = subprocess.Popen(
            [str(programs.server), *map(str, chain or ())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        ports = dict(self._read_port() for _ in range(2 if chain else 1))
        self.endpoint = f"http://127.0.0.1:{ports['port']}"
        self.tls_endpoint = f"https://127.0.0.1:{ports['tls']}" if chain else ""
        self._opener = build_opener(ProxyHandler({}))

    def _read_port(self) -> tuple[str, str]:
        assert self._process.stdout is not None
        name, _, port = self._process.stdout.readline().strip().partition(" ")
        if not port:
            raise BenchFailure("the S3 server of the bench ended before it could listen.")
        return name, port

    def control(self, **settings: object) -> dict[str, Any]:
        """Set what is given, and give what the server answers: its counters, or the digest of a bucket.

        Args:
            settings: As in `server/control.c`.
        """
        url = f"{self.endpoint}/__ctl?{urlencode(settings)}"
        with self._opener.open(url, timeout=CONTROL_SECONDS) as answer:
            told = json.load(answer)
        assert isinstance(told, dict)
        return told

    def content(self, bucket: str, key: str) -> bytes:
        """Read one object, past any client that is measured.

        Args:
            bucket: Its bucket.
            key: Its key, of characters that need no coding.
        """
        with self._opener.open(f"{self.endpoint}/{bucket}/{key}", timeout=CONTROL_SECONDS) as answer:
            content = answer.read()
        assert isinstance(content, bytes)
        return content

    def stop(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
