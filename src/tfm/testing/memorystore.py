"""What `MemoryS3` keeps: buckets of objects, each with its versions, and how a server refuses."""

from __future__ import annotations

import hashlib
import uuid
import zlib
from base64 import b64encode
from bisect import bisect_left, insort
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from tfm.s3.shapes import PARAMETERS

HEADERS = tuple(name for name in PARAMETERS.values() if name != "Metadata")
UNVERSIONED = "null"
"""The version of what was written while the bucket kept none.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html
"""


class Refused(Exception):
    """What a server would answer.

    Args:
        code: The error code.
        status: The HTTP status.
    """

    def __init__(self, code: str, status: int) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


class Stored(NamedTuple):
    """One version of an object; a deletion is one without data."""

    data: bytes
    etag: str
    modified: float
    headers: Mapping[str, Any]
    metadata: Mapping[str, str]
    tags: Mapping[str, str]
    version_id: str = UNVERSIONED
    deleted: bool = False

    def answer(self, *, versioned: bool = False) -> dict[str, Any]:
        """Give what a HEAD tells.

        Args:
            versioned: Whether the bucket keeps versions, and so tells them.
        """
        more: dict[str, Any] = {"VersionId": self.version_id} if versioned else {}
        if self.tags:
            more["TagCount"] = len(self.tags)
        return {
            "ContentLength": len(self.data),
            "ETag": self.etag,
            "LastModified": datetime.fromtimestamp(self.modified, UTC),
            "ContentType": "binary/octet-stream",
            **self.headers,
            **more,
            "Metadata": dict(self.metadata),
        }

    def checksum(self) -> dict[str, Any]:
        """Give the checksum that boto3 sends by default."""
        digest = b64encode(zlib.crc32(self.data).to_bytes(4, "big")).decode()
        return {"ChecksumCRC32": digest, "ChecksumType": "FULL_OBJECT"}


class Bucket:
    """Versions by key, and the keys in byte order, which for UTF-8 is the order of their characters.

    Args:
        created: When, in seconds since the epoch.
    """

    def __init__(self, created: float) -> None:
        self.created = created
        self.versioning = ""
        self.history: dict[str, list[Stored]] = {}
        self.objects: dict[str, Stored] = {}
        self.keys: list[str] = []

    def put(self, key: str, stored: Stored) -> Stored:
        """Make an object the latest version of its key.

        Args:
            key: The key.
            stored: The object; its version is decided here.
        """
        past = self.history.setdefault(key, [])
        if self.versioning == "Enabled":
            stored = stored._replace(version_id=uuid.uuid4().hex)
        else:
            past[:] = [each for each in past if each.version_id != UNVERSIONED]
        past.append(stored)
        self._renew(key)
        return stored

    def delete(self, key: str, now: float) -> Stored | None:
        """Delete the latest version, which where versions are kept is to write that it is deleted.

        Args:
            key: The key.
            now: In seconds since the epoch.
        """
        if self.versioning:
            return self.put(key, Stored(b"", "", now, {}, {}, {}, deleted=True))
        if key in self.history:
            del self.history[key]
            self._renew(key)
        return None

    def delete_version(self, key: str, version_id: str) -> None:
        """Delete one version for good.

        Args:
            key: The key.
            version_id: The version.
        """
        self.history[key] = [each for each in self.history.get(key, []) if each.version_id != version_id]
        self._renew(key)

    def replace(self, key: str, old: Stored, new: Stored) -> None:
        """Put a version in the place of another.

        Args:
            key: The key.
            old: The one that is there.
            new: The other.
        """
        self.history[key] = [new if each is old else each for each in self.history[key]]
        self._renew(key)

    def _renew(self, key: str) -> None:
        past = self.history.get(key)
        if not past:
            self.history.pop(key, None)
        if past and not past[-1].deleted:
            if key not in self.objects:
                insort(self.keys, key)
            self.objects[key] = past[-1]
        elif self.objects.pop(key, None) is not None:
            del self.keys[bisect_left(self.keys, key)]


def etag_of(data: bytes) -> str:
    """Give the ETag of an object that was written in one request.

    Args:
        data: Its bytes.
    """
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'


def described(asked: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str], dict[str, str]]:
    """Read headers, metadata and tags out of the parameters of a write; names of metadata are kept in lower case.

    Args:
        asked: As in the S3 API.
    """
    headers = {name: asked[name] for name in HEADERS if asked.get(name)}
    metadata = {name.lower(): value for name, value in (asked.get("Metadata") or {}).items()}
    return headers, metadata, dict(parse_qsl(asked.get("Tagging") or "", keep_blank_values=True))


def check_match(held: Stored | None, asked: Mapping[str, Any]) -> None:
    """Refuse when a condition fails.

    Args:
        held: The object that is there, if any.
        asked: With `IfMatch` or `IfNoneMatch`, or none.
    """
    if asked.get("IfNoneMatch") and held is not None:
        raise Refused("PreconditionFailed", 412)
    if "IfMatch" in asked:
        if held is None:
            raise Refused("NoSuchKey", 404)
        if asked["IfMatch"] not in (held.etag, "*"):
            raise Refused("PreconditionFailed", 412)
