"""Small files of a local disk, read or written as a whole: a few calls of the system for each."""

from __future__ import annotations

import os

from tfm.transfer.errors import TransferError
from tfm.transfer.metadata import keep_time
from tfm.transfer.newname import rename_new
from tfm.transfer.partfile import PartFile, part_name, same_file
from tfm.transfer.source import LocalSource

MODE = 0o666
"""Less what the user's umask takes away."""


def read_small(path: str, most: int) -> bytes | None:
    """Read a regular file that stays what it is meanwhile.

    Args:
        path: The file; a link leads to what is read.
        most: Bytes.

    Returns:
        Its bytes, or `None` when there are more by now.

    Raises:
        SourceChangedError: It was written to while it was read.
        TransferError: It is no regular file.
    """
    with LocalSource(path) as opened:
        if opened.size > most:
            return None
        data = opened.read(opened.size + 1)
        opened.check()
        if len(data) != opened.size:
            return None  # some virtual files say nothing of their size: they are read in another way
        return data


def write_small(target: str, data: bytes, seconds: float | None, mark: str = "") -> None:
    """Write a new file, which nobody sees before it is whole.

    Args:
        target: Its path.
        data: Its bytes.
        seconds: Its time, since the epoch; `None` for now.
        mark: As for `PartFile`.

    Raises:
        FileExistsError: Something has the name; nothing was changed.
    """
    directory, name = os.path.split(target)
    beside = os.path.join(directory, part_name(name, mark))
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, MODE)
    except FileExistsError:
        _write_beside_another(target, data, seconds, mark)
        return
    try:
        if os.write(descriptor, data) != len(data):
            raise TransferError(f"{target!r} could not be written as a whole: look how much room is left.")
        keep_time(descriptor, seconds)
        own = os.fstat(descriptor)
        rename_new(beside, target)
    except BaseException:
        _discard(beside, descriptor)
        raise
    finally:
        os.close(descriptor)
    there = os.lstat(target)
    if not same_file(there, own) or there.st_size != len(data):
        raise TransferError(f"{target!r} is not what was written: somebody else wrote it at the same time.")


def _write_beside_another(target: str, data: bytes, seconds: float | None, mark: str) -> None:
    """Write while an unfinished file has the name that ours would have: somebody else's, or with a mark our own."""
    with PartFile(target, MODE, mark) as part:
        part.begin_anew()
        part.write(data)
        keep_time(part.descriptor, seconds)
        part.publish(overwrite=False)


def _discard(beside: str, descriptor: int) -> None:
    """Remove an unfinished file, if it is still ours."""
    try:
        if same_file(os.lstat(beside), os.fstat(descriptor)):
            os.unlink(beside)
    except FileNotFoundError:
        pass
