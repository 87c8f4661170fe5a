"""The S3 servers on which the shared cases run, and what each of them can't do, found out by asking it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

VARIABLE = "TFM_TEST_SERVERS"


@dataclass(frozen=True)
class Server:
    """A running S3 server.

    Args:
        name: What the cases are called by.
        endpoint: Its URL.
        key: The access key that it takes.
        secret: Its secret.
        lacks: What it can't do, each with what it did instead.
    """

    name: str
    endpoint: str
    key: str = "demo"
    secret: str = "demo"
    lacks: Mapping[str, str] = field(default_factory=dict, hash=False)

    def environment(self) -> dict[str, str]:
        """Give the variables under which every AWS client uses this server and nothing else."""
        return {
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": "127.0.0.1",
        }

    def client(self, **config: Any) -> Any:
        """Make a plain boto3 client of it: the independent means by which tests set up and verify."""
        session = boto3.Session(self.key, self.secret, region_name="us-east-1")
        settings = Config(s3={"addressing_style": "path"}, **config)
        return session.client("s3", endpoint_url=self.endpoint, config=settings)


RUNNING = pytest.StashKey[dict[str, Server]]()
"""Where pytest's configuration keeps the servers beside moto, by name."""


def told(text: str) -> list[Server]:
    """Read the list of servers: `name=http://key:secret@host:port`, separated by spaces, or what `as_told` wrote."""
    if text.startswith("["):
        return [Server(**row) for row in json.loads(text)]
    servers = []
    for one in text.split():
        name, _, url = one.partition("=")
        parts = urlsplit(url)
        if not (re.fullmatch(r"[a-z0-9_]+", name) and parts.hostname):
            raise ValueError(f"{VARIABLE} has {one!r}; write name=http://key:secret@host:port")
        endpoint = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        servers.append(Server(name, endpoint, parts.username or "demo", parts.password or "demo"))
    return servers


def as_told(servers: list[Server]) -> str:
    """Write servers with what they lack for `told`."""
    return json.dumps([{**vars(server), "lacks": dict(server.lacks)} for server in servers])


def empty(client: Any, bucket: str) -> None:
    """Remove everything from a bucket, by plain boto3."""
    for upload in client.list_multipart_uploads(Bucket=bucket).get("Uploads", []):
        client.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    for page in list(client.get_paginator("list_object_versions").paginate(Bucket=bucket)):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        rows = [{"Key": row["Key"], "VersionId": row["VersionId"]} for row in found]
        plain = [row for row in rows if row["Key"].isprintable()]  # XML carries the others badly or not at all
        if plain:
            client.delete_objects(Bucket=bucket, Delete={"Objects": plain, "Quiet": True})
        for row in rows:
            if row not in plain:
                client.delete_object(Bucket=bucket, **row)
