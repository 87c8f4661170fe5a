"""`Verbs`: the S3 client protocol in terms of one `_send`, which takes boto3's operations and parameters."""

from __future__ import annotations

import functools
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tfm.errors import S3AuthError, S3BaseError, S3GenericError, S3NotFoundError
from tfm.s3.errors import of_key, refusal
from tfm.s3.listing import follow
from tfm.s3.protocol import NO_OPTIONS, PAGE_SIZE, Body, BucketFacts, ObjectFacts, Page, Probe, WriteOptions
from tfm.s3.shapes import (
    answered_at,
    attributes,
    checksum_of,
    condition,
    conditions,
    copied,
    copy_source,
    etag_of,
    facts_of,
    fits_xml,
    listing_of,
)
from tfm.s3.uploads import Uploads

if TYPE_CHECKING:
    from tfm.s3.many import Many
    from tfm.s3.spreading import Spreading

PROBE_KEYS = 100
"""Keys that a probe asks for: names like `key.txt` and `key-1` that sort between `key` and `key/`."""
BY_BYTES = ("AmazonS3", "MinIO")
"""What servers call themselves that are known to list in the order of bytes; others may go through directories."""


class Verbs(Uploads):
    """What each verb asks of S3 and how it reads the answer; how a request is sent is the subclass's."""

    _server = ""
    """What the server called itself in its last listing."""

    @property
    def lists_by_bytes(self) -> bool:
        """Whether the server is known to list in the order of the keys' bytes, as far as its last listing tells."""
        return self._server.startswith(BY_BYTES)

    def list_buckets(self) -> list[BucketFacts]:
        """List the buckets of the credentials, every page.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
        """
        found: list[BucketFacts] = []
        more: dict[str, Any] = {}
        while True:
            answer = self._send("list_buckets", MaxBuckets=PAGE_SIZE, **more)
            for bucket in answer.get("Buckets", []):
                created = bucket.get("CreationDate")
                found.append(BucketFacts(bucket["Name"], created.timestamp() if created else None))
            token = answer.get("ContinuationToken")
            if not token or token == more.get("ContinuationToken"):
                return found
            more = {"ContinuationToken": token}

    def head_bucket(self, bucket: str) -> None:
        """Raise unless the bucket exists and may be used.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
        """
        try:
            self._send("head_bucket", bucket)
        except S3NotFoundError as error:
            raise self._refused("NoSuchBucket", "head_bucket", bucket) from error

    def create_bucket(self, bucket: str) -> None:
        """Make a bucket in the place's region; `S3ExistsError` when it exists.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
        """
        region = self._region()
        if region and region not in ("us-east-1", "aws-global"):
            self._send("create_bucket", bucket, CreateBucketConfiguration={"LocationConstraint": region})
            return
        # In us-east-1 making one's own bucket again answers 200, so that only a look tells that it exists.
        if not self.place.read_only and self._bucket_exists(bucket):
            raise self._refused("BucketAlreadyOwnedByYou", "create_bucket", bucket)
        self._send("create_bucket", bucket)

    def _bucket_exists(self, bucket: str) -> bool:
        try:
            self._send("head_bucket", bucket)
        except (S3NotFoundError, S3AuthError):
            return False  # not ours, or not there: CreateBucket itself answers exactly
        return True

    def delete_bucket(self, bucket: str) -> None:
        """Delete an empty bucket; `S3NotEmptyError` otherwise.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html
        """
        self._send("delete_bucket", bucket)

    # Names and listings.

    def probe(self, bucket: str, key: str) -> Probe:
        """Tell what bears a name; for an empty key whether the bucket is there, which is `below`.

        One listing of the key itself and its next neighbours answers both questions, unless more than a page of names
        sorts between `key` and `key/`. Who may not list gets what a HEAD tells; a 403 is never "not there".
        """
        if not key:
            self._list(bucket, "", "/", 1)
            return Probe(None, True)
        try:
            page = self._list(bucket, key, "/", PROBE_KEYS)
        except S3BaseError as error:
            of_key(error, self.place.name, bucket, key)
            if not isinstance(error, S3AuthError) or error.code not in ("AccessDenied", "AllAccessDisabled", "403"):
                raise
            try:
                return Probe(self.head(bucket, key), False)
            except (S3AuthError, S3NotFoundError):
                raise error from None  # what may not be seen may still be there
        facts = page.objects[0] if page.objects and page.objects[0].key == key else None
        directory = key + "/"
        below = directory in page.prefixes or any(each.key == directory for each in page.objects)
        if not below and page.token is not None:
            last = max([each.key for each in page.objects[-1:]] + page.prefixes[-1:], default=key)
            if last < directory:
                rest = self._list(bucket, directory, "", 1)
                below = bool(rest.objects or rest.prefixes)
        return Probe(facts, below)

    def head(self, bucket: str, key: str, *, version_id: str | None = None) -> ObjectFacts:
        """Ask for all facts of one object.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
        """
        more: dict[str, Any] = {"VersionId": version_id} if version_id is not None else {}
        return facts_of(key, self._send("head_object", bucket, key, **more))

    def pages(self, bucket: str, prefix: str = "", *, delimiter: str = "/", start_after: str = "") -> Iterator[Page]:
        """List below a prefix, page by page; the first request is sent at once.

        From the second page on, the next one is asked for while the caller works on this one, and a long listing
        without a delimiter is asked for in several key ranges at once. Closing the iterator forgets pages that are on
        their way.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
        """
        fetch = functools.partial(self._list, bucket, prefix, delimiter, PAGE_SIZE)
        first = fetch(StartAfter=start_after) if start_after else fetch()

        def behind(token: str | None, key: str, directory: str | None) -> Page:
            if directory is not None:
                return self._list(bucket, directory, "/", PAGE_SIZE)
            return fetch(StartAfter=key) if token is None else fetch(ContinuationToken=token)

        def spread(pages: list[Page]) -> Spreading:
            from tfm.s3.ranges import Ranges  # both are loaded when a listing turns out to be long
            from tfm.s3.spreading import Spreading

            return Spreading(Ranges(prefix, pages, by_bytes=self.lists_by_bytes), behind)

        return follow(first, lambda token: fetch(ContinuationToken=token), None if delimiter else spread)

    def _list(self, bucket: str, prefix: str, delimiter: str, limit: int, **more: Any) -> Page:
        answer = self._send(
            "list_objects_v2", bucket, Prefix=prefix, Delimiter=delimiter, MaxKeys=limit, EncodingType="url", **more
        )
        page = answer.get("Page")
        if not isinstance(page, Page):
            raise self._refused("MalformedListing", "list_objects_v2", bucket, prefix)
        self._server = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("server", "")
        return page

    # Objects.

    def get(
        self, bucket: str, key: str, *, start: int = 0, stop: int | None = None, if_match: str | None = None,
        version_id: str | None = None,
    ) -> Body:  # fmt: skip
        """Open a part of an object; a part beyond its end is empty.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
        """
        more: dict[str, Any] = {"IfMatch": if_match} if if_match is not None else {}
        if version_id is not None:
            more["VersionId"] = version_id
        if stop is not None and stop <= start:
            return self._empty(bucket, key, more)  # HTTP has no range of no bytes
        if start or stop is not None:
            more["Range"] = f"bytes={start}-{'' if stop is None else stop - 1}"
        try:
            answer = self._send("get_object", bucket, key, condition="match", **more)
        except S3GenericError as error:
            if error.status != 416:
                raise
            return self._empty(bucket, key, {name: more[name] for name in more if name != "Range"})
        facts = facts_of(key, answer)
        body = self._body(answer["Body"], facts, bucket, None if "Range" in more else checksum_of(answer))
        part = answer.get("ContentRange")
        whole = part is None and not start and (stop is None or stop >= facts.size)
        if not whole and (part is None or not part.startswith(f"bytes {start}-")):
            body.close()
            raise self._refused("RangeIgnored", "get_object", bucket, key)
        return body

    def _empty(self, bucket: str, key: str, more: Mapping[str, Any]) -> Body:
        answer = self._send("head_object", bucket, key, condition="match", **more)
        return self._body(None, facts_of(key, answer), bucket)

    def put(self, bucket: str, key: str, body: bytes | memoryview, options: WriteOptions = NO_OPTIONS) -> ObjectFacts:
        """Write one object in one request; the time in the answer is the server's when it answered.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
        """
        asked = {**conditions(options), **attributes(options)}
        answer = self._send("put_object", bucket, key, condition=condition(options), Body=body, **asked)
        size, version = memoryview(body).nbytes, answer.get("VersionId")
        return ObjectFacts(key, size, answered_at(answer), etag_of(answer), version_id=version)

    def copy(
        self, source: tuple[str, str], bucket: str, key: str, *, if_match: str | None = None,
        version_id: str | None = None, options: WriteOptions = NO_OPTIONS, replace: bool = False,
    ) -> ObjectFacts:  # fmt: skip
        """Copy inside the server, keeping metadata; onto itself it only renews the time. S3 tells no size: it is -1.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
        """
        if source == (bucket, key) and version_id is None and not replace:
            # S3 refuses a copy onto itself that changes nothing, so the metadata is given again, unchanged.
            facts = self.head(bucket, key)
            options, replace, if_match = facts.described or NO_OPTIONS, True, if_match or facts.etag
        asked = {**copy_source(source, if_match, version_id), **copied(options, replace=replace)}
        wanted = conditions(options).items()
        limits = {name: value for name, value in wanted if self._takes("copy_object", name)}
        said = condition(options) or "match"  # without a condition on the target, a 412 is about the source
        try:
            answer = self._send("copy_object", bucket, key, condition=said, **asked, **limits)
        except S3NotFoundError as error:
            if error.code not in ("NoSuchKey", "NoSuchVersion"):
                raise
            raise self._refused(error.code, "copy_object", *source) from error  # it is the source that is missing
        except S3GenericError as error:
            if not limits or error.status != 501:
                raise
            answer = self._send("copy_object", bucket, key, condition="match", **asked)  # it knows no such conditions
        result = answer.get("CopyObjectResult", {})
        modified = result.get("LastModified")
        stamp = modified.timestamp() if modified else answered_at(answer)
        return ObjectFacts(key, -1, stamp, etag_of(result), version_id=answer.get("VersionId"))

    def delete(self, bucket: str, key: str, *, if_match: str | None = None) -> None:
        """Delete one key; S3 does not say whether it was there.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
        """
        more: dict[str, Any] = {}
        if if_match is not None and self._takes("delete_object", "IfMatch"):
            more["IfMatch"] = if_match
        try:
            self._send("delete_object", bucket, key, condition="match", **more)
        except S3NotFoundError as error:
            if error.code != "NoSuchKey":  # some servers do say it
                raise
        except S3GenericError as error:
            if not more or error.status != 501:
                raise
            self.delete(bucket, key)  # a server that knows no such condition

    def delete_many(
        self, bucket: str, keys: Sequence[str], *, etags: Mapping[str, str] | None = None
    ) -> dict[str, Exception]:
        """Delete up to 1,000 keys in one request; gives the errors by key.

        A key that the answer does not name as deleted counts as an error. Keys that XML can't carry go one by one.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
        """
        if len(keys) > PAGE_SIZE:
            raise ValueError(f"delete_many takes up to {PAGE_SIZE} keys, not {len(keys)}")
        errors: dict[str, Exception] = {}
        etags = etags or {}
        plain = [key for key in dict.fromkeys(keys) if key and fits_xml(key)]
        if plain:
            answer = self._delete_plain(bucket, plain, etags)
            errors.update(self._undeleted(bucket, plain, answer))
        for key in dict.fromkeys(keys).keys() - plain:
            try:
                self.delete(bucket, key, if_match=etags.get(key))
            except S3BaseError as error:
                errors[key] = error
        return errors

    def _delete_plain(self, bucket: str, keys: Sequence[str], etags: Mapping[str, str]) -> dict[str, Any]:
        conditional = bool(etags) and self._takes("delete_objects", "Delete.Objects.ETag")
        rows = [{"Key": key, "ETag": etags[key]} if conditional and key in etags else {"Key": key} for key in keys]
        try:
            return self._send("delete_objects", bucket, Delete={"Objects": rows})
        except S3GenericError as error:
            if not conditional or (error.code != "MalformedXML" and error.status != 501):
                raise
            return self._delete_plain(bucket, keys, {})  # a server that knows no such condition

    def _undeleted(
        self, bucket: str, keys: Sequence[str], answer: Mapping[str, Any]
    ) -> Iterator[tuple[str, Exception]]:
        """Find the keys that the answer does not name as deleted, each with its reason."""
        deleted = {each.get("Key") for each in answer.get("Deleted", [])}
        failed = {each.get("Key"): each for each in answer.get("Errors", [])}
        for key in keys:
            why = failed.get(key, {"Code": "MissingInAnswer", "Message": "the answer does not say that it was deleted"})
            if key not in deleted and why.get("Code") != "NoSuchKey":
                meta = {**answer.get("ResponseMetadata", {}), "HTTPStatusCode": 0}
                response = {"Error": why, "ResponseMetadata": meta}
                yield key, refusal(response, "delete_objects", bucket, key, place=self.place.name)

    @abstractmethod
    def presign(self, operation: str, bucket: str, key: str, expires: int, **parameters: Any) -> str:
        """Sign a request for somebody without credentials."""

    def call(self, operation: str, *, ttl: float | None = None, **parameters: Any) -> dict[str, Any]:
        """Send any other S3 operation by its boto3 name; `ttl` is for caching clients.

        Raises:
            ValueError: boto3 has no such S3 operation.
        """
        del ttl
        if not self._knows(operation):
            raise ValueError(f"{operation!r} is no operation of S3; boto3's names are like 'get_bucket_versioning'")
        bucket, key = parameters.pop("Bucket", ""), parameters.pop("Key", "")
        answer = self._send(operation, bucket, key, **parameters)
        if isinstance(answer.get("Page"), Page):
            answer.update(listing_of(answer.pop("Page")))
        if operation == "get_object":
            answer["Body"] = self._body(answer["Body"], facts_of(key, answer), bucket)
        return answer

    def many(self, check: Callable[[], object]) -> Many | None:
        """Give nothing: this client sends one by one."""
        del check
        return None

    def recall(self, bucket: str, key: str) -> Probe | None:
        """Give nothing: this client remembers nothing."""
        del bucket, key
        return None

    def forget(self, bucket: str, key: str) -> None:
        """Do nothing: this client keeps nothing."""
