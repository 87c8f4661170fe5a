"""Between the values of the protocol and boto3's dictionaries of parameters and answers; pure."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from tfm.s3.protocol import ObjectFacts, Page, WriteOptions

Condition = Literal["", "none", "match"]
"""What a request asks for: nothing, that the key is new (`If-None-Match`), that the ETag is the same (`If-Match`)."""

_READS = ("get_", "head_", "list_", "select_")
_UNSAFE_IN_XML = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

KEPT_BY_TOUCH = (
    "CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType", "Expires", "Metadata",
    "StorageClass", "WebsiteRedirectLocation", "ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled",
)  # fmt: skip
"""What a HEAD tells and CopyObject takes: all that a copy of an object onto itself must say again."""


def is_read(operation: str) -> bool:
    """Tell whether an operation only reads.

    Args:
        operation: The boto3 name, such as `get_bucket_versioning`.
    """
    return operation.startswith(_READS)


def fits_xml(key: str) -> bool:
    """Tell whether XML can carry a key there and back: control characters and what is no character it can't.

    Args:
        key: Any key.

    Source: https://www.w3.org/TR/xml/#charsets
    """
    return not _UNSAFE_IN_XML.search(key)


def facts_of(key: str, answer: Mapping[str, Any]) -> ObjectFacts:
    """Read an object's facts out of the answer to a HEAD or a GET; the size is the whole object's.

    Args:
        key: The key that was asked for.
        answer: boto3's answer.
    """
    modified = answer.get("LastModified")
    total = str(answer.get("ContentRange", "")).rpartition("/")[2]
    return ObjectFacts(
        key,
        int(total) if total.isdecimal() else int(answer.get("ContentLength", 0)),
        modified.timestamp() if modified else 0.0,
        answer.get("ETag", ""),
        answer.get("StorageClass") or "STANDARD",
        answer.get("VersionId"),
        answer.get("ContentType"),
        answer.get("Metadata"),
    )


def listing_of(page: Page) -> dict[str, Any]:
    """Write a page as boto3 answers a ListObjectsV2.

    Args:
        page: Of a listing.
    """
    rows = [
        {
            "Key": facts.key,
            "LastModified": datetime.fromtimestamp(facts.mtime, UTC),
            "ETag": facts.etag,
            "Size": facts.size,
            "StorageClass": facts.storage_class,
        }
        for facts in page.objects
    ]
    answer: dict[str, Any] = {"KeyCount": len(rows) + len(page.prefixes), "IsTruncated": page.token is not None}
    if rows:
        answer["Contents"] = rows
    if page.prefixes:
        answer["CommonPrefixes"] = [{"Prefix": prefix} for prefix in page.prefixes]
    if page.token is not None:
        answer["NextContinuationToken"] = page.token
    return answer


def attributes(options: WriteOptions) -> dict[str, Any]:
    """Give the parameters that describe a new object.

    Args:
        options: What the write asks for.
    """
    asked = {"ContentType": options.content_type, "Metadata": options.metadata and dict(options.metadata)}
    return {name: value for name, value in asked.items() if value is not None}


def conditions(options: WriteOptions) -> dict[str, Any]:
    """Give the parameters that make a write conditional.

    Args:
        options: What the write asks for.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    """
    asked = {"IfNoneMatch": "*"} if options.if_none_match else {}
    return asked if options.if_match is None else {**asked, "IfMatch": options.if_match}


def condition(options: WriteOptions) -> Condition:
    """Tell which condition a 412 is about.

    Args:
        options: What the write asked for.
    """
    return "none" if options.if_none_match else "match" if options.if_match is not None else ""


def answered_at(answer: Mapping[str, Any]) -> float:
    """Give the time of an answer by the server's clock, in seconds since the epoch; without one, by ours.

    Args:
        answer: boto3's answer.
    """
    try:
        return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]).timestamp()
    except (KeyError, ValueError):
        return time.time()
