"""`S3Cache`: answers of S3 for a while, bounded by number and bytes, and exact about what a write makes untrue."""

from __future__ import annotations

import sys
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from itertools import takewhile
from typing import Any, NamedTuple

from cachetools import Cache, TLRUCache

from tfm.s3.cachekeys import EntryKey, Index, Invalidation, entry_key

MAX_BYTES = 64 * 1024 * 1024
REMEMBERED = 4096
"""Invalidations that are remembered, to judge answers that were on their way meanwhile; older answers are not kept."""


class Token(NamedTuple):
    """When a question was asked: after which invalidation, and at what time."""

    number: int
    time: float


class _Entry(NamedTuple):
    data: Any
    asked: float
    expires: float
    weight: int


class _Entries(TLRUCache[EntryKey, _Entry]):
    """cachetools' TTL and LRU, telling when it drops one for want of room."""

    def __init__(self, max_bytes: int, timer: Callable[[], float], evicted: Callable[[], None]) -> None:
        super().__init__(max_bytes, lambda _, entry, __: entry.expires, timer, lambda entry: entry.weight)
        self._evicted = evicted

    def popitem(self) -> tuple[EntryKey, _Entry]:
        self._evicted()
        return super().popitem()


def weigh(value: Any) -> int:
    """Estimate the bytes that a value takes, with all that it holds.

    Args:
        value: Plain data: numbers, texts, and containers of them.
    """
    size = sys.getsizeof(value)
    if isinstance(value, Mapping):
        return size + sum(weigh(name) + weigh(each) for name, each in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return size + sum(map(weigh, value))
    return size


class S3Cache:
    """A thread-safe cache of S3's answers: each for its own time, the least recently used dropped first.

    Args:
        default_ttl: Seconds for which an answer is kept; 0 keeps nothing.
        max_entries: How many answers are kept at most; a whole listing is one.
        max_bytes: How many bytes they may take, by estimate.
        timer: Gives the time in seconds; another one is for tests.
    """

    def __init__(
        self,
        default_ttl: float = 60,
        max_entries: int = 1000,
        max_bytes: int = MAX_BYTES,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lock = threading.RLock()
        self._timer = timer
        self._hits = self._misses = self._evictions = self._number = 0
        self._past: deque[Invalidation] = deque(maxlen=REMEMBERED)
        self._limit(default_ttl, max_entries, max_bytes)

    def _limit(self, default_ttl: float, max_entries: int, max_bytes: int) -> None:
        """Begin anew with these limits."""
        for name, value in (("ttl", default_ttl), ("max_entries", max_entries), ("max_bytes", max_bytes)):
            if value < 0:
                raise ValueError(f"{name} of the S3 cache is {value}, but it must be 0 (keep nothing) or more")
        self._default_ttl, self._max_entries, self._max_bytes = default_ttl, max_entries, max_bytes
        self._entries = _Entries(max_bytes, self._timer, self._count_eviction)
        self._index: defaultdict[str, Index] = defaultdict(Index)
        self._indexed = 0

    @property
    def max_bytes(self) -> int:
        """How many bytes the answers may take."""
        return self._max_bytes

    # What everyone may use.

    def get(self, operation: str, bucket: str, key: str = "", **kwargs: Any) -> Any:
        """Give the answer that is kept, or `None`.

        Args:
            operation: The operation's name.
            bucket: The bucket.
            key: The key, or the prefix of a listing.
            kwargs: Whatever else the answer depends on.
        """
        found = self.lookup(entry_key(operation, bucket, key, **kwargs))
        return None if found is None else found[1]

    def put(
        self, operation: str, bucket: str, key: str = "", data: Any = None, ttl: float | None = None, **kwargs: Any
    ) -> None:
        """Keep an answer.

        Args:
            operation: The operation's name.
            bucket: The bucket.
            key: The key, or the prefix of a listing.
            data: The answer; metadata, never the bytes of objects.
            ttl: Seconds for which it is kept; `None` means the default, 0 not at all.
            kwargs: Whatever else the answer depends on.
        """
        self.store(entry_key(operation, bucket, key, **kwargs), data, ttl=ttl)

    def invalidate_key(self, bucket: str, key: str) -> None:
        """Drop what a write of a key can change: the key, the names above it, and listings that could hold it.

        Args:
            bucket: The bucket.
            key: The key.
        """
        self.invalidate_keys(bucket, (key,))

    def invalidate_keys(self, bucket: str, keys: Iterable[str]) -> None:
        """Drop what a write of many keys can change, as one step.

        Args:
            bucket: The bucket.
            keys: The keys.
        """
        keys = tuple(keys)
        if not keys:
            return
        with self._lock:
            self._remember(bucket, keys)
            if bucket in self._index:
                index = self._index[bucket]
                self._drop({entry for key in keys for entry in index.about(key)})

    def invalidate_prefix(self, bucket: str, prefix: str) -> None:
        """Drop everything about keys that begin with a prefix, and what they can change above it.

        Args:
            bucket: The bucket.
            prefix: Any beginning of keys, such as `path/to/`.
        """
        with self._lock:
            self._remember(bucket, prefix=prefix)
            if bucket in self._index:
                self._drop(set(self._index[bucket].below(prefix)))

    def invalidate_bucket(self, bucket: str) -> None:
        """Drop everything about a bucket, and the lists of buckets.

        Args:
            bucket: The bucket.
        """
        with self._lock:
            self._remember(bucket)
            self._drop({entry for name in ("", bucket) if name in self._index for entry in self._index[name].all()})

    def clear(self) -> None:
        """Drop everything."""
        with self._lock:
            self._remember(None)
            self._limit(self._default_ttl, self._max_entries, self._max_bytes)

    def get_stats(self) -> dict[str, Any]:
        """Count: `total_entries`, of them `expired_entries`, `hits`, `misses`, `evictions`, `bytes`, and the limits."""
        with self._lock:
            total = Cache.__len__(self._entries)  # the class's own len() drops the expired ones first
            live = len(self._entries)
            return {
                "total_entries": total,
                "expired_entries": total - live,
                "max_entries": self._max_entries,
                "default_ttl": self._default_ttl,
                "hits": self._hits,
                "misses": self._misses,
                "evictions": self._evictions,
                "bytes": int(self._entries.currsize),
                "max_bytes": self._max_bytes,
            }

    # What the caching client uses besides.

    def token(self) -> Token:
        """Give what `store` takes to tell whether a write came between a question and its answer."""
        with self._lock:
            return Token(self._number, self._timer())

    def holds(self, token: Token, key: EntryKey) -> bool:
        """Tell whether an answer to a question asked at `token` can still be true, and is not too old.

        Args:
            token: From `token()`, before the question was sent.
            key: What was asked.
        """
        with self._lock:
            if self._number - token.number > len(self._past) or self._timer() - token.time >= self._default_ttl:
                return False
            later = takewhile(lambda each: each.number > token.number, reversed(self._past))
            return not any(each.covers(key) for each in later)

    def lookup(
        self, *keys: EntryKey, accept: Callable[[EntryKey, Any], bool] | None = None
    ) -> tuple[EntryKey, Any] | None:
        """Give the first of several entries that is kept, with its key; counts as one hit or one miss.

        Args:
            keys: Entries that may answer the question.
            accept: Whether an entry does answer it; `None` means that each does.
        """
        with self._lock:
            for key in keys:
                entry = self._entries.get(key)
                if entry is not None and (accept is None or accept(key, entry.data)):
                    self._hits += 1
                    return key, entry.data
            self._misses += 1
            return None

    def store(
        self,
        key: EntryKey,
        data: Any,
        *,
        ttl: float | None = None,
        token: Token | None = None,
        weight: int | None = None,
    ) -> bool:
        """Keep an answer unless a write came in between; tells whether it is kept.

        Args:
            key: What it is the answer to.
            data: The answer.
            ttl: Seconds since the question was asked; `None` means the default, 0 not at all.
            token: From `token()`, before the question was sent; `None` means that it was asked just now.
            weight: Its bytes, when the caller knows; `None` means an estimate.
        """
        weight = weigh(data) if weight is None else weight
        with self._lock:
            if token is not None and not self.holds(token, key):
                return False
            now = self._timer()
            asked = token.time if token else now
            old = self._entries.get(key)
            if old is not None and old.asked > asked:
                return False  # somebody asked later and had the answer sooner
            self._drop({key})
            expires = asked + (self._default_ttl if ttl is None else ttl)
            if expires <= now or weight > self._max_bytes or not self._max_entries:
                return False
            while len(self._entries) >= self._max_entries:
                self._entries.popitem()
            self._entries[key] = _Entry(data, asked, expires, weight)
            self._index[key.bucket].add(key)
            self._indexed += 1
            if self._indexed > 2 * len(self._entries) + 64:
                self._reindex()
            return True

    def configure(
        self, default_ttl: float | None = None, max_entries: int | None = None, max_bytes: int | None = None
    ) -> None:
        """Set limits anew; everything kept is dropped.

        Args:
            default_ttl: Seconds; `None` leaves it as it is.
            max_entries: Number of answers; `None` leaves it as it is.
            max_bytes: Bytes; `None` leaves it as it is.
        """
        with self._lock:
            self._remember(None)
            self._limit(
                self._default_ttl if default_ttl is None else default_ttl,
                self._max_entries if max_entries is None else max_entries,
                self._max_bytes if max_bytes is None else max_bytes,
            )

    def twin(self) -> S3Cache:
        """Make an empty cache with the same limits."""
        return S3Cache(self._default_ttl, self._max_entries, self._max_bytes, self._timer)

    # Under the lock.

    def _count_eviction(self) -> None:
        self._evictions += 1

    def _remember(self, bucket: str | None, keys: tuple[str, ...] = (), prefix: str | None = None) -> None:
        self._number += 1
        self._past.append(Invalidation(self._number, bucket, keys, prefix))

    def _drop(self, keys: Iterable[EntryKey]) -> None:
        for key in keys:
            if self._entries.pop(key, None) is not None and key.bucket in self._index:
                self._index[key.bucket].discard(key)
                self._indexed -= 1

    def _reindex(self) -> None:
        """Forget what the index knows of answers that expired or made room: once for many of them."""
        self._index = defaultdict(Index)
        for key in self._entries:
            self._index[key.bucket].add(key)
        self._indexed = len(self._entries)
