"""The public cache: TTL, LRU, two bounds, exact invalidation, statistics, threads."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest

from tfm.s3.cache import REMEMBERED, S3Cache, weigh
from tfm.s3.cachekeys import entry_key
from tfm.testing import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(1000.0)


@pytest.fixture
def cache(clock: FakeClock) -> S3Cache:
    return S3Cache(timer=clock)


def test_what_is_put_is_got(cache: S3Cache) -> None:
    assert cache.get("head_object", "b", "k") is None
    cache.put("head_object", "b", "k", {"size": 1})
    assert cache.get("head_object", "b", "k") == {"size": 1}
    assert cache.get("head_object", "b", "other") is None
    assert cache.get("head_object", "other", "k") is None
    assert cache.get("get_object_tagging", "b", "k") is None
    cache.put("list_objects_v2", "b", "", [1], Prefix="a/", Delimiter="/")
    assert cache.get("list_objects_v2", "b", "", Delimiter="/", Prefix="a/") == [1]
    assert cache.get("list_objects_v2", "b", "", Prefix="a/") is None


def test_an_answer_ages(cache: S3Cache, clock: FakeClock) -> None:
    cache.put("head", "b", "default", 1)
    cache.put("head", "b", "short", 2, ttl=5)
    cache.put("head", "b", "long", 3, ttl=600)
    cache.put("head", "b", "never", 4, ttl=0)
    assert cache.get("head", "b", "never") is None
    clock.advance(4.9)
    assert cache.get("head", "b", "short") == 2
    clock.advance(0.2)
    assert cache.get("head", "b", "short") is None
    assert cache.get("head", "b", "default") == 1
    clock.advance(55)
    assert cache.get("head", "b", "default") is None
    assert cache.get("head", "b", "long") == 3


def test_reading_does_not_make_an_answer_younger(cache: S3Cache, clock: FakeClock) -> None:
    cache.put("head", "b", "k", 1)
    for _ in range(6):
        clock.advance(10)
        cache.get("head", "b", "k")
    assert cache.get("head", "b", "k") is None


def test_ttl_zero_keeps_nothing_and_drops_what_was_there(clock: FakeClock) -> None:
    cache = S3Cache(default_ttl=0, timer=clock)
    cache.put("head", "b", "k", 1)
    assert cache.get("head", "b", "k") is None
    assert cache.get_stats()["total_entries"] == 0
    kept = S3Cache(timer=clock)
    kept.put("head", "b", "k", 1)
    kept.put("head", "b", "k", 2, ttl=0)
    assert kept.get("head", "b", "k") is None


def test_the_least_recently_used_goes_first(clock: FakeClock) -> None:
    cache = S3Cache(max_entries=3, timer=clock)
    for key in "abc":
        cache.put("head", "b", key, key)
    cache.get("head", "b", "a")
    cache.put("head", "b", "d", "d")
    assert [cache.get("head", "b", key) for key in "abcd"] == ["a", None, "c", "d"]
    assert cache.get_stats()["evictions"] == 1
    cache.put("head", "b", "d", "again")
    assert cache.get_stats()["total_entries"] == 3
    assert cache.get_stats()["evictions"] == 1


def test_bytes_are_bounded_too(clock: FakeClock) -> None:
    cache = S3Cache(max_bytes=10_000, timer=clock)
    for number in range(20):
        cache.put("head", "b", str(number), "x" * 1000)
        assert cache.get_stats()["bytes"] <= 10_000
    assert cache.get("head", "b", "19") is not None
    assert cache.get("head", "b", "0") is None
    cache.put("head", "b", "huge", "x" * 20_000)
    assert cache.get("head", "b", "huge") is None
    assert cache.get("head", "b", "19") is not None


def test_limits_of_nothing(clock: FakeClock) -> None:
    for cache in (S3Cache(max_entries=0, timer=clock), S3Cache(max_bytes=0, timer=clock)):
        cache.put("head", "b", "k", 1)
        assert cache.get("head", "b", "k") is None


@pytest.mark.parametrize("name", ["default_ttl", "max_entries", "max_bytes"])
def test_negative_limits_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"is -1, but it must be 0 \(keep nothing\) or more"):
        S3Cache(**{name: -1})
    with pytest.raises(ValueError, match="-1"):
        S3Cache().configure(**{name: -1})


def test_a_write_drops_what_it_can_change(cache: S3Cache) -> None:
    kept = [("head", "a/c"), ("head", "ab"), ("list", "a/c/"), ("list", "b/"), ("probe", "a/b.txt")]
    dropped = [
        ("head", "a/b"),
        ("probe", "a/b"),
        ("probe", "a"),
        ("list", ""),
        ("list", "a/"),
        ("list", "a"),
        ("pages", ""),
    ]
    for operation, key in kept + dropped:
        cache.put(operation, "b", key, True)
        cache.put(operation, "other", key, True)
    cache.invalidate_key("b", "a/b")
    assert [(operation, key) for operation, key in kept + dropped if cache.get(operation, "b", key)] == kept
    assert all(cache.get(operation, "other", key) for operation, key in kept + dropped)
    cache.invalidate_key("never", "seen")
    cache.invalidate_keys("b", [])
    assert all(cache.get(operation, "b", key) for operation, key in kept)


def test_a_prefix_drops_what_is_below_and_above(cache: S3Cache) -> None:
    kept = [("head", "a"), ("head", "pathx/k"), ("list", "other/")]
    dropped = [("head", "path/to/k"), ("list", "path/to/d/"), ("list", "path/"), ("list", ""), ("probe", "path")]
    for operation, key in kept + dropped:
        cache.put(operation, "b", key, True)
    cache.invalidate_prefix("b", "path/to/")
    assert [(operation, key) for operation, key in kept + dropped if cache.get(operation, "b", key)] == kept
    cache.invalidate_prefix("never", "seen/")


def test_a_bucket_and_everything(cache: S3Cache) -> None:
    for bucket in ("b", "c"):
        cache.put("head", bucket, "k", 1)
    cache.put("list_buckets", "", "", 1)
    cache.invalidate_bucket("b")
    assert cache.get("head", "b", "k") is None
    assert cache.get("list_buckets", "") is None
    assert cache.get("head", "c", "k") == 1
    cache.clear()
    assert cache.get("head", "c", "k") is None


def test_none_can_be_an_answer(cache: S3Cache) -> None:
    cache.put("head_bucket", "b", "", None)
    assert cache.get("head_bucket", "b") is None
    assert cache.lookup(entry_key("head_bucket", "b")) == (entry_key("head_bucket", "b"), None)
    assert cache.lookup(entry_key("head_bucket", "c")) is None
    assert (cache.get_stats()["hits"], cache.get_stats()["misses"]) == (2, 1)


def test_an_old_answer_does_not_come_back_after_a_write(cache: S3Cache) -> None:
    key, other = entry_key("probe", "b", "a"), entry_key("probe", "b", "z")
    token = cache.token()
    cache.invalidate_key("b", "a/b")
    assert not cache.store(key, "old", token=token)
    assert cache.store(other, "still true", token=token)
    assert cache.get("probe", "b", "a") is None
    assert cache.get("probe", "b", "z") == "still true"
    assert cache.store(key, "new", token=cache.token())


@pytest.mark.parametrize("forget", ["clear", "bucket", "prefix"])
def test_every_kind_of_forgetting_counts_as_a_write(cache: S3Cache, forget: str) -> None:
    token = cache.token()
    if forget == "clear":
        cache.clear()
    elif forget == "bucket":
        cache.invalidate_bucket("b")
    else:
        cache.invalidate_prefix("b", "a/")
    assert not cache.store(entry_key("head", "b", "a/k"), 1, token=token)


def test_after_too_many_writes_nothing_older_is_kept(cache: S3Cache) -> None:
    token = cache.token()
    for _ in range(REMEMBERED):
        cache.invalidate_key("other", "k")
    assert cache.holds(token, entry_key("head", "b", "k"))
    cache.invalidate_key("other", "k")
    assert not cache.holds(token, entry_key("head", "b", "k"))


def test_time_counts_from_the_question(cache: S3Cache, clock: FakeClock) -> None:
    key = entry_key("head", "b", "k")
    token = cache.token()
    clock.advance(50)
    assert cache.store(key, "slow", token=token)
    clock.advance(9)
    assert cache.get("head", "b", "k") == "slow"
    clock.advance(2)
    assert cache.get("head", "b", "k") is None
    assert not cache.store(key, "too old", token=token)


def test_a_later_question_wins(cache: S3Cache, clock: FakeClock) -> None:
    key = entry_key("head", "b", "k")
    early = cache.token()
    clock.advance(1)
    assert cache.store(key, "new", token=cache.token())
    assert not cache.store(key, "old", token=early)
    assert cache.get("head", "b", "k") == "new"


def test_statistics(cache: S3Cache, clock: FakeClock) -> None:
    cache.put("head", "b", "k", "value", ttl=10)
    cache.put("head", "b", "l", "value")
    cache.get("head", "b", "k")
    cache.get("head", "b", "missing")
    stats = cache.get_stats()
    assert stats.pop("bytes") == 2 * weigh("value")
    assert stats == {
        "total_entries": 2,
        "expired_entries": 0,
        "max_entries": 1000,
        "default_ttl": 60,
        "hits": 1,
        "misses": 1,
        "evictions": 0,
        "max_bytes": 64 * 1024 * 1024,
    }
    clock.advance(11)
    stats = cache.get_stats()
    assert (stats["total_entries"], stats["expired_entries"]) == (2, 1)


def test_configure(cache: S3Cache) -> None:
    cache.put("head", "b", "k", 1)
    token = cache.token()
    cache.configure(default_ttl=5, max_entries=7)
    stats = cache.get_stats()
    assert (stats["default_ttl"], stats["max_entries"], stats["max_bytes"]) == (5, 7, 64 * 1024 * 1024)
    assert cache.get("head", "b", "k") is None
    assert not cache.store(entry_key("head", "b", "k"), 1, token=token)
    twin = cache.twin().get_stats()
    assert (twin["default_ttl"], twin["max_entries"], twin["total_entries"]) == (5, 7, 0)


def test_a_write_does_not_look_at_every_entry() -> None:
    cache = S3Cache(max_entries=100_000)
    for number in range(20_000):
        cache.put("head", "b", f"d{number}/k", 1)
    looked: list[Any] = []

    class Spy(dict[Any, Any]):
        def __iter__(self) -> Any:
            looked.append(self)
            return super().__iter__()

    index = cache._index["b"]
    index.exact = Spy(index.exact)  # type: ignore[assignment]
    cache.invalidate_key("b", "d5/k")
    assert cache.get("head", "b", "d5/k") is None
    assert looked == []


def test_the_index_does_not_grow_for_ever(clock: FakeClock) -> None:
    cache = S3Cache(max_entries=10, timer=clock)
    for number in range(5000):
        cache.put("head", "b", str(number), 1)
        clock.advance(10)
    assert len(list(cache._index["b"].all())) < 200
    cache.invalidate_key("b", "4999")
    assert cache.get("head", "b", "4999") is None
    assert cache.get("head", "b", "4998") == 1


def test_weights_count_what_is_inside() -> None:
    assert weigh("x" * 1000) > 1000
    assert weigh(["x" * 1000] * 3) > 3000
    assert weigh({"k": ("y" * 500, {"z": "w" * 500})}) > 1000


def test_many_threads() -> None:
    cache = S3Cache(max_entries=50, max_bytes=20_000)
    errors: list[BaseException] = []

    def work(seed: int) -> None:
        dice = random.Random(seed)
        try:
            for _ in range(1500):
                key = f"{dice.randrange(4)}/{dice.randrange(20)}"
                dice.choice(
                    [
                        lambda key=key: cache.put("head", "b", key, key * dice.randrange(50)),
                        lambda key=key: cache.get("head", "b", key),
                        lambda key=key: cache.invalidate_key("b", key),
                        lambda key=key: cache.invalidate_prefix("b", key[:2]),
                        cache.get_stats,
                    ]
                )()
        except (KeyError, RuntimeError, ValueError) as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    stats = cache.get_stats()
    assert stats["total_entries"] <= 50
    assert stats["bytes"] <= 20_000
