"""Deleting many keys: 1,000 a request, several requests at once; and what was copied, only while it is just that."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from tfm.errors import S3AuthError, S3BaseError, S3ChangedError, S3NotFoundError, S3RateLimitError
from tfm.s3.freshness import fresh
from tfm.s3.objects import keys_of
from tfm.s3.places import width_at
from tfm.s3.protocol import PAGE_SIZE, ObjectFacts, S3Client
from tfm.s3.shapes import fits_xml
from tfm.workers import for_each

T = TypeVar("T")

WORTH_LISTING = 20
"""Of the keys that are looked for, as many as a page of a listing must have to list on rather than ask for each."""


def wide(client: S3Client, call: Callable[[T], object], items: Iterable[T]) -> None:
    """Send a request for every item, as many at once as the place takes; the first error ends it.

    Args:
        client: The client of the place.
        call: Sends the request.
        items: Taken as they are needed.
    """
    width = width_at(client.place.name)

    def paced(item: T) -> None:
        try:
            call(item)
        except S3RateLimitError:
            width.slow_down()
            raise

    for_each(width, "tfm-s3", paced, items)


def delete_keys(client: S3Client, bucket: str, keys: Iterable[str]) -> dict[str, Exception]:
    """Delete any number of keys, 1,000 a request.

    Args:
        client: The client of the place.
        bucket: The bucket.
        keys: The keys.

    Returns:
        The errors by key.
    """
    errors: dict[str, Exception] = {}
    for batch in _batches(keys):
        errors.update(client.delete_many(bucket, batch))
    return errors


def delete_tree(client: S3Client, bucket: str, prefix: str) -> tuple[int, dict[str, Exception]]:
    """Delete everything below a prefix: while one page is deleted, the next is listed.

    Args:
        client: The client of the place.
        bucket: The bucket.
        prefix: With its slash; an empty one is the whole bucket.

    Returns:
        How many keys were found, and the errors by key.

    Raises:
        S3BaseError: A request failed as a whole; nothing more is deleted then.
    """
    errors: dict[str, Exception] = {}
    found = 0

    def pages() -> Iterator[list[str]]:
        nonlocal found
        for page in client.pages(bucket, prefix, delimiter=""):
            found += len(page.objects)
            yield from _batches(keys_of(page.objects))

    wide(client, lambda keys: errors.update(client.delete_many(bucket, keys)), pages())
    return found, errors


def delete_copied(client: S3Client, bucket: str, etags: Mapping[str, str]) -> dict[str, Exception]:
    """Delete objects whose copies are there and verified, each only while it is what was copied.

    Not every server knows a condition for a deletion, so the objects are looked at once more just before: by one
    request for each 1,000 where they are neighbours.

    Args:
        client: The client of the place.
        bucket: The bucket.
        etags: By key, those that were copied.

    Returns:
        The errors by key: `S3ChangedError` for what somebody else has written since, which stays.
    """
    errors: dict[str, Exception] = {}

    def delete(keys: Sequence[str]) -> None:
        there = look_again(client, bucket, keys)
        same = [key for key in keys if key in there and there[key].etag == etags[key]]
        for key in keys:
            if key in there and there[key].etag != etags[key]:
                errors[key] = _changed(bucket, key)
        if same:
            errors.update(client.delete_many(bucket, same, etags={key: etags[key] for key in same}))

    keys = sorted(etags)
    if len(keys) > PAGE_SIZE:
        wide(client, delete, _batches(keys))
    elif keys:
        delete(keys)
    return errors


def look_again(client: S3Client, bucket: str, keys: Sequence[str]) -> dict[str, ObjectFacts]:
    """Ask the server what some objects are now, past every cache: by listing where they are neighbours, else singly.

    Args:
        client: The client of the place.
        bucket: The bucket.
        keys: In byte order.

    Returns:
        The objects that are there, by key.
    """
    with fresh():
        there = _listed_again(client, bucket, keys)

    def ask(key: str) -> None:
        try:
            with fresh():  # in this thread too
                there[key] = client.head(bucket, key)
        except S3NotFoundError:
            pass  # it is gone already

    missing = [key for key in keys if key not in there]
    if missing:
        wide(client, ask, missing)
    return there


def _listed_again(client: S3Client, bucket: str, keys: Sequence[str]) -> dict[str, ObjectFacts]:
    there: dict[str, ObjectFacts] = {}
    start: int | None = 0
    try:
        while start is not None and fits_xml(keys[start]):  # the answer repeats that, and not every server encodes it
            start = _listed_on(client, bucket, keys, start, there)
    except S3AuthError:
        pass  # who may not list may still look at single objects
    return there


def _listed_on(
    client: S3Client, bucket: str, keys: Sequence[str], start: int, there: dict[str, ObjectFacts]
) -> int | None:
    """List from a key on while neighbours come; gives from which one it is worth to begin anew, if from any."""
    wanted, worth = set(keys[start:]), False
    # What sorts just before the key comes along: names that begin as it does, but for its last letter.
    for page in client.pages(bucket, _common(keys[start:]), delimiter="", start_after=keys[start][:-1]):
        found = {facts.key: facts for facts in page.objects if facts.key in wanted}
        there.update(found)
        start = bisect_right(keys, page.objects[-1].key) if page.objects else len(keys)
        if start == len(keys):
            break
        if len(found) < WORTH_LISTING:
            return start if worth else None  # further on there may be neighbours again
        worth = True
    return None


def raise_first(errors: Mapping[str, Exception]) -> None:
    """Raise one of the errors, if there are any.

    Args:
        errors: By key.
    """
    for error in errors.values():
        if len(errors) > 1 and isinstance(error, S3BaseError):
            error.add_note(f"{len(errors) - 1} more keys could not be deleted.")
        raise error


def _changed(bucket: str, key: str) -> S3ChangedError:
    return S3ChangedError(
        f"s3://{bucket}/{key}: the object changed after it was copied: the copy is there, and it was kept.",
        bucket=bucket,
        key=key,
    )


def _common(keys: Sequence[str]) -> str:
    """Give the prefix that all of some sorted keys have, up to a slash."""
    first, last = keys[0], keys[-1]
    same = next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
    return first[: first.rfind("/", 0, same) + 1]


def _batches(keys: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for key in keys:
        batch.append(key)
        if len(batch) == PAGE_SIZE:
            yield batch
            batch = []
    if batch:
        yield batch
