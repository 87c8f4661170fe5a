"""What is asked about names while their listing goes on."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tfm import Path
from tfm.errors import S3ConnectionError
from tfm.s3.cache import S3Cache
from tfm.s3.caching import CachingClient
from tfm.s3.complete import GrowingListing
from tfm.s3.flights import SharedListing
from tfm.s3.places import use_client
from tfm.s3.protocol import ObjectFacts, Page
from tfm.testing import CountingClient, FailingClient, FakeClock, MemoryS3, Rule

NAMES = st.lists(st.text("ab/-", min_size=1, max_size=4), max_size=4).map("/".join)


def reading(keys: list[str], page_size: int = 10) -> tuple[CountingClient, CachingClient]:
    """Put keys into memory, and a counted, cached client before it."""
    memory = MemoryS3(page_size=page_size)
    memory.create_bucket("b")
    for key in keys:
        memory.put("b", key, b"x")
    counted = CountingClient(memory)
    cached = CachingClient(counted, S3Cache(timer=FakeClock(1000.0)))
    use_client("", cached)
    return counted, cached


def test_children_are_answered_as_they_come() -> None:
    keys = [f"d/{number:03}" for number in range(95)] + ["d/050/below", "d/009/below"]
    counted, _ = reading(keys)
    found = [(path.name, path.is_dir(), path.is_file(), path.stat().st_size) for path in Path("s3://b/d").iterdir()]
    assert counted.counts == {"pages": 10}
    assert [name for name, directory, *_ in found if directory] == ["009", "009", "050", "050"]
    assert all(file for _, _, file, _ in found)
    assert sum(size for *_, size in found) == 97


def test_everything_below_is_answered_as_it_comes() -> None:
    keys = [f"d/{directory}/{number}" for directory in range(7) for number in range(9)]
    counted, _ = reading(keys)
    found = [path.name for path in Path("s3://b/d").rglob("*") if path.is_file() and path.stat().st_size == 1]
    assert len(found) == 63
    assert counted.counts.keys() == {"pages"}
    assert 7 <= counted.counts["pages"] <= 9  # a long listing goes by key ranges, which may cost two more


def test_a_write_ends_it() -> None:
    counted, _ = reading([f"d/{number:03}" for number in range(30)])
    children = Path("s3://b/d").iterdir()
    assert next(children).is_file()
    Path("s3://b/d/001/below").write_bytes(b"x")
    path = next(children)
    assert path.is_dir()
    assert counted.counts == {"pages": 1, "put": 1, "probe": 1}


def test_what_is_not_kept_is_asked_for() -> None:
    counted, cached = reading([f"d/{number:03}" for number in range(30)])
    cached._cache.configure(0, None, None)
    for path in Path("s3://b/d").iterdir():
        assert path.is_file()
    assert counted.counts == {"pages": 3, "probe": 30}


def test_a_listing_that_breaks_is_its_readers_matter() -> None:
    counted, _ = reading([f"d/{number:03}" for number in range(30)])
    failing = FailingClient(counted.client, [Rule("pages", S3ConnectionError("broke"), skip=1)])
    use_client("", CachingClient(failing, S3Cache(timer=FakeClock(1000.0))))
    children = Path("s3://b/d").iterdir()
    assert [next(children).is_file() for _ in range(10)] == [True] * 10


def test_a_server_that_does_not_sort() -> None:
    listing = GrowingListing("/")
    listing.add(Page([ObjectFacts("b", 1, 0.0), ObjectFacts("c", 1, 0.0)], [], "more"))
    assert listing.probe("b", over=False) is not None
    listing.add(Page([ObjectFacts("a", 1, 0.0)], [], "more"))
    assert listing.probe("b", over=False) is None


def test_pages_that_were_let_go_tell_nothing() -> None:
    pages = iter([Page([ObjectFacts(str(number), 1, 0.0)], [], "more") for number in range(3)])
    shared = SharedListing("token", lambda: pages, 900, lambda *_: None, "/")
    reader = shared.pages()
    assert reader is not None
    assert shared.probe("0") is not None
    assert [facts.key for page in reader for facts in page.objects] == ["0", "1", "2"]
    assert shared.probe("0") is None


@settings(max_examples=300, deadline=None)
@given(
    st.lists(NAMES, max_size=12), st.lists(NAMES, min_size=1, max_size=6), st.sampled_from(["/", ""]), st.integers(0, 4)
)
@example(["a", "a-", "a/b"], ["a"], "/", 1)
def test_same_as_asked_one_by_one(keys: list[str], asked: list[str], delimiter: str, read: int) -> None:
    """Whatever was read of a listing, what it tells is what the server would say."""
    counted, cached = reading(sorted({key for key in keys if key}), page_size=2)
    pages = cached.pages("b", "", delimiter=delimiter)
    for _ in range(read):
        next(pages, None)
    for key in asked:
        if key and not key.endswith("/"):
            assert cached.probe("b", key) == counted.client.probe("b", key)
