"""Patterns, against `PurePath` of the running Python where that is the model."""

from __future__ import annotations

import pathlib
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tfm import Path, S3PathImpl
from tfm.errors import UnsupportedOperation
from tfm.patterns import (
    Matcher,
    below_only,
    full_match,
    glob_segments,
    pattern_parts,
    right_match,
    segments_match,
)

# Left out are `***` and `[!a]`, which stand for the root as well in the standard library.
SEGMENTS = st.sampled_from(["a", "b", "A", "ab", "*", "a*", "?", "[ab]", "**", "a**"])
NAMES = st.lists(st.sampled_from(["a", "b", "A", "ab", ".a", "[ab]"]), max_size=4)
PATTERNS = st.builds(
    lambda root, parts: root + "/".join(parts), st.sampled_from(["", "/"]), st.lists(SEGMENTS, max_size=4)
)


@pytest.mark.skipif(sys.version_info < (3, 13), reason="the pathlib of Python 3.13 is the model")
@settings(max_examples=500, deadline=None)
@given(NAMES, st.booleans(), PATTERNS, st.booleans())
@example(["a"], True, "**/a", True)
@example(["a"], False, "a/**", True)
@example([], True, "/**", True)
def test_same_as_pathlib(names: list[str], rooted: bool, pattern: str, case_sensitive: bool) -> None:
    path = pathlib.PurePosixPath("/" if rooted else "", *names)
    parts = pattern_parts(pattern)
    expected = path.full_match(pattern, case_sensitive=case_sensitive)  # type: ignore[attr-defined]
    assert full_match(path.parts, parts, case_sensitive) == expected
    if parts:
        expected = path.match(pattern, case_sensitive=case_sensitive)  # type: ignore[call-arg]
        assert right_match(path.parts, parts, case_sensitive) == expected


@given(NAMES, PATTERNS)
def test_an_s3_path_matches_as_one_below_a_directory(names: list[str], pattern: str) -> None:
    path = S3PathImpl("s3://bucket", *names)
    uri = "s3://bucket/" + pattern.lstrip("/")
    assert path.full_match(uri) == full_match(["bucket", *names], ["bucket", *pattern_parts(pattern.lstrip("/"))], True)
    assert path.full_match("**")
    assert path.full_match("s3://bucket/**") == bool(names)


@given(
    st.lists(
        st.tuples(st.sampled_from([None, "", "a", "a/", "a/b", "ab", "/"]), st.sampled_from(["", "a", "B", "a\n"]))
    ),
    st.lists(SEGMENTS, max_size=4),
    st.booleans(),
)
def test_a_matcher_tells_the_same_of_one_name_after_the_other(
    names: list[tuple[str | None, str]], pattern: list[str], case_sensitive: bool
) -> None:
    every, below = Matcher(pattern, case_sensitive), Matcher(below_only(pattern), case_sensitive)
    for directory, name in names:
        parts = [name] if directory is None else [*directory.split("/"), name]
        assert every(directory, name) == segments_match(parts, pattern, case_sensitive)
        assert below(directory, name) == full_match(parts, pattern, case_sensitive)


def test_parts_of_a_uri() -> None:
    assert pattern_parts("S3://Place@bucket/*//b") == ["s3://Place@", "bucket", "*", "b"]
    assert pattern_parts("a/s3://b") == ["a", "s3:", "b"]
    assert pattern_parts(pathlib.PurePosixPath("/a")) == ["/", "a"]


def test_segments_of_a_glob() -> None:
    assert glob_segments("a/./*//b/") == (["a", "*", "b"], True)
    assert glob_segments(".") == ([], False)
    with pytest.raises(ValueError, match="Unacceptable"):
        glob_segments("")
    for absolute in ("/a", "s3://bucket/*"):
        with pytest.raises(UnsupportedOperation, match="relative"):
            glob_segments(absolute)


def test_what_is_no_pattern() -> None:
    for wrong in (None, 1, b"a", ["a"]):
        for path in (Path("a"), Path("s3://bucket/a")):
            with pytest.raises(TypeError):
                path.full_match(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Path("s3://bucket/a").match(None)  # type: ignore[arg-type]
