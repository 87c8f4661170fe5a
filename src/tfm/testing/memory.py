"""`MemoryS3`: S3 in memory, as exact as S3's own documents: byte order, pages, ETags, conditions, multipart uploads."""

from __future__ import annotations

import io
import time
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import formatdate
from threading import RLock
from typing import Any
from urllib.parse import urlencode

from tfm.errors import S3BaseError, UnsupportedOperation
from tfm.s3.errors import refusal
from tfm.s3.protocol import PAGE_SIZE, Checksum, ObjectFacts, Page, Place
from tfm.s3.shapes import COPIED_ANEW, Condition
from tfm.testing.memorystore import Bucket, Refused, Stored, check_match, described, etag_of
from tfm.testing.memoryuploads import MemoryUploads

SMALLEST_PART = 5 * 1024 * 1024


class _MemoryBody:
    """The open body of a GET."""

    def __init__(self, data: bytes, facts: ObjectFacts, checksum: Checksum | None) -> None:
        self.facts = facts
        self._checksum = checksum
        self._stream = io.BytesIO(data)

    def take_checksum(self) -> Checksum | None:
        return self._checksum

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size)

    def readinto(self, buffer: bytearray | memoryview) -> int:
        return self._stream.readinto(buffer)

    def close(self) -> None:
        self._stream.close()


class MemoryS3(MemoryUploads):
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
        super().__init__(smallest_part)
        self._place = place or Place()
        self._page_size = page_size
        self._clock = clock
        self._lock = RLock()
        self._buckets: dict[str, Bucket] = {}
        self.requests: Counter[str] = Counter()

    @property
    def place(self) -> Place:
        """The place that it claims to be."""
        return self._place

    def _knows(self, operation: str) -> bool:
        return operation in _OPERATIONS

    def _region(self) -> str | None:
        return self._place.region

    def _body(self, stream: Any, facts: ObjectFacts, bucket: str, checksum: Checksum | None = None) -> _MemoryBody:
        del bucket
        return _MemoryBody(stream or b"", facts, checksum)

    def presign(self, operation: str, bucket: str, key: str, expires: int, **parameters: Any) -> str:
        """Refuse: nobody else could use the URL."""
        del expires, parameters
        raise UnsupportedOperation(f"{operation} of s3://{bucket}/{key}: S3 in memory has no URL to give to others.")

    def _send(
        self, operation: str, bucket: str = "", key: str = "", condition: Condition = "", **parameters: Any
    ) -> dict[str, Any]:
        self._check_writable(operation, bucket, key)
        with self._lock:
            self.requests[operation] += 1
            try:
                answer = _OPERATIONS[operation](self, bucket, key, parameters)
            except Refused as error:
                raise self._refusal(error, operation, bucket, key, condition) from None
        headers = {"date": formatdate(self._clock()), "server": "AmazonS3"}
        answer["ResponseMetadata"] = {"HTTPStatusCode": 200, "HTTPHeaders": headers}
        return answer

    def _refusal(self, error: Refused, operation: str, bucket: str, key: str, condition: Condition) -> S3BaseError:
        code = str(error.status) if operation.startswith("head_") else error.code  # a HEAD has no body to name it
        response = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": error.status}}
        return refusal(response, operation, bucket, key, place=self._place.name, condition=condition)

    def _now(self) -> float:
        return float(int(self._clock()))

    def _bucket(self, name: str) -> Bucket:
        if name not in self._buckets:
            raise Refused("NoSuchBucket", 404)
        return self._buckets[name]

    def _object(self, bucket: str, key: str, version_id: str | None = None) -> Stored:
        held = self._bucket(bucket)
        if version_id is not None:
            found = [each for each in held.history.get(key, []) if each.version_id == version_id]
            if not found:
                raise Refused("NoSuchVersion", 404)
            if found[0].deleted:
                raise Refused("MethodNotAllowed", 405)
            return found[0]
        if key not in held.objects:
            raise Refused("NoSuchKey", 404)
        return held.objects[key]

    def _source(self, asked: Mapping[str, Any]) -> Stored:
        origin = asked["CopySource"]
        source = self._object(origin["Bucket"], origin["Key"], origin.get("VersionId"))
        check_match(source, {"IfMatch": asked["CopySourceIfMatch"]} if "CopySourceIfMatch" in asked else {})
        return source

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
            raise Refused("BucketAlreadyOwnedByYou", 409)
        self._buckets[bucket] = Bucket(self._now())
        return {}

    def _delete_bucket(self, bucket: str, _: str, __: Mapping[str, Any]) -> dict[str, Any]:
        if self._bucket(bucket).history:
            raise Refused("BucketNotEmpty", 409)
        del self._buckets[bucket]
        return {}

    def _get_bucket_versioning(self, bucket: str, _: str, __: Mapping[str, Any]) -> dict[str, Any]:
        status = self._bucket(bucket).versioning
        return {"Status": status} if status else {}

    def _put_bucket_versioning(self, bucket: str, _: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        self._bucket(bucket).versioning = asked["VersioningConfiguration"]["Status"]
        return {}

    # Listings.

    def _list_objects_v2(self, bucket: str, _: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        held = self._bucket(bucket)
        prefix, delimiter = asked.get("Prefix", ""), asked.get("Delimiter", "")
        limit = min(asked.get("MaxKeys", PAGE_SIZE), self._page_size)
        after = asked.get("ContinuationToken") or asked.get("StartAfter") or ""
        objects: list[ObjectFacts] = []
        page = Page(objects, [])
        at = max(bisect_left(held.keys, prefix), bisect_right(held.keys, after))
        if delimiter and after.endswith(delimiter) and after != prefix and asked.get("ContinuationToken"):
            at = max(at, bisect_left(held.keys, _past(after)))
        while at < len(held.keys) and held.keys[at].startswith(prefix):
            key = held.keys[at]
            cut = key.find(delimiter, len(prefix)) if delimiter else -1
            if len(objects) + len(page.prefixes) == limit:
                return {"Page": page._replace(token=after)}
            if cut < 0:
                after = key
                objects.append(_listed(key, held.objects[key]))
                at += 1
            else:
                after = key[: cut + len(delimiter)]
                page.prefixes.append(after)
                at = bisect_left(held.keys, _past(after), at)
        return {"Page": page}

    def _list_object_versions(self, bucket: str, _: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        held = self._bucket(bucket)
        answer: dict[str, Any] = {"Versions": [], "DeleteMarkers": [], "IsTruncated": False}
        for key in sorted(name for name in held.history if name.startswith(asked.get("Prefix", ""))):
            for each in reversed(held.history[key]):
                row = {
                    "Key": key, "VersionId": each.version_id, "IsLatest": each is held.history[key][-1],
                    "LastModified": datetime.fromtimestamp(each.modified, UTC),
                }  # fmt: skip
                if not each.deleted:
                    storage = each.headers.get("StorageClass", "STANDARD")
                    row |= {"ETag": each.etag, "Size": len(each.data), "StorageClass": storage}
                answer["DeleteMarkers" if each.deleted else "Versions"].append(row)
        return answer

    # Objects.

    def _answer(self, bucket: str, held: Stored, asked: Mapping[str, Any]) -> dict[str, Any]:
        check_match(held, asked)
        answer = held.answer(versioned=bool(self._bucket(bucket).versioning))
        return {**answer, **held.checksum()} if asked.get("ChecksumMode") else answer

    def _head_object(self, bucket: str, key: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        return self._answer(bucket, self._object(bucket, key, asked.get("VersionId")), asked)

    def _get_object(self, bucket: str, key: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        held = self._object(bucket, key, asked.get("VersionId"))
        answer = {**self._answer(bucket, held, asked), "Body": held.data}
        if "Range" not in asked:
            answer |= held.checksum()  # as boto3 asks for it
        else:
            first, _, last = asked["Range"].removeprefix("bytes=").partition("-")
            start, stop = int(first), int(last) + 1 if last else len(held.data)
            if start >= len(held.data):
                raise Refused("InvalidRange", 416)
            answer["Body"] = held.data[start:stop]
            answer["ContentRange"] = f"bytes {start}-{start + len(answer['Body']) - 1}/{len(held.data)}"
            answer["ContentLength"] = len(answer["Body"])
        return answer

    def _store(self, bucket: str, key: str, data: bytes, etag: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Put an object if the conditions hold."""
        held = self._bucket(bucket)
        check_match(held.objects.get(key), asked)
        if not key:
            raise Refused("InvalidArgument", 400)
        if len(key.encode()) > 1024:
            raise Refused("KeyTooLongError", 400)
        stored = held.put(key, Stored(data, etag, self._now(), *described(asked)))
        return {"ETag": etag, **({"VersionId": stored.version_id} if held.versioning else {})}

    def _put_object(self, bucket: str, key: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        data = bytes(asked["Body"])
        return self._store(bucket, key, data, etag_of(data), asked)

    def _copy_object(self, bucket: str, key: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        source = self._source(asked)
        replaces = asked.get("MetadataDirective") == "REPLACE"
        if asked["CopySource"] == {"Bucket": bucket, "Key": key} and not replaces:
            raise Refused("InvalidRequest", 400)
        taken = asked
        if not replaces:
            kept = {name: value for name, value in source.headers.items() if name not in COPIED_ANEW}
            taken = {**kept, **asked, "Metadata": source.metadata}
        if asked.get("TaggingDirective") != "REPLACE":
            taken = {**taken, "Tagging": urlencode(source.tags)}
        answer = self._store(bucket, key, source.data, etag_of(source.data), taken)
        return {"CopyObjectResult": self._object(bucket, key).answer(), **answer}

    def _delete_object(self, bucket: str, key: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        held = self._bucket(bucket)
        if "VersionId" in asked:
            held.delete_version(key, asked["VersionId"])
            return {}
        if "IfMatch" in asked and key in held.objects:
            check_match(held.objects[key], asked)
        held.delete(key, self._now())
        return {}

    def _delete_objects(self, bucket: str, _: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = {"Deleted": [], "Errors": []}
        for each in asked["Delete"]["Objects"]:
            try:
                self._delete_object(bucket, each["Key"], {"IfMatch": each["ETag"]} if "ETag" in each else {})
                answer["Deleted"].append({"Key": each["Key"]})
            except Refused as error:
                answer["Errors"].append({"Key": each["Key"], "Code": error.code})
        return answer

    def _get_object_tagging(self, bucket: str, key: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        held = self._object(bucket, key, asked.get("VersionId"))
        return {"TagSet": [{"Key": name, "Value": value} for name, value in held.tags.items()]}

    def _delete_object_tagging(self, bucket: str, key: str, _: Mapping[str, Any]) -> dict[str, Any]:
        return self._put_object_tagging(bucket, key, {"Tagging": {"TagSet": []}})

    def _put_object_tagging(self, bucket: str, key: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        held = self._object(bucket, key)
        tags = {each["Key"]: each["Value"] for each in asked["Tagging"]["TagSet"]}
        self._bucket(bucket).replace(key, held, held._replace(tags=tags))
        return {}


_OPERATIONS: dict[str, Callable[[MemoryS3, str, str, Mapping[str, Any]], dict[str, Any]]] = {
    name[1:]: action
    for kind in (MemoryUploads, MemoryS3)
    for name, action in vars(kind).items()
    if name.startswith(
        ("_list_", "_head_", "_get_", "_put_", "_copy_", "_delete_", "_create_", "_upload_", "_complete_")
    )
    or name == "_abort_multipart_upload"
}


def _listed(key: str, held: Stored) -> ObjectFacts:
    storage = held.headers.get("StorageClass", "STANDARD")
    return ObjectFacts(key, len(held.data), held.modified, held.etag, storage)


def _past(prefix: str) -> str:
    """Give what sorts right after every key that begins with a prefix, which ends in a delimiter."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)
