"""The storages on which the shared cases run, each with ground truth of its own.

Local disk, S3 in memory, moto in process and moto as a server, always; and the servers that `TFM_TEST_SERVERS` names,
which `tools/test --servers` starts. Those are asked first what they can't do; a case that needs it (`@needs`) is
skipped there with the reason.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path as LocalPath
from typing import Any

import pytest
from capabilities import CAPABILITIES
from grounds import Ground, LocalGround, MemoryGround, ServerGround
from jobs import Bucket
from servers import RUNNING, Server, empty

from tfm import Path
from tfm.s3.cache import S3Cache
from tfm.s3.caching import CachingClient
from tfm.s3.places import use_client
from tfm.testing import MemoryS3

PLAIN = ["local", "memory", "mock_aws", "moto"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the cases on every storage that they are for."""
    extra = list(metafunc.config.stash[RUNNING])
    for fixture, kinds in (("ground", PLAIN), ("s3_ground", PLAIN[1:]), ("s3_server", ["moto"])):
        if fixture in metafunc.fixturenames and (extra or fixture != "s3_server"):
            metafunc.parametrize(fixture, [*kinds, *extra], indirect=True)


@pytest.fixture
def use_server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Server]:
    """Put this test on a server by its name; skips it when the server can't do what the test needs."""

    def use(name: str) -> Server:
        server: Server = request.getfixturevalue("_moto") if name == "moto" else request.config.stash[RUNNING][name]
        for needed in [each for mark in request.node.iter_markers("needs") for each in mark.args]:
            assert needed in CAPABILITIES, f"there is no question {needed!r} in capabilities.py"
            if needed in server.lacks:
                pytest.skip(f"{server.name} lacks {needed}: {server.lacks[needed]}")
        for variable, value in server.environment().items():
            monkeypatch.setenv(variable, value)
        return server

    return use


@pytest.fixture
def s3_server(request: pytest.FixtureRequest, use_server: Callable[[str], Server]) -> Server:
    """A server, moto or an extra one, and the environment under which every client uses it."""
    return use_server(getattr(request, "param", "moto"))


def _ground(request: pytest.FixtureRequest, kind: str) -> Iterator[Ground]:
    if kind == "local":
        yield LocalGround(request.getfixturevalue("tmp_path"))
    elif kind == "memory":
        memory = MemoryS3()
        use_client("", CachingClient(memory, S3Cache()))
        yield MemoryGround(memory, "memory-bucket")
    elif kind == "mock_aws":
        import boto3

        request.getfixturevalue("tfm_moto")
        client = boto3.client("s3")
        client.create_bucket(Bucket="mock-bucket")
        yield ServerGround(client, "mock-bucket")
        client.close()
    else:
        client = request.getfixturevalue("plain_client")(request.getfixturevalue("use_server")(kind))
        name = f"test-{uuid.uuid4().hex[:16]}"
        client.create_bucket(Bucket=name)
        yield ServerGround(client, name)
        empty(client, name)
        client.delete_bucket(Bucket=name)


@pytest.fixture
def ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    """An empty directory of each storage in turn."""
    yield from _ground(request, request.param)


@pytest.fixture
def s3_ground(request: pytest.FixtureRequest) -> Iterator[Any]:
    """An empty prefix of S3, in memory, in process and on servers."""
    yield from _ground(request, request.param)


@pytest.fixture(params=["auto", "boto3"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Who sends the requests, each in turn: the fast engine, and boto3; neither waits before it tries again."""
    monkeypatch.setenv("TFM_S3_ENGINE", request.param)
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    monkeypatch.setattr("tfm.s3.fast.retrying.delay", lambda *_: 0)
    return str(request.param)


@pytest.fixture
def server_ground(s3: Any, bucket: str) -> ServerGround:
    """An empty prefix of S3 on a server."""
    return ServerGround(s3, bucket)


# For jobs


@pytest.fixture
def here(tmp_path: LocalPath) -> Path:
    """An empty directory of the disk."""
    return Path(tmp_path)


@pytest.fixture
def remote(s3: Any, bucket: str) -> Bucket:
    """An empty bucket of a server, seen through plain boto3."""
    return Bucket(s3, bucket)


@pytest.fixture
def top(remote: Bucket) -> Path:
    """The same bucket as a path."""
    return Path(f"s3://{remote.name}")
