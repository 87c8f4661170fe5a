"""Copying and moving inside S3: the server does the work, and a source goes only when its copy is there."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from tfm.errors import S3ChangedError, S3GenericError
from tfm.s3.deleting import delete_copied, raise_first, wide
from tfm.s3.keeping import kept
from tfm.s3.protocol import NO_OPTIONS, ObjectFacts, S3Client, WriteOptions
from tfm.s3.unfinished import begin_upload, end_upload, take_up

if TYPE_CHECKING:
    from tfm.resumable import Keeper

LARGEST_COPY = 5 * 1024**3
"""Bytes that one CopyObject may copy. Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html"""
PART = 512 * 1024 * 1024
"""Bytes of a part of a larger copy."""
WIDTH = 16
"""Parts of one object on their way at once."""


class Location(NamedTuple):
    """A bucket and a key, or a bucket and a prefix."""

    bucket: str
    key: str


def copy_object(
    client: S3Client, source: Location, target: Location, size: int | None = None, *, if_match: str | None = None,
    version_id: str | None = None, options: WriteOptions = NO_OPTIONS, replace: bool = False,
    keeper: Keeper | None = None,
) -> str:  # fmt: skip
    """Copy one object with its metadata, headers and tags.

    Args:
        client: The client of the place that both are in.
        source: The object.
        target: The new one.
        size: Bytes, when known; asked for only when the server says that the object is too large for one request.
        if_match: The ETag that the source must have.
        version_id: The version of the source; `None` is the latest.
        options: Conditions on the target, and in what it differs from the source.
        replace: Describe the target by the options alone, tags apart.
        keeper: Told of the upload by which a larger object is copied, and of its parts, and tells them.

    Returns:
        The ETag of the copy; empty when it was made in parts.
    """
    if size is None or size <= LARGEST_COPY:
        try:
            wish: dict[str, Any] = {
                "if_match": if_match, "version_id": version_id, "options": options, "replace": replace,
            }  # fmt: skip
            return client.copy(source, *target, **wish).etag
        except S3GenericError as error:
            if size is not None or error.code not in ("InvalidRequest", "EntityTooLarge"):
                raise
            if client.head(*source, version_id=version_id).size <= LARGEST_COPY:
                raise
    facts = client.head(*source, version_id=version_id)
    if if_match is not None and facts.etag != if_match:
        raise S3ChangedError(
            f"s3://{source.bucket}/{source.key}: the object changed in between: read it again, then repeat.",
            bucket=source.bucket,
            key=source.key,
        )
    described = kept(client, source.bucket, facts, options, version_id)
    if replace:
        described = options._replace(tags=described.tags)
    elif source != target:  # a copy is encrypted as its bucket says, as CopyObject does it
        described = described._replace(
            encryption=options.encryption, kms_key=options.kms_key, bucket_key=options.bucket_key
        )
    _copy_in_parts(client, source, target, facts, version_id, described, keeper)
    return ""


def parts_of(size: int) -> list[tuple[int, int]]:
    """Cut an object into parts of nearly one size, each of which UploadPartCopy takes.

    Args:
        size: Bytes of the object.
    """
    count = max(1, -(-size // max(PART, -(-size // 10_000))))
    cuts = [size * number // count for number in range(count + 1)]
    return list(pairwise(cuts))


def _copy_in_parts(
    client: S3Client, source: Location, target: Location, facts: ObjectFacts, version_id: str | None,
    options: WriteOptions, keeper: Keeper | None,
) -> None:  # fmt: skip
    version = f"{facts.etag} {facts.size} {PART}"
    upload_id, there = take_up(client, *target, keeper, version)
    if not upload_id:
        upload_id = begin_upload(client, *target, options, keeper)

    def copy(number: int, start: int, stop: int) -> str:
        if number in there:
            return there[number]
        etag = client.copy_part(
            source, start, stop, *target, upload_id, number, if_match=facts.etag or None, version_id=version_id
        )
        if keeper is not None:
            keeper.piece(version, number, etag)
        return etag

    try:
        from concurrent.futures import ThreadPoolExecutor  # not for the paths that copy nothing so large

        with ThreadPoolExecutor(WIDTH, thread_name_prefix="tfm-copy") as pool:
            futures = [pool.submit(copy, number, *cut) for number, cut in enumerate(parts_of(facts.size), 1)]
            etags = [future.result() for future in futures]
        client.complete_upload(*target, upload_id, etags, options)
    except BaseException as error:
        if keeper is None or not keeper.keeps(error):
            end_upload(client, *target, upload_id, keeper)
        raise
    if keeper is not None:
        keeper.ended()


def move_object(client: S3Client, source: Location, target: Location, listed: ObjectFacts | None = None) -> None:
    """Move one object; one that somebody writes meanwhile is never deleted before its new bytes are copied.

    The deletion carries an ETag, where the server knows such a condition. The copy's own serves for most objects. One
    that was uploaded in parts or is encrypted by another key has another, so that it is asked for and copied again.

    Args:
        client: The client of the place that both are in.
        source: The object.
        target: The new one.
        listed: What a listing told of the source, if one did.

    Raises:
        S3ChangedError: Somebody goes on writing the source; it stays.
    """
    options = WriteOptions(storage_class=class_of(listed)) if listed is not None else NO_OPTIONS
    known = listed.etag if listed is not None and "-" in listed.etag else None
    try:
        etag = copy_object(client, source, target, if_match=known, options=options)
        if known or etag:
            client.delete(*source, if_match=known or etag)
            return
    except S3ChangedError:
        pass
    client.forget(*source)
    facts = client.head(*source)
    options = WriteOptions(storage_class=class_of(facts))
    copy_object(client, source, target, facts.size, if_match=facts.etag or None, options=options)
    client.delete(*source, if_match=facts.etag or None)


def class_of(facts: ObjectFacts) -> str | None:
    """Name the class that a copy must ask for: without it, what is kept cheaply would become costly.

    Args:
        facts: The source.
    """
    return None if facts.storage_class == "STANDARD" else facts.storage_class


def copy_listed(
    client: S3Client, source: Location, target: Location, facts: ObjectFacts, options: WriteOptions = NO_OPTIONS,
    keeper: Keeper | None = None,
) -> None:  # fmt: skip
    """Copy an object as a listing told it, and no other version of it, and make sure that the copy is as long.

    Args:
        client: The client of the place that both are in.
        source: The object.
        target: The new one.
        facts: What the listing told.
        options: Conditions on the target.
        keeper: As for `copy_object`.

    Raises:
        S3ChangedError: Somebody has written the source since.
        S3GenericError: The copy has another size; it is there.
    """
    described = options._replace(storage_class=class_of(facts))
    etag = copy_object(
        client, source, target, facts.size, if_match=facts.etag or None, options=described, keeper=keeper
    )
    if etag == facts.etag and etag:
        return
    # Copies in parts, and encrypted ones, have an ETag of their own.
    size = client.head(*target).size
    if size != facts.size:
        raise S3GenericError(
            f"The copy s3://{target.bucket}/{target.key} has {size} bytes and s3://{source.bucket}/{source.key} has "
            f"{facts.size}, so nothing was deleted: compare the two and copy again.",
            code="CopyMismatch",
            bucket=target.bucket,
            key=target.key,
        )


def move_directory(client: S3Client, source: Location, target: Location) -> bool:
    """Move everything below a prefix to another prefix, key by key.

    All copies are made and verified before the first source is deleted; when one fails, every source is still there.
    A source that somebody else wrote since it was listed is neither copied nor deleted: `S3ChangedError`.

    Args:
        client: The client of the place that both are in.
        source: A bucket and a prefix with its slash.
        target: A bucket and a prefix with its slash.

    Returns:
        Whether there was anything to move.
    """
    objects = [facts for page in client.pages(*source, delimiter="") for facts in page.objects]
    copied: dict[str, str] = {}

    def copy(facts: ObjectFacts) -> None:
        there = Location(target.bucket, target.key + facts.key[len(source.key) :])
        copy_listed(client, Location(source.bucket, facts.key), there, facts)
        copied[facts.key] = facts.etag

    try:
        wide(client, copy, objects)  # only when all of them are known: a listing that breaks leaves no half of a copy
    except S3ChangedError:
        client.forget(*source)  # the listing is older than the objects: another try must list again
        raise
    raise_first(delete_copied(client, source.bucket, copied))
    return bool(objects)
