"""Answers of HTTP as boto3 gives them: as much of them as the verbs read.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tfm.errors import S3GenericError
from tfm.s3.fast.documents import members, name_of, parse
from tfm.s3.httpdates import date_of
from tfm.s3.listing import parse_listing

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


_TEXTS = {
    "etag": "ETag",
    "content-type": "ContentType",
    "x-amz-version-id": "VersionId",
    "x-amz-storage-class": "StorageClass",
    "content-range": "ContentRange",
    "x-amz-server-side-encryption": "ServerSideEncryption",
    "x-amz-server-side-encryption-aws-kms-key-id": "SSEKMSKeyId",
    "cache-control": "CacheControl",
    "content-disposition": "ContentDisposition",
    "content-encoding": "ContentEncoding",
    "content-language": "ContentLanguage",
    "x-amz-website-redirect-location": "WebsiteRedirectLocation",
}
_META = "x-amz-meta-"
_CHECKSUM = "x-amz-checksum-"


def meta(status: int, headers: Mapping[str, str]) -> dict[str, Any]:
    """Give what every answer of boto3 has.

    Args:
        status: Of HTTP.
        headers: By lower case.
    """
    return {"HTTPStatusCode": status, "HTTPHeaders": headers, "RequestId": headers.get("x-amz-request-id", "")}


def described(headers: Mapping[str, str]) -> dict[str, Any]:
    """Read what headers tell of an object.

    Args:
        headers: Of the answer to a HEAD or a GET.

    Raises:
        ValueError: A date or number is none.
    """
    answer: dict[str, Any] = {}
    metadata: dict[str, str] = {}
    for name, value in headers.items():
        if name in _TEXTS:
            answer[_TEXTS[name]] = value
        elif name.startswith(_META):
            metadata[name[len(_META) :]] = value
        elif name.startswith(_CHECKSUM):
            kind = name[len(_CHECKSUM) :]
            answer["ChecksumType" if kind == "type" else f"Checksum{kind.upper()}"] = value
    answer["Metadata"] = metadata
    answer["ContentLength"] = int(headers.get("content-length", 0))
    if "last-modified" in headers:
        answer["LastModified"] = date_of(headers["last-modified"])
    if "expires" in headers:
        try:
            answer["Expires"] = date_of(headers["expires"])
        except ValueError:
            pass  # what is no date stands in the headers
    if headers.get("x-amz-server-side-encryption-bucket-key-enabled", "").lower() == "true":
        answer["BucketKeyEnabled"] = True
    if "x-amz-tagging-count" in headers:
        answer["TagCount"] = int(headers["x-amz-tagging-count"])
    return answer


def refused(status: int, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """Read an error as botocore does: by the document, else by the status.

    Args:
        status: Of HTTP.
        headers: Of the answer.
        body: Of the answer; empty, HTML or cut off, as it may be.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    """
    root = parse(body) if body.strip() else None
    error = {} if root is None else error_in(root) or {}
    if not error.get("Code"):
        error = {"Code": str(status), "Message": error.get("Message") or _phrase(status)}
    return {"Error": error, "ResponseMetadata": meta(status, headers)}


def _phrase(status: int) -> str:
    from http import HTTPStatus  # only for errors

    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""


def error_in(root: Element) -> dict[str, str] | None:
    """Read the document of an error; `None` when it is another one.

    Args:
        root: Of the document; some servers put the error into an element of its own.
    """
    if name_of(root) != "Error":
        root = next((child for child in root if name_of(root) == "ErrorResponse" and name_of(child) == "Error"), root)
    return members(root) if name_of(root) == "Error" else None


class BrokenAnswer(Exception):
    """An answer that should be whole and is not: such a request is sent again."""


def _deleted(root: Element) -> dict[str, Any]:
    space = root.tag[: root.tag.rfind("}") + 1]
    key = f"{space}Key"
    deleted = [{"Key": row.findtext(key) or ""} for row in root.iterfind(f"{space}Deleted")]
    return {"Deleted": deleted, "Errors": [members(row) for row in root.iterfind(f"{space}Error")]}


def _result(name: str) -> Callable[[Element], dict[str, Any]]:
    def read(root: Element) -> dict[str, Any]:
        found: dict[str, Any] = members(root)
        if found.get("LastModified"):
            modified = datetime.fromisoformat(found["LastModified"])
            found["LastModified"] = modified if modified.tzinfo else modified.replace(tzinfo=UTC)
        return {name: found}

    return read


_DOCUMENTS: dict[str, tuple[str, Callable[[Element], dict[str, Any]]]] = {
    "copy_object": ("CopyObjectResult", _result("CopyObjectResult")),
    "upload_part_copy": ("CopyPartResult", _result("CopyPartResult")),
    "create_multipart_upload": ("InitiateMultipartUploadResult", lambda root: dict(members(root))),
    "complete_multipart_upload": ("CompleteMultipartUploadResult", lambda root: dict(members(root))),
    "delete_objects": ("DeleteResult", _deleted),
}


def read(operation: str, status: int, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """Read the answer of an operation that went well.

    Args:
        operation: Its boto3 name.
        status: Of HTTP.
        headers: By lower case.
        body: All of it.

    Returns:
        boto3's answer, or one with `Error` when the body says that it did not go well.

    Raises:
        BrokenAnswer: The body is not what it should be.
    """
    try:
        if operation == "list_objects_v2":
            return _listing(status, headers, body)
        answer = described(headers)
        if operation in _DOCUMENTS:
            answer.update(_document(operation, body))
    except ValueError as error:
        raise BrokenAnswer(str(error)) from error
    answer["ResponseMetadata"] = meta(500 if "Error" in answer else status, headers)
    return answer


def outline(operation: str, status: int, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """Read of an answer that went well only its ETag, which is all that who sends thousands of requests looks at.

    Args:
        operation: Its boto3 name.
        status: Of HTTP.
        headers: By lower case.
        body: All of it.

    Returns:
        As from `read`.

    Raises:
        BrokenAnswer: The body is not what it should be.
    """
    if operation not in _DOCUMENTS:
        return {"ETag": headers.get("etag")}
    known = _COPIED.fullmatch(body) if operation == "copy_object" else None
    if known is None:
        return read(operation, status, headers, body)
    return {"CopyObjectResult": {"ETag": known["etag"].decode().replace("&quot;", '"')}}


_COPIED = re.compile(
    rb"(?:<\?xml [^<>&]*\?>\s*)?<CopyObjectResult(?: xmlns=\"[^<>&\"]*\")?>\s*"
    rb"(?:<(LastModified|Checksum\w+)>[^<>&]*</\1>\s*)*"
    rb"<ETag>(?P<etag>[0-9A-Za-z-]+|&quot;[0-9A-Za-z-]+&quot;|\"[0-9A-Za-z-]+\")</ETag>\s*"
    rb"(?:<(LastModified|Checksum\w+)>[^<>&]*</\3>\s*)*</CopyObjectResult>\s*"
)
"""The usual answer to a CopyObject, which needs no parser."""


def _document(operation: str, body: bytes) -> dict[str, Any]:
    expected, reader = _DOCUMENTS[operation]
    root = parse(body)
    if root is None:
        raise BrokenAnswer(f"the answer to {operation} is no document")
    if (error := error_in(root)) is not None:
        return {"Error": error}
    if name_of(root) != expected:
        raise BrokenAnswer(f"the answer to {operation} is a document of {name_of(root)[:40]!r}")
    return reader(root)


def _listing(status: int, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    try:
        return {"Page": parse_listing(body), "ResponseMetadata": meta(status, headers)}
    except S3GenericError as error:
        answer = refused(status, headers, body)
        if answer["Error"]["Code"] == str(status):
            raise BrokenAnswer(str(error.strerror)) from error
        answer["ResponseMetadata"] = meta(500, headers)
        return answer
