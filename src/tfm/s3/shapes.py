"""Between the values of the protocol and boto3's dictionaries of parameters and answers; pure."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote, urlencode

from tfm.s3.httpdates import date_of
from tfm.s3.protocol import Checksum, ObjectFacts, Page, WriteOptions

Condition = Literal["", "none", "match"]
"""What a request asks for: nothing, that the key is new (`If-None-Match`), that the ETag is the same (`If-Match`)."""

_READS = ("get_", "head_", "list_", "select_")
_UNSAFE_IN_XML = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

PARAMETERS = {
    "content_type": "ContentType",
    "metadata": "Metadata",
    "storage_class": "StorageClass",
    "encryption": "ServerSideEncryption",
    "kms_key": "SSEKMSKeyId",
    "bucket_key": "BucketKeyEnabled",
    "cache_control": "CacheControl",
    "content_disposition": "ContentDisposition",
    "content_encoding": "ContentEncoding",
    "content_language": "ContentLanguage",
    "expires": "Expires",
    "website_redirect": "WebsiteRedirectLocation",
}
"""The fields of `WriteOptions` that a HEAD tells and that every write takes, by their names in the S3 API."""

COPIED_ANEW = ("StorageClass", "ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled")
"""What a CopyObject never takes over from its source by itself."""


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


def etag_of(answer: Mapping[str, Any]) -> str:
    """Read an ETag as HTTP writes it, in quotes, which some servers leave out of the answer to a copy.

    Args:
        answer: boto3's answer, or the part of it that has the ETag.

    Source: https://www.rfc-editor.org/rfc/rfc9110#name-etag
    """
    etag = str(answer.get("ETag") or "")
    return etag if not etag or etag.endswith('"') else f'"{etag}"'


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
        etag_of(answer),
        answer.get("StorageClass") or "STANDARD",
        answer.get("VersionId"),
        answer.get("ContentType"),
        answer.get("Metadata"),
        WriteOptions(**{field: answer[name] for field, name in PARAMETERS.items() if answer.get(name)}),
        int(answer.get("TagCount") or _headers(answer).get("x-amz-tagging-count") or 0),
    )


def checksum_of(answer: Mapping[str, Any]) -> Checksum | None:
    """Read the checksum that S3 keeps of an object out of the answer to a HEAD or a GET that asked for it.

    Args:
        answer: boto3's answer.
    """
    for name, value in answer.items():
        if name.startswith("Checksum") and name != "ChecksumType":
            whole = answer.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT" and "-" not in value
            return Checksum(name.removeprefix("Checksum"), value, whole)
    return None


def _headers(answer: Mapping[str, Any]) -> Mapping[str, str]:
    headers: Mapping[str, str] = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return headers


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
    asked = {name: getattr(options, field) for field, name in PARAMETERS.items()}
    asked["Tagging"] = None if options.tags is None else urlencode(options.tags, quote_via=quote)
    return {name: value for name, value in asked.items() if value is not None}


def copy_source(source: tuple[str, str], if_match: str | None, version_id: str | None) -> dict[str, Any]:
    """Give the parameters that say what is copied.

    Args:
        source: Bucket and key.
        if_match: The ETag that it must have.
        version_id: The version; `None` is the latest.
    """
    origin = {"Bucket": source[0], "Key": source[1]}
    asked: dict[str, Any] = {"CopySource": origin if version_id is None else {**origin, "VersionId": version_id}}
    return asked if if_match is None else {**asked, "CopySourceIfMatch": if_match}


def copied(options: WriteOptions, *, replace: bool) -> dict[str, Any]:
    """Give the parameters that describe the target of a copy.

    Args:
        options: What the copy asks for.
        replace: Describe it by the options alone, and not by its source.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
    """
    asked = attributes(options)
    if not replace:
        asked = {name: value for name, value in asked.items() if name in (*COPIED_ANEW, "Tagging")}
    if replace:
        asked["MetadataDirective"] = "REPLACE"
    if "Tagging" in asked:
        asked["TaggingDirective"] = "REPLACE"
    return asked


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
        return date_of(_headers(answer)["date"]).timestamp()
    except (KeyError, ValueError):
        return time.time()
