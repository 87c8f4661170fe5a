"""boto3's operations and parameters as requests of HTTP, as botocore would write them.

What is not in these tables, or not of a plain type, is botocore's: `StepAside`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from tfm.s3.fast.access import StepAside
from tfm.s3.fast.documents import completion, deletion
from tfm.s3.httpdates import date_text

if TYPE_CHECKING:
    from tfm.s3.fast.wire import Buffer

_BUCKET = re.compile(r"[A-Za-z0-9._-]{1,63}")

_HEADERS = {
    "Range": "range",
    "IfMatch": "if-match",
    "IfNoneMatch": "if-none-match",
    "ContentType": "content-type",
    "StorageClass": "x-amz-storage-class",
    "ServerSideEncryption": "x-amz-server-side-encryption",
    "SSEKMSKeyId": "x-amz-server-side-encryption-aws-kms-key-id",
    "BucketKeyEnabled": "x-amz-server-side-encryption-bucket-key-enabled",
    "CacheControl": "cache-control",
    "ContentDisposition": "content-disposition",
    "ContentEncoding": "content-encoding",
    "ContentLanguage": "content-language",
    "Expires": "expires",
    "WebsiteRedirectLocation": "x-amz-website-redirect-location",
    "Tagging": "x-amz-tagging",
    "MetadataDirective": "x-amz-metadata-directive",
    "TaggingDirective": "x-amz-tagging-directive",
    "CopySource": "x-amz-copy-source",
    "CopySourceIfMatch": "x-amz-copy-source-if-match",
    "CopySourceRange": "x-amz-copy-source-range",
}
_QUERIES = {
    "VersionId": "versionId",
    "UploadId": "uploadId",
    "PartNumber": "partNumber",
    "Prefix": "prefix",
    "Delimiter": "delimiter",
    "MaxKeys": "max-keys",
    "EncodingType": "encoding-type",
    "StartAfter": "start-after",
    "ContinuationToken": "continuation-token",
}
_DESCRIBING = frozenset(
    {
        "ContentType", "Metadata", "StorageClass", "ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled",
        "CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "Expires",
        "WebsiteRedirectLocation", "Tagging",
    }
)  # fmt: skip
_CONDITIONS = frozenset({"IfMatch", "IfNoneMatch"})
_SOURCE = frozenset({"CopySource", "CopySourceIfMatch"})
_PART = frozenset({"UploadId", "PartNumber"})


class Form(NamedTuple):
    """How an operation is written.

    Args:
        method: Of HTTP.
        takes: The parameters that are known here.
        key: Whether it is about a key.
        flag: What stands first in its query: `uploads`, `delete`, `list-type=2`.
        body: The parameter that is its body, and how that becomes bytes.
        checksum: Whether its body gets a checksum: never, when downloads and uploads are to be checked, always.
        streams: Whether its body may be so long that it is not signed where TLS protects it.
        repeatable: Whether doing it twice is the same as once, also where a condition is set.
        errors_in_200: Whether an error may come after a 200.
    """

    method: str
    takes: frozenset[str]
    key: bool = True
    flag: str = ""
    body: tuple[str, Callable[[Any], bytes]] | None = None
    checksum: str = ""
    streams: bool = False
    repeatable: bool = True
    errors_in_200: bool = False


FORMS = {
    "head_object": Form("HEAD", frozenset({"VersionId", "IfMatch"})),
    "get_object": Form("GET", frozenset({"VersionId", "IfMatch", "Range"})),
    "put_object": Form("PUT", _DESCRIBING | _CONDITIONS | {"Body"}, checksum="wanted", streams=True),
    "upload_part": Form("PUT", _PART | {"Body"}, checksum="wanted", streams=True),
    "copy_object": Form(
        "PUT", _DESCRIBING | _CONDITIONS | _SOURCE | {"MetadataDirective", "TaggingDirective"}, errors_in_200=True
    ),
    "upload_part_copy": Form("PUT", _PART | _SOURCE | {"CopySourceRange"}, errors_in_200=True),
    "create_multipart_upload": Form("POST", _DESCRIBING, flag="uploads", repeatable=False),
    "complete_multipart_upload": Form(
        "POST", _CONDITIONS | {"UploadId", "MultipartUpload"}, body=("MultipartUpload", completion),
        repeatable=False, errors_in_200=True,
    ),
    "abort_multipart_upload": Form("DELETE", frozenset({"UploadId"})),
    "list_objects_v2": Form(
        "GET", frozenset({"Prefix", "Delimiter", "MaxKeys", "EncodingType", "StartAfter", "ContinuationToken"}),
        key=False, flag="list-type=2",
    ),
    "delete_objects": Form(
        "POST", frozenset({"Delete"}), key=False, flag="delete", body=("Delete", deletion), checksum="always",
        errors_in_200=True,
    ),
    "delete_object": Form("DELETE", frozenset({"IfMatch"})),
    "head_bucket": Form("HEAD", frozenset(), key=False),
}  # fmt: skip
"""The operations that the fast engine does itself."""


class Request(NamedTuple):
    """One request, before it is known where it goes and who signs it.

    Args:
        form: How its operation is written.
        operation: Its name.
        bucket: Where.
        key: Percent-encoded, as it stands in the path.
        query: In the canonical form of signatures.
        headers: Those that the parameters ask for.
        body: The bytes, in a buffer of the caller's.
    """

    form: Form
    operation: str
    bucket: str
    key: str
    query: str
    headers: dict[str, str]
    body: Buffer = b""

    @property
    def target(self) -> str:
        """The query as it is sent: a flag has no `=`, which only signatures want."""
        flag = self.form.flag
        return self.query if not flag or "=" in flag else self.query.replace(f"{flag}=", flag, 1)

    @property
    def repeatable(self) -> bool:
        """Whether doing it twice is the same as once: with a condition it is not, once the first made it untrue."""
        conditional = "if-match" in self.headers or "if-none-match" in self.headers
        return self.form.repeatable and not (conditional and self.form.method not in ("GET", "HEAD"))


def write(operation: str, bucket: str, key: str, parameters: Mapping[str, Any]) -> Request:
    """Write an operation as a request.

    Args:
        operation: One of `FORMS`.
        bucket: The bucket.
        key: The key, as it is.
        parameters: boto3's.

    Raises:
        StepAside: botocore knows better what to do with this.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
    """
    form = FORMS[operation]
    if not _is_usual(bucket):
        raise StepAside(f"a bucket of a special kind: {bucket}")
    if form.key != bool(key) or not form.takes.issuperset(parameters):
        raise StepAside(f"{operation} with parameters that are not known here")
    headers: dict[str, str] = {}
    queries = [form.flag if "=" in form.flag else f"{form.flag}="] if form.flag else []
    body: Buffer = b""
    try:
        for name, value in parameters.items():
            if name in _QUERIES:
                queries.append(f"{_QUERIES[name]}={quote(str(value), safe='-_.~')}")
            elif name in _HEADERS:
                headers[_HEADERS[name]] = _plain(_WRITERS[name](value) if name in _WRITERS else value)
            elif name == "Metadata":
                headers.update({f"x-amz-meta-{_token(each).lower()}": _plain(value[each]) for each in value})
            elif form.body is not None and name == form.body[0]:
                body = form.body[1](value)
            else:
                body = _buffer(value)
        queries.sort()
        return Request(form, operation, bucket, quote(key, safe="/~"), "&".join(queries), headers, body)
    except (UnicodeEncodeError, KeyError, TypeError) as error:
        raise StepAside(f"{operation} with a value of an odd kind") from error


@lru_cache(maxsize=1024)
def _is_usual(bucket: str) -> bool:
    return _BUCKET.fullmatch(bucket) is not None and not bucket.endswith("-s3")  # `--x-s3` and others that end so


def _plain(value: Any) -> str:
    """Let plain text through as the value of a header, where a line break would end it."""
    if not (isinstance(value, str) and value.isascii() and value.isprintable()):
        raise StepAside("a header that is not plain text")
    return value


def _token(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name):
        raise StepAside("a name that is none of a header")
    return name


def _buffer(body: Any) -> Buffer:
    """Give a view of a body's bytes, without a copy."""
    if isinstance(body, bytes):
        return body
    view = memoryview(body)
    return view if view.format == "B" and view.ndim == 1 else view.cast("B")


def _copy_source(source: Any) -> str:
    if not isinstance(source, Mapping) or not _BUCKET.fullmatch(source["Bucket"]):
        raise StepAside("a source of a special kind")
    version = source.get("VersionId")
    path = quote(f"{source['Bucket']}/{source['Key']}", safe="/~")
    return path if version is None else f"{path}?versionId={version}"


def _flag(value: Any) -> str:
    return "true" if value else "false"


def _date(value: Any) -> str:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise StepAside("a time in words")
    return date_text(value)


_WRITERS: dict[str, Callable[[Any], str]] = {"CopySource": _copy_source, "BucketKeyEnabled": _flag, "Expires": _date}
