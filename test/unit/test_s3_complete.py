"""A complete listing answers about every name as S3 would."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tfm.s3.complete import CompleteListing, weigh_page
from tfm.s3.protocol import ObjectFacts, Page
from tfm.testing import MemoryS3

keys = st.text(alphabet="ab/.-", min_size=1, max_size=5)


@given(st.sets(keys, max_size=12), st.lists(keys, max_size=10))
def test_it_answers_as_the_server(held: set[str], asked: list[str]) -> None:
    client = MemoryS3()
    client.create_bucket("bkt")
    for key in held:
        client.put("bkt", key, b"")
    for key in [*held, *asked]:
        directory = key[: key.rfind("/") + 1]
        wanted = client.probe("bkt", key)
        for prefix, delimiter in ((directory, "/"), (directory, ""), ("", "")):
            listing = CompleteListing(list(client.pages("bkt", prefix, delimiter=delimiter)), delimiter)
            assert listing.probe(key) == wanted


def test_the_order_of_the_server_does_not_matter() -> None:
    pages = [Page([ObjectFacts("b/x", 1, 0.0)], []), Page([ObjectFacts("a", 2, 0.0)], [])]
    listing = CompleteListing(pages, "")
    assert listing.probe("b").below
    assert listing.probe("a").facts == pages[1].objects[0]
    assert not listing.probe("a").below


def test_weight_follows_the_number_and_the_length_of_names() -> None:
    short = Page([ObjectFacts("k", 0, 0.0)], ["p/"])
    long = Page([ObjectFacts("k" * 500, 0, 0.0)], ["p/" * 100])
    assert weigh_page(long) - weigh_page(short) == 499 + 198
    assert weigh_page(Page([], [])) == 0
