from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from typing import Any

import boto3
import pytest

from tfm.demo import data, server
from tfm.demo.server import DemoError, EmbeddedS3


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not waited for does not count."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone_within(pid: int, seconds: float) -> bool:
    stop = time.monotonic() + seconds
    while alive(pid):
        if time.monotonic() > stop:
            return False
        time.sleep(0.02)
    return True


def test_server_speaks_s3_and_ends() -> None:
    with EmbeddedS3.start() as running:
        client = boto3.client(
            "s3",
            endpoint_url=running.endpoint,
            aws_access_key_id="demo",
            aws_secret_access_key="demo",
            region_name="us-east-1",
        )
        client.create_bucket(Bucket="begin")
        assert [each["Name"] for each in client.list_buckets()["Buckets"]] == ["begin"]
        client.close()
    assert not alive(running.pid)
    running.stop()


def test_server_listens_on_loopback_alone() -> None:
    with EmbeddedS3.start() as running:
        assert running.endpoint.startswith("http://127.0.0.1:")
        assert set(running.environment()) >= {"AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL_S3", "AWS_EC2_METADATA_DISABLED"}


def test_server_dies_with_a_parent_that_is_killed() -> None:
    start = "from tfm.demo.server import EmbeddedS3; server = EmbeddedS3.start()"
    code = f"{start}; print(server.pid, flush=True); import time; time.sleep(60)"
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert alive(pid)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert gone_within(pid, 5)


@pytest.mark.parametrize("key", [*data.ODD_NAMES, "a//b", "dir/", "./dot", "x/../y"])
def test_server_keeps_odd_keys(s3: Any, bucket: str, key: str) -> None:
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    listed = s3.list_objects_v2(Bucket=bucket, EncodingType="url")["Contents"]
    assert len(listed) == 1


def test_missing_moto_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "moto" else real(name))
    with pytest.raises(
        DemoError, match=r'needs moto, which is not installed; .* pip install "moto\[s3\]" flask flask-cors'
    ):
        EmbeddedS3.start()


def test_a_server_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HOST", "127.0.0.1")
    monkeypatch.setattr(sys, "executable", "/bin/echo")
    with pytest.raises(DemoError, match=r"ended before it could listen: .*tfm\.demo\.server"):
        EmbeddedS3.start()


def test_environment_has_no_profile(s3_server: EmbeddedS3) -> None:
    assert "AWS_PROFILE" not in os.environ
    assert os.environ["AWS_ENDPOINT_URL_S3"] == s3_server.endpoint
