"""The end of a script: what it left open, what it registered, and what could not be written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import tfm


@pytest.fixture
def run(tmp_path: Path, s3_server: Any, bucket: str) -> Any:
    def start(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        script = tmp_path / "script.py"
        script.write_text(f"import sys\ntop = 's3://{bucket}'\n{code}")
        environment = {**os.environ, "PYTHONPATH": str(Path(tfm.__file__ or "").parents[1])}
        command = [sys.executable, "-m", "tfm.dropin", str(script), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    return start


def keys(s3: Any, bucket: str) -> dict[str, bytes]:
    rows = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    return {row["Key"]: s3.get_object(Bucket=bucket, Key=row["Key"])["Body"].read() for row in rows}


def test_usage() -> None:
    for arguments, code in (([], 2), (["--help"], 0)):
        command = [sys.executable, "-m", "tfm.dropin", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(Path(tfm.__file__ or "").parents[1])}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        assert done.returncode == code
        assert "usage: python -m tfm.dropin script.py" in done.stdout + done.stderr


def test_what_is_left_open_is_written(run: Any, s3: Any, bucket: str) -> None:
    done = run(
        "import atexit, gzip\n"
        "a = open(top + '/a', 'w'); a.write('text')\n"
        "b = gzip.open(top + '/b.gz', 'wb'); b.write(b'x' * 1000)\n"
        "c = open(top + '/c', 'w+'); c.write('both')\n"
        "big = open(top + '/big', 'wb')\n"
        "for _ in range(3): big.write(bytes(6_000_000))\n"
        "atexit.register(lambda: open(top + '/last', 'w').write('atexit'))\n"
        "sys.exit(0)\n"
    )
    assert (done.returncode, done.stderr) == (0, "")
    found = keys(s3, bucket)
    assert found.pop("b.gz")[-4:] == (1000).to_bytes(4, "little")
    assert found.pop("big") == bytes(18_000_000)
    assert found == {"a": b"text", "c": b"both", "last": b"atexit"}


def test_threads_go_on(run: Any, s3: Any, bucket: str) -> None:
    done = run(
        "import threading, time\n"
        "def work():\n    time.sleep(0.3)\n    open(top + '/late', 'w').write('late')\n"
        "threading.Thread(target=work).start()\n"
        "left = open(top + '/left', 'w'); left.write('left')\n"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert keys(s3, bucket) == {"late": b"late", "left": b"left"}


def test_what_a_failed_script_left_open_is_not_written(run: Any, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=b"whole")
    for where in ("a = open(top + '/a', 'w'); a.write('half'); 1 / 0", "work()"):
        done = run(
            "import logging\nlogging.basicConfig(filename=top + '/log')\nlogging.warning('kept')\n"
            f"def work():\n    b = open(top + '/a', 'wb'); b.write(b'half'); 1 / 0\n{where}\n"
        )
        assert done.returncode == 1
        assert f"s3://{bucket}/a was not written" in done.stderr
        assert "ZeroDivisionError" in done.stderr
    assert keys(s3, bucket) == {"a": b"whole", "log": b"WARNING:root:kept\n" * 2}


@pytest.mark.parametrize(
    "ending", ["", "sys.exit()\n", "import threading, time\nthreading.Timer(0.2, id, [1]).start()\n"]
)
def test_a_write_that_fails_at_the_end_is_told(run: Any, s3: Any, bucket: str, ending: str) -> None:
    done = run(f"a = open('s3://no-such-bucket-here/a', 'w'); a.write('text')\n{ending}")
    assert done.returncode == 1
    assert "s3://no-such-bucket-here/a was not written" in done.stderr
    done = run("open('s3://no-such-bucket-here/a', 'w').write('dropped')\nprint('on')\n")
    assert done.returncode == 1
    assert done.stdout == "on\n"


def test_the_frames_of_tfm_are_not_in_a_traceback(run: Any) -> None:
    done = run(
        "def work():\n    try:\n        open('/no/such')\n    except OSError as e:\n        raise KeyError from e\n"
        "work()\n"
    )
    assert done.returncode == 1
    assert "dropin" not in done.stderr
    assert done.stderr.count("Traceback") == 2


def test_an_own_excepthook_and_an_interrupt(run: Any) -> None:
    done = run("sys.excepthook = lambda *a: print('mine', a[0].__name__)\nraise KeyboardInterrupt\n")
    assert (done.returncode, done.stdout, done.stderr) == (130, "mine KeyboardInterrupt\n", "")
