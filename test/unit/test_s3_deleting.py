"""Deleting in batches, and deleting only what was copied."""

import threading
import time

import pytest

from tfm.errors import S3AuthError, S3ChangedError, S3ConnectionError, S3RateLimitError
from tfm.s3.cache import S3Cache
from tfm.s3.caching import CachingClient
from tfm.s3.deleting import delete_copied, delete_keys, delete_tree, look_again, raise_first, wide
from tfm.s3.places import width_at
from tfm.testing import MemoryS3
from tfm.testing.wrappers import FailingClient, Rule, WrappingClient


class NoConditions(WrappingClient):
    """A server that deletes what it is told to, whatever the ETag."""

    def delete_many(self, bucket, keys, *, etags=None):
        return self.client.delete_many(bucket, keys)


@pytest.fixture
def memory():
    client = MemoryS3(page_size=100)
    client.create_bucket("b")
    return client


def fill(client, *keys):
    for key in keys:
        client.put("b", key, key.encode())
    client.requests.clear()
    return {facts.key: facts.etag for page in client.pages("b", delimiter="") for facts in page.objects}


def left(client):
    return [facts.key for page in client.pages("b", delimiter="") for facts in page.objects]


def test_a_tree_goes_in_batches_while_it_is_listed(memory):
    fill(memory, *(f"d/{number:04}" for number in range(450)), "d", "d2/x", "d/")
    under_way, most, lock = [0], [0], threading.Lock()

    class Watched(WrappingClient):
        def around(self, verb, bucket, key, action):
            with lock:
                under_way[0] += 1
                most[0] = max(most[0], under_way[0])
            time.sleep(0.02)
            try:
                return action()
            finally:
                with lock:
                    under_way[0] -= 1

    memory.requests.clear()
    assert delete_tree(Watched(memory), "b", "d/") == (451, {})
    assert most[0] > 1
    assert memory.requests["list_objects_v2"] <= 7  # a long listing may be cut into ranges
    assert memory.requests["delete_objects"] <= 7
    assert left(memory) == ["d", "d2/x"]


def test_keys_that_are_refused_are_named(memory):
    fill(memory, "a", "b")

    class Refusing(WrappingClient):
        def delete_many(self, bucket, keys, *, etags=None):
            return {"a": S3AuthError("no")} | self.client.delete_many(bucket, [key for key in keys if key != "a"])

    found, errors = delete_tree(Refusing(memory), "b", "")
    assert (found, list(errors)) == (2, ["a"])
    assert left(memory) == ["a"]
    assert list(delete_keys(Refusing(memory), "b", ["a"])) == ["a"]
    errors["c"] = S3AuthError("no")
    with pytest.raises(S3AuthError) as caught:
        raise_first(errors)
    assert caught.value.__notes__ == ["1 more keys could not be deleted."]
    raise_first({})


def test_a_listing_that_breaks_is_raised(memory):
    fill(memory, *(f"d/{number:04}" for number in range(250)))
    broken = FailingClient(memory, [Rule("pages", S3ConnectionError("gone"), skip=1)])
    with pytest.raises(S3ConnectionError):
        delete_tree(broken, "b", "d/")
    assert len(left(memory)) >= 150


@pytest.mark.parametrize("honest", [True, False])
def test_only_what_was_copied_is_deleted(memory, honest):
    etags = fill(memory, *(f"d/{number:04}" for number in range(250)), "d2", "e")
    memory.put("b", "d/0100", b"somebody else's")
    memory.delete("b", "d/0200")
    copied = {key: etag for key, etag in etags.items() if key.startswith("d/")}
    client = memory if honest else NoConditions(memory)
    memory.requests.clear()
    errors = delete_copied(client, "b", copied)
    assert {key: type(error) for key, error in errors.items()} == {"d/0100": S3ChangedError}
    assert left(memory) == ["d/0100", "d2", "e"]


def test_what_is_deleted_costs_two_requests_for_a_thousand():
    memory = MemoryS3()
    memory.create_bucket("b")
    etags = fill(memory, *(f"d/{number:04}" for number in range(1000)))
    memory.requests.clear()
    assert delete_copied(memory, "b", etags) == {}
    assert dict(memory.requests) == {"list_objects_v2": 1, "delete_objects": 1}
    assert left(memory) == []


def test_a_cache_is_not_asked_whether_something_changed(memory):
    etags = fill(memory, "a", "b")
    cached = CachingClient(memory, S3Cache())
    assert [facts.key for page in cached.pages("b", delimiter="") for facts in page.objects] == ["a", "b"]
    cached.head("b", "a")
    memory.put("b", "a", b"behind the cache's back")
    assert list(delete_copied(cached, "b", etags)) == ["a"]


def test_keys_far_apart_are_looked_at_one_by_one(memory):
    etags = fill(memory, *(f"d/{number:04}" for number in range(900)))
    memory.requests.clear()
    there = look_again(memory, "b", ["d/0000", "d/0899"])
    assert {key: facts.etag for key, facts in there.items()} == {key: etags[key] for key in ("d/0000", "d/0899")}
    assert memory.requests["head_object"] == 1
    assert memory.requests["list_objects_v2"] <= 3  # one may be on its way already when enough is enough


def test_neighbours_that_lie_far_apart_are_looked_at_by_a_few_listings(memory):
    fill(memory, *(f"d/{number:04}" for number in range(3000)))
    keys = [f"d/{number:04}" for first in (50, 1050, 2950) for number in range(first, first + 50)]
    memory.requests.clear()
    assert list(look_again(memory, "b", keys)) == keys
    assert memory.requests["list_objects_v2"] <= 8
    assert memory.requests["head_object"] == 0


def test_who_may_not_list_asks_one_by_one(memory):
    etags = fill(memory, "a", "b")
    denied = FailingClient(memory, [Rule("pages", S3AuthError("no", code="AccessDenied"))])
    assert delete_copied(denied, "b", etags) == {}
    assert left(memory) == []


def test_a_place_that_asks_to_slow_down_is_asked_less_at_once(memory):
    refusing = FailingClient(memory, [Rule("head", S3RateLimitError("Slow down."))])
    before = width_at("").limit
    with pytest.raises(S3RateLimitError):
        wide(refusing, lambda key: refusing.head("b", key), ["a"])
    assert width_at("").limit == before // 2
