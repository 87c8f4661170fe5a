"""S3Attributes: what S3 keeps of an object besides its bytes, to read and to set, and URLs for others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from tfm.errors import S3NotFoundError, UnsupportedOperation
from tfm.info import FileInfo
from tfm.s3.address import S3Address
from tfm.s3.entries import file_info
from tfm.s3.keeping import kept, options_of, overlaid, portable, tags_of
from tfm.s3.moving import Location, copy_object
from tfm.s3.protocol import NO_OPTIONS, Checksum, ObjectFacts
from tfm.s3.shapes import attributes, checksum_of
from tfm.s3.unfinished import Upload, drop_upload, uploads_below

LONGEST_URL = 7 * 24 * 3600
"""Seconds. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html"""

METHODS = {"GET": "get_object", "PUT": "put_object"}


class S3Attributes(S3Address):
    """What an object has besides its bytes. Each property asks S3 once (`HeadObject`), and the answer is kept."""

    __slots__ = ()

    def _head(self) -> ObjectFacts:
        client, bucket, key = self._file_address()
        return client.head(bucket, key, version_id=self._version_id)

    @property
    def content_type(self) -> str | None:
        """The media type, such as `text/csv`."""
        return self._head().content_type

    @property
    def metadata(self) -> dict[str, str]:
        """The user metadata; S3 keeps names in lower case."""
        return dict(self._head().metadata or {})

    @property
    def tags(self) -> dict[str, str]:
        """The tags (`GetObjectTagging`)."""
        client, bucket, key = self._file_address()
        return tags_of(client, bucket, key, self._version_id)

    @property
    def storage_class(self) -> str:
        """The storage class, such as `STANDARD`."""
        return self._head().storage_class

    @property
    def etag(self) -> str:
        """The entity tag with its quotes, which another content would change."""
        return self._head().etag

    @property
    def version_id(self) -> str | None:
        """The version; `None` in a bucket that keeps none."""
        return self._version_id or self._head().version_id

    @property
    def encryption(self) -> str | None:
        """How the server encrypts the object, such as `AES256` or `aws:kms`, as far as it says."""
        return (self._head().described or NO_OPTIONS).encryption

    @property
    def checksum(self) -> Checksum | None:
        """The checksum that S3 keeps, or `None`; of an object encrypted by KMS it needs `kms:Decrypt`."""
        client, bucket, key = self._file_address()
        more: dict[str, Any] = {} if self._version_id is None else {"VersionId": self._version_id}
        answer = client.call("head_object", Bucket=bucket, Key=key, ChecksumMode="ENABLED", **more)
        return checksum_of(answer)

    @property
    def part_size(self) -> int | None:
        """The bytes of its first part, as the server tells them (`HeadObject` of part 1); without parts, of all."""
        client, bucket, key = self._file_address()
        size = client.call("head_object", Bucket=bucket, Key=key, PartNumber=1).get("ContentLength")
        return None if size is None else int(size)

    def uploads(self) -> Iterator[Upload]:
        """List the multipart uploads of this key, and of all below, that were begun and neither completed nor dropped.

        Their parts are stored and paid for until somebody drops them.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html
        """
        client, bucket, key = self._address()
        for upload in uploads_below(client, bucket, key):
            if not key or upload.key == key or upload.key.startswith(f"{key}/"):
                yield upload

    def drop_upload(self, upload_id: str, since: float = 0.0) -> None:
        """Drop a multipart upload of this key; no error when it is gone already.

        Args:
            upload_id: The upload's; an empty one drops those that began after a time and have no parts.
            since: That time, in seconds since the epoch.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html
        """
        client, bucket, key = self._file_address()
        drop_upload(client, bucket, key, upload_id, since)

    def described_as(self, other: S3Attributes) -> bool:
        """Whether another object has the same media type, metadata and headers; where each is kept does not matter.

        Args:
            other: In any place.
        """
        one, two = (
            portable((path._head().described or NO_OPTIONS)._replace(storage_class=None)) for path in (self, other)
        )
        return one == two

    def set_attributes(self, **options: Any) -> None:
        """Store the object otherwise, and keep its bytes and all that is not named.

        The server copies the object onto itself, unless somebody wrote it in between; in a bucket that keeps versions
        this makes a new one.

        Args:
            options: The keywords of `open`: `content_type`, `metadata`, `tags`, `storage_class`, `cache_control`, ….

        Raises:
            S3NotFoundError: There is no such object.
            S3ChangedError: Somebody else wrote it in between, and their object stays as it is.
        """
        given = options_of("set_attributes", options)
        client, bucket, key = self._file_address()
        client.forget(bucket, key)  # what is kept may be older than the object
        facts = self._head()
        described = overlaid(facts.described or NO_OPTIONS, given)._replace(if_match=facts.etag or None)
        here = Location(bucket, key)
        copy_object(client, here, here, facts.size, if_match=facts.etag or None, options=described, replace=True)

    def set_metadata(self, metadata: Mapping[str, str]) -> None:
        """Replace the user metadata; see `set_attributes`.

        Args:
            metadata: All of it, in ASCII.
        """
        self.set_attributes(metadata=metadata)

    def set_content_type(self, content_type: str) -> None:
        """Replace the media type; see `set_attributes`.

        Args:
            content_type: Such as `text/csv`.
        """
        self.set_attributes(content_type=content_type)

    def set_storage_class(self, storage_class: str) -> None:
        """Move the object to another storage class; see `set_attributes`.

        Args:
            storage_class: Such as `STANDARD_IA`.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html
        """
        self.set_attributes(storage_class=storage_class)

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Replace the tags; neither the object nor its time changes.

        Args:
            tags: All of them, at most ten; none takes them away.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html
        """
        given = options_of("set_tags", {"tags": tags}).tags or {}
        client, bucket, key = self._file_address()
        if not given:
            client.call("delete_object_tagging", Bucket=bucket, Key=key)
            return
        rows = [{"Key": name, "Value": value} for name, value in given.items()]
        client.call("put_object_tagging", Bucket=bucket, Key=key, Tagging={"TagSet": rows})

    def presign(self, method: str = "GET", expires: float | timedelta = 3600, **options: Any) -> str:
        """Give a URL by which anybody may read or write this object for a while; nothing is sent.

        Whoever holds the URL acts with the rights of these credentials, and it ends with them if they end sooner. In a
        place that pays for requests, whoever uses it must send the header `x-amz-request-payer: requester`.

        Args:
            method: `GET`, or `PUT` to upload.
            expires: In seconds, or as a `timedelta`; at most seven days.
            options: With `PUT` the keywords of `open`, such as `content_type`: the upload must send them as headers.

        Raises:
            UnsupportedOperation: The place is anonymous, so there is nothing to sign with.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html
        """
        client, bucket, key = self._file_address()
        if method not in METHODS:
            raise ValueError(f"presign() knows the methods {' and '.join(METHODS)}, not {method!r}.")
        seconds = int(expires.total_seconds() if isinstance(expires, timedelta) else expires)
        if not 0 < seconds <= LONGEST_URL:
            raise ValueError(f"a URL is good for 1 to {LONGEST_URL} seconds (seven days), not {seconds}.")
        if client.place.anonymous:
            raise UnsupportedOperation(f"{self}: the place is anonymous, so there is nothing to sign a URL with.")
        if options and method != "PUT":
            raise TypeError("presign() takes options of the object with method='PUT' only")
        asked = attributes(options_of("presign", options))
        if self._version_id is not None and method == "GET":
            asked["VersionId"] = self._version_id
        return client.presign(METHODS[method], bucket, key, seconds, **asked)

    def stored_with(self, reader: Any) -> dict[str, Any]:
        """Give what another place is to store with a copy; how it encrypts is its own matter.

        Args:
            reader: What `open_reader` gave.
        """
        return portable(kept(self._client, self.bucket, reader.facts, NO_OPTIONS, self._version_id))

    def opened(self, reader: Any) -> FileInfo:
        """Tell which object a reader reads, which need not be the one that is there by now.

        Args:
            reader: What `open_reader` gave.
        """
        return file_info(self.name, reader.facts)

    def _missing(self) -> Any:
        return self._error(S3NotFoundError, "there is no such object.", "NoSuchKey")
