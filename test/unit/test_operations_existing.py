"""What exists at the targets is learnt with few requests, and never guessed."""

import threading

import pytest

from tfm import Path
from tfm.errors import S3AuthError, S3ConnectionError, S3NotFoundError
from tfm.operations import existing as module
from tfm.operations.existing import Existing
from tfm.s3.cache import S3Cache
from tfm.s3.caching import CachingClient
from tfm.s3.places import use_client
from tfm.testing import MemoryS3
from tfm.testing.wrappers import FailingClient, Rule

TOP = Path("s3://b/top")


@pytest.fixture
def memory():
    client = MemoryS3()
    client.create_bucket("b")
    client.requests.clear()
    use_client("", CachingClient(client, S3Cache()))
    return client


def fill(client, *keys):
    for key in keys:
        client.put("b", key, b"x")
    client.requests.clear()


def test_nothing_below_a_missing_directory_is_asked_for(memory):
    fill(memory, "other/x", "top.txt")
    existing = Existing()
    for name in ("a", "d/b", "d/e/c", "d/e/f"):
        assert existing.find(TOP / name, TOP) is None
    assert memory.requests.total() == 1


def test_what_is_known_to_be_missing_costs_nothing(memory):
    existing = Existing()
    existing.nothing_below(Path("s3://b/new"))
    assert existing.find(Path("s3://b/new/d/a"), Path("s3://b/new/d")) is None
    assert existing.find(Path("s3://b/new/a"), Path("s3://b/new")) is None
    assert memory.requests.total() == 0


def test_a_directory_is_listed_once_and_answers_for_those_below_that_are_missing(memory):
    fill(memory, "top/a", "top/d/b", "top/a/both", "top/d/")
    existing = Existing()
    found = {name: existing.find(TOP / name, TOP) for name in ("a", "c", "d", "d/b", "d/x", "new/a", "a/both")}
    assert {name for name, info in found.items() if info is not None} == {"a", "d/b", "a/both"}
    assert found["a"].size == 1
    assert found["a"].etag
    assert memory.requests.total() == 1 + 1 + 1 + 1  # whether it is there, and the three that are


def test_a_bucket_is_a_directory_too(memory):
    fill(memory, "a")
    existing = Existing()
    bucket = Path("s3://b")
    assert existing.find(bucket / "a", bucket) is not None
    assert existing.find(bucket / "c", bucket) is None
    assert memory.requests.total() == 1


def test_what_a_listing_remembered_is_not_believed(memory):
    fill(memory, "top/other")
    assert not (TOP / "a").exists()
    assert len(list(TOP.iterdir())) == 1
    memory.put("b", "top/a", b"behind our back")
    assert Existing().find(TOP / "a", TOP) is not None


def test_a_disk_is_asked_for_the_file_itself(tmp_path):
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "link").symlink_to("nowhere")
    here, existing = Path(tmp_path), Existing()
    assert existing.find(here / "a", here).size == 1
    assert existing.find(here / "link", here).link
    assert existing.find(here / "b", here) is None
    (tmp_path / "b").write_bytes(b"")
    assert existing.find(here / "b", here) is not None


def test_in_a_directory_of_a_disk_that_was_made_just_now_nothing_is_asked_for(tmp_path, monkeypatch):
    here, existing = Path(tmp_path), Existing()
    existing.nothing_below(here)
    (tmp_path / "a").write_bytes(b"1")
    assert existing.find(here / "a", here) is None  # whoever writes finds it
    monkeypatch.setattr(module, "MOST_DIRECTORIES", 3)
    for number in range(3):
        existing.nothing_below(here / str(number))
    assert existing.find(here / "a", here) is not None  # it was forgotten, and is asked for


def test_a_long_listing_is_read_as_far_as_it_is_needed(memory):
    fill(memory, *(f"top/{number:05}" for number in range(3500)))
    existing = Existing()
    assert existing.find(TOP / "00003", TOP) is not None
    assert memory.requests.total() <= 3  # one may be read ahead
    assert existing.find(TOP / "x", TOP) is None
    memory.requests.clear()
    for number in range(3600):
        assert (existing.find(TOP / f"{number:05}", TOP) is not None) == (number < 3500)
    assert memory.requests.total() <= 7


def test_a_directory_of_too_many_names_is_not_kept(memory, monkeypatch):
    monkeypatch.setattr(module, "MOST_NAMES", 1500)
    fill(memory, *(f"top/{number:05}" for number in range(3500)))
    existing = Existing()
    assert [existing.find(TOP / name, TOP) is not None for name in ("00001", "x", "03499", "y")] == [
        True, False, True, False,
    ]  # fmt: skip
    assert existing._names == 0


def test_the_directories_used_longest_ago_are_forgotten(memory, monkeypatch):
    monkeypatch.setattr(module, "MOST_NAMES", 50)
    fill(memory, *(f"top/{directory}/{number}" for directory in range(20) for number in range(10)))
    existing = Existing()
    for directory in range(20):
        assert existing.find(TOP / f"{directory}/5", TOP) is not None
        assert existing.find(TOP / f"{directory}/x", TOP) is None
        assert existing._names <= 80
    assert len(existing._known) < 10


def test_who_may_not_list_asks_for_each_file(memory):
    fill(memory, "top/a")
    use_client("", FailingClient(memory, [Rule("pages", S3AuthError("no", code="AccessDenied"))]))
    existing = Existing()
    assert existing.find(TOP / "a", TOP) is not None
    assert existing.find(TOP / "b", TOP) is None


def test_a_listing_that_breaks_off_says_nothing_of_what_is_missing(memory):
    fill(memory, *(f"top/{number:05}" for number in range(2500)))
    use_client("", FailingClient(memory, [Rule("pages", S3ConnectionError("gone"), skip=1, times=1)]))
    existing = Existing()
    assert existing.find(TOP / "00001", TOP) is not None
    with pytest.raises(S3ConnectionError):
        existing.find(TOP / "02000", TOP)
    assert existing.find(TOP / "02000", TOP) is not None
    assert existing.find(TOP / "03000", TOP) is None


def test_a_missing_bucket_is_no_empty_directory(memory):
    with pytest.raises(S3NotFoundError):
        Existing().find(Path("s3://missing/a"), Path("s3://missing"))


def test_threads_share_one_listing(memory):
    fill(memory, *(f"top/{number:03}" for number in range(300)))
    existing, found, gate = Existing(), [], threading.Barrier(20)

    def ask(number):
        gate.wait()
        found.append(existing.find(TOP / f"{number:03}", TOP) is not None)

    threads = [threading.Thread(target=ask, args=(number * 20,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(found) == [False] * 5 + [True] * 15
    assert memory.requests.total() == 2
