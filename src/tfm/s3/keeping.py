"""What is stored with the bytes: keywords to `WriteOptions`, the media type by a name, and what a rewrite must keep."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tfm.s3.protocol import ObjectFacts, S3Client, WriteOptions

if TYPE_CHECKING:
    import mimetypes

KEYWORDS = tuple(name for name in WriteOptions._fields if not name.startswith("if_"))
"""What `open` and `write_bytes` of an S3 path take besides the keywords of pathlib."""

HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A token. Source: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2"""

CONTROL = re.compile(r"[\x00-\x1f\x7f]")

COMPRESSED = {
    "gzip": "application/gzip",
    "bzip2": "application/x-bzip2",
    "xz": "application/x-xz",
    "compress": "application/x-compress",
    "br": "application/x-brotli",
    "zstd": "application/zstd",
}
"""The media types of compressed files: what is stored is the compressed file, not what is in it."""


@functools.cache
def _known_types() -> mimetypes.MimeTypes:
    """Give the table of Python alone, without the machine's own, so that a name has one type everywhere."""
    import mimetypes

    known = mimetypes.MimeTypes()
    for name, kind in (
        (".parquet", "application/vnd.apache.parquet"),
        (".md", "text/markdown"),
        (".yaml", "text/yaml"),
    ):
        known.add_type(kind, name)
    known.encodings_map.setdefault(".zst", "zstd")
    return known


def media_type(name: str) -> str | None:
    """Guess the media type of a file by its name; `None` leaves it to S3, which says `binary/octet-stream`.

    Args:
        name: Such as `index.html`.

    Source: https://docs.python.org/3/library/mimetypes.html
    """
    kind, encoding = _known_types().guess_type(f"./{name.rpartition('/')[2]}")
    return kind if encoding is None else COMPRESSED.get(encoding)


def options_of(function: str, keywords: Mapping[str, Any]) -> WriteOptions:
    """Make `WriteOptions` of keywords.

    Args:
        function: The name of the function that was called, for messages.
        keywords: Some of `KEYWORDS`.

    Raises:
        TypeError: S3 has no such option, or its value is of another type.
        ValueError: A value that no request can carry.
    """
    for name, value in keywords.items():
        if name not in KEYWORDS:
            known = ", ".join(KEYWORDS)
            raise TypeError(f"{function}() got an unexpected keyword argument {name!r}; on S3 there are {known}")
        if value is None:
            continue
        if name in ("metadata", "tags"):
            _check_mapping(name, value)
        elif isinstance(value, str):
            _check_header(name, value)
        elif name not in ("bucket_key", "expires"):
            raise TypeError(f"{name} must be text, not {value!r:.100}")
    options = WriteOptions(**keywords)
    if options.kms_key is not None and options.encryption is None:
        return options._replace(encryption="aws:kms")
    return options


def _check_mapping(name: str, value: Any) -> None:
    if not isinstance(value, Mapping) or not all(isinstance(text, str) for pair in value.items() for text in pair):
        raise TypeError(f"{name} must map text to text, not {value!r:.100}")
    if name != "metadata":
        return
    for key, text in value.items():
        if not (key + text).isascii():
            raise ValueError(f"metadata {key!r} is not ASCII, as S3 wants it: encode it, e.g. by urllib.parse.quote()")
        if not HEADER_NAME.fullmatch(key):
            raise ValueError(f"metadata {key!r} can't name a header: use letters, digits, '-', '_' and '.'")
        _check_header(f"metadata {key!r}", text)


def _check_header(name: str, text: str) -> None:
    """Raise unless a header carries the text unchanged."""
    if CONTROL.search(text):
        raise ValueError(f"{name} has a control character, which no header can carry: leave it out")
    if text != text.strip(" "):
        raise ValueError(f"{name} begins or ends with a space, which is lost on the way: leave it out")


def new_object(key: str, given: WriteOptions, *, if_none_match: bool = False) -> WriteOptions:
    """Describe an object that is written anew: nothing of an old one is kept, and its name tells its media type.

    Args:
        key: The key.
        given: What it is to be.
        if_none_match: Whether it must not exist.
    """
    kind = given.content_type if given.content_type is not None else media_type(key)
    return given._replace(content_type=kind, if_none_match=if_none_match)


def overlaid(base: WriteOptions, above: WriteOptions) -> WriteOptions:
    """Take what one says, and where it says nothing what the other says.

    Args:
        base: The other one.
        above: The first one.
    """
    said: dict[str, Any] = {name: value for name, value in above._asdict().items() if value is not None}
    return base._replace(**said)


def kept(
    client: S3Client, bucket: str, facts: ObjectFacts, given: WriteOptions, version_id: str | None = None
) -> WriteOptions:
    """Describe the object that takes another's place: as that one, its tags too, save for what is given.

    Args:
        client: The client of the place.
        bucket: The bucket.
        facts: The object, by a HEAD or a GET.
        given: What is to be different.
        version_id: The object's version, when it is not the latest.
    """
    base = facts.described or WriteOptions(content_type=facts.content_type, metadata=facts.metadata)
    if facts.tag_count and given.tags is None:
        base = base._replace(tags=tags_of(client, bucket, facts.key, version_id))
    return overlaid(base, given)


def portable(options: WriteOptions) -> dict[str, Any]:
    """Give the keywords that mean the same in another place: all but encryption, whose keys are each server's own.

    Args:
        options: What is stored with an object.
    """
    local = ("encryption", "kms_key", "bucket_key", "website_redirect")
    said = {name: getattr(options, name) for name in KEYWORDS if name not in local}
    return {name: value for name, value in said.items() if value is not None}


def tags_of(client: S3Client, bucket: str, key: str, version_id: str | None = None) -> dict[str, str]:
    """Ask for the tags of an object.

    Args:
        client: The client of the place.
        bucket: The bucket.
        key: The key.
        version_id: The version; `None` is the latest.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html
    """
    more: dict[str, Any] = {} if version_id is None else {"VersionId": version_id}
    answer = client.call("get_object_tagging", Bucket=bucket, Key=key, **more)
    return {each["Key"]: each["Value"] for each in answer["TagSet"]}
