"""The S3 client protocol: the few verbs that everything above needs, and the values that they give.

`Boto3Client` is the plain implementation; caching, counting, failing and slowing clients wrap another client and
speak the same protocol, so that one suite tests them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

PAGE_SIZE = 1000
"""Keys in a full page of a listing, and in one DeleteObjects request: S3's own limit for both."""


class Place(NamedTuple):
    """A named setting to reach S3: which credentials, which endpoint, and how.

    Args:
        name: The name before `@` in a URI; empty for the default place.
        profile: A profile of the shared AWS configuration; `None` leaves the choice to the environment.
        endpoint: The server's URL; `None` means AWS, or what `AWS_ENDPOINT_URL_S3` says.
        region: The region; `None` leaves the choice to the environment.
        addressing: `auto`, `path` or `virtual`.
        read_only: Refuse every write before it is sent.
    """

    name: str = ""
    profile: str | None = None
    endpoint: str | None = None
    region: str | None = None
    addressing: str = "auto"
    read_only: bool = False


class ObjectFacts(NamedTuple):
    """What S3 tells of one object; a listing leaves `content_type` and `metadata` unknown."""

    key: str
    size: int
    mtime: float
    etag: str = ""
    storage_class: str = "STANDARD"
    version_id: str | None = None
    content_type: str | None = None
    metadata: Mapping[str, str] | None = None


class BucketFacts(NamedTuple):
    """One bucket of `ListBuckets`."""

    name: str
    created: float | None = None


class Page(NamedTuple):
    """One page of a listing: objects and common prefixes, each in byte order, and the token of the next page."""

    objects: list[ObjectFacts]
    prefixes: list[str]
    token: str | None = None


class Probe(NamedTuple):
    """What bears a name: the object of exactly that key, and whether keys begin with it and a slash.

    Args:
        facts: The object, or `None`.
        below: Whether any key, the marker of an empty directory included, begins with the key and `/`.
    """

    facts: ObjectFacts | None
    below: bool


class Body(Protocol):
    """The open body of a GET."""

    facts: ObjectFacts
    """The whole object's facts: `size` is the object's size, whatever range was asked for."""

    def read(self, size: int = -1) -> bytes:
        """Read at most `size` bytes, all when negative; empty at the end. Errors are tfm's own."""
        ...

    def close(self) -> None:
        """Give the connection back, or drop it when bytes are left."""
        ...


class WriteOptions(NamedTuple):
    """What a write may ask for besides its bytes.

    Args:
        if_none_match: Fail with `S3ExistsError` when the key exists (`If-None-Match: *`).
        if_match: Fail with `S3ChangedError` when the object's ETag is another one.
        content_type: The media type to store.
        metadata: The user metadata to store.
    """

    if_none_match: bool = False
    if_match: str | None = None
    content_type: str | None = None
    metadata: Mapping[str, str] | None = None


class S3Client(Protocol):
    """The verbs; every error is one of `tfm.errors`, with bucket and key filled in."""

    @property
    def place(self) -> Place:
        """The place that the client speaks to."""
        ...

    def list_buckets(self) -> list[BucketFacts]:
        """List the buckets of the credentials (`ListBuckets`, every page)."""
        ...

    def head_bucket(self, bucket: str) -> None:
        """Raise unless the bucket exists and may be used (`HeadBucket`)."""
        ...

    def create_bucket(self, bucket: str) -> None:
        """Make a bucket in the place's region; `S3ExistsError` when it exists."""
        ...

    def delete_bucket(self, bucket: str) -> None:
        """Delete an empty bucket; `S3NotEmptyError` otherwise."""
        ...

    def probe(self, bucket: str, key: str) -> Probe:
        """Tell what bears a name, in one ListObjectsV2 for nearly every bucket, and at most two."""
        ...

    def head(self, bucket: str, key: str, *, version_id: str | None = None) -> ObjectFacts:
        """All facts of one object (`HeadObject`)."""
        ...

    def pages(self, bucket: str, prefix: str = "", *, delimiter: str = "/", start_after: str = "") -> Iterator[Page]:
        """List below a prefix, page by page; the first request is sent at once, not at the first `next`."""
        ...

    def get(
        self, bucket: str, key: str, *, start: int = 0, stop: int | None = None, if_match: str | None = None
    ) -> Body:
        """Open the bytes `start` to `stop` (exclusive) of an object; `S3ChangedError` when `if_match` fails."""
        ...

    def put(self, bucket: str, key: str, body: bytes | memoryview, options: WriteOptions = ...) -> ObjectFacts:
        """Write one object in one request."""
        ...

    def copy(self, source: tuple[str, str], bucket: str, key: str, *, if_match: str | None = None) -> ObjectFacts:
        """Copy inside the server (`CopyObject`, at most 5 GiB), keeping metadata; `if_match` is the source's ETag."""
        ...

    def delete(self, bucket: str, key: str) -> None:
        """Delete one key; S3 does not say whether it was there."""
        ...

    def delete_many(self, bucket: str, keys: Sequence[str]) -> dict[str, Exception]:
        """Delete up to 1,000 keys in one request; the errors by key, empty when all went well."""
        ...

    def create_upload(self, bucket: str, key: str, options: WriteOptions = ...) -> str:
        """Begin a multipart upload; gives its id."""
        ...

    def upload_part(self, bucket: str, key: str, upload_id: str, number: int, body: bytes | memoryview) -> str:
        """Upload part `number` (from 1); gives its ETag."""
        ...

    def copy_part(
        self, source: tuple[str, str], start: int, stop: int, bucket: str, key: str, upload_id: str, number: int
    ) -> str:
        """Fill a part from the bytes of another object, inside the server (`UploadPartCopy`); gives its ETag."""
        ...

    def complete_upload(
        self, bucket: str, key: str, upload_id: str, etags: Sequence[str], options: WriteOptions = ...
    ) -> None:
        """Make the object of its parts, in order; only now does it appear."""
        ...

    def abort_upload(self, bucket: str, key: str, upload_id: str) -> None:
        """Throw a multipart upload away; no error when it is gone already."""
        ...

    def call(self, operation: str, *, ttl: float | None = None, **parameters: Any) -> dict[str, Any]:
        """Send any other S3 operation by its boto3 name, such as `get_bucket_versioning`.

        Args:
            operation: The method's name of a boto3 S3 client.
            ttl: Seconds for which a caching client may keep the answer of a read; `None` means its default.
            parameters: The operation's parameters, named as in the S3 API.
        """
        ...

    def forget(self, bucket: str, key: str) -> None:
        """Forget what is kept of a key and of everything below it; a client that keeps nothing does nothing.

        Args:
            bucket: The bucket; an empty one means everything.
            key: The key; an empty one means the whole bucket.
        """
        ...
