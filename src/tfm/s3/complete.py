"""Listings that tell of every name below their prefix whether it is there: whole ones, and ones on their way. Pure."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from itertools import pairwise

from tfm.s3.objects import keys_of
from tfm.s3.protocol import ObjectFacts, Page, Probe

OBJECT_BYTES = 420
PREFIX_BYTES = 150
"""What an object and a prefix take in memory besides the characters of their names, with the tables below."""


def weigh_page(page: Page) -> int:
    """Estimate the bytes that a page takes.

    Args:
        page: Of a listing.
    """
    names = sum(map(len, keys_of(page.objects))) + sum(map(len, page.prefixes))
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


class GrowingListing:
    """The first pages of a listing; answers about the names that they reach.

    Args:
        delimiter: `/` for the children only, empty for everything below.
    """

    def __init__(self, delimiter: str) -> None:
        self._delimited = bool(delimiter)
        self._objects: dict[str, ObjectFacts] = {}
        self._prefixes: set[str] = set()
        self._keys: list[str] = []
        self._sorted = True
        self.last = ""
        """The greatest name so far."""

    def add(self, page: Page) -> None:
        """Take the next page.

        Args:
            page: The one behind those that it has.
        """
        keys = keys_of(page.objects)
        names = [*keys, *page.prefixes]
        # Of a server that does not sort, no page tells that a name is not there.
        self._sorted = self._sorted and min(names, default=self.last) >= self.last
        self._sorted = self._sorted and all(one <= other for one, other in pairwise(keys))
        self.last = max(names, default=self.last)
        self._objects.update(zip(keys, page.objects, strict=True))
        self._prefixes.update(page.prefixes)
        self._keys += keys

    def probe(self, key: str, *, over: bool) -> Probe | None:
        """Tell what bears a name, or give `None` when that is not known yet.

        Args:
            key: Below the listing's prefix; with a delimiter, right below it.
            over: Whether the last page has come.
        """
        directory = key + "/"
        if not self._sorted or not (over or directory <= self.last):
            return None
        if self._delimited:
            return Probe(self._objects.get(key), directory in self._prefixes)
        place = bisect_left(self._keys, directory)
        return Probe(
            self._objects.get(key), self._keys[place : place + 1] != [] and self._keys[place].startswith(directory)
        )
