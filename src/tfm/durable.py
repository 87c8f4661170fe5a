"""Making copies last through a power failure, once for many of them, before their sources go."""

from __future__ import annotations

import errno
import os
import sys
import threading
import weakref
from collections.abc import Callable, Collection

FEW = 8
"""So many files are flushed one by one; for more, the file systems that they are on, as a whole."""


def _find_syncfs() -> Callable[[int], int] | None:
    if sys.platform != "linux":
        return None
    import ctypes

    try:
        found = ctypes.CDLL(None, use_errno=True).syncfs
    except (OSError, AttributeError):
        return None
    return lambda descriptor: ctypes.get_errno() if found(descriptor) else 0


class Durability:
    """Flushes files that were written, and their names; an error of the disk is raised, and no source may go then.

    A file system tells only those errors that happen while a descriptor of it is open, so that it is watched from
    before the first write.

    Source: https://man7.org/linux/man-pages/man2/syncfs.2.html
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._syncfs = _find_syncfs()
        self._devices: dict[str, int] = {}
        self._descriptors: dict[int, int] = {}
        weakref.finalize(self, _close, self._descriptors).atexit = False

    def watch(self, directory: str) -> None:
        """Note where files will be written; what will be below it on the same device need not be noted.

        Args:
            directory: A directory that is there.
        """
        if directory in self._devices:
            return
        with self._lock:
            descriptor = os.open(directory or os.curdir, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            device = self._devices[directory] = os.fstat(descriptor).st_dev
            if self._descriptors.setdefault(device, descriptor) != descriptor:
                os.close(descriptor)

    def settle(self, paths: Collection[str]) -> None:
        """Return when files that were written, and their names, are on the disk.

        Args:
            paths: The files.

        Raises:
            OSError: The disk could not keep them.
        """
        directories = {os.path.dirname(path) for path in paths}
        devices = {self._device(directory) for directory in directories}
        if self._syncfs is None or len(paths) <= FEW or not devices <= self._descriptors.keys():
            for path in paths:
                _flush(path, os.O_NONBLOCK | os.O_NOFOLLOW)
            for directory in directories:
                _flush(directory or os.curdir, os.O_DIRECTORY)
            return
        for device in devices:
            if number := self._syncfs(self._descriptors[device]):
                raise OSError(number, os.strerror(number), next(iter(paths)))

    def _device(self, directory: str) -> int:
        known = self._devices.get(directory)
        return os.stat(directory or os.curdir).st_dev if known is None else known


def _close(descriptors: dict[int, int]) -> None:
    for descriptor in descriptors.values():
        os.close(descriptor)


def _flush(path: str, flags: int) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | flags)
    except PermissionError:
        os.sync()  # a file that not even its owner may read can only be flushed with all others
        return
    except OSError as error:
        if error.errno == errno.ELOOP:  # a link has no bytes but its name
            return
        raise
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # file systems that keep nothing on a disk
            raise
    finally:
        os.close(descriptor)
