"""ETags from bytes: as S3 documents them, for the parts that programs use."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfm.operations.etags import PartedMd5, candidates, parts_in
from tfm.s3 import moving, writer
from tfm.s3.cuts import MIB, equal


def md5(data: bytes) -> bytes:
    return hashlib.md5(data).digest()


@pytest.mark.parametrize(
    ("etag", "parts"),
    [
        ('"d41d8cd98f00b204e9800998ecf8427e"', 0),
        ("d41d8cd98f00b204e9800998ecf8427e", 0),
        ('"d41d8cd98f00b204e9800998ecf8427e-12"', 12),
        ('"d41d8cd98f00b204e9800998ecf8427"', None),
        ('"d41d8cd98f00b204e9800998ecf8427e-"', None),
        ("", None),
        ('W/"d41d8cd98f00b204e9800998ecf8427e"', None),
    ],
)
def test_an_etag_tells_its_parts(etag: str, parts: int | None) -> None:
    assert parts_in(etag) == parts


@given(st.binary(min_size=1, max_size=400), st.integers(1, 60), st.lists(st.integers(1, 90), max_size=6))
def test_the_etag_of_parts_is_the_md5_of_their_md5s(data: bytes, part: int, reads: list[int]) -> None:
    digest, plain = PartedMd5(equal(len(data), part)), PartedMd5(())
    view, start = memoryview(data), 0
    for count in [*reads, len(data)]:  # however the bytes come
        digest.update(view[start : start + count])
        plain.update(view[start : start + count])
        start += count
    parts = [data[at : at + part] for at in range(0, len(data), part)]
    assert digest.etag() == f"{md5(b''.join(map(md5, parts))).hex()}-{len(parts)}"
    assert plain.etag() == md5(data).hex()


@pytest.mark.parametrize("part", [5 * MIB, 8 * MIB, 16 * MIB, 64 * MIB, 100 * MIB, 7 * MIB])
def test_the_usual_sizes_are_among_the_candidates(part: int) -> None:
    for size in (part + 1, 3 * part, 9 * part - 5):
        cuts = equal(size, part)
        if part != 7 * MIB or size == 3 * part:  # an odd size is guessed only where it is the even one
            assert cuts in candidates(size, len(cuts))


def test_our_own_ways_to_cut_are_candidates() -> None:
    size = writer.PART * (writer.GROWTH + 5)
    streamed = (writer.PART,) * writer.GROWTH + (2 * writer.PART,) * 2 + (writer.PART,)
    assert streamed in candidates(size, len(streamed))
    size = moving.LARGEST_COPY + 12_345
    copied = tuple(stop - start for start, stop in pairwise([0, *(cut[1] for cut in moving.parts_of(size))]))
    assert copied in candidates(size, len(copied))


@given(st.integers(0, 10**13), st.integers(0, 10_000))
def test_every_candidate_has_the_size_and_the_count(size: int, count: int) -> None:
    for cuts in candidates(size, count) if count < 200 else ():
        assert (sum(cuts), len(cuts)) == (size, count)
