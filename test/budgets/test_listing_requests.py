"""What a recursive listing costs in requests, whatever its keys look like: counted on S3 in memory."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from tfm.s3.protocol import PAGE_SIZE
from tfm.testing import MemoryS3


def flat(count: int) -> list[str]:
    return [f"data/file-{n:08}.bin" for n in range(count)]


def tree(count: int) -> list[str]:
    return [f"data/dir-{n // 1000:04}/sub-{n // 100 % 10:02}/file-{n:06}.dat" for n in range(count)]


def dates(count: int) -> list[str]:
    return [
        f"data/{2015 + n // 137 // 360}/{1 + n // 137 // 30 % 12:02}/{1 + n // 137 % 30:02}/host-{n % 137:03}-{n:06}.gz"
        for n in range(count)
    ]


def hashes(count: int) -> list[str]:
    chance = random.Random(1)
    return [f"data/{chance.getrandbits(128):032x}" for _ in range(count)]


def words(count: int) -> list[str]:
    chance = random.Random(2)
    some = ["alpha", "beta", "gamma", "delta", "omega", "kappa", "photos", "src", "lib", "docs"]
    return [f"data/{'/'.join(chance.choices(some, k=3))}/{n}.txt" for n in range(count)]


def one_of_them_large(count: int) -> list[str]:
    return [f"data/{'small' + str(n) if n % 20 == 0 else f'large/part-{n:08}.parquet'}" for n in range(count)]


SHAPES = [flat, tree, dates, hashes, words, one_of_them_large]


def bucket_of(keys: list[str]) -> MemoryS3:
    server = MemoryS3()
    server.create_bucket("b")
    server.put("b", "made", b"x")
    held = server._buckets["b"]
    held.objects = dict.fromkeys(sorted(keys), held.objects["made"])
    held.keys = list(held.objects)
    server.requests.clear()
    return server


def requests_for(keys: list[str]) -> int:
    server = bucket_of(keys)
    found = [facts.key for page in server.pages("b", "data/", delimiter="") for facts in page.objects]
    assert found == sorted(keys)
    return server.requests.total()


@pytest.mark.parametrize("shape", SHAPES)
def test_a_long_listing_costs_less_than_two_and_a_half_times_the_minimum(shape: Callable[[int], list[str]]) -> None:
    assert requests_for(shape(100_000)) <= 2.5 * 100


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("count", [3001, 3500, 4000, 4001, 5000, 5999])
def test_a_listing_of_some_thousands_costs_two_requests_more_at_most(
    shape: Callable[[int], list[str]], count: int
) -> None:
    assert requests_for(shape(count)) <= -(-count // PAGE_SIZE) + 2


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 2000, 2001, 3000])
def test_a_short_listing_costs_nothing_more(shape: Callable[[int], list[str]], count: int) -> None:
    assert requests_for(shape(count)) == max(1, -(-count // PAGE_SIZE))
