"""ContentCache: bytes of objects on a local disk, bounded, shared by processes, checked before they are handed out.

A *shelf* is the directory of one object; its files are versions, named by ETag, size and checksum, so that a file says
itself whether it is whole. A shelf in use holds a shared `flock` on its directory; whoever throws away takes an
exclusive one first, so what is in use stays. A file is written under another name and renamed: nobody gets half of it.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from hashlib import blake2b
from pathlib import PurePosixPath
from secrets import token_hex
from time import time_ns
from typing import BinaryIO, NamedTuple

from tfm.whole import FillsFile, untold

DEFAULT_BYTES = 2 * 1024**3
"""How much is kept, unless `TFM_CACHE_BYTES` says otherwise."""
CHUNK = 1024 * 1024
LONGEST_SUFFIX = 64
"""Bytes of an object's suffix that its file keeps; a longer one is none that a program would know."""
SLACK = 8
"""When there is too much, so much is thrown away that this part of the bound is free; and another process's files are
counted anew after this part of it was added here."""


class _Used(NamedTuple):
    last_use: int
    size: int
    directory: str


class Shelf:
    """What is kept of one object, while it is held; see `ContentCache.shelf`."""

    def __init__(self, cache: ContentCache, directory: str) -> None:
        self._cache = cache
        self.directory = directory
        self.added = ""

    def versions(self) -> list[str]:
        """List the names of the files that are kept."""
        return [name for name in os.listdir(self.directory) if not name.startswith(".")]

    def find(self, etag: str, size: int) -> str | None:
        """Give the path of a version, once its bytes are known to be right.

        Args:
            etag: The ETag that the object has now.
            size: Its size in bytes.
        """
        start = f"{_hashed(etag)}-{size}-"
        for name in self.versions() if etag else ():
            path = os.path.join(self.directory, name)
            if name.startswith(start) and self._cache.is_whole(path):
                state = os.stat(path)
                os.utime(path, ns=(time_ns(), state.st_mtime_ns))  # the time of last access is what throws away by
                return path
        return None

    def add(self, etag: str, suffix: str, source: BinaryIO, mtime: float) -> str:
        """Keep a version.

        Args:
            etag: The ETag of these bytes; an empty one is never found again.
            suffix: What the file's name shall end in.
            source: Its bytes, read to their end.
            mtime: The time that the file shall bear, in seconds since the epoch.

        Returns:
            The path of the file, which nobody may write.
        """
        part = os.path.join(self.directory, f".part-{token_hex(8)}")
        try:
            size, checksum = _write(part, source)
            os.utime(part, ns=(time_ns(), int(mtime * 1e9)))
            self.added = f"{_hashed(etag or token_hex(8))}-{size}-{checksum}{suffix}"
            path = os.path.join(self.directory, self.added)
            os.replace(part, path)
        except BaseException:
            _remove(part)
            raise
        self._cache.trust(path)
        self._cache.grown(size)
        return path


class ContentCache:
    """A directory of bytes of objects.

    Args:
        directory: Where; made when first needed, for the user alone.
        max_bytes: How much is kept when nothing is in use; the least recently used goes first.
    """

    def __init__(self, directory: str, max_bytes: int = DEFAULT_BYTES) -> None:
        self._directory = directory
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._total: int | None = None
        self._added = 0
        self._whole: dict[str, tuple[int, int, int]] = {}

    @contextmanager
    def shelf(self, identity: Sequence[str]) -> Iterator[Shelf]:
        """Hold what is kept of one object: nobody throws it away before the block ends.

        Args:
            identity: What tells the object from all others, such as place, bucket and key; of any length.
        """
        name = _hashed(*identity)
        shelf = Shelf(self, os.path.join(self._directory, name[:2], name))
        descriptor = _open_shared(shelf.directory)
        try:
            yield shelf
        finally:
            os.close(descriptor)
            if shelf.added:
                _discard(shelf.directory, keep=shelf.added)  # versions that were, unless somebody reads them
                self._trim()

    def grown(self, size: int) -> None:
        """Count a file that was added, and make room when there is too much.

        Args:
            size: Its bytes.
        """
        with self._lock:
            self._added += size
            if self._total is not None:
                self._total += size
        self._trim()

    def is_whole(self, path: str) -> bool:
        """Whether a file has the size and the checksum that its name says; read once while it stays as it is.

        Args:
            path: The file.
        """
        try:
            seen = _seen(os.stat(path))
            if self._whole.get(path) == seen:
                return True
            _, size, checksum = os.path.basename(path).partition(".")[0].split("-")
            with open(path, "rb") as stream:
                if seen[1] != int(size) or _checksum(stream) != checksum:
                    return False
        except (FileNotFoundError, ValueError):
            return False
        self.trust(path)
        return True

    def trust(self, path: str) -> None:
        """Take a file as whole from now on, until it changes.

        Args:
            path: The file, just written or just read.
        """
        if len(self._whole) > 10_000:
            self._whole.clear()
        self._whole[path] = _seen(os.stat(path))

    @property
    def directory(self) -> str:
        """Where the files are."""
        return self._directory

    @property
    def max_bytes(self) -> int:
        """How much is kept when nothing is in use."""
        return self._max_bytes

    def usage(self) -> tuple[int, int]:
        """Count the objects of which something is kept, and its bytes."""
        sizes = [shelf.size for shelf in self._shelves() if shelf.size]
        return len(sizes), sum(sizes)

    def clear(self) -> int:
        """Throw everything away but what is in use, in any process; gives the bytes that were freed."""
        freed = sum(shelf.size for shelf in list(self._shelves()) if _discard(shelf.directory))
        with self._lock:
            self._total = None
        return freed

    def _trim(self) -> None:
        with self._lock:
            if self._total is not None and self._total <= self._max_bytes and self._added * SLACK <= self._max_bytes:
                return
            shelves = sorted(self._shelves())
            total = sum(shelf.size for shelf in shelves)
            if total > self._max_bytes:
                for shelf in shelves:
                    if total <= self._max_bytes - self._max_bytes // SLACK:
                        break
                    if _discard(shelf.directory):
                        total -= shelf.size
            self._total, self._added = total, 0

    def _shelves(self) -> Iterator[_Used]:
        for group in _entries(self._directory):
            for shelf in _entries(group):
                states = [state for state in map(_state, _entries(shelf)) if state is not None]
                last_use = max((state.st_atime_ns for state in states), default=0)
                yield _Used(last_use, sum(state.st_size for state in states), shelf)


def content_cache() -> ContentCache:
    """Give the cache that the environment asks for: `TFM_CACHE_DIR` and `TFM_CACHE_BYTES`, or the usual place.

    Raises:
        ValueError: `TFM_CACHE_BYTES` is no number.
    """
    text = os.environ.get("TFM_CACHE_BYTES", "")
    if text and not text.isdecimal():
        raise ValueError(
            f"TFM_CACHE_BYTES is {text!r}: give the size of the content cache in bytes, as a whole number."
        )
    directory = os.environ.get("TFM_CACHE_DIR") or user_directory("XDG_CACHE_HOME", ".cache")
    return _cache_of(os.path.join(directory, "content"), int(text) if text else DEFAULT_BYTES)


@lru_cache(maxsize=16)
def _cache_of(directory: str, max_bytes: int) -> ContentCache:
    return ContentCache(directory, max_bytes)


def user_directory(variable: str, usual: str) -> str:
    """Give tfm's directory of a kind, made for the user alone; a temporary one where the user's can't be made.

    Args:
        variable: What may name it, such as `XDG_CACHE_HOME`.
        usual: Where it is below the home directory otherwise.

    Source: https://specifications.freedesktop.org/basedir-spec/latest/
    """
    base = os.environ.get(variable, "")
    if not os.path.isabs(base):
        home = os.path.expanduser("~")
        base = os.path.join(home, usual) if os.path.isabs(home) and os.path.isdir(home) else ""
    if base:
        directory = os.path.join(base, "tfm")
        try:
            os.makedirs(directory, mode=0o700, exist_ok=True)
        except OSError:
            pass  # a home that can't be written, as in many containers
        else:
            if os.access(directory, os.W_OK | os.X_OK):
                return directory
    return _temporary(usual.strip(".").replace("/", "-"))


def _temporary(kind: str) -> str:
    """Give the user's own directory among the temporary files of all: never one that somebody else has put there."""
    directory = os.path.join(tempfile.gettempdir(), f"tfm-{os.getuid()}-{kind}")
    try:
        os.mkdir(directory, 0o700)
    except FileExistsError:
        state = os.lstat(directory)
        if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.getuid() or state.st_mode & 0o022:
            return tempfile.mkdtemp(prefix=f"tfm-{kind}-")
    return directory


def suffix_of(name: str) -> str:
    """Give the suffix by which programs know a file: `.csv`, `.tar.gz`; none when it could not be one.

    Args:
        name: The last segment of a key.
    """
    path = PurePosixPath(name)
    suffix = path.suffix
    if PurePosixPath(path.stem).suffix == ".tar":
        suffix = ".tar" + suffix
    fits = len(suffix.encode(errors="surrogatepass")) <= LONGEST_SUFFIX and suffix.isprintable()
    return suffix if fits else ""


def _hashed(*texts: str) -> str:
    """Give a name for texts of any length, such that other texts give another."""
    found = blake2b(digest_size=16)
    for text in texts:
        data = text.encode(errors="surrogatepass")
        found.update(b"%d:" % len(data) + data)
    return found.hexdigest()


def _write(path: str, source: BinaryIO) -> tuple[int, str]:
    checksum, size = blake2b(digest_size=16), 0
    with open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w+b") as stream:
        if isinstance(source, FillsFile):
            size = source.fill_file(stream.fileno(), untold)
            os.fchmod(stream.fileno(), 0o400)
            return size, _checksum(stream)  # a reader that fills a file does so in any order
        while chunk := source.read(CHUNK):
            stream.write(chunk)
            checksum.update(chunk)
            size += len(chunk)
        os.fchmod(stream.fileno(), 0o400)
    return size, checksum.hexdigest()


def _checksum(stream: BinaryIO) -> str:
    found = blake2b(digest_size=16)
    while chunk := stream.read(CHUNK):
        found.update(chunk)
    return found.hexdigest()


def _seen(state: os.stat_result) -> tuple[int, int, int]:
    return state.st_ino, state.st_size, state.st_mtime_ns


def _open_shared(directory: str) -> int:
    """Open a shelf under a shared lock; one that is thrown away at this moment is made again."""
    import fcntl

    while True:
        os.makedirs(os.path.dirname(directory), mode=0o700, exist_ok=True)
        descriptor = -1
        try:
            os.makedirs(directory, mode=0o700, exist_ok=True)
            descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            if os.path.samestat(os.stat(directory), os.fstat(descriptor)):
                return descriptor
        except FileNotFoundError:
            pass  # thrown away between two of these steps
        except FileExistsError:
            # `makedirs` says this too when the directory that was in its way is gone before it looks what it is.
            if os.path.lexists(directory) and not os.path.isdir(directory):
                raise
        except BaseException:
            if descriptor >= 0:
                os.close(descriptor)
            raise
        if descriptor >= 0:
            os.close(descriptor)


def _discard(directory: str, keep: str = "") -> bool:
    """Throw away what is in a shelf, unless somebody holds it."""
    import fcntl

    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for path in _entries(directory):
            if os.path.basename(path) != keep:
                _remove(path)
        if not keep:
            os.rmdir(directory)
    except OSError as error:
        if error.errno not in (errno.EWOULDBLOCK, errno.ENOENT, errno.ENOTEMPTY, errno.ENOLCK):
            raise
        return False
    finally:
        os.close(descriptor)
    return True


def _entries(directory: str) -> list[str]:
    try:
        return [os.path.join(directory, name) for name in os.listdir(directory)]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _state(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass  # another process was quicker
