"""`os.path` on URIs against `posixpath` itself: what holds below a mount point holds below a bucket."""

from __future__ import annotations

import posixpath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfm.dropin import names

REST = st.text("ab./ ", max_size=12).map(lambda text: "/" + text)
MOUNT = "s3://bkt"


def local(text: str) -> str:
    """Give the local name that a URI of the bucket stands for."""
    return text.removeprefix(MOUNT) or "/"


@given(REST, st.lists(st.text("ab./", max_size=5), max_size=3))
def test_join(rest: str, more: list[str]) -> None:
    assert names.join(MOUNT + rest, *more) == MOUNT + posixpath.join(rest, *more)


@given(REST)
def test_split_joins_again(rest: str) -> None:
    head, tail = names.split(MOUNT + rest)
    assert tail == posixpath.split(rest)[1] == names.basename(MOUNT + rest)
    assert head == names.dirname(MOUNT + rest)
    assert local(head).rstrip("/") == posixpath.split(rest)[0].rstrip("/")


@given(REST)
def test_splitext(rest: str) -> None:
    root, suffix = posixpath.splitext(rest)
    assert names.splitext(MOUNT + rest) == (MOUNT + root, suffix)


@given(REST)
def test_normpath(rest: str) -> None:
    assert local(names.normpath(MOUNT + rest)) == posixpath.normpath("/" + rest.lstrip("/"))


@given(REST, REST)
def test_relpath_and_commonpath(one: str, other: str) -> None:
    assert names.relpath(MOUNT + one, MOUNT + other) == posixpath.relpath(one, other)
    assert local(names.commonpath([MOUNT + one, MOUNT + other])) == posixpath.commonpath([one, other])


@pytest.mark.parametrize(
    ("function", "argument", "result"),
    [
        (names.split, "s3://b", ("s3://", "b")),
        (names.split, "s3://b/", ("s3://b", "")),
        (names.split, "s3://b/k", ("s3://b", "k")),
        (names.split, "s3://", ("s3://", "")),
        (names.split, "s3://p@b/k", ("s3://p@b", "k")),
        (names.split, "s3://p@b", ("s3://p@", "b")),
        (names.splitdrive, "s3://p@b/k/l", ("s3://p@b", "/k/l")),
        (names.splitext, "s3://my.bucket", ("s3://my.bucket", "")),
        (names.normpath, "s3://b/../..", "s3://b"),
        (names.normpath, "s3://b", "s3://b"),
    ],
)
def test_edges(function: Any, argument: str, result: Any) -> None:
    assert function(argument) == result


def test_join_from_the_top() -> None:
    assert names.join("s3://", "b", "k") == "s3://b/k"
    assert names.join("s3://p@", "b") == "s3://p@b"
    assert names.join("s3://b", "k") == "s3://b/k"
    assert names.join("s3://b/d", "") == "s3://b/d/"
    assert names.join("x", "s3://b/d", "y", "s3://c", "z") == "s3://c/z"
