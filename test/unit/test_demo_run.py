from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest

from tfm.demo import data
from tfm.demo.run import demo_world


def test_world_is_filled_and_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "work")
    before = dict(os.environ)
    with demo_world(str(tmp_path)) as world:
        assert "AWS_PROFILE" not in os.environ
        client: Any = boto3.client("s3")
        names = [each["Name"] for each in client.list_buckets()["Buckets"]]
        assert names == [data.LAKE, data.SITE] == sorted(entry.name for page in world.buckets.scan() for entry in page)
        facts = client.head_object(Bucket=data.LAKE, Key="exports/customers.csv")
        assert facts["ContentType"] == "text/csv"
        assert facts["LastModified"].timestamp() == data.timestamp(12)
        client.close()
        assert (world.folder / "Documents" / "notes.md").is_file()
        assert Path(str(world.folder)).parent == tmp_path
    assert dict(os.environ) == before
    assert [*tmp_path.iterdir()] == []


def test_without_a_terminal_there_is_one_sentence() -> None:
    code = "import sys; from tfm.demo.run import run_demo; sys.exit(run_demo())"
    result = subprocess.run(
        [sys.executable, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert result.stderr == "tfm: the demo needs a terminal, and stdin or stdout is none.\n"
