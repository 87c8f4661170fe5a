"""Listings in the order of bytes, from servers that list in that order, in another one, or don't say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from directory_order import ThroughDirectories
from hypothesis import given, settings
from hypothesis import strategies as st

from tfm import Path
from tfm.operations.compare import compare
from tfm.s3 import byteorder
from tfm.s3.byteorder import pages_by_bytes
from tfm.s3.places import use_client
from tfm.s3.protocol import Page
from tfm.testing import MemoryS3
from tfm.testing.wrappers import WrappingClient

SEGMENTS = st.text(st.sampled_from("a-.0b"), min_size=1, max_size=3)
KEYS = st.sets(st.lists(SEGMENTS, min_size=1, max_size=4).map("/".join), max_size=30)
MARKED = st.sets(st.lists(SEGMENTS, min_size=1, max_size=3).map(lambda names: "/".join(names) + "/"), max_size=4)


def filled(keys: set[str]) -> MemoryS3:
    server = MemoryS3(page_size=3)
    server.create_bucket("b")
    for key in keys:
        server.put("b", key, key.encode())
    return server


def keys_of(client: Any, prefix: str = "") -> list[str]:
    return [facts.key for page in pages_by_bytes(client, "b", prefix) for facts in page.objects]


class Unnamed(WrappingClient):
    """A server that lists by bytes and doesn't say who it is."""

    listings = 0

    @property
    def lists_by_bytes(self) -> bool:
        return False

    def pages(self, bucket: str, prefix: str = "", *, delimiter: str = "/", start_after: str = "") -> Iterator[Page]:
        self.listings += 1
        return super().pages(bucket, prefix, delimiter=delimiter, start_after=start_after)


@pytest.mark.parametrize("fit", [0, 7, 1000])
@settings(max_examples=60, deadline=None)
@given(keys=KEYS, markers=MARKED)
def test_every_server_comes_out_in_one_order(fit: int, keys: set[str], markers: set[str]) -> None:
    server = filled(keys | markers)
    expected = sorted(keys | markers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(byteorder, "FIT", fit)
        for client in (server, Unnamed(server), ThroughDirectories(server)):
            assert keys_of(client) == expected
            assert keys_of(client, "a") == [key for key in expected if key.startswith("a")]


def test_a_server_that_is_known_is_only_followed() -> None:
    server = filled({f"{number:03}" for number in range(50)})
    server.requests.clear()
    pages = pages_by_bytes(server, "b", "")
    next(pages)
    assert server.requests["list_objects_v2"] <= 2
    assert sum(len(page.objects) for page in pages) == 47


def test_a_short_listing_is_sorted_and_one_that_shows_its_order_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(byteorder, "FIT", 20)
    short = ThroughDirectories(filled({"a/b", "a/c", "a-b", "a.txt"}))
    assert keys_of(short) == ["a-b", "a.txt", "a/b", "a/c"]
    assert short.listings == [("", "")]
    shows = Unnamed(filled({"a-b", "a/b", *(f"c/{number}" for number in range(50))}))
    assert len(keys_of(shows)) == 52
    assert shows.listings == 1
    long = ThroughDirectories(filled({"a-b", "a/b", *(f"c/{number}" for number in range(50))}))
    assert keys_of(long) == sorted({"a-b", "a/b", *(f"c/{number}" for number in range(50))})
    assert long.listings == [("", ""), ("", "/"), ("a/", "/"), ("c/", "/")]


@pytest.mark.parametrize("fit", [0, 1000])
def test_trees_of_two_servers_are_compared(monkeypatch: pytest.MonkeyPatch, fit: int) -> None:
    monkeypatch.setattr(byteorder, "FIT", fit)
    use_client("", filled({"t/a-b", "t/a.txt", "t/a/x", "t/a/y"}))
    use_client("other", ThroughDirectories(filled({"t/a-b", "t/a/x", "t/a/z", "t/a!"})))
    found = {row.name: row.verdict for row in compare(Path("s3://b/t"), Path("s3://other@b/t"))}
    assert found == {
        "a-b": "same", "a.txt": "left", "a/x": "same", "a/y": "left", "a/z": "right", "a!": "right",
    }  # fmt: skip
    with pytest.raises(FileNotFoundError):
        compare(Path("s3://other@b/none"), Path("s3://b/t"))
    with pytest.raises(NotADirectoryError):
        compare(Path("s3://other@b/t/a-b"), Path("s3://b/t"))
