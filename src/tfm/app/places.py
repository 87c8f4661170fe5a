"""Paths that are typed, and the way that bytes take between two places."""

from __future__ import annotations

import os

from tfm.errors import InvalidPathError
from tfm.path import Path
from tfm.uri import scheme_of


def target_path(text: str, base: Path) -> Path:
    """The path that a typed text means: absolute, a URI, below the home directory, or below a directory.

    Args:
        text: What was typed.
        base: What a relative text starts from.

    Raises:
        InvalidPathError: It can't be a path.
    """
    if not text:
        raise InvalidPathError("The path is empty: type a directory, such as /tmp or s3://bucket/prefix.")
    if text == "~" or text.startswith("~/"):
        text = os.path.expanduser(text)
    check_uri(text)
    path = Path(text)
    return path if path.is_absolute() else base / path


def check_uri(text: str) -> None:
    """Raise when a text was meant as a URI and is not a right one.

    Args:
        text: What was typed or given on the command line.

    Raises:
        InvalidPathError: The scheme has not exactly two slashes, or the place, the bucket or the key is wrong.
    """
    scheme, slashes = scheme_of(text)
    if scheme == "s3" and slashes < 2:
        rest = text.partition(":")[2].lstrip("/")
        raise InvalidPathError(f"{text!r} has {slashes} slashes behind 's3:' where two belong: write s3://{rest}.")
    Path(text)


def way(source: Path, into: Path, *, move: bool) -> str:
    """Which way the bytes take, in words; may ask the disks whether they are the same, so not for the screen's thread.

    Args:
        source: The directory that is copied from.
        into: The directory that is written into.
        move: Whether the sources go afterwards.
    """
    from_server, to_server = source.capabilities.server_copy, into.capabilities.server_copy
    if from_server and to_server:
        if source.same_storage(into):
            text = "Server-side: the bytes stay in S3."
        else:
            text = "Streamed from S3 to S3 through this machine's memory; nothing is stored here."
    elif from_server or to_server:
        text = "Download from S3 to this machine." if from_server else "Upload from this machine to S3."
    elif move and source.same_storage(into):
        return "Renamed on the same disk: no bytes move."
    else:
        text = "On this machine."
    return f"{text} Each source goes once its copy is verified." if move else text
