"""A file on a local disk that nobody sees before it is whole: written beside its destination, then put in place.

Every step that takes the final name fails rather than replace a file that appeared meanwhile, unless it was told to.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from types import TracebackType
from typing import TYPE_CHECKING

from tfm.transfer.errors import TransferError
from tfm.transfer.newname import rename_new

if TYPE_CHECKING:
    from typing import Self

SUFFIX = ".tfm-part"
NAME_MAX = 255
"""Bytes that a name may have on the file systems in common use."""


def part_name(name: str, mark: str = "") -> str:
    """Give the name under which a file is written until it is whole.

    Args:
        name: The file's own name.
        mark: Makes the name differ when it is taken.
    """
    tail = f".{mark}{SUFFIX}" if mark else SUFFIX
    encoded = os.fsencode(name)
    if 1 + len(encoded) + len(tail) > NAME_MAX:
        tail = f".{hashlib.blake2b(encoded, digest_size=4).hexdigest()}{tail}"
        room = NAME_MAX - 1 - len(tail)
        while room and encoded[room] & 0xC0 == 0x80:  # not in the middle of a letter
            room -= 1
        name = os.fsdecode(encoded[:room])
    return f".{name}{tail}"


class PartFile:
    """The file while it is written.

    Args:
        target: Where it shall be.
        mode: The permission bits to begin with; what is private is never readable by others meanwhile.
        mark: Makes its name one that only an earlier process of the same job can have used: what that has left is
            gone on with, or begun anew. Without one, what has the name is somebody else's.
    """

    def __init__(self, target: str, mode: int, mark: str = "") -> None:
        self._target = target
        directory, name = os.path.split(target)
        self._path = os.path.join(directory, part_name(name, mark))
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        self.taken_up = False
        """Whether it is what an earlier process has left."""
        self.stays = False
        """Whether it stays, unfinished, when it is not published."""
        try:
            self.descriptor = os.open(self._path, flags, mode)
        except FileExistsError:
            if mark and _is_single(self._path):
                self.descriptor = os.open(self._path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
                self.taken_up = True
            elif mark:
                os.unlink(self._path)
                self.descriptor = os.open(self._path, flags, mode)
            else:
                # Left by a process that died, or in use: never touched, it may be what somebody still needs.
                self._path = os.path.join(directory, part_name(name, secrets.token_hex(4)))
                self.descriptor = os.open(self._path, flags, mode)
        self._open = True

    def begin_anew(self) -> None:
        """Empty it: what is in it is of no use."""
        os.ftruncate(self.descriptor, 0)
        self.taken_up = False

    def write(self, data: memoryview | bytes) -> int:
        """Append bytes, all of them.

        Args:
            data: The bytes.
        """
        view = memoryview(data)
        done = 0
        while done < len(view):
            done += os.write(self.descriptor, view[done:])
        return done

    def publish(self, *, overwrite: bool) -> os.stat_result:
        """Give the file its name.

        A new file is left to the operating system to be written to the disk in its own time, as by `cp`: its source is
        still there. What takes the place of another file is on the disk before that one goes.

        Args:
            overwrite: Replace a file that has the name; otherwise raise `FileExistsError`.

        Returns:
            What the file is.
        """
        written = os.fstat(self.descriptor)
        if not same_file(os.lstat(self._path), written):
            raise TransferError(f"{self._path!r} was replaced while it was written: nothing was put in place.")
        if overwrite:
            os.fsync(self.descriptor)
            os.replace(self._path, self._target)
        else:
            rename_new(self._path, self._target)
        self._close()
        return written

    def discard(self) -> None:
        """Remove the file, if it is there and ours; harmless after `publish`."""
        if not self._open or self.stays:
            self._close()
            return
        try:
            if same_file(os.lstat(self._path), os.fstat(self.descriptor)):
                os.unlink(self._path)
        except FileNotFoundError:
            pass
        finally:
            self._close()

    def _close(self) -> None:
        if self._open:
            self._open = False
            os.close(self.descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.discard()


def _is_single(path: str) -> bool:
    """Whether a file has no other name; under another one it is whole, and must not be written to."""
    facts = os.lstat(path)
    return stat.S_ISREG(facts.st_mode) and facts.st_nlink == 1


def same_file(one: os.stat_result, other: os.stat_result) -> bool:
    """Whether two results of `stat` are of one file.

    Args:
        one: The one.
        other: The other.
    """
    return (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)
