"""`MemoryS3`: S3 in memory, as exact as S3's own documents: byte order, pages, ETags, conditions, multipart uploads."""

from __future__ import annotations

import hashlib
import io
import time
import uuid
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import formatdate
from threading import RLock
from typing import Any, NamedTuple

from tfm.errors import S3BaseError
from tfm.s3.errors import refusal
from tfm.s3.protocol import PAGE_SIZE, ObjectFacts, Page, Place
from tfm.s3.shapes import Condition
from tfm.s3.verbs import Verbs

SMALLEST_PART = 5 * 1024 * 1024
_HEADERS = ("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType", "StorageClass")


class _Refused(Exception):
    """What a server would answer."""

    def __init__(self, code: str, status: int) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


class _Object(NamedTuple):
    data: bytes
    etag: str
    modified: float
    headers: dict[str, str]
    metadata: dict[str, str]

    def answer(self) -> dict[str, Any]:
        """Give what a HEAD tells."""
        return {
            "ContentLength": len(self.data),
            "ETag": self.etag,
            "LastModified": datetime.fromtimestamp(self.modified, UTC),
            "ContentType": "binary/octet-stream",
            **self.headers,
            "Metadata": dict(self.metadata),
        }


class _Bucket:
    """Objects by key, and the keys in byte order, which for UTF-8 is the order of their characters."""

    def __init__(self, created: float) -> None:
        self.created = created
        self.objects: dict[str, _Object] = {}
        self.keys: list[str] = []

    def put(self, key: str, each: _Object) -> None:
        if key not in self.objects:
            insort(self.keys, key)
        self.objects[key] = each

    def delete(self, key: str) -> None:
        if self.objects.pop(key, None) is not None:
            del self.keys[bisect_left(self.keys, key)]


class _Upload(NamedTuple):
    bucket: str
    key: str
    asked: Mapping[str, Any]
    parts: dict[int, tuple[str, bytes]]


class _MemoryBody:
    """The open body of a GET."""

    def __init__(self, data: bytes, facts: ObjectFacts) -> None:
        self.facts = facts
        self._stream = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size)

    def close(self) -> None:
        self._stream.close()


class MemoryS3(Verbs):
    """An S3 client whose server is a dictionary; `requests` counts by operation. Threads may share it.

    Args:
        place: The place that it claims to be; a read-only one refuses writes.
        page_size: Keys in a page of a listing.
        smallest_part: Bytes that each part of an upload but the last must have.
        clock: Gives the time in seconds since the epoch; S3 keeps whole seconds.
    """

    def __init__(
        self,
        place: Place | None = None,
        *,
        page_size: int = PAGE_SIZE,
        smallest_part: int = SMALLEST_PART,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._place = place or Place()
        self._page_size = page_size
        self._smallest_part = smallest_part
        self._clock = clock
        self._lock = RLock()
        self._buckets: dict[str, _Bucket] = {}
        self._uploads: dict[str, _Upload] = {}
        self.requests: Counter[str] = Counter()

    @property
    def place(self) -> Place:
        """The place that it claims to be."""
        return self._place

    def _knows(self, operation: str) -> bool:
        return operation in _OPERATIONS

    def _region(self) -> str | None:
        return self._place.region

    def _body(self, stream: Any, facts: ObjectFacts, bucket: str) -> _MemoryBody:
        del bucket
        return _MemoryBody(stream or b"", facts)

    def _send(
        self, operation: str, bucket: str = "", key: str = "", condition: Condition = "", **parameters: Any
    ) -> dict[str, Any]:
        self._check_writable(operation, bucket, key)
        with self._lock:
            self.requests[operation] += 1
            try:
                answer = _OPERATIONS[operation](self, bucket, key, parameters)
            except _Refused as error:
                raise self._refusal(error, operation, bucket, key, condition) from None
        answer["ResponseMetadata"] = {"HTTPStatusCode": 200, "HTTPHeaders": {"date": formatdate(self._clock())}}
        return answer

    def _refusal(self, error: _Refused, operation: str, bucket: str, key: str, condition: Condition) -> S3BaseError:
        code = str(error.status) if operation.startswith("head_") else error.code  # a HEAD has no body to name it
        response = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": error.status}}
        return refusal(response, operation, bucket, key, place=self._place.name, condition=condition)

    def _now(self) -> float:
        return float(int(self._clock()))

    def _bucket(self, name: str) -> _Bucket:
        if name not in self._buckets:
            raise _Refused("NoSuchBucket", 404)
        return self._buckets[name]

    def _object(self, bucket: str, key: str) -> _Object:
        try:
            return self._bucket(bucket).objects[key]
        except KeyError:
            raise _Refused("NoSuchKey", 404) from None

    # Buckets.

    def _list_buckets(self, _: str, __: str, ___: Mapping[str, Any]) -> dict[str, Any]:
        rows = [
            {"Name": name, "CreationDate": datetime.fromtimestamp(bucket.created, UTC)}
            for name, bucket in sorted(self._buckets.items())
        ]
        return {"Buckets": rows}

    def _head_bucket(self, bucket: str, _: str, __: Mapping[str, Any]) -> dict[str, Any]:
        self._bucket(bucket)
        return {}

    def _create_bucket(self, bucket: str, _: str, __: Mapping[str, Any]) -> dict[str, Any]:
        if bucket in self._buckets:
            raise _Refused("BucketAlreadyOwnedByYou", 409)
        self._buckets[bucket] = _Bucket(self._now())
        return {}

    def _delete_bucket(self, bucket: str, _: str, __: Mapping[str, Any]) -> dict[str, Any]:
        if self._bucket(bucket).objects:
            raise _Refused("BucketNotEmpty", 409)
        del self._buckets[bucket]
        return {}

    def _get_bucket_versioning(self, bucket: str, _: str, __: Mapping[str, Any]) -> dict[str, Any]:
        self._bucket(bucket)
        return {}

    # Listings.

    def _list_objects_v2(self, bucket: str, _: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        held = self._bucket(bucket)
        prefix, delimiter = asked.get("Prefix", ""), asked.get("Delimiter", "")
        limit = min(asked.get("MaxKeys", PAGE_SIZE), self._page_size)
        after = asked.get("ContinuationToken") or asked.get("StartAfter") or ""
        page = Page([], [])
        at = max(bisect_left(held.keys, prefix), bisect_right(held.keys, after))
        if delimiter and after.endswith(delimiter) and after != prefix and asked.get("ContinuationToken"):
            at = max(at, bisect_left(held.keys, _past(after)))
        while at < len(held.keys) and held.keys[at].startswith(prefix):
            key = held.keys[at]
            cut = key.find(delimiter, len(prefix)) if delimiter else -1
            if len(page.objects) + len(page.prefixes) == limit:
                return {"Page": page._replace(token=after)}
            if cut < 0:
                after = key
                page.objects.append(_listed(key, held.objects[key]))
                at += 1
            else:
                after = key[: cut + len(delimiter)]
                page.prefixes.append(after)
                at = bisect_left(held.keys, _past(after), at)
        return {"Page": page}

    # Objects.

    def _head_object(self, bucket: str, key: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        held = self._object(bucket, key)
        _check_match(held, asked)
        return held.answer()

    def _get_object(self, bucket: str, key: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        held = self._object(bucket, key)
        _check_match(held, asked)
        answer = {**held.answer(), "Body": held.data}
        if "Range" in asked:
            first, _, last = asked["Range"].removeprefix("bytes=").partition("-")
            start, stop = int(first), int(last) + 1 if last else len(held.data)
            if start >= len(held.data):
                raise _Refused("InvalidRange", 416)
            answer["Body"] = held.data[start:stop]
            answer["ContentRange"] = f"bytes {start}-{start + len(answer['Body']) - 1}/{len(held.data)}"
            answer["ContentLength"] = len(answer["Body"])
        return answer

    def _store(self, bucket: str, key: str, data: bytes, etag: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Put an object if the conditions hold."""
        held = self._bucket(bucket)
        old = held.objects.get(key)
        if asked.get("IfNoneMatch") and old is not None:
            raise _Refused("PreconditionFailed", 412)
        if "IfMatch" in asked:
            if old is None:
                raise _Refused("NoSuchKey", 404)
            _check_match(old, asked)
        if not key:
            raise _Refused("InvalidArgument", 400)
        if len(key.encode()) > 1024:
            raise _Refused("KeyTooLongError", 400)
        headers = {name: asked[name] for name in _HEADERS if asked.get(name)}
        held.put(key, _Object(data, etag, self._now(), headers, dict(asked.get("Metadata") or {})))
        return {"ETag": etag}

    def _put_object(self, bucket: str, key: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        return self._store(bucket, key, asked["Body"], _etag(asked["Body"]), asked)

    def _copy_object(self, bucket: str, key: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        origin = asked["CopySource"]["Bucket"], asked["CopySource"]["Key"]
        source = self._object(*origin)
        _check_match(source, {"IfMatch": asked["CopySourceIfMatch"]} if "CopySourceIfMatch" in asked else {})
        replaces = asked.get("MetadataDirective") == "REPLACE"
        if origin == (bucket, key) and not replaces:
            raise _Refused("InvalidRequest", 400)
        kept = {name: value for name, value in source.headers.items() if name != "StorageClass"}
        described = asked if replaces else {**kept, "Metadata": source.metadata}
        self._store(bucket, key, source.data, _etag(source.data), described)
        return {"CopyObjectResult": self._object(bucket, key).answer()}

    def _delete_object(self, bucket: str, key: str, _: Mapping[str, Any]) -> dict[str, Any]:
        self._bucket(bucket).delete(key)
        return {}

    def _delete_objects(self, bucket: str, _: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        held = self._bucket(bucket)
        for each in asked["Delete"]["Objects"]:
            held.delete(each["Key"])
        return {"Deleted": list(asked["Delete"]["Objects"])}

    # Multipart uploads.

    def _create_multipart_upload(self, bucket: str, key: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        self._bucket(bucket)
        upload_id = uuid.uuid4().hex
        self._uploads[upload_id] = _Upload(bucket, key, asked, {})
        return {"UploadId": upload_id}

    def _upload(self, bucket: str, key: str, asked: Mapping[str, Any]) -> _Upload:
        upload = self._uploads.get(asked["UploadId"])
        if upload is None or (upload.bucket, upload.key) != (bucket, key):
            raise _Refused("NoSuchUpload", 404)
        return upload

    def _upload_part(self, bucket: str, key: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        if not 1 <= asked["PartNumber"] <= 10_000:
            raise _Refused("InvalidArgument", 400)
        etag = _etag(asked["Body"])
        self._upload(bucket, key, asked).parts[asked["PartNumber"]] = etag, asked["Body"]
        return {"ETag": etag}

    def _upload_part_copy(self, bucket: str, key: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        source = self._object(asked["CopySource"]["Bucket"], asked["CopySource"]["Key"])
        start, stop = map(int, asked["CopySourceRange"].removeprefix("bytes=").split("-"))
        if stop >= len(source.data):
            raise _Refused("InvalidArgument", 400)
        return {"CopyPartResult": self._upload_part(bucket, key, {**asked, "Body": source.data[start : stop + 1]})}

    def _complete_multipart_upload(self, bucket: str, key: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        upload = self._upload(bucket, key, asked)
        wanted = asked["MultipartUpload"]["Parts"]
        if not wanted:
            raise _Refused("MalformedXML", 400)
        parts = []
        for part in wanted:
            etag, data = upload.parts.get(part["PartNumber"], ("", b""))
            if etag != part["ETag"]:
                raise _Refused("InvalidPart", 400)
            parts.append(data)
        if any(len(data) < self._smallest_part for data in parts[:-1]):
            raise _Refused("EntityTooSmall", 400)
        digests = b"".join(hashlib.md5(data, usedforsecurity=False).digest() for data in parts)
        etag = f'{_etag(digests)[:-1]}-{len(parts)}"'
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


_OPERATIONS: dict[str, Callable[[MemoryS3, str, str, Mapping[str, Any]], dict[str, Any]]] = {
    name[1:]: action
    for name, action in vars(MemoryS3).items()
    if name.startswith(
        ("_list_", "_head_", "_get_", "_put_", "_copy_", "_delete_", "_create_", "_upload_", "_complete_")
    )
    or name == "_abort_multipart_upload"
}


def _etag(data: bytes) -> str:
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'


def _check_match(held: _Object, asked: Mapping[str, Any]) -> None:
    if "IfMatch" in asked and asked["IfMatch"] not in (held.etag, "*"):
        raise _Refused("PreconditionFailed", 412)


def _listed(key: str, held: _Object) -> ObjectFacts:
    storage = held.headers.get("StorageClass", "STANDARD")
    return ObjectFacts(key, len(held.data), held.modified, held.etag, storage)


def _past(prefix: str) -> str:
    """Give what sorts right after every key that begins with a prefix, which ends in a delimiter."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)
