"""What a case may need of an S3 server beyond the plainest, and the question that finds out whether a server can."""

from __future__ import annotations

import contextlib
import hashlib
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from servers import Server, empty

NO_ETAG = '"0123456789abcdef0123456789abcdef"'
Question = Callable[[Any, str], str]
"""Asks one thing of a server, in a bucket of its own; gives what the server did instead, or nothing if it can."""

CAPABILITIES: dict[str, Question] = {}


def capability(ask: Question) -> Question:
    """Enter a question under its own name; the first line of its docstring is what the server must be able to do."""
    CAPABILITIES[ask.__name__] = ask
    return ask


def refused(call: Callable[[], Any]) -> str:
    """Give the code with which a call was refused; nothing if it was not."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def keys(client: Any, bucket: str, **asked: Any) -> list[str]:
    """List keys by plain boto3."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, **asked)
    return [row["Key"] for page in pages for row in page.get("Contents", [])]


def kept(client: Any, bucket: str, *names: str) -> str:
    """Write keys, and give what is wrong with reading and listing them."""
    for name in names:
        client.put_object(Bucket=bucket, Key=name, Body=name.encode())
    for name in names:
        body = client.get_object(Bucket=bucket, Key=name)["Body"].read()
        if body != name.encode():
            return f"{name!r} holds {body[:40]!r} instead of what was written to it"
    listed = keys(client, bucket)
    if sorted(listed) != sorted(names):
        return f"after writing {sorted(names)!r} it lists {listed!r}"
    for name in names:
        client.delete_object(Bucket=bucket, Key=name)
    listed = keys(client, bucket)
    return f"after deleting everything it lists {listed!r}" if listed else ""


@capability
def conditional_writes(client: Any, bucket: str) -> str:
    """Writes by If-None-Match and If-Match happen only when the condition holds."""
    first = client.put_object(Bucket=bucket, Key="k", Body=b"1", IfNoneMatch="*")["ETag"]
    if not refused(lambda: client.put_object(Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*")):
        return "PutObject with If-None-Match replaced an object"
    client.put_object(Bucket=bucket, Key="k", Body=b"3", IfMatch=first)
    if not refused(lambda: client.put_object(Bucket=bucket, Key="k", Body=b"4", IfMatch=first)):
        return "PutObject with the If-Match of an older object replaced the newer one"
    return ""


@capability
def checked_bodies(client: Any, bucket: str) -> str:
    """A body that differs from the checksum that came with it is refused."""
    wrong = {"Bucket": bucket, "Key": "k", "Body": b"body", "ChecksumCRC32": "AAAAAA=="}
    return "" if refused(lambda: client.put_object(**wrong)) else "it took a body with the checksum of another one"


@capability
def conditional_completion(client: Any, bucket: str) -> str:
    """CompleteMultipartUpload by If-None-Match happens only when the condition holds."""
    client.put_object(Bucket=bucket, Key="k", Body=b"1")
    return _completed_anyway(client, bucket, {"IfNoneMatch": "*"})


@capability
def conditional_completion_by_etag(client: Any, bucket: str) -> str:
    """CompleteMultipartUpload by If-Match happens only when the condition holds."""
    client.put_object(Bucket=bucket, Key="k", Body=b"1")
    return _completed_anyway(client, bucket, {"IfMatch": NO_ETAG})


def _completed_anyway(client: Any, bucket: str, condition: dict[str, str]) -> str:
    upload = client.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    etag = client.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"2")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    asked = {"Bucket": bucket, "Key": "k", "UploadId": upload, "MultipartUpload": parts, **condition}
    if refused(lambda: client.complete_multipart_upload(**asked)):
        return ""
    return f"CompleteMultipartUpload with {next(iter(condition))} replaced an object"


@capability
def conditional_reads(client: Any, bucket: str) -> str:
    """GetObject by If-Match gives only that object."""
    old = client.put_object(Bucket=bucket, Key="k", Body=b"1")["ETag"]
    client.put_object(Bucket=bucket, Key="k", Body=b"2")
    if not refused(lambda: client.get_object(Bucket=bucket, Key="k", IfMatch=old)):
        return "GetObject with the If-Match of an older object gave the newer one"
    return ""


@capability
def conditional_copies(client: Any, bucket: str) -> str:
    """CopyObject by CopySourceIfMatch copies only that object."""
    client.put_object(Bucket=bucket, Key="k", Body=b"1")
    asked = {"Bucket": bucket, "Key": "new", "CopySource": {"Bucket": bucket, "Key": "k"}}
    if not refused(lambda: client.copy_object(**asked, CopySourceIfMatch=NO_ETAG)):
        return "CopyObject with another object's CopySourceIfMatch copied"
    return ""


@capability
def conditional_codes(client: Any, bucket: str) -> str:
    """A condition that does not hold is refused as PreconditionFailed."""
    client.put_object(Bucket=bucket, Key="k", Body=b"1")
    code = refused(lambda: client.put_object(Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*"))
    return "" if code in ("PreconditionFailed", "412") else f"it answers {code or 'as if it held'}"


@capability
def file_and_directory(client: Any, bucket: str) -> str:
    """An object and a prefix may bear one name."""
    return kept(client, bucket, "both", "both/below")


@capability
def empty_segments(client: Any, bucket: str) -> str:
    """Keys may have empty segments."""
    return kept(client, bucket, "a//b", "a/b") or kept(client, bucket, "/a")


@capability
def dot_segments(client: Any, bucket: str) -> str:
    """`.` and `..` are names like any other."""
    return kept(client, bucket, "a/../b", "b") or kept(client, bucket, ".", "..")


@capability
def line_breaks(client: Any, bucket: str) -> str:
    """Keys may have line breaks and tabs."""
    return kept(client, bucket, "a\nb") or kept(client, bucket, "a\rb") or kept(client, bucket, "a\tb")


@capability
def control_characters(client: Any, bucket: str) -> str:
    """Keys may have control characters."""
    return kept(client, bucket, "a\x01b\x1f") or kept(client, bucket, "a\x7fb")


@capability
def backslashes(client: Any, bucket: str) -> str:
    """A backslash is a character like any other."""
    return kept(client, bucket, "a\\b", "a/b")


@capability
def outer_spaces(client: Any, bucket: str) -> str:
    """Keys may begin and end with spaces."""
    return kept(client, bucket, " lead", "trail ")


@capability
def percent_and_plus(client: Any, bucket: str) -> str:
    """`%`, `+`, `?`, `#` and `&` in keys stand for themselves, also as the source of a copy."""
    names = ("a%20b", "%2F", "a+b c", "a?b#c", "a&<>\"'b")
    for name in names:
        client.put_object(Bucket=bucket, Key="from/" + name, Body=b"x")
        client.copy_object(Bucket=bucket, Key="to/" + name, CopySource={"Bucket": bucket, "Key": "from/" + name})
    listed = keys(client, bucket, Prefix="to/")
    wanted = sorted("to/" + name for name in names)
    return "" if sorted(listed) == wanted else f"after copying to {wanted!r} it lists {listed!r}"


@capability
def long_names(client: Any, bucket: str) -> str:
    """A segment may be as long as a key: 1,024 bytes."""
    name = "k" * 1024
    code = refused(lambda: client.put_object(Bucket=bucket, Key=name, Body=b"x"))
    if code:
        return f"it answers {code} to a key of 1,024 bytes"
    return "" if keys(client, bucket) == [name] else "it does not list a key of 1,024 bytes"


@capability
def too_long_keys(client: Any, bucket: str) -> str:
    """A key of more than 1,024 bytes is refused."""
    code = refused(lambda: client.put_object(Bucket=bucket, Key="/".join(["k" * 100] * 11), Body=b"x"))
    return "" if code else "it took a key of 1,110 bytes"


@capability
def byte_order(client: Any, bucket: str) -> str:
    """A listing is in the order of the keys' bytes."""
    names = ["B", "a", "a-b/x", "a.txt", "a/x", "a/y", "z", "é", "ﬀ", "😀"]
    for name in reversed(names):
        client.put_object(Bucket=bucket, Key=name, Body=b"")
    listed = keys(client, bucket)
    return "" if listed == names else f"it lists {listed!r} instead of {names!r}"


@capability
def marker_bytes(client: Any, bucket: str) -> str:
    """A key may end with a slash, and holds what was written to it."""
    return kept(client, bucket, "d/", "d/e/", "d/f")


@capability
def marker_beside_object(client: Any, bucket: str) -> str:
    """A marker does not take the place of the object of the same name."""
    client.put_object(Bucket=bucket, Key="d", Body=b"x")
    client.put_object(Bucket=bucket, Key="d/f", Body=b"x")
    code = refused(lambda: client.put_object(Bucket=bucket, Key="d/", Body=b""))
    if code:
        return f"it answers {code} to writing 'd/' beside 'd'"
    listed = keys(client, bucket)
    return "" if listed == ["d", "d/", "d/f"] else f"after writing 'd', 'd/f' and 'd/' it lists {listed!r}"


@capability
def markers_outlive(client: Any, bucket: str) -> str:
    """A marker stays when the last key below it is deleted."""
    client.put_object(Bucket=bucket, Key="d/", Body=b"")
    client.put_object(Bucket=bucket, Key="d/f", Body=b"x")
    client.delete_object(Bucket=bucket, Key="d/f")
    # Servers on directories clean up in the background, some seconds later.
    end = time.monotonic() + 2
    while time.monotonic() < end:
        if keys(client, bucket) != ["d/"]:
            return f"after deleting the last key below d/ it lists {keys(client, bucket)!r}"
        time.sleep(0.5)
    return ""


@capability
def flat_namespace(client: Any, bucket: str) -> str:
    """A prefix is gone when its last key is deleted."""
    client.put_object(Bucket=bucket, Key="d/e/f", Body=b"x")
    client.delete_object(Bucket=bucket, Key="d/e/f")
    for asked in ({"Delimiter": "/"}, {}, {"Prefix": "d", "Delimiter": "/"}, {"Prefix": "d/"}):
        page = client.list_objects_v2(Bucket=bucket, **asked)
        found = [row["Key"] for row in page.get("Contents", [])]
        found += [row["Prefix"] for row in page.get("CommonPrefixes", [])]
        if found:
            return f"after deleting the only key, d/e/f, a listing by {asked!r} gives {found!r}"
    return ""


@capability
def pages_of_listings(client: Any, bucket: str) -> str:
    """Listings come in pages of the size that is asked for, keys and prefixes together, and lead on to the next."""
    for number in range(7):
        client.put_object(Bucket=bucket, Key=f"k{number}", Body=b"")
        client.put_object(Bucket=bucket, Key=f"d{number}/x", Body=b"")
    config = {"PageSize": 5}
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Delimiter="/", PaginationConfig=config)
    sizes = [len(page.get("Contents", [])) + len(page.get("CommonPrefixes", [])) for page in pages]
    return "" if sizes == [5, 5, 4] else f"14 names by fives came in pages of {sizes}"


@capability
def start_after(client: Any, bucket: str) -> str:
    """A listing from any place on gives every key whose bytes sort after it."""
    names = sorted(f"{number}{more}" for number in range(3) for more in ("", "-/k", "/k"))
    for name in names:
        client.put_object(Bucket=bucket, Key=name, Body=b"")
    for after in ("0", "0-", "0/", "1", "1-", "1-/k", "1/k", "2"):
        lost = {name for name in names if name > after} - {*keys(client, bucket, StartAfter=after)}
        if lost:
            return f"a listing from {after!r} on leaves out {sorted(lost)!r}"
    return ""


@capability
def md5_etags(client: Any, bucket: str) -> str:
    """The ETag of a plain object is its MD5, and that of parts ends with their number."""
    etag = client.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    if etag != f'"{hashlib.md5(b"x").hexdigest()}"':
        return f"the ETag of b'x' is {etag}"
    upload = client.create_multipart_upload(Bucket=bucket, Key="p")["UploadId"]
    part = client.upload_part(Bucket=bucket, Key="p", UploadId=upload, PartNumber=1, Body=b"2")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": part}]}
    client.complete_multipart_upload(Bucket=bucket, Key="p", UploadId=upload, MultipartUpload=parts)
    etag = client.head_object(Bucket=bucket, Key="p")["ETag"]
    return "" if etag.endswith('-1"') else f"the ETag of one part is {etag}"


@capability
def checked_parts(client: Any, bucket: str) -> str:
    """An upload is refused when a part is missing or too small."""
    upload = client.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    parts = [
        {
            "PartNumber": number,
            "ETag": client.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=number, Body=b"x")["ETag"],
        }
        for number in (1, 2)
    ]
    wrong = [{"PartNumber": 1, "ETag": NO_ETAG}]
    for given, needed in ((wrong, "InvalidPart"), (parts, "EntityTooSmall")):
        code = refused(
            lambda given=given: client.complete_multipart_upload(
                Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": given}
            )
        )
        if code != needed:
            return f"it answers {code or 'as if all were well'} instead of {needed}"
    return ""


@capability
def listed_uploads(client: Any, bucket: str) -> str:
    """ListMultipartUploads names what was begun and not ended, and nothing else."""
    upload = client.create_multipart_upload(Bucket=bucket, Key="d/k")["UploadId"]
    found = [row["Key"] for row in client.list_multipart_uploads(Bucket=bucket).get("Uploads", [])]
    client.abort_multipart_upload(Bucket=bucket, Key="d/k", UploadId=upload)
    left = [row["Key"] for row in client.list_multipart_uploads(Bucket=bucket).get("Uploads", [])]
    return "" if (found, left) == (["d/k"], []) else f"it named {found!r} while one was open, and {left!r} afterwards"


@capability
def unknown_uploads(client: Any, bucket: str) -> str:
    """An upload that was aborted is refused as NoSuchUpload."""
    upload = client.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    client.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)
    code = refused(lambda: client.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"x"))
    return "" if code == "NoSuchUpload" else f"it answers {code or 'as if it were open'} to a part of an aborted upload"


@capability
def part_copies(client: Any, bucket: str) -> str:
    """UploadPartCopy takes a range of another object."""
    client.put_object(Bucket=bucket, Key="source", Body=b"0123456789")
    upload = client.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    part = client.upload_part_copy(
        Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, CopySourceRange="bytes=2-4",
        CopySource={"Bucket": bucket, "Key": "source"},
    )["CopyPartResult"]["ETag"]  # fmt: skip
    parts = {"Parts": [{"PartNumber": 1, "ETag": part}]}
    client.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload=parts)
    body = client.get_object(Bucket=bucket, Key="k")["Body"].read()
    return "" if body == b"234" else f"the bytes 2 to 4 of 0123456789 came as {body!r}"


@capability
def metadata(client: Any, bucket: str) -> str:
    """Metadata and content type are kept, and go with a copy."""
    client.put_object(Bucket=bucket, Key="k", Body=b"x", Metadata={"colour": "red"}, ContentType="text/x-test")
    client.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "k"})
    for name in ("k", "copy"):
        head = client.head_object(Bucket=bucket, Key=name)
        if (head["Metadata"], head["ContentType"]) != ({"colour": "red"}, "text/x-test"):
            return f"{name} has {head['Metadata']!r} and {head['ContentType']!r}"
    return ""


@capability
def empty_metadata(client: Any, bucket: str) -> str:
    """Metadata may have empty values."""
    client.put_object(Bucket=bucket, Key="k", Body=b"x", Metadata={"full": "1", "empty": ""})
    found = client.head_object(Bucket=bucket, Key="k")["Metadata"]
    return "" if found == {"full": "1", "empty": ""} else f"it keeps {found!r}"


@capability
def metadata_replaced(client: Any, bucket: str) -> str:
    """A copy onto itself with MetadataDirective=REPLACE changes only what is given."""
    client.put_object(Bucket=bucket, Key="k", Body=b"bytes", Metadata={"x": "1"}, ContentType="text/css")
    given = {"Metadata": {"x": "1"}, "ContentType": "text/css", "MetadataDirective": "REPLACE"}
    client.copy_object(Bucket=bucket, Key="k", CopySource={"Bucket": bucket, "Key": "k"}, **given)
    answer = client.get_object(Bucket=bucket, Key="k")
    found = answer["Body"].read(), answer["Metadata"], answer["ContentType"]
    return "" if found == (b"bytes", {"x": "1"}, "text/css") else f"it left {found!r}"


@capability
def default_content_type(client: Any, bucket: str) -> str:
    """An object written without a content type is binary/octet-stream, whatever its bytes and its name."""
    client.put_object(Bucket=bucket, Key="k", Body=b"x")
    found = client.head_object(Bucket=bucket, Key="k")["ContentType"]
    return "" if found == "binary/octet-stream" else f"it says {found!r}"


@capability
def tags_on_write(client: Any, bucket: str) -> str:
    """Tags given with an object or with an upload in parts are kept, also empty ones."""
    client.put_object(Bucket=bucket, Key="plain", Body=b"x", Tagging="a=b%20c&none=")
    upload = client.create_multipart_upload(Bucket=bucket, Key="parts", Tagging="a=b%20c&none=")["UploadId"]
    part = client.upload_part(Bucket=bucket, Key="parts", UploadId=upload, PartNumber=1, Body=b"2")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": part}]}
    client.complete_multipart_upload(Bucket=bucket, Key="parts", UploadId=upload, MultipartUpload=parts)
    for name in ("plain", "parts"):
        rows = client.get_object_tagging(Bucket=bucket, Key=name)["TagSet"]
        if {row["Key"]: row["Value"] for row in rows} != {"a": "b c", "none": ""}:
            return f"the object written {name} has the tags {rows!r}"
    return ""


@capability
def tags_of_versions(client: Any, bucket: str) -> str:
    """The tags of an old version can be read, also when the object is deleted."""
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = client.put_object(Bucket=bucket, Key="k", Body=b"1", Tagging="a=1")["VersionId"]
    client.put_object(Bucket=bucket, Key="k", Body=b"2", Tagging="a=2")
    client.delete_object(Bucket=bucket, Key="k")
    code = refused(lambda: client.get_object_tagging(Bucket=bucket, Key="k", VersionId=version))
    if code:
        return f"it answers {code} to GetObjectTagging with the id of a version"
    rows = client.get_object_tagging(Bucket=bucket, Key="k", VersionId=version)["TagSet"]
    return "" if rows == [{"Key": "a", "Value": "1"}] else f"it says {rows!r}"


@capability
def deletion_markers(client: Any, bucket: str) -> str:
    """HeadObject with the id of a deletion marker is refused as 405, which tells it from what is not there."""
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    client.put_object(Bucket=bucket, Key="k", Body=b"1")
    version = client.delete_object(Bucket=bucket, Key="k")["VersionId"]
    code = refused(lambda: client.head_object(Bucket=bucket, Key="k", VersionId=version))
    return "" if code in ("405", "MethodNotAllowed") else f"it answers {code or 'as if there were an object'}"


@capability
def encryption(client: Any, bucket: str) -> str:
    """Objects can be encrypted with AES256, and say so."""
    code = refused(lambda: client.put_object(Bucket=bucket, Key="k", Body=b"1", ServerSideEncryption="AES256"))
    if code:
        return f"it answers {code}"
    found = client.head_object(Bucket=bucket, Key="k").get("ServerSideEncryption")
    return "" if found == "AES256" else f"it says {found!r}"


@capability
def presigned_urls(client: Any, bucket: str) -> str:
    """A presigned URL can be read without credentials."""
    client.put_object(Bucket=bucket, Key="k ü+%", Body=b"hello")
    url = client.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k ü+%"})
    try:
        with urllib.request.urlopen(url) as answer:
            return "" if answer.read() == b"hello" else "it gives other bytes"
    except urllib.error.HTTPError as error:
        return f"it answers {error.code}"


@capability
def storage_class(client: Any, bucket: str) -> str:
    """A listing tells the storage class."""
    client.put_object(Bucket=bucket, Key="k", Body=b"x")
    found = client.list_objects_v2(Bucket=bucket)["Contents"][0].get("StorageClass")
    return "" if found == "STANDARD" else f"it lists {found!r}"


@capability
def buckets_by_name(client: Any, bucket: str) -> str:
    """Making a bucket that exists, and removing one with objects in it, are refused by S3's codes."""
    client.put_object(Bucket=bucket, Key="k", Body=b"x")
    code = refused(lambda: client.delete_bucket(Bucket=bucket))
    if code != "BucketNotEmpty":
        return f"it answers {code or 'that it did'} to removing a bucket with an object in it"
    missing = f"missing-{uuid.uuid4().hex[:12]}"
    asked: tuple[tuple[str, Callable[[], Any]], ...] = (
        ("ListObjectsV2", lambda: client.list_objects_v2(Bucket=missing)),
        ("GetObject", lambda: client.get_object(Bucket=missing, Key="k")),
        ("PutObject", lambda: client.put_object(Bucket=missing, Key="k", Body=b"")),
        ("DeleteObject", lambda: client.delete_object(Bucket=missing, Key="k")),
        ("CreateMultipartUpload", lambda: client.create_multipart_upload(Bucket=missing, Key="k")),
        ("DeleteBucket", lambda: client.delete_bucket(Bucket=missing)),
    )
    for name, call in asked:
        code = refused(call)
        if code != "NoSuchBucket":
            return f"it answers {code or 'as if it were there'} to {name} in a bucket that is not there"
    return ""


@capability
def missing_sources(client: Any, bucket: str) -> str:
    """A copy of what is not there is refused as NoSuchKey."""
    code = refused(lambda: client.copy_object(Bucket=bucket, Key="new", CopySource={"Bucket": bucket, "Key": "k"}))
    return "" if code == "NoSuchKey" else f"it answers {code or 'as if it were there'}"


@capability
def ranges_past_the_end(client: Any, bucket: str) -> str:
    """A range that begins past the end is refused as InvalidRange."""
    client.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    code = refused(lambda: client.get_object(Bucket=bucket, Key="k", Range="bytes=10-"))
    return "" if code in ("InvalidRange", "416") else f"it answers {code or 'as if there were bytes'}"


@contextlib.contextmanager
def a_bucket(client: Any) -> Iterator[str]:
    """Make a bucket for one question and remove it, as far as the server lets one."""
    name = f"can-it-{uuid.uuid4().hex[:12]}"
    client.create_bucket(Bucket=name)
    yield name
    with contextlib.suppress(ClientError, BotoCoreError):
        empty(client, name)
        client.delete_bucket(Bucket=name)


def lacks(server: Server) -> dict[str, str]:
    """Ask a server everything; gives what it can't do, each with what it did instead."""
    client = server.client(retries={"total_max_attempts": 1})
    found = {}
    for name, ask in CAPABILITIES.items():
        with a_bucket(client) as bucket:
            try:
                wrong = ask(client, bucket)
            except (ClientError, BotoCoreError) as error:
                wrong = f"it refused: {error}"
        if wrong:
            found[name] = wrong
    client.close()
    return found
