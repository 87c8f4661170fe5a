"""What every test gets: no way to the real AWS, a clean client pool and cache, and an S3 server of its own worker."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tfm.demo.server import EmbeddedS3
from tfm.s3 import places

NOWHERE = "http://127.0.0.1:9"
"""An endpoint where nothing listens: a test that forgot its server is refused at once."""


@pytest.fixture(scope="session", autouse=True)
def _no_way_out(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Point every AWS setting at nothing, and HOME at an empty directory, for the whole run."""
    home = tmp_path_factory.mktemp("home")
    empty = home / "empty"
    empty.touch()
    with pytest.MonkeyPatch.context() as patch:
        for name in [*os.environ]:
            if name.startswith(("AWS_", "BOTO_", "TFM_", "XDG_")) or name.lower().endswith("_proxy"):
                patch.delenv(name)
        settings = {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": NOWHERE,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": str(empty),
            "AWS_SHARED_CREDENTIALS_FILE": str(empty),
            "HOME": str(home),
        }
        for name, value in settings.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(autouse=True)
def _fresh_places() -> Iterator[None]:
    """Drop the pooled clients and what is cached, so that no test sees what another one left."""
    places.reset()
    yield
    places.reset()


@pytest.fixture(scope="session")
def _server(_no_way_out: None) -> Iterator[EmbeddedS3]:
    with EmbeddedS3.start() as server:
        yield server


@pytest.fixture
def s3_server(_server: EmbeddedS3, monkeypatch: pytest.MonkeyPatch) -> EmbeddedS3:
    """The S3 server of this worker, one for all its tests, and the environment under which every client uses it."""
    for name, value in _server.environment().items():
        monkeypatch.setenv(name, value)
    return _server


@pytest.fixture
def s3(s3_server: EmbeddedS3) -> Iterator[Any]:
    """A plain boto3 client of the server: the independent means by which a test sets up and verifies."""
    session = boto3.Session(aws_access_key_id="demo", aws_secret_access_key="demo", region_name="us-east-1")
    client = session.client("s3", endpoint_url=s3_server.endpoint, config=Config(s3={"addressing_style": "path"}))
    yield client
    client.close()


@pytest.fixture
def bucket(s3: Any) -> Iterator[str]:
    """The name of a new, empty bucket, made by plain boto3 and removed with all that is in it."""
    name = f"test-{uuid.uuid4().hex[:16]}"
    s3.create_bucket(Bucket=name)
    yield name
    _empty(s3, name)
    s3.delete_bucket(Bucket=name)


def _empty(s3: Any, name: str) -> None:
    for upload in s3.list_multipart_uploads(Bucket=name).get("Uploads", []):
        s3.abort_multipart_upload(Bucket=name, Key=upload["Key"], UploadId=upload["UploadId"])
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
        for entry in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            s3.delete_object(Bucket=name, Key=entry["Key"], VersionId=entry["VersionId"])


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return Path(__file__).resolve().parent.parent
