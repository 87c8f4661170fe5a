"""A complete listing, which knows of every name below its prefix whether it is there. Pure."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property

from tfm.s3.protocol import ObjectFacts, Page, Probe

OBJECT_BYTES = 420
PREFIX_BYTES = 150
"""What an object and a prefix take in memory besides the characters of their names, with the tables below."""


def weigh_page(page: Page) -> int:
    """Estimate the bytes that a page takes.

    Args:
        page: Of a listing.
    """
    names = sum([len(facts.key) for facts in page.objects]) + sum(map(len, page.prefixes))
    return names + OBJECT_BYTES * len(page.objects) + PREFIX_BYTES * len(page.prefixes)


class CompleteListing:
    """All pages of a listing; answers about names below its prefix without a request.

    Args:
        pages: From the first to the last one.
        delimiter: `/` for the children only, empty for everything below.
    """

    def __init__(self, pages: list[Page], delimiter: str) -> None:
        self.pages = pages
        self._delimited = bool(delimiter)

    def probe(self, key: str) -> Probe:
        """Tell what bears a name, as the client's verb does.

        Args:
            key: Below the listing's prefix; with a delimiter, right below it.
        """
        directory = key + "/"
        if self._delimited:
            return Probe(self._objects.get(key), directory in self._prefixes)
        place = bisect_left(self._keys, directory)
        return Probe(
            self._objects.get(key), self._keys[place : place + 1] != [] and self._keys[place].startswith(directory)
        )

    @cached_property
    def _objects(self) -> dict[str, ObjectFacts]:
        return {facts.key: facts for page in self.pages for facts in page.objects}

    @cached_property
    def _prefixes(self) -> frozenset[str]:
        return frozenset(prefix for page in self.pages for prefix in page.prefixes)

    @cached_property
    def _keys(self) -> list[str]:
        return sorted(self._objects)  # nearly free where the server sorts, right where it does not
