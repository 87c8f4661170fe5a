"""The S3 client protocol: the few verbs that everything above needs, and the values that they give.

`Boto3Client` is the plain implementation; caching, counting, failing and slowing clients wrap another client and
speak the same protocol, so that one suite tests them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from tfm.s3.many import Many

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
        requester_pays: Agree to pay for the requests, as a bucket's owner may ask.
        anonymous: Send requests unsigned, for what everybody may read.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html
    """

    name: str = ""
    profile: str | None = None
    endpoint: str | None = None
    region: str | None = None
    addressing: str = "auto"
    read_only: bool = False
    requester_pays: bool = False
    anonymous: bool = False


class WriteOptions(NamedTuple):
    """What a write may ask for besides its bytes; `None` leaves it to S3.

    Args:
        if_none_match: Fail with `S3ExistsError` when the key exists (`If-None-Match: *`).
        if_match: Fail with `S3ChangedError` when the object's ETag is another one.
        content_type: The media type.
        metadata: The user metadata: names and values of ASCII text, at most 2 KB.
        tags: The tags, at most ten.
        storage_class: Such as `STANDARD_IA`.
        encryption: How the server encrypts: `AES256`, `aws:kms` or `aws:kms:dsse`.
        kms_key: The id or ARN of the key for `aws:kms`.
        bucket_key: Whether the bucket's own key stands between the object and KMS.
        cache_control: The header that is sent with the object, as the next five are.
        content_disposition: Such as `attachment; filename=x`.
        content_encoding: Such as `gzip`.
        content_language: Such as `de`.
        expires: When caches should drop it.
        website_redirect: Where a bucket that is a website sends a browser.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
    """

    if_none_match: bool = False
    if_match: str | None = None
    content_type: str | None = None
    metadata: Mapping[str, str] | None = None
    tags: Mapping[str, str] | None = None
    storage_class: str | None = None
    encryption: str | None = None
    kms_key: str | None = None
    bucket_key: bool | None = None
    cache_control: str | None = None
    content_disposition: str | None = None
    content_encoding: str | None = None
    content_language: str | None = None
    expires: datetime | str | None = None
    website_redirect: str | None = None


NO_OPTIONS = WriteOptions()


class ObjectFacts(NamedTuple):
    """What S3 tells of one object; a listing leaves unknown what comes after `version_id`.

    Args:
        key: The key.
        size: Bytes of the whole object.
        mtime: Seconds since the epoch.
        etag: With its quotes.
        storage_class: Such as `STANDARD`.
        version_id: The version, in a bucket that keeps them.
        content_type: The media type.
        metadata: The user metadata.
        described: What a write must ask for to make the object as it is, its tags apart.
        tag_count: How many tags it has, as far as the server says.
    """

    key: str
    size: int
    mtime: float
    etag: str = ""
    storage_class: str = "STANDARD"
    version_id: str | None = None
    content_type: str | None = None
    metadata: Mapping[str, str] | None = None
    described: WriteOptions | None = None
    tag_count: int = 0


class Checksum(NamedTuple):
    """The checksum that S3 keeps of an object.

    Args:
        algorithm: Such as `CRC32` or `SHA256`.
        value: In base64, as S3 gives it; that of parts ends in their number, as in `-3`.
        whole: Whether it is of the whole object, or else of the checksums of its parts.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
    """

    algorithm: str
    value: str
    whole: bool = True


class BucketFacts(NamedTuple):
    """One bucket of `ListBuckets`."""

    name: str
    created: float | None = None


class Page(NamedTuple):
    """One page of a listing: objects and common prefixes, each in byte order, and the token of the next page."""

    objects: Sequence[ObjectFacts]
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

    def readinto(self, buffer: bytearray | memoryview) -> int:
        """Fill a buffer without a copy in between; gives how many bytes came, 0 only at the end."""
        ...

    def take_checksum(self) -> Checksum | None:
        """Give what S3 keeps of the whole object, where all of it was asked for; from here on the caller compares.

        Until then the body itself does, as far as all of it comes on one connection.
        """
        ...

    def close(self) -> None:
        """Give the connection back, or drop it when bytes are left."""
        ...


class S3Client(Protocol):
    """The verbs; every error is one of `tfm.errors`, with bucket and key filled in."""

    @property
    def place(self) -> Place:
        """The place that the client speaks to."""
        ...

    @property
    def lists_by_bytes(self) -> bool:
        """Whether the server is known to list in the order of the keys' bytes, as far as its last listing tells."""
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
        self, bucket: str, key: str, *, start: int = 0, stop: int | None = None, if_match: str | None = None,
        version_id: str | None = None,
    ) -> Body:  # fmt: skip
        """Open the bytes `start` to `stop` (exclusive) of an object; `S3ChangedError` when `if_match` fails."""
        ...

    def put(self, bucket: str, key: str, body: bytes | memoryview, options: WriteOptions = ...) -> ObjectFacts:
        """Write one object in one request."""
        ...

    def copy(
        self, source: tuple[str, str], bucket: str, key: str, *, if_match: str | None = None,
        version_id: str | None = None, options: WriteOptions = ..., replace: bool = False,
    ) -> ObjectFacts:  # fmt: skip
        """Copy inside the server (`CopyObject`, at most 5 GiB), keeping metadata, headers and tags.

        Args:
            source: Bucket and key; the target itself means to renew its time and change nothing.
            bucket: The target's bucket.
            key: The target's key.
            if_match: Fail with `S3ChangedError` when the source's ETag is another one.
            version_id: The version of the source; `None` is the latest.
            options: Conditions on the target, and its storage class, encryption and tags where these are to be others.
            replace: Describe the target by the options alone; tags are kept unless the options name some.
        """
        ...

    def delete(self, bucket: str, key: str, *, if_match: str | None = None) -> None:
        """Delete one key; S3 does not say whether it was there. `if_match` is best effort: see `delete_many`."""
        ...

    def delete_many(
        self, bucket: str, keys: Sequence[str], *, etags: Mapping[str, str] | None = None
    ) -> dict[str, Exception]:
        """Delete up to 1,000 keys in one request; the errors by key, empty when all went well.

        Args:
            bucket: The bucket.
            keys: The keys.
            etags: By key: one whose object is another by now is not deleted, on a server that knows such a condition.
        """
        ...

    def create_upload(self, bucket: str, key: str, options: WriteOptions = ...) -> str:
        """Begin a multipart upload; gives its id."""
        ...

    def upload_part(self, bucket: str, key: str, upload_id: str, number: int, body: bytes | memoryview) -> str:
        """Upload part `number` (from 1); gives its ETag."""
        ...

    def copy_part(
        self, source: tuple[str, str], start: int, stop: int, bucket: str, key: str, upload_id: str, number: int, *,
        if_match: str | None = None, version_id: str | None = None,
    ) -> str:  # fmt: skip
        """Fill a part from the bytes of another object, inside the server (`UploadPartCopy`); gives its ETag.

        Conditions and version are the source's, as for `copy`.
        """
        ...

    def complete_upload(
        self, bucket: str, key: str, upload_id: str, etags: Sequence[str], options: WriteOptions = ...
    ) -> str:
        """Make the object of its parts, in order, so that it appears; gives its ETag, as far as the server tells."""
        ...

    def abort_upload(self, bucket: str, key: str, upload_id: str) -> None:
        """Throw a multipart upload away; no error when it is gone already."""
        ...

    def presign(self, operation: str, bucket: str, key: str, expires: int, **parameters: Any) -> str:
        """Sign a request for somebody without credentials; gives its URL, and sends nothing.

        Args:
            operation: `get_object` or `put_object`.
            bucket: The bucket.
            key: The key.
            expires: Seconds for which the URL is good.
            parameters: More of the operation, named as in the S3 API.
        """
        ...

    def call(self, operation: str, *, ttl: float | None = None, **parameters: Any) -> dict[str, Any]:
        """Send any other S3 operation by its boto3 name, such as `get_bucket_versioning`.

        Args:
            operation: The method's name of a boto3 S3 client.
            ttl: Seconds for which a caching client may keep the answer of a read; `None` means its default.
            parameters: The operation's parameters, named as in the S3 API.
        """
        ...

    def many(self, check: Callable[[], object]) -> Many | None:
        """Give what sends many small requests at once from one thread; `None` where they go one by one.

        Args:
            check: Called now and then while it waits; what it raises ends the waiting.
        """
        ...

    def recall(self, bucket: str, key: str) -> Probe | None:
        """Tell what bears a name as far as it is remembered, without a request; `None` when nothing is."""
        ...

    def forget(self, bucket: str, key: str) -> None:
        """Forget what is kept of a key and of everything below it; a client that keeps nothing does nothing.

        Args:
            bucket: The bucket; an empty one means everything.
            key: The key; an empty one means the whole bucket.
        """
        ...
