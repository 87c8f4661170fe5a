"""Directories that a server goes on listing when the last object in them is gone."""

from __future__ import annotations

from collections.abc import Iterable

from tfm.s3.protocol import Page, S3Client


def drop_leftovers(client: S3Client, bucket: str, prefix: str) -> bool:
    """Delete the directories below a prefix that no key stands for.

    A server that keeps keys in real directories, such as SeaweedFS, shows them as common prefixes until the marker that
    was never written is deleted. That deletes nothing else: what was written meanwhile stays.

    Args:
        client: The client of the bucket's place.
        bucket: The bucket.
        prefix: A prefix that ends with a slash; its own marker is left alone.

    Returns:
        Whether nothing is left below the prefix; when a key is, nothing was deleted there.
    """
    if _holds_more(client.pages(bucket, prefix, delimiter=""), prefix):
        return False
    for below in [each for page in client.pages(bucket, prefix) for each in page.prefixes]:
        if not drop_leftovers(client, bucket, below):
            return False
        client.delete(bucket, below)
    return not _holds_more(client.pages(bucket, prefix), prefix)


def _holds_more(pages: Iterable[Page], marker: str) -> bool:
    return any(page.prefixes or any(facts.key != marker for facts in page.objects) for page in pages)
