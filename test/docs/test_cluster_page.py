"""The commands of docs/guide/cluster.md copy a tree."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")

BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def listens(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def test_the_commands_of_the_page(root: Path, s3: Any, tmp_path: Path) -> None:
    """On loopback, on a free port, and in an empty directory; what the page says is given as it is otherwise."""
    block = BLOCK.findall((root / "docs" / "guide" / "cluster.md").read_text())[0]
    port = str(free_port())
    commands = [line.replace("10.0.0.5", "127.0.0.1").replace("8786", port) for line in block.splitlines()]
    scheduler, worker, copy = (shlex.split(line, comments=True) for line in commands)
    programs = Path(sys.executable).parent
    for name in ("example", "backup"):
        s3.create_bucket(Bucket=name)
    s3.put_object(Bucket="example", Key="data/a.csv", Body=b"a,b\n")
    here = {"cwd": tmp_path, "stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    quiet = ["--host", "127.0.0.1", "--no-dashboard"]
    running = [subprocess.Popen([*scheduler, *quiet], env=environment, **here)]  # type: ignore[call-overload]
    try:
        running.append(subprocess.Popen([*worker, *quiet], env=environment, **here))  # type: ignore[call-overload]
        end = time.monotonic() + 60
        while not listens(int(port)):
            assert time.monotonic() < end
            time.sleep(0.1)
        while True:
            told = subprocess.run(copy, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
            if told.returncode == 0:
                break
            assert "has no workers" in told.stderr, told.stderr
            assert time.monotonic() < end
        assert s3.get_object(Bucket="backup", Key="data/a.csv")["Body"].read() == b"a,b\n"
    finally:
        for process in reversed(running):
            process.terminate()
        for process in running:
            process.wait(30)
        for bucket in ("example", "backup"):
            for row in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
                s3.delete_object(Bucket=bucket, Key=row["Key"])
            s3.delete_bucket(Bucket=bucket)
