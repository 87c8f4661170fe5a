"""S3History: the versions of an object in a bucket that keeps them.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tfm.errors import S3ExistsError, S3NotFoundError
from tfm.s3.attributes import S3Attributes
from tfm.s3.moving import Location, copy_object
from tfm.s3.protocol import PAGE_SIZE, S3Client, WriteOptions

if TYPE_CHECKING:
    from typing import Self

    from tfm.s3.versions import S3VersionPath


def _version_class() -> type[S3VersionPath]:
    """Give the class of a version's path, which stands above this module."""
    kind: type[S3VersionPath] = import_module("tfm.s3.versions").S3VersionPath
    return kind


class S3History(S3Attributes):
    """The versions of an object."""

    __slots__ = ()

    def versions(self) -> list[S3VersionPath]:
        """List the versions of the object, the newest first; a deletion is one of them.

        In a bucket that keeps no versions there is one, whose id is `null`.

        Raises:
            S3NotFoundError: There is none, so there never was such an object.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
        """
        client, bucket, key = self._file_address()
        rows = [row for row in _version_rows(client, bucket, key) if row["Key"] == key]
        if not rows:
            raise self._missing()
        # Versions and deletions come in two lists, each in order; of the same second, the deletion came after.
        rows.sort(key=lambda row: (not row["IsLatest"], -row["LastModified"].timestamp(), "ETag" in row))
        return [_version_class().of_row(self._uri, row) for row in rows]

    def at_version(self, version_id: str) -> S3VersionPath:
        """Give the path of one version, to read it; no request is made.

        Args:
            version_id: As S3 gave it.
        """
        self._file_address()
        if not version_id:
            raise ValueError("a version has an id: versions() gives them")
        return _version_class().of_version(self._uri, version_id)

    def restore(self) -> Self:
        """Bring a deleted object back: the server copies its newest version onto the key.

        Returns:
            The path.

        Raises:
            S3ExistsError: It is there; to go back, restore one of its `versions()`.
            S3NotFoundError: No version of it is left.
        """
        versions = self.versions()
        if not versions[0].is_delete_marker:
            raise self._error(S3ExistsError, "is not deleted: to go back, call restore() on one of its versions().")
        for version in versions:
            if not version.is_delete_marker:
                self._copy_here(version.version_id, version.facts().storage_class, only_new=True)
                return self
        raise self._error(S3NotFoundError, "no version of it is left.", "NoSuchKey")

    def deletions(self) -> Iterator[S3VersionPath]:
        """List the deletions that are the latest version of this key, and of every key below, in a versioned bucket.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html
        """
        client, bucket, key = self._address()
        top = self._uri.removesuffix(f"/{key}") if key else self._uri
        for row in _version_rows(client, bucket, key, below=True):
            mine = row["Key"] == key or row["Key"].startswith(self._prefix)
            if mine and row["IsLatest"] and "ETag" not in row:
                yield _version_class().of_row(f"{top}/{row['Key']}", row)

    def _copy_here(self, version_id: str | None, storage_class: str | None, *, only_new: bool = False) -> None:
        """Make the latest version of an older one, in its storage class."""
        client, bucket, key = self._file_address()
        here = Location(bucket, key)
        kind = None if storage_class == "STANDARD" else storage_class
        options = WriteOptions(if_none_match=only_new, storage_class=kind)
        copy_object(client, here, here, version_id=version_id, options=options)


def _version_rows(client: S3Client, bucket: str, key: str, *, below: bool = False) -> Iterator[dict[str, Any]]:
    """List the versions of every key that begins with ours, until ours is behind, or all that is below it."""
    more: dict[str, Any] = {}
    while True:
        answer = client.call("list_object_versions", ttl=0, Bucket=bucket, Prefix=key, MaxKeys=PAGE_SIZE, **more)
        found = [*answer.get("Versions", []), *answer.get("DeleteMarkers", [])]
        yield from found
        if not answer.get("IsTruncated") or (not below and any(row["Key"] > key for row in found)):
            return
        more = {"KeyMarker": answer["NextKeyMarker"]}
        if answer.get("NextVersionIdMarker"):
            more["VersionIdMarker"] = answer["NextVersionIdMarker"]
