"""S3VersionPath: one version of an object, to read it, to copy it, and to go back to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tfm.errors import S3GenericError, S3NotADirectoryError, S3NotFoundError, UnsupportedOperation
from tfm.info import FileInfo
from tfm.s3.entries import file_info
from tfm.s3.path import S3PathImpl
from tfm.s3.reader import S3Reader

if TYPE_CHECKING:
    from typing import Self

GONE = 405
"""The HTTP status of reading a version that is a deletion.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html
"""


class S3VersionPath(S3PathImpl):
    """A path that leads to one version of an object, and never to another; it can be read and copied, not written.

    Its names are those of the object. As text it is `URI?versionId=ID`, which is no path: where a version goes through
    text, the object of that odd name is missing, and the latest version is not taken for the one that was meant.

    `at_version()` and `versions()` make it.
    """

    __slots__ = ("_marker", "_version_id")

    _uri_is_all = False

    if TYPE_CHECKING:
        _version_id: str
        _marker: bool

    def __new__(cls, *segments: Any) -> Any:  # noqa: D102 - documented by its class
        first = segments[0] if segments else None
        if isinstance(first, S3VersionPath) and len(segments) == 1:
            return first
        return S3PathImpl(*segments)

    @classmethod
    def of_version(cls, uri: str, version_id: str, info: FileInfo | None = None, *, marker: bool = False) -> Self:
        """Make the path of a version.

        Args:
            uri: Of the object, as it is kept inside.
            version_id: The version.
            info: What a listing told of it.
            marker: Whether the listing told that it is a deletion.
        """
        self = object.__new__(cls)
        self._uri = uri
        self._info = info
        self._version_id = version_id
        self._marker = marker
        return self

    @classmethod
    def of_row(cls, uri: str, row: dict[str, Any]) -> Self:
        """Make the path of a version that a listing found.

        Args:
            uri: Of the object, as it is kept inside.
            row: As `ListObjectVersions` gives it.
        """
        name, mtime, version_id = uri.rpartition("/")[2], row["LastModified"].timestamp(), row["VersionId"]
        if "ETag" not in row:
            info = FileInfo(name, "missing", mtime=mtime, version_id=version_id)
            return cls.of_version(uri, version_id, info, marker=True)
        storage = row.get("StorageClass") or "STANDARD"
        info = FileInfo(
            name, "file", row["Size"], mtime, etag=row["ETag"], storage_class=storage, version_id=version_id
        )
        return cls.of_version(uri, version_id, info)

    @classmethod
    def _of(cls, uri: str, info: FileInfo | None = None) -> Any:
        return S3PathImpl._of(uri, info)  # what is made from a version, such as its parent, is none

    def __str__(self) -> str:
        return f"{super().__str__()}?versionId={self._version_id}"

    __hash__ = S3PathImpl.__hash__

    def __reduce__(self) -> Any:
        return type(self).of_version, (self._uri, self._version_id)

    # Reading

    @property
    def latest(self) -> S3PathImpl:
        """The path of the object, which leads to its latest version."""
        return S3PathImpl._of(self._uri)

    @property
    def version_id(self) -> str:
        """The version's id."""
        return self._version_id

    @property
    def is_delete_marker(self) -> bool:
        """Whether the version is a deletion, which has nothing to read; asked for unless a listing told it."""
        if self._info is None:
            try:
                self._head()
            except S3GenericError as error:
                if error.status != GONE:
                    raise
                return True
        return self._marker

    def facts(self, *, follow_symlinks: bool = True) -> FileInfo:
        """Tell what the version is; a version never changes, so what a listing told stays true.

        Args:
            follow_symlinks: Of no effect: S3 has no links.

        Raises:
            S3NotFoundError: There is no such version, or it is a deletion.
        """
        del follow_symlinks
        if self._info is None:
            try:
                return file_info(self.name, self._head())
            except S3GenericError as error:
                if error.status != GONE:
                    raise
                raise self._deleted() from error
        if self._marker:
            raise self._deleted()
        return self._info

    def _deleted(self) -> Any:
        return self._error(S3NotFoundError, "is the deletion of the object, which has no content.", "NoSuchKey")

    def open_reader(self) -> S3Reader:  # type: ignore[override]  # as its base
        """Open the version to read its bytes; see `S3Reader`."""
        try:
            return super().open_reader()
        except S3GenericError as error:
            if error.status != GONE:
                raise
            raise self._deleted() from error

    def scan(self, *, prefix: str = "") -> Iterator[list[FileInfo]]:
        """Refuse: a version is no directory.

        Args:
            prefix: Of no effect.
        """
        del prefix
        self.facts()
        raise self._error(S3NotADirectoryError, "is a version of an object, not a directory.")

    def scan_tree(self, *, prefix: str = "") -> Iterator[list[tuple[str, FileInfo]]]:
        """Refuse: a version is no directory.

        Args:
            prefix: Of no effect.
        """
        self.scan(prefix=prefix)
        return iter(())

    def restore(self) -> Any:
        """Go back to this version: the server copies it onto the key, where it becomes the latest; none is lost.

        Returns:
            The path of the object.

        Raises:
            S3NotFoundError: There is no such version, or it is a deletion.
        """
        self.latest._copy_here(self._version_id, self.facts().storage_class)
        return self.latest

    def take_back(self) -> S3PathImpl:
        """Take a deletion back: the object is there again as it was before.

        Returns:
            The path of the object.

        Raises:
            UnsupportedOperation: It is no deletion, and deleting a version would lose its bytes.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManagingDelMarkers.html
        """
        if not self.is_delete_marker:
            raise UnsupportedOperation(f"{self}: is no deletion; delete the object, or restore() another version.")
        client, bucket, key = self._file_address()
        client.call("delete_object", Bucket=bucket, Key=key, VersionId=self._version_id)
        client.forget(bucket, key)
        return self.latest

    # What would change it

    def _read_only(self, *_: Any, **__: Any) -> Any:
        self._need_latest()

    open_writer = open_editor = mkdir = rmdir = unlink = touch = rename = _read_only
    set_attributes = set_tags = delete_below = unlink_copied = move = _read_only
