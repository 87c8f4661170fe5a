"""A long listing by threads: complete, in order, ended when it is closed, and its errors where they belong."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfm.errors import S3AuthError
from tfm.s3 import spreading
from tfm.s3.protocol import Page
from tfm.s3.ranges import WAITING, WIDTH
from tfm.testing import MemoryS3

NAMES = [f"data/{number // 50:02}/{number:04}" for number in range(2000)]


class SlowS3(MemoryS3):
    """A bucket of many keys whose listings take their time; notes what is asked for."""

    def __init__(self, keys: list[str], *, seconds: float = 0.002, page_size: int = 10) -> None:
        super().__init__(page_size=page_size)
        self._counting = threading.Lock()
        self.flying = self.widest = 0
        self.seconds = 0.0
        self.broken: BaseException | None = None
        self.broken_from = "\U0010ffff"
        self.create_bucket("b")
        for key in keys:
            self.put("b", key, b"")
        self.requests.clear()
        self.seconds = seconds

    def _send(self, operation: str, *given: Any, **asked: Any) -> dict[str, Any]:
        with self._counting:
            self.flying += 1
            self.widest = max(self.widest, self.flying)
        try:
            time.sleep(self.seconds)
            after = asked.get("ContinuationToken") or asked.get("StartAfter") or ""
            if self.broken is not None and after >= self.broken_from:
                raise self.broken
            return super()._send(operation, *given, **asked)
        finally:
            with self._counting:
                self.flying -= 1


def keys_of(pages: Iterator[Page]) -> list[str]:
    return [facts.key for page in pages for facts in page.objects]


def wait_until_quiet(client: SlowS3) -> None:
    deadline = time.monotonic() + 20
    while client.flying and time.monotonic() < deadline:
        time.sleep(0.005)
    assert not client.flying


def listing_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("tfm-listing")]


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=5), unique=True, max_size=60))
def test_as_a_plain_listing(keys: list[str]) -> None:
    client = SlowS3(keys, seconds=0, page_size=2)
    assert keys_of(client.pages("b", delimiter="")) == sorted(keys)


def test_many_requests_are_on_their_way_at_once() -> None:
    client = SlowS3(NAMES, seconds=0.05)
    assert keys_of(client.pages("b", "data/", delimiter="")) == NAMES
    assert WIDTH // 4 < client.widest <= WIDTH
    assert client.requests.total() <= 2.5 * len(NAMES) / 10


def test_where_a_server_is_quick_few_requests_are_on_their_way() -> None:
    client = SlowS3(NAMES, seconds=0)
    assert keys_of(client.pages("b", "data/", delimiter="")) == NAMES
    assert client.requests.total() <= 1.6 * len(NAMES) / 10


def test_a_listing_with_a_delimiter_is_followed_page_by_page() -> None:
    client = SlowS3([f"{number:04}" for number in range(300)])
    assert len(keys_of(client.pages("b"))) == 300
    assert client.widest == 1
    assert client.requests.total() == 30


def test_who_takes_few_pages_causes_few_requests() -> None:
    client = SlowS3(NAMES)
    for pages, requests in ((1, 1), (2, 3)):
        client.requests.clear()
        source = client.pages("b", delimiter="")
        assert len(list(itertools.islice(source, pages))) == pages
        source.close()  # type: ignore[attr-defined]
        wait_until_quiet(client)
        assert client.requests.total() <= requests


@pytest.mark.parametrize(("server", "inside"), [("AmazonS3", True), ("MinIO/1", True), ("Other", False), ("", False)])
def test_a_directory_is_split_on_servers_that_are_known(server: str, inside: bool) -> None:
    starts: list[str] = []

    class Named(SlowS3):
        def _send(self, operation: str, *given: Any, **asked: Any) -> dict[str, Any]:
            starts.append(asked.get("StartAfter", ""))
            answer = super()._send(operation, *given, **asked)
            answer["ResponseMetadata"]["HTTPHeaders"]["server"] = server
            return answer

    assert keys_of(Named(NAMES).pages("b", "data/", delimiter="")) == NAMES
    assert any(starts)
    assert any("/" in start.removeprefix("data/") for start in starts) is inside


def test_closing_ends_the_requests_and_the_threads() -> None:
    client = SlowS3(NAMES)
    before = set(listing_threads())
    source = client.pages("b", delimiter="")
    for _ in range(12):
        next(source)
    source.close()  # type: ignore[attr-defined]
    wait_until_quiet(client)
    count = client.requests.total()
    time.sleep(0.05)
    assert client.requests.total() == count
    for thread in set(listing_threads()) - before:
        thread.join(20)
        assert not thread.is_alive()


def test_threads_end_with_the_listing() -> None:
    client = SlowS3(NAMES)
    before = set(listing_threads())
    assert len(keys_of(client.pages("b", delimiter=""))) == len(NAMES)
    for thread in set(listing_threads()) - before:
        assert thread.daemon
        thread.join(20)
        assert not thread.is_alive()


def test_a_reader_who_stops_is_not_run_away_from() -> None:
    client = SlowS3([f"{number:05}" for number in range(6000)], seconds=0)
    source = client.pages("b", delimiter="")
    for _ in range(4):
        next(source)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        count = client.requests.total()
        time.sleep(0.1)
        if client.requests.total() == count:
            break
    assert count < WAITING + 4 * WIDTH
    assert len(keys_of(source)) == 6000 - 40


def test_an_error_comes_in_its_place() -> None:
    client = SlowS3(NAMES)
    client.broken, client.broken_from = S3AuthError("no more", code="AccessDenied"), "data/20/1000"
    source = client.pages("b", delimiter="")
    found: list[str] = []
    with pytest.raises(S3AuthError, match="no more"):
        found.extend(facts.key for page in source for facts in page.objects)
    assert found == NAMES[: len(found)]
    assert found[-1] >= "data/19"
    assert list(source) == []


def test_a_fault_of_our_own_does_not_hang_the_reader() -> None:
    client = SlowS3(NAMES)
    client.broken, client.broken_from = ZeroDivisionError("a fault"), "data/10"
    with pytest.raises(ZeroDivisionError, match="a fault"):
        keys_of(client.pages("b", delimiter=""))


def test_many_listings_share_what_may_be_on_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreading, "_places", threading.BoundedSemaphore(4))
    client = SlowS3(NAMES)
    found: list[list[str]] = []
    readers = [
        threading.Thread(target=lambda: found.append(keys_of(client.pages("b", delimiter="")))) for _ in range(3)
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(60)
    assert found == [NAMES] * 3
    assert client.widest <= 3 + 4 + 3  # one each, those that are shared, and a first page each that is just ending
