"""The caching client: what is asked once, what a write makes untrue, and that a failing cache fails nothing."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest

from tfm.errors import S3BaseError, S3ConnectionError, S3NotFoundError, S3TimeoutError
from tfm.s3.cache import S3Cache
from tfm.s3.caching import CachingClient
from tfm.s3.freshness import fresh, wants_fresh
from tfm.s3.protocol import Page, Place, Probe, WriteOptions
from tfm.testing import CountingClient, FailingClient, FakeClock, MemoryS3, Rule, SlowClient


class World:
    """A memory bucket with a few keys, and a caching client that counts what goes past the cache."""

    def __init__(self, **limits: Any) -> None:
        self.memory = MemoryS3(page_size=10)
        self.memory.create_bucket("bkt")
        for key in ("a/1", "a/2", "a/b/3", "c", "both", "both/x", "marked/"):
            self.memory.put("bkt", key, key.encode())
        self.clock = FakeClock(1000.0)
        self.cache = S3Cache(timer=self.clock, **limits)
        self.failing = FailingClient(self.memory)
        self.counting = CountingClient(self.failing)
        self.client = CachingClient(self.counting, self.cache)

    def asked(self, action: Callable[[], Any]) -> list[str]:
        """Do it, and name the verbs that went to the server."""
        before = self.counting.total
        action()
        return [verb for verb, _, _ in self.counting.asked[before:]]

    def listed(self, prefix: str = "", **more: Any) -> list[str]:
        pages = self.client.pages("bkt", prefix, **more)
        return [name for page in pages for name in [facts.key for facts in page.objects] + page.prefixes]


@pytest.fixture
def world() -> World:
    return World()


# What is asked once


@pytest.mark.parametrize(
    "read",
    [
        lambda client: client.list_buckets(),
        lambda client: client.head_bucket("bkt"),
        lambda client: client.probe("bkt", "c"),
        lambda client: client.probe("bkt", "missing"),
        lambda client: client.probe("bkt", ""),
        lambda client: client.head("bkt", "c"),
        lambda client: list(client.pages("bkt")),
        lambda client: list(client.pages("bkt", "a/", delimiter="")),
        lambda client: client.call("get_bucket_versioning", Bucket="bkt"),
    ],
)
def test_a_second_read_asks_nothing_until_time_is_up(world: World, read: Callable[[Any], Any]) -> None:
    first = read(world.client)
    requests = world.counting.total
    assert requests == 1
    assert read(world.client) == first
    assert world.counting.total == requests
    world.clock.advance(61)
    assert read(world.client) == first
    assert world.counting.total == 2 * requests


def test_missing_keys_and_buckets_are_remembered(world: World) -> None:
    for ask in (lambda: world.client.head("bkt", "no"), lambda: world.client.head_bucket("nowhere")):
        before = world.counting.total
        errors = []
        for _ in range(3):
            with pytest.raises(S3NotFoundError) as caught:
                ask()
            errors.append(caught.value)
        assert world.counting.total == before + 1
        assert len({str(error) for error in errors}) == 1
        assert len({id(error) for error in errors}) == 3


def test_a_listing_answers_for_its_children(world: World) -> None:
    world.listed()
    world.listed("a/")

    def probe_all() -> None:
        found = world.client.probe("bkt", "c")
        assert found.facts is not None
        assert found.facts.size == 1
        assert not found.below
        both = world.client.probe("bkt", "both")
        assert both.facts is not None
        assert both.below
        assert world.client.probe("bkt", "a") == Probe(None, True)
        assert world.client.probe("bkt", "marked") == Probe(None, True)
        assert world.client.probe("bkt", "missing") == Probe(None, False)
        assert world.client.probe("bkt", "a/1").facts is not None
        assert world.client.probe("bkt", "a/b") == Probe(None, True)
        assert world.client.probe("bkt", "a/missing") == Probe(None, False)
        with pytest.raises(S3NotFoundError) as caught:
            world.client.head("bkt", "a/missing")
        assert (caught.value.status, caught.value.filename) == (404, "s3://bkt/a/missing")

    assert world.asked(probe_all) == []
    assert world.asked(lambda: world.client.probe("bkt", "a/b/3")) == ["probe"]
    assert world.asked(lambda: world.client.head("bkt", "a/1")) == ["head"]


def test_a_flat_listing_answers_for_everything_below(world: World) -> None:
    world.listed("a/", delimiter="")

    def probe_all() -> None:
        assert world.client.probe("bkt", "a/b/3").facts is not None
        assert world.client.probe("bkt", "a/b") == Probe(None, True)
        assert world.client.probe("bkt", "a/b/missing") == Probe(None, False)

    assert world.asked(probe_all) == []
    assert world.asked(lambda: world.client.probe("bkt", "c")) == ["probe"]


def test_a_listing_of_many_pages_is_one_entry(world: World) -> None:
    for number in range(35):
        world.memory.put("bkt", f"many/{number:02}", b"")
    assert world.asked(lambda: world.listed("many/")) == ["pages"] * 4
    assert world.cache.get_stats()["total_entries"] == 1
    assert world.asked(lambda: world.listed("many/")) == []
    assert world.asked(lambda: [world.client.probe("bkt", f"many/{number:02}") for number in range(40)]) == []


def test_a_listing_that_was_left_is_not_kept(world: World) -> None:
    for number in range(35):
        world.memory.put("bkt", f"many/{number:02}", b"")
    pages = world.client.pages("bkt", "many/")
    next(pages)
    next(pages)
    pages.close()  # type: ignore[attr-defined]
    assert world.cache.get_stats()["total_entries"] == 0
    assert world.client.probe("bkt", "many/34").facts is not None
    assert len(world.listed("many/")) == 35


def test_a_listing_too_large_for_the_cache_still_lists() -> None:
    world = World(max_bytes=9000)
    for number in range(35):
        world.memory.put("bkt", f"many/{number:02}", b"")
    for _ in range(2):
        assert world.asked(lambda: world.listed("many/")) == ["pages"] * 4
    assert len(world.listed("many/")) == 35


def test_what_a_reader_changes_in_a_page_stays_with_it(world: World) -> None:
    for _ in range(3):
        pages = list(world.client.pages("bkt", "a/"))
        assert [facts.key for facts in pages[0].objects] == ["a/1", "a/2"]
        pages[0].objects.clear()
        pages[0].prefixes.append("x")
    answer = world.client.call("get_bucket_versioning", Bucket="bkt")
    answer["ResponseMetadata"].clear()
    assert world.client.call("get_bucket_versioning", Bucket="bkt")["ResponseMetadata"]


def test_a_start_after_goes_past_the_cache(world: World) -> None:
    assert world.asked(lambda: world.listed(delimiter="", start_after="both")) == ["pages"]
    assert world.listed(delimiter="", start_after="both") == ["both/x", "c", "marked/"]
    assert world.cache.get_stats()["total_entries"] == 0


def test_ttl_of_a_call(world: World) -> None:
    def ask(ttl: float | None) -> None:
        world.client.call("get_bucket_versioning", ttl=ttl, Bucket="bkt")

    assert world.asked(lambda: ask(300)) == ["get_bucket_versioning"]
    world.clock.advance(200)
    assert world.asked(lambda: ask(300)) == []
    assert world.asked(lambda: ask(0)) == ["get_bucket_versioning"]
    world.clock.advance(101)
    assert world.asked(lambda: ask(300)) == ["get_bucket_versioning"]


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("get_object", {"Key": "c"}),
        ("list_multipart_uploads", {}),
        ("head_object", {"Key": "c", "SSECustomerKey": "secret"}),
    ],
)
def test_bytes_uploads_and_secret_keys_are_never_kept(world: World, operation: str, more: dict[str, str]) -> None:
    for _ in range(2):
        assert world.asked(lambda: world.client.call(operation, Bucket="bkt", **more)) == [operation]
    assert world.cache.get_stats()["total_entries"] == 0


def test_places_do_not_answer_for_each_other() -> None:
    cache = S3Cache()
    clients = []
    for name in ("one", "two"):
        memory = MemoryS3(Place(name))
        memory.create_bucket("bkt")
        memory.put("bkt", name, b"")
        clients.append(CachingClient(memory, cache))
    for _ in range(2):
        assert [facts.key for page in clients[0].pages("bkt") for facts in page.objects] == ["one"]
        assert [facts.key for page in clients[1].pages("bkt") for facts in page.objects] == ["two"]
        assert clients[0].probe("bkt", "two") == Probe(None, False)


def test_ttl_zero_asks_every_time() -> None:
    world = World(default_ttl=0)
    for _ in range(2):
        assert world.asked(lambda: world.client.probe("bkt", "c")) == ["probe"]
        assert world.asked(world.listed) == ["pages"]


# What a write makes untrue


def upload(client: Any) -> None:
    name = client.create_upload("bkt", "a/b/3")
    client.complete_upload("bkt", "a/b/3", name, [client.upload_part("bkt", "a/b/3", name, 1, b"x")])


WRITES = {
    "put": lambda client: client.put("bkt", "a/b/3", b"x"),
    "copy": lambda client: client.copy(("bkt", "c"), "bkt", "a/b/3"),
    "delete": lambda client: client.delete("bkt", "a/b/3"),
    "delete_many": lambda client: client.delete_many("bkt", ["zzz", "a/b/3"]),
    "complete_upload": upload,
    "call": lambda client: client.call("put_object", Bucket="bkt", Key="a/b/3", Body=b"x"),
    "forget": lambda client: client.forget("bkt", "a/b/3"),
    "forget above": lambda client: client.forget("bkt", "a"),
    "forget the bucket": lambda client: client.forget("bkt", ""),
    "forget everything": lambda client: client.forget("", ""),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_write_drops_the_key_its_parents_and_listings(world: World, write: Callable[[Any], Any]) -> None:
    client = world.client

    def read_all() -> None:
        client.probe("bkt", "a/b/3")
        client.head("bkt", "a/b/3")
        client.probe("bkt", "a/b")
        list(client.pages("bkt", "a/b/"))
        list(client.pages("bkt", "a/", delimiter=""))

    read_all()
    assert world.asked(read_all) == []
    write(client)
    world.memory.put("bkt", "a/b/3", b"22")
    assert client.head("bkt", "a/b/3").size == 2
    assert world.asked(lambda: client.probe("bkt", "a/b/3")) == ["probe"]
    assert world.asked(lambda: client.probe("bkt", "a/b")) == ["probe"]
    assert world.asked(lambda: world.listed("a/b/")) == ["pages"]
    assert world.asked(lambda: world.listed("a/", delimiter="")) == ["pages"]


@pytest.mark.parametrize("write", ["put", "copy", "delete", "delete_many", "complete_upload"])
def test_a_write_leaves_the_rest(world: World, write: str) -> None:
    client = world.client

    def read_all() -> None:
        client.probe("bkt", "c")
        client.head("bkt", "a/1")
        client.probe("bkt", "a/b/3.txt")
        list(client.pages("bkt", "both/"))
        client.head_bucket("bkt")
        client.list_buckets()
        client.call("get_bucket_versioning", Bucket="bkt")

    read_all()
    WRITES[write](client)
    assert world.asked(read_all) == []


def test_buckets_come_and_go(world: World) -> None:
    client = world.client
    assert [bucket.name for bucket in client.list_buckets()] == ["bkt"]
    with pytest.raises(S3NotFoundError):
        client.head_bucket("new")
    client.create_bucket("new")
    client.head_bucket("new")
    assert [bucket.name for bucket in client.list_buckets()] == ["bkt", "new"]
    client.delete_bucket("new")
    assert [bucket.name for bucket in client.list_buckets()] == ["bkt"]
    with pytest.raises(S3NotFoundError):
        client.head_bucket("new")


@pytest.mark.parametrize("write", ["put", "copy", "delete", "delete_many", "complete_upload"])
@pytest.mark.parametrize("after", [True, False])
def test_a_failed_write_may_have_been_done(world: World, write: str, after: bool) -> None:
    world.client.head("bkt", "a/b/3")
    world.listed("a/b/")
    world.failing.rules.append(Rule(write, S3TimeoutError("no answer"), after=after))
    with pytest.raises(S3TimeoutError):
        WRITES[write](world.client)
    world.failing.rules.clear()
    world.memory.put("bkt", "a/b/3", b"22")
    assert world.client.head("bkt", "a/b/3").size == 2
    assert world.asked(lambda: world.listed("a/b/")) == ["pages"]


def test_delete_many_of_nothing_drops_nothing(world: World) -> None:
    world.client.head("bkt", "c")
    assert world.client.delete_many("bkt", []) == {}
    assert world.asked(lambda: world.client.head("bkt", "c")) == []


# Going past the cache


def test_fresh_asks_and_keeps_what_it_hears(world: World) -> None:
    world.client.head("bkt", "c")
    world.listed()
    world.memory.put("bkt", "c", b"changed by another")
    assert world.client.head("bkt", "c").size == 1
    with fresh():
        assert wants_fresh()
        assert world.client.head("bkt", "c").size == 18
        with fresh():
            assert world.asked(world.listed) == ["pages"]
        assert wants_fresh()
    assert not wants_fresh()
    assert world.client.head("bkt", "c").size == 18
    found = world.client.probe("bkt", "c").facts
    assert found is not None
    assert found.size == 18


# At the same time


def test_many_threads_make_one_request() -> None:
    world = World()
    slow = SlowClient(world.memory, 0.3)
    counting = CountingClient(slow)
    client = CachingClient(counting, S3Cache())
    reads: list[Callable[[], Any]] = [
        lambda: client.probe("bkt", "c"),
        lambda: client.head("bkt", "c"),
        client.list_buckets,
        lambda: [facts.key for page in client.pages("bkt", "a/") for facts in page.objects],
    ]
    results: list[Any] = []
    threads = [threading.Thread(target=lambda read=read: results.append(read())) for read in reads for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(results) == 24
    assert dict(counting.counts) == {"probe": 1, "head": 1, "list_buckets": 1, "pages": 1}


class Gate(SlowClient):
    """Answer as things are now, but only hand the answer over when let go."""

    def around(self, verb: str, bucket: str, key: str, action: Callable[[], Any]) -> Any:
        if verb in ("put", "delete"):
            return action()
        answer = action()
        self.waiting += 1
        self.let_go.wait(10)
        return answer


@pytest.mark.parametrize("read", ["head", "probe", "pages"])
@pytest.mark.parametrize("late", [False, True])
def test_a_read_that_overlaps_a_write_never_leaves_the_old_answer(read: str, late: bool) -> None:
    memory = MemoryS3()
    memory.create_bucket("bkt")
    memory.put("bkt", "d/k", b"old")
    gate = Gate(memory, None)
    client = CachingClient(gate, S3Cache())

    def size() -> int:
        if read == "head":
            return client.head("bkt", "d/k").size
        if read == "probe":
            facts = client.probe("bkt", "d/k").facts
            return facts.size if facts else -1
        return next(client.pages("bkt", "d/")).objects[0].size

    sizes: list[int] = []
    readers = [threading.Thread(target=lambda: sizes.append(size())) for _ in range(1 + late)]
    readers[0].start()
    while gate.waiting < 1:
        threading.Event().wait(0.001)
    client.put("bkt", "d/k", b"newer")
    if late:  # it must not join the question that was asked before the write
        readers[1].start()
        while gate.waiting < 2:
            threading.Event().wait(0.001)
    gate.let_go.set()
    for reader in readers:
        reader.join(10)
    assert sorted(sizes) == [3, 5][: 1 + late]
    assert size() == 5


def test_a_storm_of_reads_and_writes_ends_with_the_truth() -> None:
    memory = MemoryS3()
    memory.create_bucket("bkt")
    client = CachingClient(memory, S3Cache())
    stop = threading.Event()
    wrong: list[str] = []

    def read() -> None:
        while not stop.is_set():
            client.probe("bkt", "d")
            client.probe("bkt", "d/k")
            list(client.pages("bkt", "d/"))

    def write() -> None:
        for number in range(150):
            client.put("bkt", "d/k", b"x" * (number + 1))
            facts = client.probe("bkt", "d/k").facts
            if facts is None or facts.size != number + 1 or not client.probe("bkt", "d").below:
                wrong.append(f"after put {number}: {facts}")
            client.delete("bkt", "d/k")
            if client.probe("bkt", "d") != Probe(None, False) or next(client.pages("bkt", "d/")).objects:
                wrong.append(f"after delete {number}")

    readers = [threading.Thread(target=read) for _ in range(4)]
    for thread in readers:
        thread.start()
    write()
    stop.set()
    for thread in readers:
        thread.join(10)
    assert wrong == []


# A cache that fails


class Broken(S3Cache):
    """A cache of which chosen methods fail."""

    broken: frozenset[str] = frozenset()

    def __getattribute__(self, name: str) -> Any:
        if name in type(self).broken:
            raise RuntimeError(f"{name} is broken")
        return super().__getattribute__(name)


@pytest.mark.parametrize(
    "broken",
    [
        {"lookup"},
        {"store"},
        {"token"},
        {"holds"},
        {"max_bytes"},
        {"invalidate_keys", "invalidate_bucket", "invalidate_prefix"},
        {"invalidate_keys", "invalidate_bucket", "invalidate_prefix", "clear"},
        {"lookup", "store", "token", "holds", "max_bytes", "invalidate_keys", "invalidate_bucket", "clear"},
    ],
    ids=lambda broken: ",".join(sorted(broken)),
)
def test_a_failing_cache_never_fails_an_operation(broken: set[str], caplog: pytest.LogCaptureFixture) -> None:
    kind = type("ThisBroken", (Broken,), {"broken": frozenset(broken)})
    memory = MemoryS3()
    client = CachingClient(memory, kind())
    client.create_bucket("bkt")
    for number in range(3):
        client.put("bkt", "d/k", b"x" * number)
        for _ in range(2):
            facts = client.probe("bkt", "d/k").facts
            assert facts is not None
            assert facts.size == number
            assert client.head("bkt", "d/k").size == number
            assert [facts.size for page in client.pages("bkt", "d/") for facts in page.objects] == [number]
        client.forget("bkt", "d")
    assert client.delete_many("bkt", ["d/k"]) == {}
    assert client.probe("bkt", "d") == Probe(None, False)
    warned = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert bool(warned) == ({"invalidate_keys", "clear"} <= broken)


def test_hits_and_misses_are_logged_without_secrets(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "tfm.s3.cache"):
        world.client.head("bkt", "c")
        world.client.head("bkt", "c")
        world.client.call("head_object", Bucket="bkt", Key="c", SSECustomerKey="hunter2")
    assert [record.getMessage() for record in caplog.records if record.name == "tfm.s3.cache"] == [
        "miss head s3://bkt/c",
        "hit head s3://bkt/c",
    ]


def test_errors_are_not_kept(world: World) -> None:
    world.failing.rules.append(Rule("*", S3ConnectionError("down"), times=1))
    with pytest.raises(S3BaseError):
        world.client.probe("bkt", "c")
    assert world.client.probe("bkt", "c").facts is not None
    world.failing.rules[:] = [Rule("pages", S3ConnectionError("down"), skip=1, times=1)]
    for number in range(15):
        world.memory.put("bkt", f"many/{number:02}", b"")
    with pytest.raises(S3ConnectionError):
        world.listed("many/")
    assert len(world.listed("many/")) == 15


def test_bytes_go_past_the_cache(world: World) -> None:
    for _ in range(2):
        assert world.asked(lambda: world.client.get("bkt", "c").close()) == ["get"]
    assert world.client.put("bkt", "n", b"x", WriteOptions(if_none_match=True)).size == 1
    assert isinstance(next(world.client.pages("bkt")), Page)
