"""A tree on disk and in S3, and the command line in this process."""

from __future__ import annotations

import sys
from pathlib import Path as LocalPath

import pytest
from verbs import FILES, Ran, Run

from tfm.__main__ import main
from tfm.testing import MemoryS3


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    def runs(*arguments: object) -> Ran:
        try:
            code = main([str(each) for each in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return Ran(code, out.decode(errors="surrogateescape"), err.decode())

    return runs


@pytest.fixture(params=["local", "s3"])
def top(request: pytest.FixtureRequest, tmp_path: LocalPath) -> str:
    """Make the tree by other means than ours; gives its top as text."""
    if request.param == "local":
        for name, data in FILES.items():
            (tmp_path / "top" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "top" / name).write_bytes(data)
        return str(tmp_path / "top")
    memory: MemoryS3 = request.getfixturevalue("tfm_memory")
    memory.create_bucket("bucket")
    for name, data in FILES.items():
        memory.put("bucket", f"top/{name}", data)
    return "s3://bucket/top"
