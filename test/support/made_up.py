"""A server whose objects are made up as they are listed, however many, and which only counts what is done to them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence

from tfm.s3.protocol import NO_OPTIONS, PAGE_SIZE, ObjectFacts, Page, Probe, WriteOptions
from tfm.testing import MemoryS3

EACH = 100
"""Objects of a directory."""


class MadeUp(MemoryS3):
    """The buckets `full` and `twin`, with so many objects below `data/`, and `empty`; nothing that is written stays.

    Args:
        count: How many objects.
        watch: Called with the number of objects that are done, now and then.
        alone: Whether each has a directory of its own.
    """

    def __init__(self, count: int, watch: Callable[[int], None] = lambda _: None, *, alone: bool = False) -> None:
        super().__init__()
        for bucket in ("full", "twin", "empty"):
            self.create_bucket(bucket)
        self.count, self.watch, self.each = count, watch, 1 if alone else EACH
        self.done = 0
        self.asked: list[str] = []
        self._counting = threading.Lock()

    @property
    def lists_by_bytes(self) -> bool:
        """As S3 itself does."""
        return True

    def _facts(self, number: int) -> ObjectFacts:
        directory, name = divmod(number, self.each)
        return ObjectFacts(f"data/{directory:07}/{name:02}", 1, 1.0, '"c4ca4238a0b923820dcc509a6f75849b"')

    def _made(self, prefix: str) -> Iterator[ObjectFacts]:
        inside = prefix.removeprefix("data/").removesuffix("/")
        first = int(inside) * self.each if inside.isdecimal() else 0
        last = min(first + self.each, self.count) if inside.isdecimal() else self.count
        return map(self._facts, range(first, last))

    def pages(self, bucket: str, prefix: str = "", *, delimiter: str = "/", start_after: str = "") -> Iterator[Page]:
        """Make up a page when it is asked for."""
        del start_after
        flat = not delimiter or prefix.count("/") > 1
        found = self._made(prefix) if bucket != "empty" and self.count and flat else iter(())
        after = next(found, None)
        if not flat and bucket != "empty":
            inside = (f"data/{number:07}/" for number in range(-(-self.count // self.each)))
            yield Page([], list(inside) if prefix else ["data/"])
            return
        while after is not None:
            batch = []
            while after is not None and len(batch) < PAGE_SIZE:
                batch.append(after)
                after = next(found, None)
            self.asked.append("page")
            yield Page(batch, [], None if after is None else "more")
        yield Page([], [])

    def probe(self, bucket: str, key: str) -> Probe:
        """Tell of the top."""
        return Probe(None, not key or (bucket != "empty" and self.count > 0))

    def copy(
        self, source: tuple[str, str], bucket: str, key: str, *, if_match: str | None = None,
        version_id: str | None = None, options: WriteOptions = NO_OPTIONS, replace: bool = False,
    ) -> ObjectFacts:  # fmt: skip
        """Count a copy."""
        del source, bucket, version_id, options, replace
        self._count("copy", 1)
        return ObjectFacts(key, -1, 1.0, if_match or "")

    def delete_many(
        self, bucket: str, keys: Sequence[str], *, etags: Mapping[str, str] | None = None
    ) -> dict[str, Exception]:
        """Count deletions."""
        del bucket, etags
        self._count("delete", len(keys))
        return {}

    def _count(self, verb: str, number: int) -> None:
        with self._counting:
            self.asked.append(verb)
            before, self.done = self.done, self.done + number
            if verb == "delete" and self.done >= self.count:
                self.count = 0
            if before // PAGE_SIZE != self.done // PAGE_SIZE:
                self.watch(self.done // PAGE_SIZE * PAGE_SIZE)
