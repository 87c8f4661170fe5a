"""Key ranges give each key once and in order, for any keys, any order of answers, and servers that are odd."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfm.errors import S3ConnectionError
from tfm.s3 import ranges as module
from tfm.s3.outline import Look
from tfm.s3.protocol import ObjectFacts, Page
from tfm.s3.ranges import MOST, WAITING, WIDTH, Range, Ranges

KEYS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=6)
CLOSE = st.text("ab/\x01\x7f\ue000\U0001f642", min_size=1, max_size=5)
NUMBERED = st.builds("{}{:03}".format, st.sampled_from(["", "a", "a/", "b/c/", "z"]), st.integers(0, 400))
MANY = st.lists(st.one_of(KEYS, CLOSE, NUMBERED), unique=True, max_size=120)


class Server:
    """A server that lists keys in an order of its own, some on each page."""

    def __init__(self, keys: list[str], size: int = 3, order: Callable[[str], object] = str) -> None:
        self.keys = sorted(keys, key=order)
        self.size = size
        self.requests = 0

    def begin_behind(self, key: str) -> int:
        return bisect_right(self.keys, key)

    def page(self, token: str | None, start: str = "") -> Page:
        self.requests += 1
        begin = self.begin_behind(start) if token is None else int(token)
        end = begin + self.size
        return Page(
            [ObjectFacts(key, 0, 0.0) for key in self.keys[begin:end]], [], str(end) if end < len(self.keys) else None
        )

    def answer(self, asked: Range | Look) -> Page:
        if isinstance(asked, Range):
            return self.page(asked.token, asked.start)
        self.requests += 1
        cut = len(asked.directory)
        below = [key[: key.find("/", cut) + 1] for key in self.keys if key.startswith(asked.directory)]
        return Page([], sorted(set(filter(None, below)))[:9], None)

    def first(self) -> list[Page]:
        pages = [self.page("0")]
        while pages[-1].token is not None and len(pages) < 3:
            pages.append(self.page(pages[-1].token))
        return pages


class Run:
    """A listing whose requests are answered in a random order."""

    def __init__(
        self, server: Server, choose: Callable[[int], int], *, prefix: str = "", by_bytes: bool = True
    ) -> None:
        self.server = server
        self.choose = choose
        self.pages = server.first()
        self.most_waiting = 0
        self.widest = 0
        if self.pages[-1].token is not None:
            self.go_on(Ranges(prefix, self.pages.copy(), by_bytes=by_bytes))

    def go_on(self, ranges: Ranges) -> None:
        flying: list[tuple[Range | Look, Page]] = []
        while not ranges.over:
            while (asked := ranges.ask()) is not None:
                flying.append((asked, self.server.answer(asked)))
            self.widest = max(self.widest, len(flying))
            self.most_waiting = max(self.most_waiting, sum(len(each.pages) for each in ranges._ranges))
            page = ranges.take()
            if page is not None:
                self.pages.append(page)
            elif not ranges.over:
                assert flying, "nothing is on its way, and nothing is asked for"
                ranges.arrived(*flying.pop(self.choose(len(flying))))

    @property
    def keys(self) -> list[str]:
        return [facts.key for page in self.pages for facts in page.objects]


def at_random(seed: int) -> Callable[[int], int]:
    return random.Random(seed).randrange


# Any keys


@settings(deadline=None)
@given(MANY, st.integers(1, 7), st.integers(0, 1000))
def test_each_key_once_and_in_order(keys: list[str], size: int, seed: int) -> None:
    run = Run(Server(keys, size), at_random(seed))
    assert run.keys == sorted(keys)
    assert [page.token is None for page in run.pages] == [False] * (len(run.pages) - 1) + [True]
    assert run.widest <= WIDTH


@settings(deadline=None, max_examples=40)
@given(st.lists(NUMBERED, unique=True, min_size=40, max_size=400), st.integers(0, 1000))
def test_requests_are_bounded_whatever_the_keys_are(keys: list[str], seed: int) -> None:
    server = Server(keys, 3)
    Run(server, at_random(seed))
    least = -(-len(keys) // 3)
    assert server.requests <= (1 + MOST) * least + 3


@settings(deadline=None)
@given(st.text("ab/0", max_size=200), MANY)
def test_long_common_beginnings(prefix: str, keys: list[str]) -> None:
    run = Run(Server([prefix + key for key in keys]), at_random(0), prefix=prefix)
    assert run.keys == sorted(prefix + key for key in keys)


DEEP = st.builds(
    "{}/{:02}/{}{:02}".format, st.sampled_from(["a", "b", "b-", "c/d"]), st.integers(0, 20),
    st.sampled_from(["", "x/"]), st.integers(0, 9),
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.one_of(DEEP, NUMBERED), unique=True, max_size=300), st.sampled_from(["", "b/", "a/0"]), st.data())
def test_directories_that_are_known(keys: list[str], prefix: str, data: st.DataObject) -> None:
    keys = [key for key in keys if key.startswith(prefix)]
    run = Run(Server(keys, data.draw(st.integers(1, 7))), at_random(data.draw(st.integers(0, 1000))), prefix=prefix)
    assert run.keys == sorted(keys)


def test_a_tree_is_split_where_its_directories_begin() -> None:
    keys = [f"d/{year}/{month:02}/{number:03}" for year in (15, 16) for month in range(1, 13) for number in range(50)]
    starts: list[str] = []

    class Noting(Server):
        def page(self, token: str | None, start: str = "") -> Page:
            starts.extend([start] if token is None else [])
            return super().page(token, start)

    server = Noting(keys, 5)
    assert Run(server, at_random(3), prefix="d/").keys == keys
    assert sum(start.endswith("/") for start in starts) > 12
    assert server.requests < 1.5 * len(keys) / 5


def test_keys_may_equal_the_points_at_which_ranges_begin() -> None:
    keys = sorted({f"{number:0{width}}" for width in (1, 2, 3) for number in range(10**width)})
    starts: set[str] = set()

    class Noting(Server):
        def page(self, token: str | None, start: str = "") -> Page:
            starts.add(start if token is None else "")
            return super().page(token, start)

    assert Run(Noting(keys, 5), at_random(1)).keys == keys
    assert starts & set(keys)  # it did happen


# Small and large


@pytest.mark.parametrize("count", range(10, 31))
def test_a_listing_that_is_not_long_costs_two_requests_more_at_most(count: int) -> None:
    for shape in ("{:04}", "d{0}/f{0}", "x{:x}", "a/b/c/{:09}.txt"):
        for seed in range(5):
            server = Server([shape.format(number) for number in range(count)], 5)
            Run(server, at_random(seed))
            assert server.requests <= -(-count // 5) + 2


def test_a_short_listing_costs_nothing_more() -> None:
    server = Server([str(number) for number in range(9)], 3)
    Run(server, at_random(0))
    assert server.requests == 3


def test_a_long_listing_is_wide() -> None:
    run = Run(Server([f"{number:06}" for number in range(6000)], 10), at_random(2))
    assert run.widest == WIDTH


def test_who_does_not_read_does_not_fill_the_memory() -> None:
    server = Server([f"{number:06}" for number in range(20000)], 10)
    ranges = Ranges("", server.first())
    flying: list[Range | Look] = []
    while True:
        while (asked := ranges.ask()) is not None:
            flying.append(asked)
        if not flying:
            break
        asked = flying.pop(0)
        ranges.arrived(asked, server.answer(asked))
    assert WIDTH < sum(len(each.pages) for each in ranges._ranges) <= WAITING + WIDTH
    assert server.requests < WAITING + 3 * WIDTH


def test_a_reader_who_is_slower_finds_the_next_pages_there() -> None:
    server = Server([f"{number:07}" for number in range(100_000)], 10)
    ranges = Ranges("", server.first())
    flying: list[Range | Look] = []
    waited = count = 0
    while not ranges.over:
        while (asked := ranges.ask()) is not None:
            flying.append(asked)
        for asked in flying[:8]:  # a round trip for each eight pages
            ranges.arrived(asked, server.answer(asked))
        del flying[:8]
        for _ in range(4):
            page = ranges.take()
            count += 0 if page is None else len(page.objects)
            waited += page is None and not ranges.over
    assert count == 100_000 - 30
    assert waited < server.requests / 10


# Odd servers


@settings(deadline=None)
@given(MANY, st.integers(0, 1000))
def test_a_server_that_knows_no_start(keys: list[str], seed: int) -> None:
    class Deaf(Server):
        def begin_behind(self, key: str) -> int:
            return 0

    server = Deaf(keys)
    assert Run(server, at_random(seed)).keys == sorted(keys)
    assert server.requests <= max(-(-len(keys) // 3), 1) + 2


@settings(deadline=None)
@given(MANY, st.sampled_from([lambda key: key[::-1], lambda key: key.replace("/", "\0"), hash]), st.integers(0, 1000))
def test_a_server_with_another_order(keys: list[str], order: Callable[[str], str], seed: int) -> None:
    class Other(Server):
        def begin_behind(self, key: str) -> int:
            return bisect_right(self.keys, order(key), key=order)

    server = Other(keys, 3, order)
    assert Run(server, at_random(seed)).keys == server.keys


@settings(deadline=None)
@given(MANY, st.integers(0, 1000), st.data())
def test_keys_that_come_and_go_meanwhile(keys: list[str], seed: int, data: st.DataObject) -> None:
    class Changing(Server):
        def page(self, token: str | None, start: str = "") -> Page:
            if changing and token is None and start:
                key = data.draw(st.sampled_from(changing))
                if key in self.keys:
                    self.keys.remove(key)
                else:
                    self.keys = sorted([*self.keys, key])
            begin = bisect_right(self.keys, start if token is None else token)
            found = self.keys[begin : begin + self.size]
            more = begin + self.size < len(self.keys)
            return Page([ObjectFacts(each, 0, 0.0) for each in found], [], found[-1] if more and found else None)

    changing = keys[::3]
    server = Changing(keys)
    server.first = lambda: [server.page("")]  # type: ignore[method-assign]
    found = Run(server, at_random(seed)).keys
    assert found == sorted(set(found))
    assert set(found) >= set(keys) - set(changing)


@settings(deadline=None)
@given(
    st.lists(
        st.builds(
            "{}{:02}{}".format,
            st.sampled_from(["d", "d/", "d-", "e"]),
            st.integers(0, 30),
            st.sampled_from(["", "/a", "/b/c", "-x"]),
        ),
        unique=True,
        max_size=200,
    ),
    st.integers(0, 1000),
)
def test_a_server_that_goes_by_directories_but_starts_by_bytes(keys: list[str], seed: int) -> None:
    class Filtering(Server):
        def page(self, token: str | None, start: str = "") -> Page:
            self.requests += 1
            start, _, begin = (token or f"{start}|0").rpartition("|")
            found = [key for key in self.keys if key > start][int(begin) :]
            more = f"{start}|{int(begin) + self.size}" if len(found) > self.size else None
            return Page([ObjectFacts(key, 0, 0.0) for key in found[: self.size]], [], more)

    server = Filtering(keys, 4, lambda key: key.replace("/", "\0"))
    assert Run(server, at_random(seed), by_bytes=False).keys == server.keys


def test_ranges_also_where_the_order_is_not_known() -> None:
    run = Run(Server([f"d{number:04}/x" for number in range(3000)], 10), at_random(2), by_bytes=False)
    assert run.widest == WIDTH


# Errors


def failing_at(server: Server, broken: Callable[[Range | Look, bool], bool]) -> tuple[list[str], int]:
    """List until an error comes; gives the keys before it, and the requests that failed."""
    pages = server.first()
    ranges = Ranges("", pages.copy())
    flying: list[Range | Look] = []
    failed = 0
    try:
        while not ranges.over:
            while (asked := ranges.ask()) is not None:
                flying.append(asked)
            page = ranges.take()
            if page is not None:
                pages.append(page)
            elif not ranges.over:
                asked = flying.pop()
                if broken(asked, asked is ranges._ranges[0]):
                    failed += 1
                    ranges.failed(asked, S3ConnectionError("gone"))
                else:
                    ranges.arrived(asked, server.answer(asked))
    except S3ConnectionError:
        return [facts.key for page in pages for facts in page.objects], failed
    assert [facts.key for page in pages for facts in page.objects] == server.keys
    return [], failed


def test_an_error_comes_in_its_place() -> None:
    keys = [f"{number:04}" for number in range(600)]
    found, _ = failing_at(Server(keys, 5), lambda asked, _: asked.last >= "0300")
    assert found == keys[: len(found)]
    assert "0200" < found[-1] < "0310"


@pytest.mark.parametrize("at_begin", [True, False])
def test_an_error_that_passes_before_the_reader_comes_is_not_noticed(at_begin: bool) -> None:
    failed: set[str] = set()

    def broken(asked: Range | Look, reader_waits: bool) -> bool:
        fails = not reader_waits and (asked.token is None) is at_begin and asked.start not in failed
        failed.update([asked.start] if fails else [])
        return fails

    found, count = failing_at(Server([f"{number:04}" for number in range(600)], 5), broken)
    assert found == []
    assert count == len(failed) > 0


def test_after_an_error_less_is_asked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WIDTH", 4)
    server = Server([f"{number:04}" for number in range(600)], 5)
    ranges = Ranges("", server.first())
    ranges.limit(100)
    assert ranges.width == 4
    flying = [ranges.ask() for _ in range(3)]
    assert all(flying)
    ranges.failed(flying[2], S3ConnectionError("slow down"))  # type: ignore[arg-type]
    assert ranges.width == 2
    assert ranges.ask() is None
