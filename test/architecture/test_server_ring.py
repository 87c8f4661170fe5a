"""What tools/test --servers stands on: servers that always end, and questions that notice what a server can't do."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from capabilities import CAPABILITIES
from servers import Server, as_told, told

ROOT = Path(__file__).resolve().parents[2]
GUARD = ROOT / "tools" / "guard.py"


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """tools/server_ring.py, with all that it writes below a directory of this test."""
    spec = importlib.util.spec_from_file_location("server_ring", ROOT / "tools" / "server_ring.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ENVIRONMENTS", tmp_path)
    return module


@pytest.mark.parametrize("stubborn", [False, True])
@pytest.mark.parametrize("way", ["stdin closes", "its starter is killed"])
def test_a_guarded_program_ends(way: str, stubborn: bool) -> None:
    ignoring = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " if stubborn else ""
    program = f"{ignoring}import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    start = (
        "import subprocess, sys, time; "
        "subprocess.Popen([sys.executable, *sys.argv[1:]], stdin=subprocess.PIPE, stdout=sys.stdout); time.sleep(60)"
    )
    guarded = [str(GUARD), sys.executable, "-c", program]
    command = [sys.executable, *guarded] if way == "stdin closes" else [sys.executable, "-c", start, *guarded]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        pid = int(process.stdout.readline())
        assert is_alive(pid)
        if way == "stdin closes":
            process.stdin.close()
        else:
            process.send_signal(signal.SIGKILL)
        until(lambda: not is_alive(pid))


def test_the_guard_gives_the_programs_exit_code() -> None:
    command = [sys.executable, str(GUARD), sys.executable, "-c", "raise SystemExit(7)"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.wait(20) == 7


def test_a_server_is_stopped_and_leaves_nothing(ring: ModuleType, tmp_path: Path) -> None:
    class Moto(ring.RealServer):  # type: ignore[name-defined, misc]
        name = "moto-alone"

        def command(self) -> list[str]:
            (self.data / "rubbish").write_text("x")
            return [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.ports[0])]

    ports = []

    def use() -> None:
        with ring.started(Moto, tmp_path) as server:
            ports.append(server.ports[0])
            assert is_open(ports[0])
            (running,) = told(f"moto={server.url}")
            assert (running.key, running.secret) == (ring.KEY, ring.SECRET)
            running.client().create_bucket(Bucket="made")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        use()
    assert not is_open(ports[0])
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_server_that_ends_gets_one_sentence(ring: ModuleType, tmp_path: Path) -> None:
    class Broken(ring.RealServer):  # type: ignore[name-defined, misc]
        name = "broken"

        def command(self) -> list[str]:
            return [sys.executable, "-c", "print('no such thing')"]

    with (
        pytest.raises(ring.ServerFailure, match=r"^broken ended.*see .*broken\.log\.$"),
        ring.started(Broken, tmp_path),
    ):
        pytest.fail("it never ran")
    assert "no such thing" in (tmp_path / "servers" / "broken.log").read_text()
    assert list((tmp_path / "tmp").iterdir()) == []


def test_servers_are_told_by_the_environment() -> None:
    servers = told("one=http://key:secret@127.0.0.1:9000 two=https://host.example")
    assert servers == [
        Server("one", "http://127.0.0.1:9000", "key", "secret"),
        Server("two", "https://host.example", "demo", "demo"),
    ]
    asked = [Server(each.name, each.endpoint, each.key, each.secret, {"byte_order": "it does not"}) for each in servers]
    assert told(as_told(asked)) == asked
    assert told("") == []
    for wrong in ("http://127.0.0.1:9000", "name=127.0.0.1", "Bad-Name=http://h"):
        with pytest.raises(ValueError, match="write name=http"):
            told(wrong)


class Careless:
    """A client of a server that ignores conditions and lists in another order."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def put_object(self, **asked: Any) -> Any:
        return self._client.put_object(**{name: asked[name] for name in asked if not name.startswith("If")})

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self, **asked: Any) -> Any:
        for page in self._client.get_paginator("list_objects_v2").paginate(**asked):
            yield {**page, "Contents": page.get("Contents", [])[::-1]}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


@pytest.mark.parametrize(
    ("capability", "instead"),
    [
        ("conditional_writes", "PutObject with If-None-Match replaced an object"),
        ("byte_order", "it lists ['😀', 'ﬀ', "),
        ("conditional_codes", "it answers as if it held"),
    ],
)
def test_questions_notice(s3: Any, bucket: str, capability: str, instead: str) -> None:
    ask = CAPABILITIES[capability]
    assert ask(s3, bucket) == ""
    for key in [row["Key"] for row in s3.list_objects_v2(Bucket=bucket)["Contents"]]:
        s3.delete_object(Bucket=bucket, Key=key)
    assert ask(Careless(s3), bucket).startswith(instead)


def test_every_question_says_what_it_asks() -> None:
    assert all((ask.__doc__ or "").endswith(".") for ask in CAPABILITIES.values())
