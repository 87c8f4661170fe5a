"""URIs as text: which parts they have, and whether they can be right. Pure: nothing here looks anywhere.

A path of S3 is kept as one string. An absolute one begins with its *anchor*, `s3://` or `s3://place@`, and goes on with
bucket and key, nothing decoded, nothing normalised. A relative one, as `relative_to` makes it, begins with `./`, which
no absolute one does.
"""

from __future__ import annotations

import re

from tfm.errors import InvalidPathError

RELATIVE = "./"
"""What a relative path begins with inside; it is never printed."""

# S3 also wants three characters at least; names in examples are shorter, and a server will say so anyway.
_BUCKET = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?")
_WELL_FORMED = re.compile(rf"[a-z][a-z0-9+.-]*://(?:[A-Za-z0-9_+=,.:-]+@)?{_BUCKET.pattern}(?:/|\Z)")
_PLACE = re.compile(r"[A-Za-z0-9_+=,.:-]+")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(/*)")

WELL_FORMED_KEPT = 1000
"""Anchors with buckets that are remembered as right, so that many paths of one bucket are checked once."""
_well_formed: set[str] = set()


def scheme_of(text: str) -> tuple[str, int]:
    """Give the scheme that a text begins with, in lower case, and the number of slashes behind its colon.

    Args:
        text: Any text; one without a scheme gives `("", 0)`.

    Source: https://www.rfc-editor.org/rfc/rfc3986#section-3.1
    """
    match = _SCHEME.match(text)
    return (match[1].lower(), len(match[2])) if match else ("", 0)


def anchor_length(uri: str) -> int:
    """Count the characters of the anchor: everything before the bucket.

    Args:
        uri: A path as it is kept inside.
    """
    if uri.startswith(RELATIVE):
        return len(RELATIVE)
    start = uri.index("://") + 3
    at = uri.find("@", start)
    if at == -1:
        return start
    slash = uri.find("/", start)
    return at + 1 if slash == -1 or at < slash else start


def parse(text: str) -> str:
    """Turn the text of an absolute URI into the form that is kept: one trailing slash dropped, names checked.

    Args:
        text: A URI with a scheme, such as `s3://bucket/key`.

    Raises:
        InvalidPathError: The place or the bucket can't be one, or there is a key without a bucket.
    """
    end = text.find("/", text.find("://") + 3)
    if end != -1 and text[:end] in _well_formed:
        return text.removesuffix("/")
    if _WELL_FORMED.match(text) and ".." not in text:
        if end != -1:
            if len(_well_formed) >= WELL_FORMED_KEPT:
                _well_formed.clear()
            _well_formed.add(text[:end])
        return text.removesuffix("/")
    scheme, colon, rest = text.partition("://")
    uri = scheme.lower() + colon + rest
    start = anchor_length(uri)
    place = uri[len(scheme) + 3 : start - 1]
    if start > len(scheme) + 3 and not _PLACE.fullmatch(place):
        raise InvalidPathError(f"{text!r} names no place before '@': write s3://place@bucket/key or s3://bucket/key.")
    bucket, slash, key = uri[start:].partition("/")
    if bucket:
        check_bucket(bucket, text)
    elif key:
        raise InvalidPathError(f"{text!r} has a key but no bucket: write {scheme.lower()}://BUCKET/{key.lstrip('/')}.")
    return uri[:-1] if slash and uri.endswith("/") else uri


def check_bucket(bucket: str, text: str) -> None:
    """Raise unless a bucket of this name may exist.

    Args:
        bucket: The name.
        text: The whole path, for the message.

    Raises:
        InvalidPathError: The name breaks S3's rules.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    """
    if not _BUCKET.fullmatch(bucket) or ".." in bucket:
        raise InvalidPathError(
            f"{text!r}: {bucket!r} can't be the name of a bucket, which has at most 63 characters out of a-z, 0-9, "
            "'.' and '-', and begins and ends with a letter or digit."
        )


def printed(uri: str) -> str:
    """Give the text of a path: what `parse` turns back into the same path.

    Args:
        uri: A path as it is kept inside.
    """
    if uri.startswith(RELATIVE):
        return uri[len(RELATIVE) :] or "."
    # An empty last segment prints its slash and the one that `parse` drops.
    return uri + "/" if uri.endswith("/") and len(uri) > anchor_length(uri) else uri
