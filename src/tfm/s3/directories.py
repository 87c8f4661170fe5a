"""S3Directories: directories and buckets of S3, made, emptied and deleted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from tfm.errors import S3ExistsError, S3NotADirectoryError, S3NotEmptyError, S3NotFoundError, UnsupportedOperation
from tfm.info import FileInfo
from tfm.path import Path
from tfm.s3.address import S3Address
from tfm.s3.deleting import delete_tree, look_again, raise_first
from tfm.s3.entries import file_info, tree_page
from tfm.s3.keeping import kept, portable
from tfm.s3.leftovers import drop_leftovers
from tfm.s3.moving import Location, copy_object
from tfm.s3.objects import keys_of
from tfm.s3.protocol import NO_OPTIONS, S3Client, WriteOptions
from tfm.s3.reader import S3Reader

MARKER = WriteOptions(if_none_match=True, content_type="application/x-directory")


class S3Directories(S3Address):
    """What can be done with a directory: a prefix that something bears, or a bucket."""

    __slots__ = ()

    def mkdir(self, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        """Make a bucket, or a directory by a marker.

        Args:
            mode: Of no effect: S3 has no permission bits.
            parents: Make missing parents count as there; a missing bucket is made.
            exist_ok: Do nothing when the directory exists.

        Raises:
            S3ExistsError: It exists, or a file does and `exist_ok` doesn't help.
            S3NotFoundError: The parent is missing.
        """
        client, bucket, key = self._address()
        if not bucket:
            if not exist_ok:
                raise self._error(S3ExistsError, "exists already.")
            return
        try:
            if self._is_bucket:
                client.create_bucket(bucket)
                return
            self._make_marker(client, bucket, key, parents)
        except S3ExistsError:
            if not exist_ok or not self.is_dir():
                raise

    def _make_marker(self, client: S3Client, bucket: str, key: str, parents: bool) -> None:
        parent = self.parent
        if parents:
            if not parent._is_bucket:
                parent.mkdir(parents=True, exist_ok=True)
            elif not parent.exists():
                parent.mkdir(exist_ok=True)
        elif not parent.is_dir():
            if parent.is_file():
                raise parent._error(S3NotADirectoryError, "is an object, not a directory.")
            raise parent._error(S3NotFoundError, "there is no such directory.", "NoSuchKey")
        probe = client.probe(bucket, key)
        if probe.facts is not None or probe.below:
            raise self._error(S3ExistsError, "exists already.")
        client.put(bucket, key + "/", b"", MARKER)

    def rmdir(self) -> None:
        """Delete an empty directory or bucket.

        Raises:
            S3NotEmptyError: Something is in it.
        """
        client, bucket, _ = self._address()
        if not bucket:
            raise self._error(S3NotEmptyError, "is the list of all buckets and can't be deleted.")
        if self._is_bucket:
            client.delete_bucket(bucket)
            return
        if any(self.scan()) and not drop_leftovers(client, bucket, self._prefix):
            raise self._error(S3NotEmptyError, "the directory is not empty.")
        marker = client.probe(bucket, self._prefix).facts
        if marker is not None and marker.size:
            raise self._error(
                S3NotEmptyError, f"its marker {self._prefix!r} holds {marker.size} bytes, which rmdir() would lose."
            )
        client.delete(bucket, self._prefix)

    def copy_marker(self, target: Path) -> bool:
        """Copy the bytes of the directory's own marker, if it holds any.

        Args:
            target: The directory of the copy.

        Returns:
            Whether it holds any.

        Raises:
            UnsupportedOperation: It does, and the target is no directory of S3, which alone can hold them.
        """
        client, bucket, key = self._address()
        marker = client.probe(bucket, self._prefix).facts if key else None
        if marker is None or not marker.size:
            return False
        if not isinstance(target, S3Directories) or not target.key:
            raise UnsupportedOperation(
                f"{self}: its marker {self._prefix!r} holds {marker.size} bytes, which the directory {str(target)!r} "
                "can't: keep them in a file of their own, and delete them."
            )
        here, there = Location(bucket, self._prefix), Location(target.bucket, target._prefix)
        if self.place == target.place:
            copy_object(client, here, there)
            return True
        import shutil  # what copies bytes is loaded when some are copied

        from tfm.s3.writer import S3Writer

        with S3Reader(client, *here, str(self)) as reader:
            options = WriteOptions(**portable(kept(client, bucket, reader.facts, NO_OPTIONS)))
            with S3Writer(target._client, *there, str(target), options) as writer:
                shutil.copyfileobj(reader, writer)
        return True

    def facts_now(self, files: Sequence[Path]) -> dict[Path, FileInfo]:
        """Ask anew what some objects of this place are, 1,000 by one request where they are neighbours.

        Args:
            files: Their paths.
        """
        client = self._address()[0]
        buckets: dict[str, dict[str, Path]] = {}
        for path in files:
            assert isinstance(path, S3Address)  # the caller's promise
            buckets.setdefault(path.bucket, {})[path.key] = path
        found: dict[Path, FileInfo] = {}
        for bucket, paths in buckets.items():
            for key, facts in look_again(client, bucket, sorted(paths)).items():
                found[paths[key]] = file_info(paths[key].name, facts)
        return found

    def names_below(self) -> Iterator[list[str]]:
        """Name every object and marker below for `delete_below`, in pages, asked anew; the own marker has no name."""
        client, bucket, key = self._address()
        client.forget(bucket, key)
        cut = len(self._prefix)
        pages = client.pages(bucket, self._prefix, delimiter="")
        first = next(pages, None)
        if first is None or not (first.objects or first.token):
            self.scan()  # says what it is instead
        return ([key[cut:] for key in keys_of(page.objects)] for page in chain([first] if first else [], pages))

    def scan_sorted(self) -> Iterator[list[tuple[str, FileInfo]]]:
        """List everything below in the order of the keys' bytes, whatever order the server lists in."""
        from tfm.s3.byteorder import pages_by_bytes  # for those who compare

        client, bucket, _ = self._address()
        if not bucket or self._version_id is not None:
            return self.scan_tree()
        pages = pages_by_bytes(client, bucket, self._prefix)
        first = next(pages, None)
        if first is None or not (first.objects or first.token or self._is_bucket):
            self.scan()  # says what it is instead
        return (tree_page(page, self._prefix) for page in chain([first] if first else [], pages))

    def remove_empty(self) -> bool:
        """Remove what is left of a directory whose content was deleted; tells whether nothing is in it.

        That is one look, and on a server that keeps directories of its own their deletion.
        """
        client, bucket, _ = self._address()
        first = next(client.pages(bucket, self._prefix), None)
        if first is None or not (first.objects or first.prefixes):
            return True
        if not drop_leftovers(client, bucket, self._prefix):
            return False
        client.delete(bucket, self._prefix)
        return True

    def rmtree(self) -> None:
        """Delete the directory and everything below it, 1,000 keys a request, and nothing beside it.

        Raises:
            S3NotFoundError: There is no such directory.
            S3NotADirectoryError: It is an object.
            S3BaseError: Something could not be deleted; the rest was.
        """
        client, bucket, key = self._address()
        if not bucket:
            raise UnsupportedOperation(f"{str(self)!r} is the list of all buckets: name what is to be deleted.")
        client.forget(bucket, key)  # what somebody else has written meanwhile goes too
        found, errors = delete_tree(client, bucket, self._prefix)
        raise_first(errors)
        if self._is_bucket:
            client.delete_bucket(bucket)
        elif not found:
            self.scan()  # says what it is instead
