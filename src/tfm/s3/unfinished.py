"""Multipart uploads that were begun and not ended: found, taken up, and dropped.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from tfm.errors import S3NotFoundError
from tfm.resumable import Keeper
from tfm.s3.protocol import S3Client, WriteOptions

EARLIER, LATER = 5.0, 180.0
"""Seconds before and after the time of a note in which the upload began: clocks differ, and answers take time."""
GIVEN_UP = 7 * 86_400.0
"""Seconds after which an upload without a part is nobody's any more, or its server tells no true times."""


class Upload(NamedTuple):
    """One upload.

    Args:
        key: The key that it would become.
        upload_id: Its id.
        since: When it began, by the server's clock, in seconds since the epoch.
        storage_class: Such as `STANDARD`.
    """

    key: str
    upload_id: str
    since: float
    storage_class: str = "STANDARD"


def uploads_below(client: S3Client, bucket: str, prefix: str = "") -> Iterator[Upload]:
    """List the uploads that are under way, or were given up.

    Args:
        client: The client of the bucket's place.
        bucket: The bucket.
        prefix: Of their keys.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html
    """
    more: dict[str, Any] = {}
    while True:
        answer = client.call("list_multipart_uploads", ttl=0, Bucket=bucket, Prefix=prefix, **more)
        for row in answer.get("Uploads", []):
            began = row.get("Initiated")
            since = began.timestamp() if isinstance(began, datetime) else 0.0
            yield Upload(row["Key"], row["UploadId"], since, row.get("StorageClass") or "STANDARD")
        if not answer.get("IsTruncated"):
            return
        more = {"KeyMarker": answer["NextKeyMarker"], "UploadIdMarker": answer.get("NextUploadIdMarker", "")}


def parts_of_upload(client: S3Client, bucket: str, key: str, upload_id: str) -> dict[int, str] | None:
    """Give the ETags of the parts that arrived, by number; `None` when there is no such upload any more.

    Args:
        client: The client of the bucket's place.
        bucket: The bucket.
        key: The key.
        upload_id: The upload's.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html
    """
    found: dict[int, str] = {}
    more: dict[str, Any] = {}
    try:
        while True:
            answer = client.call("list_parts", ttl=0, Bucket=bucket, Key=key, UploadId=upload_id, **more)
            found |= {int(row["PartNumber"]): str(row["ETag"]) for row in answer.get("Parts", [])}
            if not answer.get("IsTruncated"):
                return found
            more = {"PartNumberMarker": answer["NextPartNumberMarker"]}
    except S3NotFoundError:
        return None


def parts_there(
    client: S3Client, bucket: str, key: str, upload_id: str, pieces: Mapping[int, str]
) -> dict[int, str] | None:
    """Give the parts of an upload that are still what they were; `None` when it can't be gone on with.

    Args:
        client: The client of the bucket's place.
        bucket: The bucket.
        key: The key.
        upload_id: The upload's.
        pieces: The ETag of each part as the answer to it told.
    """
    found = parts_of_upload(client, bucket, key, upload_id)
    if found is None:
        return None
    return {number: etag for number, etag in pieces.items() if found.get(number, "").strip('"') == etag.strip('"')}


def drop_upload(client: S3Client, bucket: str, key: str, upload_id: str, since: float) -> None:
    """Drop an upload; one of which only is known when it was about to begin, if it did and has no part yet.

    Args:
        client: The client of the bucket's place.
        bucket: The bucket.
        key: The key.
        upload_id: Empty when whoever began it ended before the answer came.
        since: When it was about to begin, by our clock.
    """
    if upload_id:
        client.abort_upload(bucket, key, upload_id)
        return
    for upload in list(uploads_below(client, bucket, key)):
        if upload.key != key or not _may_be(upload.since, since):
            continue
        if not parts_of_upload(client, bucket, key, upload.upload_id):
            client.abort_upload(bucket, key, upload.upload_id)


def _may_be(began: float, since: float) -> bool:
    """Whether an upload that began at one time may be the one that was about to begin at another."""
    return since - EARLIER <= began <= since + LATER or began < since - GIVEN_UP


# One upload, and who remembers it.


def begin_upload(client: S3Client, bucket: str, key: str, options: WriteOptions, keeper: Keeper | None) -> str:
    """Begin an upload; gives its id.

    Args:
        client: The client of the bucket's place.
        bucket: The bucket.
        key: The key.
        options: Of the object.
        keeper: Told before it begins, and which one it is.
    """
    if keeper is None:
        return client.create_upload(bucket, key, options)
    keeper.uploading("")
    upload_id = client.create_upload(bucket, key, options)
    keeper.uploading(upload_id)
    return upload_id


def take_up(
    client: S3Client, bucket: str, key: str, keeper: Keeper | None, version: str
) -> tuple[str | None, Mapping[int, str]]:
    """Give the upload that a keeper knows and the parts that are there; one that can't be gone on with is dropped.

    Args:
        client: The client of the bucket's place.
        bucket: The bucket.
        key: The key.
        keeper: Who may know of one.
        version: What the parts are of.
    """
    known = None if keeper is None else keeper.known(version)
    if keeper is None or known is None or not known.upload_id:
        return None, {}
    there = parts_there(client, bucket, key, known.upload_id, known.pieces)
    if there:
        return known.upload_id, there
    end_upload(client, bucket, key, known.upload_id, keeper)
    return None, {}


def end_upload(client: S3Client, bucket: str, key: str, upload_id: str, keeper: Keeper | None) -> None:
    """Drop an upload.

    Args:
        client: The client of the bucket's place.
        bucket: The bucket.
        key: The key.
        upload_id: The upload's.
        keeper: Told when it is gone.
    """
    client.abort_upload(bucket, key, upload_id)
    if keeper is not None:
        keeper.forget_pieces()
        keeper.ended()
