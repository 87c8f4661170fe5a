"""`CachingClient`: the S3 client protocol around a client and a cache, with every rule of what a write makes untrue."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from tfm.errors import S3NotFoundError
from tfm.logs import Log
from tfm.s3.cache import S3Cache, Token
from tfm.s3.cachekeys import EntryKey, entry_key, listings_of
from tfm.s3.complete import CompleteListing
from tfm.s3.errors import refusal, uri_of
from tfm.s3.flights import Flights, SharedListing
from tfm.s3.freshness import wants_fresh
from tfm.s3.protocol import NO_OPTIONS, Body, BucketFacts, ObjectFacts, Page, Place, Probe, S3Client, WriteOptions
from tfm.s3.shapes import is_read

UNKEPT = {"get_object", "get_object_torrent", "select_object_content", "list_multipart_uploads", "list_parts"}
"""Operations of `call` whose answers are bytes, or that change with every part of an upload."""
OF_ONE_KEY = {"put_object_tagging", "delete_object_tagging"}
"""Operations of `call` that change one object and nothing else."""
MADE = "made"
"""An entry that tells of a directory that its marker was written here; it does not tell whether a file has its name."""
FAULTS = (
    ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError, OSError, RuntimeError, TypeError,
    ValueError,
)  # fmt: skip
"""What a cache may fail with, its own or a user's; none of it is a reason for an operation to fail."""

if TYPE_CHECKING:
    from tfm.s3.many import Many

log = Log("tfm.s3.cache")


class CachingClient:
    """A client that remembers: what is read is kept, what is written makes everything untrue that it can change.

    Equal reads at the same time make one request. A listing that was read to its end answers `probe` for every name in
    it, and for every name that is not. A cache that fails is as good as none.

    Args:
        client: The client that asks.
        cache: Where answers are kept; several clients may share one.
    """

    def __init__(self, client: S3Client, cache: S3Cache) -> None:
        self._client = client
        self._cache = cache
        self._unusable = False
        self._flights: Flights[Token | None] = Flights()
        self._listings: WeakValueDictionary[EntryKey, SharedListing] = WeakValueDictionary()
        self._lock = threading.Lock()

    @property
    def place(self) -> Place:
        """The place that the client speaks to."""
        return self._client.place

    @property
    def lists_by_bytes(self) -> bool:
        """Whether the server is known to list in the order of the keys' bytes."""
        return self._client.lists_by_bytes

    # Reading.

    def list_buckets(self) -> list[BucketFacts]:
        """List the buckets of the credentials."""
        return list(self._read(self._key("list_buckets", "", ""), self._client.list_buckets))

    def head_bucket(self, bucket: str) -> None:
        """Raise unless the bucket exists and may be used."""
        self._read(self._key("head_bucket", bucket, ""), lambda: self._client.head_bucket(bucket), missing=True)

    def probe(self, bucket: str, key: str) -> Probe:
        """Tell what bears a name: from an answer that is kept, or from a listing that knows, also one on its way."""
        found = self._probed(bucket, key) or self._listed(bucket, key)
        if found is None:
            entry = self._key("probe", bucket, key)
            found = self._ask(entry, lambda: self._client.probe(bucket, key))
        return found

    def many(self, check: Callable[[], object]) -> Many | None:
        """Give what sends many small requests at once; what it writes is forgotten here."""
        many = self._client.many(check)
        if many is None:
            return None
        from tfm.s3.many import Noticed

        return Noticed(many, self._written)

    def _written(self, bucket: str, key: str) -> None:
        with self._changing(bucket, key):
            pass

    def recall(self, bucket: str, key: str) -> Probe | None:
        """Tell what bears a name from what is kept, and of a directory also that this process has made it."""
        return self._probed(bucket, key, self._key(MADE, bucket, key))

    def _probed(self, bucket: str, key: str, *more: EntryKey) -> Probe | None:
        found = self._look(self._key("probe", bucket, key), *self._listings_of(bucket, key), *more)
        if found is None:
            return None
        answer: CompleteListing | Probe = found[1]
        return answer.probe(key) if isinstance(answer, CompleteListing) else answer

    def _listed(self, bucket: str, key: str) -> Probe | None:
        """Tell what bears a name by a listing that somebody is reading just now."""
        if not self._listings:
            return None
        for entry in self._listings_of(bucket, key):
            with self._lock:
                listing = self._listings.get(entry)
            if listing is not None and self._joins(listing.token, entry):
                found = listing.probe(key)
                if found is not None:
                    return found
        return None

    def head(self, bucket: str, key: str, *, version_id: str | None = None) -> ObjectFacts:
        """Ask for all facts of one object; a listing can only tell that there is none."""
        entry = self._key("head", bucket, key, version_id)
        listings = self._listings_of(bucket, key) if version_id is None else []

        def answers(_: EntryKey, data: Any) -> bool:
            return not isinstance(data, CompleteListing) or data.probe(key).facts is None

        found = self._look(entry, *listings, accept=answers)
        if found is None:
            return self._ask(  # type: ignore[no-any-return]
                entry, lambda: self._client.head(bucket, key, version_id=version_id), missing=True
            )
        if isinstance(found[1], CompleteListing):
            response = {"Error": {"Code": "404"}, "ResponseMetadata": {"HTTPStatusCode": 404}}
            raise refusal(response, "head_object", bucket, key, place=self.place.name)
        return _opened(found[1])  # type: ignore[no-any-return]

    def pages(self, bucket: str, prefix: str = "", *, delimiter: str = "/", start_after: str = "") -> Iterator[Page]:
        """List below a prefix, page by page, from what is kept or together with others who list the same."""
        if start_after:
            return self._client.pages(bucket, prefix, delimiter=delimiter, start_after=start_after)
        entry = self._key("pages", bucket, prefix, delimiter)
        found = self._look(entry)
        if found is not None:
            return (Page(page.objects[:], page.prefixes.copy(), page.token) for page in found[1].pages)
        return self._listing(entry, delimiter).pages() or self._client.pages(bucket, prefix, delimiter=delimiter)

    def get(
        self, bucket: str, key: str, *, start: int = 0, stop: int | None = None, if_match: str | None = None,
        version_id: str | None = None,
    ) -> Body:  # fmt: skip
        """Open the bytes of an object; bytes are never kept."""
        return self._client.get(bucket, key, start=start, stop=stop, if_match=if_match, version_id=version_id)

    # Writing.

    def create_bucket(self, bucket: str) -> None:
        """Make a bucket."""
        with self._changing(bucket):
            self._client.create_bucket(bucket)

    def delete_bucket(self, bucket: str) -> None:
        """Delete an empty bucket."""
        with self._changing(bucket):
            self._client.delete_bucket(bucket)

    def put(self, bucket: str, key: str, body: bytes | memoryview, options: WriteOptions = NO_OPTIONS) -> ObjectFacts:
        """Write one object in one request; the marker of a directory is remembered, for `recall` alone."""
        with self._changing(bucket, key):
            facts = self._client.put(bucket, key, body, options)
        if key.endswith("/"):
            self._keep(self._key(MADE, bucket, key[:-1]), Probe(None, True), self._token())
        return facts

    def copy(
        self, source: tuple[str, str], bucket: str, key: str, *, if_match: str | None = None,
        version_id: str | None = None, options: WriteOptions = NO_OPTIONS, replace: bool = False,
    ) -> ObjectFacts:  # fmt: skip
        """Copy inside the server."""
        with self._changing(bucket, key):
            return self._client.copy(
                source, bucket, key, if_match=if_match, version_id=version_id, options=options, replace=replace
            )

    def delete(self, bucket: str, key: str, *, if_match: str | None = None) -> None:
        """Delete one key."""
        with self._changing(bucket, key):
            self._client.delete(bucket, key, if_match=if_match)

    def delete_many(
        self, bucket: str, keys: Sequence[str], *, etags: Mapping[str, str] | None = None
    ) -> dict[str, Exception]:
        """Delete up to 1,000 keys in one request."""
        if not keys:
            return {}
        with self._changing(bucket, *keys):
            return self._client.delete_many(bucket, keys, etags=etags)

    def create_upload(self, bucket: str, key: str, options: WriteOptions = NO_OPTIONS) -> str:
        """Begin a multipart upload; nothing that is kept changes before it is completed."""
        return self._client.create_upload(bucket, key, options)

    def upload_part(self, bucket: str, key: str, upload_id: str, number: int, body: bytes | memoryview) -> str:
        """Upload a part."""
        return self._client.upload_part(bucket, key, upload_id, number, body)

    def copy_part(
        self, source: tuple[str, str], start: int, stop: int, bucket: str, key: str, upload_id: str, number: int, *,
        if_match: str | None = None, version_id: str | None = None,
    ) -> str:  # fmt: skip
        """Fill a part from another object."""
        return self._client.copy_part(
            source, start, stop, bucket, key, upload_id, number, if_match=if_match, version_id=version_id
        )

    def complete_upload(
        self, bucket: str, key: str, upload_id: str, etags: Sequence[str], options: WriteOptions = NO_OPTIONS
    ) -> str:
        """Make the object of its parts."""
        with self._changing(bucket, key):
            return self._client.complete_upload(bucket, key, upload_id, etags, options)

    def abort_upload(self, bucket: str, key: str, upload_id: str) -> None:
        """Throw a multipart upload away."""
        self._client.abort_upload(bucket, key, upload_id)

    def presign(self, operation: str, bucket: str, key: str, expires: int, **parameters: Any) -> str:
        """Sign a request for somebody without credentials; what they will do with it is not known here."""
        return self._client.presign(operation, bucket, key, expires, **parameters)

    def call(self, operation: str, *, ttl: float | None = None, **parameters: Any) -> dict[str, Any]:
        """Send any other S3 operation: an answer to a read is kept, anything else drops what is kept of the bucket.

        Args:
            operation: The boto3 name.
            ttl: Seconds for which the answer may be kept; 0 neither keeps nor takes one that is kept.
            parameters: As in the S3 API.
        """

        def ask() -> dict[str, Any]:
            return self._client.call(operation, ttl=ttl, **parameters)

        bucket = parameters.get("Bucket", "")
        if not is_read(operation):
            with self._changing(bucket, *([parameters["Key"]] if operation in OF_ONE_KEY else [])):
                return ask()
        if operation in UNKEPT or ttl == 0 or any("SSECustomer" in name for name in parameters):
            return ask()
        about = parameters.get("Prefix" if operation.startswith("list_") else "Key", "")
        entry = entry_key(operation, bucket, about, place=self.place, **parameters)
        return copy.deepcopy(self._read(entry, ask, ttl=ttl))

    def forget(self, bucket: str, key: str) -> None:
        """Forget what is kept of a key and of everything below it; of a bucket, or everything, when names are empty."""
        self._client.forget(bucket, key)
        with self._changing(bucket, *([key] if key else [])):
            if key:
                self._drop_below(bucket, key + "/")

    # How reading works.

    def _key(self, operation: str, bucket: str, key: str, more: str | None = None) -> EntryKey:
        return EntryKey(operation, bucket, key, (self.place, more))

    def _listings_of(self, bucket: str, key: str) -> list[EntryKey]:
        """Name the listings that would know of a key; without one, the question is whether the bucket is there."""
        return [self._key("pages", bucket, *each) for each in listings_of(key)] if key else []

    def _read(self, entry: EntryKey, ask: Callable[[], Any], *, ttl: float | None = None, missing: bool = False) -> Any:
        found = self._look(entry)
        return self._ask(entry, ask, ttl=ttl, missing=missing) if found is None else _opened(found[1])

    def _look(
        self, *entries: EntryKey, accept: Callable[[EntryKey, Any], bool] | None = None
    ) -> tuple[EntryKey, Any] | None:
        if wants_fresh() or self._unusable:
            return None
        try:
            found = self._cache.lookup(*entries, accept=accept)
        except FAULTS as error:
            log.debug("the cache failed in a look-up (%s)", type(error).__name__)
            return None
        if log.debugging:
            first = entries[0]
            log.debug("%s %s %s", "hit" if found else "miss", first.operation, uri_of("", first.bucket, first.key))
        return found

    def _ask(self, entry: EntryKey, ask: Callable[[], Any], *, ttl: float | None = None, missing: bool = False) -> Any:
        """Ask the server, once for all who ask the same now, and keep the answer."""

        def question(token: Token | None) -> Any:
            try:
                answer = ask()
            except S3NotFoundError as error:
                if missing:
                    self._keep(entry, copy.copy(error), token, ttl)
                raise
            self._keep(entry, answer, token, ttl)
            return answer

        return self._flights.ask(entry, self._token, lambda token: self._joins(token, entry), question)

    def _listing(self, entry: EntryKey, delimiter: str) -> SharedListing:
        """Join a listing that is on its way, or begin one."""
        with self._lock:
            listing = self._listings.get(entry)
            if listing is None or not listing.open_to_join or not self._joins(listing.token, entry):
                token = self._token()

                def finished(pages: list[Page], weight: int) -> None:
                    self._keep(entry, CompleteListing(pages, delimiter), token, weight=weight)

                def start() -> Iterator[Page]:
                    return self._client.pages(entry.bucket, entry.key, delimiter=delimiter)

                listing = SharedListing(token, start, self._limit(), finished, delimiter)
                self._listings[entry] = listing
            return listing

    # The cache may fail; an operation does not.

    def _token(self) -> Token | None:
        try:
            return None if self._unusable else self._cache.token()
        except FAULTS as error:
            log.debug("the cache failed (%s)", type(error).__name__)
            return None

    def _limit(self) -> int:
        try:
            return self._cache.max_bytes
        except FAULTS:
            return 0

    def _joins(self, token: Token | None, entry: EntryKey) -> bool:
        """Tell whether the answer to a question that is on its way will do: no write came since, and it is not old."""
        try:
            return token is not None and not wants_fresh() and not self._unusable and self._cache.holds(token, entry)
        except FAULTS as error:
            log.debug("the cache failed (%s)", type(error).__name__)
            return False

    def _keep(
        self, entry: EntryKey, answer: Any, token: Token | None, ttl: float | None = None, *, weight: int | None = None
    ) -> None:
        if token is None or self._unusable:
            return
        try:
            self._cache.store(entry, answer, ttl=ttl, token=token, weight=weight)
        except FAULTS as error:
            log.debug("the cache failed to keep an answer (%s)", type(error).__name__)

    @contextmanager
    def _changing(self, bucket: str, *keys: str) -> Iterator[None]:
        """Drop what the block can change when it ends, however it ends: a write that timed out may have been done."""
        try:
            yield
        finally:
            try:
                if keys:
                    self._cache.invalidate_keys(bucket, keys)
                elif bucket:
                    self._cache.invalidate_bucket(bucket)
                else:
                    self._cache.clear()
            except FAULTS as error:
                self._give_up(error)

    def _drop_below(self, bucket: str, prefix: str) -> None:
        try:
            self._cache.invalidate_prefix(bucket, prefix)
        except FAULTS as error:
            self._give_up(error)

    def _give_up(self, error: BaseException) -> None:
        """Empty a cache that can't drop single answers; one that can't even do that is not used any more."""
        log.debug("the cache failed to drop an answer (%s)", type(error).__name__)
        try:
            self._cache.clear()
        except FAULTS:
            log.warning("The S3 cache is broken (%s), so it is not used any more.", type(error).__name__)
            self._unusable = True


def _opened(answer: Any) -> Any:
    """Give an answer that was kept, or raise the error that it was."""
    if isinstance(answer, S3NotFoundError):
        raise copy.copy(answer)
    return answer
