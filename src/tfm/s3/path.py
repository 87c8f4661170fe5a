"""S3PathImpl: a path of S3, its primitives in terms of the client protocol."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from tfm.errors import (
    S3ExistsError,
    S3GenericError,
    S3IsADirectoryError,
    S3NotADirectoryError,
    S3NotEmptyError,
    S3NotFoundError,
    UnsupportedOperation,
)
from tfm.info import Capabilities, FileInfo
from tfm.path import Path
from tfm.posixless import Posixless
from tfm.s3.deleting import delete_copied, delete_keys
from tfm.s3.directories import S3Directories
from tfm.s3.entries import directory_page, probed_info, tree_page
from tfm.s3.history import S3History
from tfm.s3.keeping import new_object, options_of
from tfm.s3.moving import Location, class_of, copy_listed, copy_object, move_directory, move_object
from tfm.s3.places import width_at
from tfm.s3.protocol import NO_OPTIONS, ObjectFacts, Probe, S3Client, WriteOptions
from tfm.s3.reader import S3Reader

if TYPE_CHECKING:
    from typing import Self

    from tfm.bulk import Bulk
    from tfm.resumable import Keeper
    from tfm.s3.editor import S3Editor
    from tfm.s3.writer import S3Writer
    from tfm.width import Width


class S3PathImpl(Posixless, S3Directories, S3History):
    """A path of S3: `s3://` lists the buckets, `s3://bucket` the keys, `s3://place@bucket/key` is in another place.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
    """

    __slots__ = ()

    scheme = "s3"
    capabilities = Capabilities(server_copy=True)

    # Primitives

    def facts(self, *, follow_symlinks: bool = True) -> FileInfo:
        """Tell what the path is, in one request, or none when a listing has told it.

        Args:
            follow_symlinks: Of no effect: S3 has no links.

        Raises:
            S3NotFoundError: Nothing bears the name.
            S3AuthError: The server won't say.
        """
        client, bucket, key = self._address()
        if not bucket:
            return FileInfo("", "directory")
        if self._is_bucket:
            client.head_bucket(bucket)
            return FileInfo(bucket, "directory")
        probe = client.probe(bucket, key)
        if not key or key.endswith("/"):  # what bears this key is the marker of the directory above
            probe = probe._replace(facts=None)
        info = probed_info(self.name, probe)
        if info is None:
            raise self._error(S3NotFoundError, "there is no such object or prefix.", "NoSuchKey")
        return info

    @property
    def info(self) -> Any:
        """What the listing told that gave this path, or asked once when first needed."""
        return self._info if self._info is not None else super().info

    def scan(self, *, prefix: str = "") -> Iterator[list[FileInfo]]:
        """List the children, a page a request.

        Args:
            prefix: Give only names that begin so.
        """
        client, bucket, _ = self._address()
        if not bucket:
            buckets = [FileInfo(found.name, "directory", mtime=found.created) for found in client.list_buckets()]
            return iter([[info for info in buckets if info.name.startswith(prefix)]])
        below = self._prefix
        pages = client.pages(bucket, below + prefix, delimiter="/")
        first = next(pages, None)
        if first is None or not (first.objects or first.prefixes or first.token or prefix or self._is_bucket):
            self._raise_not_a_directory()
        return (directory_page(page, below) for page in chain([first] if first else [], pages))

    def scan_tree(self, *, prefix: str = "") -> Iterator[list[tuple[str, FileInfo]]]:
        """List everything below by one flat listing.

        Args:
            prefix: Give only names that begin so.
        """
        client, bucket, _ = self._address()
        if not bucket:
            return self._scan_buckets(client, prefix)
        below = self._prefix
        pages = client.pages(bucket, below + prefix, delimiter="")
        first = next(pages, None)
        if first is None or not (first.objects or first.token or prefix or self._is_bucket):
            self._raise_not_a_directory()
        return (tree_page(page, below) for page in chain([first] if first else [], pages))

    def _scan_buckets(self, client: S3Client, prefix: str) -> Iterator[list[tuple[str, FileInfo]]]:
        for found in client.list_buckets():
            if not found.name.startswith(prefix):
                continue
            yield [(found.name, FileInfo(found.name, "directory", mtime=found.created))]
            for page in self.child(found.name).scan_tree():
                yield [(f"{found.name}/{names}", info) for names, info in page]

    def _raise_not_a_directory(self) -> None:
        if self.is_file():
            raise self._error(S3NotADirectoryError, "is an object, not a directory.")
        raise self._error(S3NotFoundError, "there is no such object or prefix.", "NoSuchKey")

    def known_directory(self) -> bool:
        """Whether the cache tells that this is a directory and no object."""
        client, bucket, key = self._address()
        found = client.recall(bucket, key) if key else Probe(None, True)
        return found is not None and found.facts is None and found.below

    def copy_native(
        self, target: Path, *, overwrite: bool = True, listed: FileInfo | None = None, absent: bool = False,
        replaces: FileInfo | None = None, keeper: Keeper | None = None,
    ) -> bool:  # fmt: skip
        """Copy the object inside the server.

        Args:
            target: The new object, in the same place.
            overwrite: Replace an existing target.
            listed: What a listing told of this object: no other version is copied, and the copy is compared with it.
            absent: The caller has looked just now and found no target; it isn't looked for once more.
            replaces: What a listing told of the target: no other version of it is replaced.
            keeper: Remembers how far the copy of a large object has come.

        Raises:
            S3ChangedError: The object, or the target, is no longer what the listing told.
        """
        if not isinstance(target, S3PathImpl) or not self.same_storage(target):
            return False
        client, bucket, key = self._file_address()
        target._need_latest()
        if not (overwrite or absent) and target.is_file():
            raise target._error(S3ExistsError, "exists already.")
        options = WriteOptions(if_none_match=not overwrite, if_match=replaces.etag if replaces else None)
        here, there = Location(bucket, key), Location(*target._file_address()[1:])
        facts = self._listed(listed)
        if facts is not None and listed is not None and self._version_id is None:
            copy_listed(client, here, there, facts, options, keeper)
        else:
            options = options._replace(storage_class=class_of(facts) if facts else None)
            copy_object(client, here, there, version_id=self._version_id, options=options, keeper=keeper)
        return True

    def _listed(self, info: FileInfo | None = None) -> ObjectFacts | None:
        """Give what a listing told of an object: by default the one that gave this path."""
        info = info or self._info
        if info is None or info.size is None or not info.etag:
            return None
        return ObjectFacts(self.key, info.size, info.mtime or 0.0, info.etag, info.storage_class or "STANDARD")

    @property
    def width(self) -> Width:
        """How many requests may be on their way to the place at once."""
        return width_at(self.place)

    def bulk(self, check: Callable[[], object]) -> Bulk | None:
        """Give what takes many small objects of this place at once.

        Args:
            check: Called now and then while it waits; what it raises ends the waiting.
        """
        many = self._address()[0].many(check)
        if many is None:
            return None
        from tfm.s3.bulk import S3Bulk

        return S3Bulk(many)

    def unlink_copied(self, files: Mapping[Path, FileInfo]) -> dict[Path, OSError]:
        """Delete objects whose copies are there and verified, each only while it is what was copied.

        Args:
            files: What the copies were made of.
        """
        client = self._address()[0]
        buckets: dict[str, dict[str, Path]] = {}
        for path in files:
            assert isinstance(path, S3PathImpl)  # the caller's promise
            buckets.setdefault(path.bucket, {})[path.key] = path
        errors: dict[Path, OSError] = {}
        for bucket, paths in buckets.items():
            etags = {key: files[path].etag or "" for key, path in paths.items()}
            for key, error in delete_copied(client, bucket, etags).items():
                if isinstance(error, OSError):
                    errors[paths[key]] = error
        return errors

    def _need_latest(self) -> None:
        if self._version_id is not None:
            raise UnsupportedOperation(f"{self}: a version can't be changed; restore() makes it the latest one.")

    def delete_below(self, names: Sequence[str]) -> dict[str, OSError]:
        """Delete many objects and markers below this path, 1,000 a request.

        Args:
            names: Relative; a marker ends in a slash.
        """
        client, bucket, _ = self._address()
        below = self._prefix
        errors = delete_keys(client, bucket, (below + name for name in names))
        return {key[len(below) :]: error for key, error in errors.items() if isinstance(error, OSError)}

    def same_storage(self, other: Path) -> bool:
        """Whether the other path is in the same place.

        Args:
            other: Any path.
        """
        return isinstance(other, S3PathImpl) and self.place == other.place

    def refresh(self) -> None:
        """Forget what is cached of this path and of everything below it."""
        client, bucket, _ = self._address()
        client.forget(bucket, self.key)

    def open_reader(self) -> S3Reader:  # type: ignore[override]  # a raw reader is a binary file
        """Open the object to read its bytes; see `S3Reader`."""
        client, bucket, key = self._file_address()
        try:
            return S3Reader(client, bucket, key, str(self), self._version_id)
        except S3NotFoundError as error:
            if error.code == "NoSuchKey" and client.probe(bucket, key).below:
                raise self._error(S3IsADirectoryError, "is a directory, not a file.") from error
            raise

    def open_writer(self, action: str = "w", **options: Any) -> S3Writer:  # type: ignore[override]
        """Open the object to write it; see `S3Writer` and `open_appender`.

        Args:
            action: `w`, `x` (closing fails with `S3ExistsError` when the key exists by then) or `a`.
            options: What is stored with it: `content_type`, by default guessed from the name, `metadata`, `tags`,
                `storage_class`, `encryption`, `kms_key`, `cache_control`, …; see `WriteOptions`.
        """
        client, bucket, key = self._file_address()
        given = options_of("open", options)
        if action == "a":
            from tfm.s3.appending import open_appender  # what writes is loaded when something is written

            return open_appender(client, Location(bucket, key), str(self), given)
        from tfm.s3.writer import S3Writer

        return S3Writer(client, bucket, key, str(self), new_object(key, given, if_none_match=action == "x"))

    def open_editor(self, action: str, **options: Any) -> S3Editor:
        """Open the object to read and write it; see `S3Editor`.

        Args:
            action: `r+`, `w+`, `x+` or `a+`.
            options: As for `open_writer`.
        """
        from tfm.s3.editor import S3Editor

        client, bucket, key = self._file_address()
        return S3Editor(client, Location(bucket, key), str(self), action, options_of("open", options))

    # Files

    def unlink(self, missing_ok: bool = False) -> None:
        """Delete the object, and never what is below its name.

        Args:
            missing_ok: Do nothing when there is no such object.

        Raises:
            S3NotFoundError: There is no such object.
            S3IsADirectoryError: The path is a directory only.
        """
        client, bucket, key = self._file_address()
        probe = client.probe(bucket, key)
        if probe.facts is not None:
            client.delete(bucket, key)
        elif probe.below:
            raise self._error(S3IsADirectoryError, "is a directory: delete it with rmdir().")
        elif not missing_ok:
            raise self._error(S3NotFoundError, "there is no such object.", "NoSuchKey")

    def touch(self, mode: int = 0o666, exist_ok: bool = True) -> None:
        """Make an empty object, or give an existing one the present time by a copy onto itself.

        Args:
            mode: Of no effect: S3 has no permission bits.
            exist_ok: Otherwise raise `FileExistsError` when it exists.
        """
        client, bucket, key = self._file_address()
        try:
            client.put(bucket, key, b"", new_object(key, NO_OPTIONS, if_none_match=True))
        except S3ExistsError:
            if not exist_ok:
                raise
            here = Location(bucket, key)
            copy_object(client, here, here)

    def rename(self, target: str | os.PathLike[str]) -> Self:
        """Move an object, or a directory key by key, inside the place; a file there is replaced.

        Args:
            target: The new path, as a path or a whole URI.

        Returns:
            The target as a path.

        Raises:
            OSError: `EXDEV` when the target is in another storage: `move` does that.
            S3NotEmptyError: A directory, and the target has something in it.
            S3IsADirectoryError: A file, and the cache tells that the target is a directory.
        """
        other = self._target(target)
        client, _, key = self._address()
        if other == self:
            self.facts()
            return other
        if not key or not other.key:
            raise self._error(S3GenericError, f"a bucket can't be renamed; move what is in it to {other}.")
        if self in other.parents:
            raise OSError(errno.EINVAL, "a directory can't be moved into itself", str(self), None, str(other))
        if other.known_directory() and self.is_file():
            raise other._error(S3IsADirectoryError, "is a directory, and a file can't replace it.")
        if self._info is not None and self._info.kind == "directory":  # the listing that gave this path says so
            moved = self._rename_directory(client, other)
        else:
            moved = self._rename_object(client, other) or self._rename_directory(client, other)
        if not moved:
            raise self._error(S3NotFoundError, "there is no such object or prefix.", "NoSuchKey")
        return other

    def replace(self, target: str | os.PathLike[str]) -> Self:
        """Do what `rename` does: an existing file is replaced.

        Args:
            target: The new path.
        """
        return self.rename(target)

    def _target(self, target: str | os.PathLike[str]) -> Self:
        other = target if isinstance(target, Path) else Path(target)
        if not isinstance(other, S3PathImpl) or not self.same_storage(other):
            raise OSError(
                errno.EXDEV,
                f"{str(other)!r} is in another storage: use move(), or give the whole URI",
                str(self),
                None,
                str(other),
            )
        other._need_latest()
        return self._of(other._uri)

    def _rename_object(self, client: S3Client, other: S3PathImpl) -> bool:
        try:
            move_object(client, Location(self.bucket, self.key), Location(other.bucket, other.key), self._listed())
        except S3NotFoundError as error:
            if error.code not in ("NoSuchKey", "404"):
                raise
            return False
        return True

    def _rename_directory(self, client: S3Client, other: S3PathImpl) -> bool:
        below = client.probe(other.bucket, other.key)
        if below.facts is not None:
            raise other._error(S3NotADirectoryError, "is an object, and a directory can't replace it.")
        if below.below and any(other.scan()):
            raise other._error(S3NotEmptyError, "the directory is not empty.")
        return move_directory(client, Location(self.bucket, self._prefix), Location(other.bucket, other._prefix))

    # Any other operation

    def _cached_api_call(self, operation: str, ttl: float | None = None, **parameters: Any) -> dict[str, Any]:
        """Send any S3 operation by its boto3 name, through the cache when it only reads.

        Args:
            operation: Such as `head_object`.
            ttl: Seconds for which the answer is kept; `None` means the cache's default.
            parameters: Named as in the S3 API, such as `Bucket` and `Key`.
        """
        return self._client.call(operation, ttl=ttl, **parameters)
