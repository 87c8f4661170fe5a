"""The multipart uploads of `MemoryS3`."""

from __future__ import annotations

import hashlib
import uuid
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, NamedTuple

from tfm.s3.verbs import Verbs
from tfm.testing.memorystore import Bucket, Refused, Stored, etag_of


class _Upload(NamedTuple):
    bucket: str
    key: str
    asked: Mapping[str, Any]
    parts: dict[int, tuple[str, bytes]]


class MemoryUploads(Verbs):
    """Uploads that are begun, filled and completed or aborted.

    Args:
        smallest_part: Bytes that each part of an upload but the last must have.
    """

    def __init__(self, smallest_part: int) -> None:
        self._smallest_part = smallest_part
        self._uploads: dict[str, _Upload] = {}

    @abstractmethod
    def _bucket(self, name: str) -> Bucket:
        """Give a bucket, or refuse."""

    @abstractmethod
    def _source(self, asked: Mapping[str, Any]) -> Stored:
        """Give what a copy reads, or refuse."""

    @abstractmethod
    def _store(self, bucket: str, key: str, data: bytes, etag: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Put an object if the conditions hold."""

    def _create_multipart_upload(self, bucket: str, key: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        self._bucket(bucket)
        upload_id = uuid.uuid4().hex
        self._uploads[upload_id] = _Upload(bucket, key, asked, {})
        return {"UploadId": upload_id}

    def _upload(self, bucket: str, key: str, asked: Mapping[str, Any]) -> _Upload:
        upload = self._uploads.get(asked["UploadId"])
        if upload is None or (upload.bucket, upload.key) != (bucket, key):
            raise Refused("NoSuchUpload", 404)
        return upload

    def _upload_part(self, bucket: str, key: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        if not 1 <= asked["PartNumber"] <= 10_000:
            raise Refused("InvalidArgument", 400)
        data = bytes(asked["Body"])
        etag = etag_of(data)
        self._upload(bucket, key, asked).parts[asked["PartNumber"]] = etag, data
        return {"ETag": etag}

    def _upload_part_copy(self, bucket: str, key: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        source = self._source(asked)
        start, stop = map(int, asked["CopySourceRange"].removeprefix("bytes=").split("-"))
        if stop >= len(source.data):
            raise Refused("InvalidArgument", 400)
        return {"CopyPartResult": self._upload_part(bucket, key, {**asked, "Body": source.data[start : stop + 1]})}

    def _complete_multipart_upload(self, bucket: str, key: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        upload = self._upload(bucket, key, asked)
        wanted = asked["MultipartUpload"]["Parts"]
        if not wanted:
            raise Refused("MalformedXML", 400)
        parts = []
        for part in wanted:
            etag, data = upload.parts.get(part["PartNumber"], ("", b""))
            if etag != part["ETag"]:
                raise Refused("InvalidPart", 400)
            parts.append(data)
        if any(len(data) < self._smallest_part for data in parts[:-1]):
            raise Refused("EntityTooSmall", 400)
        digests = b"".join(hashlib.md5(data, usedforsecurity=False).digest() for data in parts)
        etag = f'{etag_of(digests)[:-1]}-{len(parts)}"'
        answer = self._store(bucket, key, b"".join(parts), etag, {**upload.asked, **asked})
        del self._uploads[asked["UploadId"]]
        return answer

    def _abort_multipart_upload(self, bucket: str, key: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        self._upload(bucket, key, asked)
        del self._uploads[asked["UploadId"]]
        return {}

    def _list_multipart_uploads(self, bucket: str, _: str, __: Mapping[str, Any]) -> dict[str, Any]:
        self._bucket(bucket)
        rows = [
            {"Key": upload.key, "UploadId": name} for name, upload in self._uploads.items() if upload.bucket == bucket
        ]
        return {"Uploads": rows} if rows else {}
