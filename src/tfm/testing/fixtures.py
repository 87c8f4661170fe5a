"""Fixtures for pytest: tests of code that uses tfm's paths, without AWS and without a server.

A project's `conftest.py` loads them by `pytest_plugins = ["tfm.testing.fixtures"]`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tfm.s3 import places
from tfm.s3.protocol import S3Client
from tfm.testing.memory import MemoryS3

__all__ = ["tfm_fresh", "tfm_memory", "tfm_moto"]

_ELSEWHERE = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE", "AWS_DEFAULT_PROFILE")
"""Settings that would lead past moto, which answers only for AWS's own endpoints and needs no profile."""


@pytest.fixture(autouse=True)
def tfm_fresh() -> Iterator[None]:
    """Begin and end every test with no client made and nothing cached, so that no test sees what another one left."""
    places.reset()
    yield
    places.reset()


@pytest.fixture
def tfm_memory() -> MemoryS3:
    """Put an S3 in memory, empty at first, behind every `s3://` path for one test; gives its client."""
    client = MemoryS3()
    places.use_client("", client)
    return client


@pytest.fixture
def tfm_moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Client]:
    """Put moto's S3, empty at first, behind boto3 and behind every `s3://` path for one test; gives tfm's client.

    The credentials and the region are made up, and no file of the user's AWS settings is read.

    Source: https://docs.getmoto.org/en/latest/docs/getting_started.html
    """
    from moto import mock_aws

    for name in _ELSEWHERE:
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "us-east-1")
    with mock_aws():
        yield places.client_for("")
        places.reset()  # while moto still answers: nothing of this client may reach for AWS
