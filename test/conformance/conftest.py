"""The storages on which the shared cases run, each with ground truth of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from grounds import Ground, LocalGround, MemoryGround, ServerGround

from tfm.s3.places import use_client
from tfm.testing import MemoryS3


def _memory() -> Ground:
    client = MemoryS3()
    use_client("", client)
    return MemoryGround(client, "memory-bucket")


@pytest.fixture(params=["local", "memory", "server"])
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Ground:
    """An empty directory of each storage in turn."""
    if request.param == "local":
        return LocalGround(tmp_path)
    if request.param == "memory":
        return _memory()
    return ServerGround(request.getfixturevalue("s3"), request.getfixturevalue("bucket"))


@pytest.fixture(params=["memory", "server"])
def s3_ground(request: pytest.FixtureRequest) -> Any:
    """An empty prefix of S3, in memory and on a server."""
    if request.param == "memory":
        return _memory()
    return ServerGround(request.getfixturevalue("s3"), request.getfixturevalue("bucket"))


@pytest.fixture
def server_ground(s3: Any, bucket: str) -> ServerGround:
    """An empty prefix of S3 on a server."""
    return ServerGround(s3, bucket)
