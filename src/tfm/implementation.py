"""PathImpl: the primitives that a storage writes; everything public of `Path` is written once on top of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from tfm.info import Capabilities, FileInfo

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO, Any, BinaryIO, Self

    from tfm.bulk import Bulk
    from tfm.path import Path
    from tfm.resumable import Keeper
    from tfm.width import Width


class PathImpl:
    """What `Path` needs of a storage.

    A storage that leaves out a primitive raises `NotImplementedError` naming it, at the first use.
    """

    __slots__ = ()

    scheme = ""
    """The scheme of the storage's URIs; empty for local paths, which have none."""
    capabilities = Capabilities()
    """What the storage can do, as data."""

    def facts(self, *, follow_symlinks: bool = True) -> FileInfo:
        """Tell what the path is.

        Args:
            follow_symlinks: Tell of the target of a link, not of the link.

        Raises:
            FileNotFoundError: Nothing is there.
            PermissionError: The storage won't say.
        """
        raise NotImplementedError

    def scan(self, *, prefix: str = "") -> Iterator[list[FileInfo]]:
        """List the children in pages, as they arrive, in the storage's own order.

        Args:
            prefix: Give only names that begin so.

        Raises:
            FileNotFoundError: Nothing is there; raised at once, as all its errors are.
            NotADirectoryError: It is a file.
        """
        raise NotImplementedError

    def scan_tree(self, *, prefix: str = "") -> Iterator[list[tuple[str, FileInfo]]]:
        """List everything below in pages: the name relative to this path, with slashes, and what it is.

        A directory comes before what is in it. S3 gives a directory only where a marker object makes one. Links are
        given, never followed.

        Args:
            prefix: Give only names that begin so.

        Raises:
            FileNotFoundError: Nothing is there.
            NotADirectoryError: It is a file.
        """
        raise NotImplementedError

    def child(self, name: str) -> Self:
        """Give the child of exactly this name.

        Args:
            name: One segment, taken literally.

        Raises:
            InvalidPathError: This storage can't hold such a name.
        """
        raise NotImplementedError

    def listed_child(self, info: FileInfo) -> Self:
        """Give the child that a listing found.

        Args:
            info: An entry of `scan`.
        """
        return self.child(info.name)

    def listed_below(self, names: str, info: FileInfo) -> Self:
        """Give the path below that a listing found.

        Args:
            names: Relative, with slashes between the segments.
            info: An entry of `scan_tree`.
        """
        *directories, name = names.split("/")
        path = self
        for directory in directories:
            path = path.child(directory)
        return path.listed_child(info if info.name == name else info._replace(name=name))

    def scan_sorted(self) -> Iterator[list[tuple[str, FileInfo]]]:
        """List everything below as `scan_tree` does, where that is a flat listing: in the order of the names' bytes.

        Raises:
            FileNotFoundError: Nothing is there.
            NotADirectoryError: It is a file.
        """
        return self.scan_tree()

    def copy_native(
        self, target: Path, *, overwrite: bool = True, listed: FileInfo | None = None, absent: bool = False,
        replaces: FileInfo | None = None, keeper: Keeper | None = None,
    ) -> bool:  # fmt: skip
        """Copy this file without moving its bytes through the process, where the storage can.

        Args:
            target: The new file.
            overwrite: Replace an existing target; otherwise raise `FileExistsError`.
            listed: What a listing told of this file: no other version is copied, and the copy is compared with it.
            absent: The caller has looked just now and found no target; it isn't looked for once more.
            replaces: What a listing told of the target: no other version is replaced, where the storage knows of any.
            keeper: Remembers how far the copy of a large file has come.

        Returns:
            Whether it was done; `False` means that nothing was.
        """
        return False

    @property
    def width(self) -> Width | None:
        """How many requests may be on their way to the storage at once; `None` where it is no matter of requests."""
        return None

    def bulk(self, check: Callable[[], object]) -> Bulk | None:
        """Give what takes many small files of this place at once; `None` where they go one by one.

        Args:
            check: Called now and then while it waits; what it raises ends the waiting.
        """
        return None

    def unlink_copied(self, files: Mapping[Path, FileInfo]) -> dict[Path, OSError]:
        """Delete files of this storage whose copies are there and verified, each only while it is what was copied.

        Args:
            files: What the copies were made of.

        Returns:
            The errors by path; those files are still there.
        """
        raise NotImplementedError

    def copy_marker(self, target: Path) -> bool:
        """Copy the bytes that this directory itself holds; only the marker of a directory of S3 can hold any.

        Args:
            target: The directory of the copy.

        Returns:
            Whether there were any.

        Raises:
            UnsupportedOperation: There are, and the target can't hold them.
        """
        return False

    def facts_now(self, files: Sequence[Path]) -> dict[Path, FileInfo]:
        """Ask anew what some files of this storage are; those that are missing are left out.

        Args:
            files: Their paths.
        """
        found = {}
        for file in files:
            file.refresh()
            try:
                found[file] = file.facts()
            except FileNotFoundError:
                pass
        return found

    def names_below(self) -> Iterator[list[str]]:
        """Name everything below for `delete_below`, in pages, asked anew; an empty name is the directory's own marker.

        Raises:
            FileNotFoundError: Nothing is there.
            NotADirectoryError: It is a file.
        """
        raise NotImplementedError

    def remove_empty(self) -> bool:
        """Remove what is left of a directory whose content was deleted; tells whether nothing is in it."""
        raise NotImplementedError

    def delete_below(self, names: Sequence[str]) -> dict[str, OSError]:
        """Delete many files and empty directories below this path.

        Args:
            names: As `scan_tree` gives them; a directory ends in a slash.

        Returns:
            The errors by name; empty when all went well.
        """
        raise NotImplementedError

    def rmtree(self) -> None:
        """Delete the directory and everything below it; links are deleted, never what they lead to.

        Raises:
            FileNotFoundError: Nothing is there.
            NotADirectoryError: It is a file.
        """
        raise NotImplementedError

    def same_storage(self, other: Path) -> bool:
        """Whether a file can be renamed or copied between the two inside the storage.

        Args:
            other: Any path.
        """
        return False

    def local(self, mode: str = "r") -> AbstractContextManager[Path]:
        """Hand out a local file with the bytes of this one, which is the file itself where it is local.

        Args:
            mode: `r` to read it, `r+` to edit it, `w` for a new file, `x` for one that must not exist; what was written
                appears when the block ends, and not at all when it raises.
        """
        raise NotImplementedError

    def refresh(self) -> None:
        """Forget what is cached of this path and of everything below it."""

    def open_reader(self) -> BinaryIO:
        """Open the file to read its bytes, unbuffered and seekable."""
        raise NotImplementedError

    def open_writer(self, action: str = "w", **options: Any) -> BinaryIO:
        """Open the file to write it; it appears when the writer closes, and not at all after `abort()`.

        Args:
            action: `w` for a new file, `x` for one that must not exist, `a` to go on behind what is there.
            options: What the storage keeps with the file; `TypeError` for what it does not know.
        """
        raise NotImplementedError

    def stored_with(self, reader: IO[Any]) -> dict[str, Any]:
        """Give the options of `open_writer` by which a copy in another place keeps what is stored with this file.

        Args:
            reader: What `open_reader` gave, so that it tells of just that file.
        """
        return {}

    def opened(self, reader: IO[Any]) -> FileInfo:
        """Tell what the file is that a reader reads.

        Args:
            reader: What `open_reader` gave.
        """
        return self.facts()

    def open_editor(self, action: str, **options: Any) -> BinaryIO:
        """Open the file to read and write it; what was written appears when it closes, and not after `abort()`.

        Args:
            action: `r+`, `w+`, `x+` or `a+`.
            options: As for `open_writer`.
        """
        raise NotImplementedError
