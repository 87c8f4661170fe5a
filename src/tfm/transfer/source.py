"""One file to read: its true size, its bytes, proof that it stayed what it was, and removing it once it was moved."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, Protocol

from tfm import kernel
from tfm.info import FileInfo
from tfm.path import Path
from tfm.resumable import Keeper
from tfm.transfer import metadata
from tfm.transfer.errors import SourceChangedError, TransferCancelledError, TransferError
from tfm.transfer.partfile import PartFile
from tfm.transfer.plan import on_disk
from tfm.whole import FillsFile, TakesFile

if TYPE_CHECKING:
    from typing import Self


PIECEWISE = 32 * 1024 * 1024
"""Bytes from which an unfinished download is worth to be gone on with."""


class Watch(NamedTuple):
    """Who watches over one transfer.

    Args:
        progress: Told the bytes as they move.
        cancelled: Asked before each chunk or part.
        keeper: Remembers how far it is, beyond this process; `None` for nobody.
    """

    progress: Callable[[int], None]
    cancelled: Callable[[], bool]
    keeper: Keeper | None = None

    def moved(self, count: int) -> None:
        """Tell that bytes were moved, unless it was cancelled.

        Args:
            count: How many.

        Raises:
            TransferCancelledError: It was cancelled.
        """
        if self.cancelled():
            raise TransferCancelledError("cancelled")
        self.progress(count)


class Writer(Protocol):
    """What `Path.open_writer` gives."""

    def write(self, data: bytes, /) -> int | None:
        """Take bytes."""
        ...


class Source(Protocol):
    """One file, open to be read."""

    size: int
    """Bytes, as the storage told when the file was opened."""

    mode: int
    """The permission bits with which a copy on a disk begins."""

    def read(self, count: int) -> bytes:
        """Give at most so many of the next bytes; empty at the end."""
        ...

    def check(self) -> None:
        """Raise `SourceChangedError` when the file is no longer what was opened."""
        ...

    def stored_for(self, target: Path) -> dict[str, Any]:
        """Give what a target of the same scheme is to store with the copy."""
        ...

    def fill(self, part: PartFile, watch: Watch) -> int:
        """Write everything into a file on a disk; gives the bytes that were written."""
        ...

    def feed(self, writer: Writer, watch: Watch) -> int:
        """Write everything into a file of a storage that is no disk; gives the bytes that were written."""
        ...

    def stamp(self, descriptor: int, info: FileInfo) -> None:
        """Give a copy on a disk the time, and what else the source has of it."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None: ...


class LocalSource:
    """A regular file of a local disk; anything else is refused without being read from.

    Args:
        path: The file; a link leads to what is read.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        # Without O_NONBLOCK, a pipe that took the place of a file meanwhile would block the open.
        self.descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        self.facts = os.fstat(self.descriptor)
        self.size = self.facts.st_size
        self.mode = self.facts.st_mode & metadata.PERMISSIONS
        if not stat.S_ISREG(self.facts.st_mode):
            os.close(self.descriptor)
            raise TransferError(f"{path!r} is not a regular file: only files, directories and links can be copied.")

    def read(self, count: int) -> bytes:
        """Give at most so many of the next bytes; empty at the end.

        Args:
            count: Bytes.
        """
        return os.read(self.descriptor, count)

    def check(self) -> None:
        """Raise `SourceChangedError` when the file was written to since it was opened."""
        if version(os.fstat(self.descriptor)) != version(self.facts):
            raise SourceChangedError(f"{self._path!r} was written to while it was copied: copy it again when it rests.")

    def stored_for(self, target: Path) -> dict[str, Any]:
        """Give nothing: a disk keeps nothing that another storage would store with the bytes.

        Args:
            target: The new file.
        """
        del target
        return {}

    def fill(self, part: PartFile, watch: Watch) -> int:
        """Write everything into a file on a disk, inside the kernel.

        Args:
            part: The file.
            watch: Told the bytes as they are written.
        """
        if part.taken_up:
            part.begin_anew()
        return kernel.clone(self.descriptor, part.descriptor, self.size, watch.moved)

    def feed(self, writer: Writer, watch: Watch) -> int:
        """Write everything into a file of a storage that is no disk, in that storage's own way where it has one.

        Args:
            writer: Of that file.
            watch: Told the bytes as they are taken.
        """
        if self.size and isinstance(writer, TakesFile):  # what says that it is empty may be a virtual file
            version_text = " ".join(map(str, version(self.facts)))
            return writer.take_file(self.descriptor, self.size, watch.moved, watch.keeper, version_text)
        return pump(self, writer.write, watch)

    def stamp(self, descriptor: int, info: FileInfo) -> None:
        """Give a copy the time, mode and attributes of the file.

        Args:
            descriptor: Of the copy.
            info: Not needed: the open file knows better.
        """
        del info
        metadata.keep(self.descriptor, self.facts, descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        os.close(self.descriptor)


class RemoteSource:
    """A file of a storage that is no disk; its reader keeps to the version that it opened.

    Args:
        path: The file.
    """

    mode = 0o666  # less what the user's umask takes away

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream: BinaryIO = path.open_reader()
        try:
            self.size = self._stream.seek(0, os.SEEK_END)
            self._stream.seek(0)
        except BaseException:
            self._stream.close()
            raise

    def read(self, count: int) -> bytes:
        """Give at most so many of the next bytes; empty at the end.

        Args:
            count: Bytes.
        """
        return self._stream.read(count)

    def stored_for(self, target: Path) -> dict[str, Any]:
        """Give what a target of the same scheme is to store with the copy.

        Args:
            target: The new file.
        """
        return self._path.stored_with(self._stream) if self._path.scheme == target.scheme else {}

    def check(self) -> None:
        """Do nothing: the reader itself raises when the object is another one."""

    def fill(self, part: PartFile, watch: Watch) -> int:
        """Write everything into a file on a disk.

        Args:
            part: The file.
            watch: Told the bytes as they are written.
        """
        piecewise = isinstance(self._stream, FillsFile) and self.size >= PIECEWISE
        if part.taken_up and not piecewise:
            part.begin_anew()
        elif watch.keeper is not None and not part.taken_up:
            watch.keeper.forget_pieces()  # they were in a file that is gone
        if not isinstance(self._stream, FillsFile):
            return pump(self, part.write, watch)
        try:
            return self._stream.fill_file(part.descriptor, watch.moved, watch.keeper)
        except BaseException as error:
            part.stays = piecewise and watch.keeper is not None and watch.keeper.keeps(error)
            raise

    def feed(self, writer: Writer, watch: Watch) -> int:
        """Write everything into a file of a storage that is no disk.

        Args:
            writer: Of that file.
            watch: Told the bytes as they are taken.
        """
        return pump(self, writer.write, watch)

    def stamp(self, descriptor: int, info: FileInfo) -> None:
        """Give a copy the time of the object.

        Args:
            descriptor: Of the copy.
            info: Of the object.
        """
        metadata.keep_time(descriptor, info.mtime)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._stream.close()


def pump(opened: Source, write: Callable[[bytes], int | None], watch: Watch) -> int:
    """Pass all bytes of a source on, chunk by chunk.

    Args:
        opened: The source.
        write: Takes the bytes.
        watch: Told the bytes as they are passed on.

    Returns:
        The bytes that were passed on.
    """
    total = 0
    while True:
        if watch.cancelled():
            raise TransferCancelledError("cancelled")
        data = opened.read(kernel.CHUNK)
        if not data:
            return total
        write(data)
        total += len(data)
        watch.progress(len(data))


def version(facts: os.stat_result) -> tuple[int, int, int, int]:
    """Give what tells one version of a local file from another.

    Args:
        facts: Of the file.
    """
    return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns


def remote_version(info: FileInfo) -> tuple[str | None, int | None, int | None]:
    """Give what tells one version of an object from another.

    Args:
        info: Of the object.
    """
    # Whole seconds: a HEAD gives no more, whatever the listing gave.
    return info.etag, info.size, None if info.mtime is None else int(info.mtime)


def proof(path: Path, info: FileInfo) -> object:
    """Give what will tell, after a copy, whether the source is still the version that was copied.

    Args:
        path: The file, before it is opened.
        info: What a fresh listing said of it.
    """
    return version(os.stat(path, follow_symlinks=not info.link)) if on_disk(path) else remote_version(info)


def remove(path: Path, info: FileInfo, copied: object) -> None:
    """Remove a source whose copy was verified, unless it changed meanwhile.

    Args:
        path: The source.
        info: As for `proof`.
        copied: What `proof` gave before the copy.

    Raises:
        SourceChangedError: It is another version; both are kept.
    """
    if not on_disk(path):
        path.refresh()
        info = path.facts()
    if proof(path, info) != copied:
        raise SourceChangedError(f"{str(path)!r} changed while it was moved: the copy is there, the source was kept.")
    path.unlink()
