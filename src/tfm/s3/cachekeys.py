"""What an answer of S3 is about, and which writes make it untrue. Pure.

An entry is about one key (`head`, `probe`, …), or about every key that begins with a prefix (operations whose name
begins with `list`, and `pages`). From that follows what a write drops: the entries about the key, those about the names
above it, which may have come to be or ceased to be, and the listings whose prefix the key begins with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from typing import Any, NamedTuple


class EntryKey(NamedTuple):
    """What an answer is the answer to; `key` is the prefix of a listing."""

    operation: str
    bucket: str
    key: str = ""
    more: Hashable = ()

    @property
    def is_listing(self) -> bool:
        """Whether the entry is about every key that begins with `key`."""
        return self.operation == "pages" or self.operation.startswith("list")


def entry_key(operation: str, bucket: str, key: str = "", /, **more: Any) -> EntryKey:
    """Make the key of an entry.

    Args:
        operation: The operation's name.
        bucket: The bucket; empty for what is about all of them.
        key: The key, or the prefix of a listing.
        more: Whatever else the answer depends on.
    """
    return EntryKey(operation, bucket, key, _freeze(more) if more else ())


def listings_of(key: str) -> Iterator[tuple[str, str]]:
    """Give prefix and delimiter of each listing that would know of a key: its directory's, and flat ones of all above.

    Args:
        key: The key.
    """
    end = key.rfind("/") + 1
    yield key[:end], "/"
    while True:
        yield key[:end], ""
        if not end:
            return
        end = key.rfind("/", 0, end - 1) + 1


def _freeze(value: Any) -> Hashable:
    if isinstance(value, Mapping):
        return tuple(sorted((str(name), _freeze(each)) for name, each in value.items()))
    if isinstance(value, list | set) or type(value) is tuple:
        return type(value).__name__, *map(_freeze, value)
    return value  # type: ignore[no-any-return]


class Invalidation(NamedTuple):
    """A write, or the wish to forget: these keys, all below a prefix, a bucket, or everything."""

    number: int
    bucket: str | None = None
    keys: tuple[str, ...] = ()
    prefix: str | None = None

    def covers(self, entry: EntryKey) -> bool:
        """Tell whether it makes an entry untrue; the index finds the same entries from the other side."""
        if self.bucket is None:
            return True
        whole = not self.keys and self.prefix is None
        if whole or entry.bucket != self.bucket:
            return whole and entry.bucket in ("", self.bucket)
        about, above = entry.key, entry.key + "/"
        if self.prefix is not None:
            if about.startswith(self.prefix):
                return True
            return self.prefix.startswith(about if entry.is_listing else above)
        if entry.is_listing:
            return any(key.startswith(about) for key in self.keys)
        return any(key == about or (about and key.startswith(above)) for key in self.keys)


class Index:
    """The entries of one bucket, by what they are about."""

    def __init__(self) -> None:
        self.exact: defaultdict[str, set[EntryKey]] = defaultdict(set)
        self.listings: defaultdict[str, set[EntryKey]] = defaultdict(set)

    def add(self, entry: EntryKey) -> None:
        """Take an entry in."""
        (self.listings if entry.is_listing else self.exact)[entry.key].add(entry)

    def discard(self, entry: EntryKey) -> None:
        """Let an entry go, if it is there."""
        group = self.listings if entry.is_listing else self.exact
        group[entry.key].discard(entry)
        if not group[entry.key]:
            del group[entry.key]

    def all(self) -> Iterator[EntryKey]:
        """Give every entry."""
        for group in (self.exact, self.listings):
            for entries in group.values():
                yield from entries

    def about(self, key: str) -> Iterator[EntryKey]:
        """Find what a write of a key changes: itself, the names above it, and the listings that could hold it."""
        yield from self.exact.get(key, ())
        end = key.find("/", 1)
        while 0 < end < len(key):
            yield from self.exact.get(key[:end], ())
            end = key.find("/", end + 1)
        if len(self.listings) < len(key):
            for prefix, entries in self.listings.items():
                if key.startswith(prefix):
                    yield from entries
        else:
            for end in range(len(key) + 1):
                yield from self.listings.get(key[:end], ())

    def below(self, prefix: str) -> Iterator[EntryKey]:
        """Find what changes when anything below a prefix does."""
        for name, entries in self.exact.items():
            if name.startswith(prefix) or prefix.startswith(name + "/"):
                yield from entries
        for name, entries in self.listings.items():
            if name.startswith(prefix) or prefix.startswith(name):
                yield from entries
