"""Random reads and writes through the cache, compared step by step with a plain dictionary."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tfm.errors import S3NotFoundError, S3TimeoutError
from tfm.s3.cache import S3Cache
from tfm.s3.caching import CachingClient
from tfm.testing import FailingClient, FakeClock, MemoryS3
from tfm.testing import Rule as Failure

KEYS = ["a", "a/", "a/b", "a/b/c", "a/b/d", "a.txt", "ab", "b//c", "b"]
PREFIXES = ["", "a", "a/", "a/b", "a/b/", "b/"]
keys = st.sampled_from(KEYS)
prefixes = st.sampled_from(PREFIXES)


class CacheMachine(RuleBasedStateMachine):
    """Everything that one process does must look as if there were no cache."""

    @initialize(entries=st.sampled_from([1, 3, 1000]), page_size=st.sampled_from([1, 2, 1000]))
    def begin(self, entries: int, page_size: int) -> None:
        self.clock = FakeClock()
        self.truth: dict[str, bytes] = {}
        self.memory = MemoryS3(page_size=page_size)
        self.memory.create_bucket("bkt")
        self.failing = FailingClient(self.memory)
        self.cache = S3Cache(max_entries=entries, timer=self.clock)
        self.client = CachingClient(self.failing, self.cache)
        self.open: list[Any] = []

    @rule(key=keys, data=st.binary(max_size=3))
    def put_one(self, key: str, data: bytes) -> None:
        self.put(key, data)

    def put(self, key: str, data: bytes) -> None:
        self.client.put("bkt", key, data)
        self.truth[key] = data

    @rule(key=keys)
    def put_whose_answer_is_lost(self, key: str) -> None:
        self.failing.rules = [Failure("put", S3TimeoutError("lost"), after=True)]
        try:
            self.client.put("bkt", key, b"lost")
        except S3TimeoutError:
            pass
        else:
            raise AssertionError("the put did not fail")
        finally:
            self.failing.rules = []
        self.truth[key] = b"lost"

    @rule(key=keys)
    def delete_one(self, key: str) -> None:
        self.delete(key)

    def delete(self, key: str) -> None:
        self.client.delete("bkt", key)
        self.truth.pop(key, None)

    @rule(chosen=st.lists(keys, max_size=4))
    def delete_many(self, chosen: list[str]) -> None:
        assert self.client.delete_many("bkt", chosen) == {}
        for key in chosen:
            self.truth.pop(key, None)

    @rule(source=keys, into=keys)
    def copy(self, source: str, into: str) -> None:
        try:
            self.client.copy(("bkt", source), "bkt", into)
        except S3NotFoundError:
            assert source not in self.truth
        else:
            self.truth[into] = self.truth[source]

    @rule(key=keys)
    def upload(self, key: str) -> None:
        name = self.client.create_upload("bkt", key)
        etag = self.client.upload_part("bkt", key, name, 1, b"part")
        self.client.complete_upload("bkt", key, name, [etag])
        self.truth[key] = b"part"

    def probe(self, key: str) -> None:
        found = self.client.probe("bkt", key)
        assert (found.facts and found.facts.size) == (len(self.truth[key]) if key in self.truth else None)
        assert found.below == any(each.startswith(key + "/") for each in self.truth)

    def head(self, key: str) -> None:
        try:
            facts = self.client.head("bkt", key)
        except S3NotFoundError:
            assert key not in self.truth
        else:
            assert facts.size == len(self.truth[key])

    def wanted(self, prefix: str, delimiter: str) -> tuple[list[tuple[str, int]], list[str]]:
        objects, common = [], set()
        for key in sorted(self.truth):
            if key.startswith(prefix):
                cut = key.find(delimiter, len(prefix)) if delimiter else -1
                if cut < 0:
                    objects.append((key, len(self.truth[key])))
                else:
                    common.add(key[: cut + 1])
        return objects, sorted(common)

    def list_all(self, prefix: str, delimiter: str) -> None:
        pages = list(self.client.pages("bkt", prefix, delimiter=delimiter))
        objects = [(facts.key, facts.size) for page in pages for facts in page.objects]
        common = [each for page in pages for each in page.prefixes]
        assert (objects, common) == self.wanted(prefix, delimiter)

    @rule(key=keys)
    def read_one(self, key: str) -> None:
        self.head(key)
        self.probe(key)

    @rule(prefix=prefixes, delimiter=st.sampled_from(["/", ""]))
    def list_one(self, prefix: str, delimiter: str) -> None:
        self.list_all(prefix, delimiter)

    @rule(prefix=prefixes, delimiter=st.sampled_from(["/", ""]))
    def begin_to_list(self, prefix: str, delimiter: str) -> None:
        pages = self.client.pages("bkt", prefix, delimiter=delimiter)
        next(pages, None)
        self.open.append(pages)

    @rule(prefix=prefixes, delimiter=st.sampled_from(["/", ""]), key=keys, deletes=st.booleans())
    def write_in_the_middle_of_a_listing(self, prefix: str, delimiter: str, key: str, deletes: bool) -> None:
        pages = self.client.pages("bkt", prefix, delimiter=delimiter)
        next(pages, None)
        if deletes:
            self.delete(key)
        else:
            self.put(key, b"middle")
        assert all(pages)
        self.list_all(prefix, delimiter)

    @rule()
    def go_on_listing(self) -> None:
        for pages in self.open:
            next(pages, None)

    @rule()
    def finish_listings(self) -> None:
        for pages in self.open:
            assert all(pages)
        self.open.clear()

    @rule()
    def leave_listings(self) -> None:
        self.open.clear()

    @rule(listings_first=st.booleans())
    def read_everything(self, listings_first: bool) -> None:
        """Fill the cache with all that there is to know, and find whatever in it is out of date."""
        for lists in (listings_first, not listings_first):
            if lists:
                for prefix in PREFIXES:
                    self.list_all(prefix, "/")
                    self.list_all(prefix, "")
            else:
                for key in KEYS:
                    self.probe(key)
                    self.head(key)

    @rule(seconds=st.sampled_from([1, 30, 61]))
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule(key=keys)
    def forget(self, key: str) -> None:
        self.client.forget("bkt", key)

    @invariant()
    def bounds_hold(self) -> None:
        stats = self.cache.get_stats()
        assert stats["total_entries"] <= stats["max_entries"]
        assert stats["bytes"] <= stats["max_bytes"]


CacheMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestCacheMachine = CacheMachine.TestCase
