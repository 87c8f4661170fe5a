"""Equal questions at once are asked once, and nobody takes an interrupted answer for a whole one."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from tfm.errors import S3BaseError, S3ConnectionError, S3NotFoundError
from tfm.s3.flights import Flights, SharedListing
from tfm.s3.protocol import ObjectFacts, Page


def in_threads(count: int, action: Any) -> list[Any]:
    results: list[Any] = [None] * count

    def run(at: int) -> None:
        try:
            results[at] = action()
        except S3BaseError as error:
            results[at] = error

    threads = [threading.Thread(target=run, args=(at,)) for at in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return results


def test_many_ask_once() -> None:
    flights: Flights[int] = Flights()
    asked: list[int] = []
    waiting = threading.Barrier(5)

    def question(token: int) -> str:
        asked.append(token)
        threading.Event().wait(0.5)  # time for the others to come
        return "answer"

    def ask() -> Any:
        waiting.wait(10)
        return flights.ask("key", lambda: 1, lambda token: True, question)

    assert in_threads(5, ask) == ["answer"] * 5
    assert asked == [1]
    assert flights.ask("key", lambda: 2, lambda token: True, question) == "answer"
    assert asked == [1, 2]


def led_and_followed(flights: Flights[int], leads: Any, joins: bool = True) -> tuple[list[Any], threading.Thread]:
    """Start a question that waits to be let go, and give the place for its result."""
    result: list[Any] = []

    def lead() -> None:
        try:
            result.append(flights.ask("key", lambda: 1, lambda _: joins, leads))
        except (S3BaseError, KeyboardInterrupt) as error:
            result.append(error)

    thread = threading.Thread(target=lead)
    thread.start()
    return result, thread


@pytest.mark.parametrize("ending", ["answer", "error", "interrupt"])
def test_who_waits_gets_answer_or_error_and_asks_anew_after_an_interrupt(ending: str) -> None:
    flights: Flights[int] = Flights()
    begun, let_go = threading.Event(), threading.Event()

    def leads(_: int) -> str:
        begun.set()
        assert let_go.wait(10)
        if ending == "error":
            raise S3NotFoundError("none")
        if ending == "interrupt":
            raise KeyboardInterrupt
        return "first"

    result, thread = led_and_followed(flights, leads)
    assert begun.wait(10)
    followed, follower = [], threading.Event()

    def follow() -> None:
        follower.set()
        try:
            followed.append(flights.ask("key", lambda: 2, lambda _: True, lambda _: "second"))
        except S3BaseError as error:
            followed.append(error)

    other = threading.Thread(target=follow)
    other.start()
    assert follower.wait(10)
    threading.Event().wait(0.05)
    let_go.set()
    thread.join(10)
    other.join(10)
    if ending == "answer":
        assert (result, followed) == (["first"], ["first"])
    elif ending == "error":
        assert [type(each) for each in result + followed] == [S3NotFoundError] * 2
        assert result[0] is not followed[0]
    else:
        assert isinstance(result[0], KeyboardInterrupt)
        assert followed == ["second"]


def test_nobody_joins_a_question_that_is_out_of_date() -> None:
    flights: Flights[int] = Flights()
    begun, let_go = threading.Event(), threading.Event()

    def leads(_: int) -> str:
        begun.set()
        assert let_go.wait(10)
        return "old"

    result, thread = led_and_followed(flights, leads)
    assert begun.wait(10)
    assert flights.ask("key", lambda: 2, lambda token: token > 1, lambda token: f"new {token}") == "new 2"
    let_go.set()
    thread.join(10)
    assert result == ["old"]


# Listings


class Source:
    """Pages by number, counting what is asked for, failing where it is told to."""

    def __init__(self, count: int, fails_at: int | None = None, error: BaseException | None = None) -> None:
        self.asked = 0
        self.count = count
        self.fails_at = fails_at
        self.error = error
        self.closed = False

    def start(self) -> Iterator[Page]:
        try:
            for number in range(self.count):
                self.asked += 1
                if number == self.fails_at:
                    raise self.error or S3ConnectionError("broke")
                yield Page([ObjectFacts(str(number), 1, 0.0)], [], None if number + 1 == self.count else "more")
        finally:
            self.closed = True


def shared(source: Source, limit: int = 10**6) -> tuple[SharedListing, list[list[Page]]]:
    finished: list[list[Page]] = []
    listing = SharedListing("token", source.start, limit, lambda pages, _: finished.append(pages))
    return listing, finished


def names(pages: Any) -> list[str]:
    return [facts.key for page in pages for facts in page.objects]


def test_readers_at_their_own_pace_ask_for_each_page_once() -> None:
    source = Source(4)
    listing, finished = shared(source)
    first, second = listing.pages(), listing.pages()
    assert first is not None
    assert second is not None
    assert source.asked == 1
    assert names([next(first), next(first)]) == ["0", "1"]
    assert names(second) == ["0", "1", "2", "3"]
    assert source.asked == 4
    assert names(first) == ["2", "3"]
    assert [names(pages) for pages in finished] == [["0", "1", "2", "3"]]


def test_the_last_page_ends_it_without_another_request() -> None:
    source = Source(1)
    listing, finished = shared(source)
    pages = listing.pages()
    assert pages is not None
    assert names([next(pages)]) == ["0"]
    assert len(finished) == 1


def test_no_pages_at_all() -> None:
    listing, finished = shared(Source(0))
    assert list(listing.pages() or []) == []
    assert finished == [[]]


def test_what_one_reader_changes_the_other_does_not_see() -> None:
    listing, finished = shared(Source(1))
    for page in listing.pages() or []:
        page.objects.clear()
    assert names(listing.pages()) == ["0"]
    assert names(finished[0]) == ["0"]


@pytest.mark.parametrize("fails_at", [0, 1, 3])
def test_an_error_reaches_every_reader_and_nothing_is_kept(fails_at: int) -> None:
    listing, finished = shared(Source(4, fails_at))
    for _ in range(2):
        with pytest.raises(S3ConnectionError, match="broke"):
            list(listing.pages() or [])
    assert not listing.open_to_join
    assert finished == []


def test_an_interrupted_listing_does_not_look_whole() -> None:
    listing, finished = shared(Source(4, 2, KeyboardInterrupt()))
    reader, other = listing.pages(), listing.pages()
    assert reader is not None
    with pytest.raises(KeyboardInterrupt):
        list(reader)
    with pytest.raises(S3BaseError, match="interrupted"):
        list(other or [])
    assert finished == []


def test_a_large_listing_is_let_go_behind_its_readers() -> None:
    source = Source(50)
    listing, finished = shared(source, limit=2000)
    reader = listing.pages()
    assert reader is not None
    seen = []
    for page in reader:
        seen.append(page.objects[0].key)
        if len(seen) == 20:
            assert not listing.open_to_join
            assert listing.pages() is None
            gc.collect()
            alive = [each for each in gc.get_objects() if type(each).__name__ == "_Node"]
            assert len(alive) < 10
    assert len(seen) == 50
    assert finished == []


def test_leaving_ends_the_source() -> None:
    source = Source(5)
    listing, _ = shared(source)
    gone = weakref.ref(listing)
    reader = listing.pages()
    assert reader is not None
    next(reader)
    del listing, reader
    gc.collect()
    assert gone() is None
    assert source.closed


def test_threads_share_one_listing() -> None:
    source = Source(200)
    listing, finished = shared(source)
    results = in_threads(6, lambda: names(listing.pages()))
    assert results == [[str(number) for number in range(200)]] * 6
    assert source.asked == 200
    assert len(finished) == 1
