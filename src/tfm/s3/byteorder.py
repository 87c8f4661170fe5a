"""Everything below a prefix in the order of the keys' bytes, also on servers that list in another order.

S3 lists by bytes: `a-b`, `a.txt`, `a/c`. A server that keeps directories goes through: `a/c`, `a-b`, `a.txt`. Where
it is not known how a server lists, a short listing is sorted here, and a long one that doesn't show that it is by bytes
is asked for anew, directory by directory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from itertools import chain

from tfm.s3.protocol import PAGE_SIZE, ObjectFacts, Page, S3Client

FIT = 50_000
"""Objects that are held to be sorted."""


def pages_by_bytes(client: S3Client, bucket: str, prefix: str) -> Iterator[Page]:
    """List everything below a prefix in the order of bytes, with memory for `FIT` objects at most.

    Args:
        client: The client of the place.
        bucket: The bucket.
        prefix: What the keys begin with.
    """
    pages = client.pages(bucket, prefix, delimiter="")
    held: list[Page] = []
    order = _Order()
    for page in pages:
        held.append(page)
        if client.lists_by_bytes or order.shows_bytes(page.objects):
            return chain(held, pages)
        if sum(len(each.objects) for each in held) > FIT:
            return _in_pages(_by_directory(client, bucket, prefix))
    objects = [facts for page in held for facts in page.objects]
    return iter([Page(sorted(objects, key=_key), [])])


def _key(facts: ObjectFacts) -> str:
    return facts.key


class _Order:
    """What the keys of a listing show so far of the order that they are in."""

    def __init__(self) -> None:
        self._last = ""
        self._by_bytes = True
        self._by_directories = True

    def shows_bytes(self, objects: Iterable[ObjectFacts]) -> bool:
        """Take in the next keys; tells whether only the order of bytes explains all of them."""
        for facts in objects:
            if facts.key <= self._last:
                self._by_bytes = False
            if _through_directories(facts.key) <= _through_directories(self._last):
                self._by_directories = False
            self._last = facts.key
        return self._by_bytes and not self._by_directories


def _through_directories(key: str) -> str:
    """Give what sorts as a key does where each directory is gone through before names that go on after its own."""
    return key.replace("/", "\0")


def _by_directory(client: S3Client, bucket: str, prefix: str) -> Iterator[ObjectFacts]:
    levels = [_directory(client, bucket, prefix)]
    while levels:
        found = next(levels[-1], None)
        if found is None:
            levels.pop()
        elif isinstance(found, str):
            levels.append(_directory(client, bucket, found))
        else:
            yield found


def _directory(client: S3Client, bucket: str, prefix: str) -> Iterator[ObjectFacts | str]:
    """List one directory, its own marker included: objects, and directories by their prefixes, in the order of bytes.

    A server may give the directory `a/` where the name `a` has its place, or where `a/` has: until all has come that
    sorts between the two, it waits.
    """
    waiting: list[str] = []
    for page in client.pages(bucket, prefix, delimiter="/"):
        rows: list[tuple[str, ObjectFacts | str]] = [(facts.key, facts) for facts in page.objects]
        rows += [(name[:-1], name) for name in page.prefixes]
        for name, entry in sorted(rows, key=lambda row: row[0]):
            while waiting and waiting[0] < name:
                yield heappop(waiting)
            if isinstance(entry, str):
                heappush(waiting, entry)
            else:
                yield entry
    while waiting:
        yield heappop(waiting)


def _in_pages(objects: Iterator[ObjectFacts]) -> Iterator[Page]:
    batch: list[ObjectFacts] = []
    for facts in objects:
        batch.append(facts)
        if len(batch) == PAGE_SIZE:
            yield Page(batch, [])
            batch = []
    yield Page(batch, [])
