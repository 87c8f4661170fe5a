"""What is at the targets of a job: learnt by listing a directory once, where asking for a file is a request."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator

from tfm.info import FileInfo
from tfm.path import Path

MOST_NAMES = 100_000
"""Names that are kept of all directories, and that one may have before its files are asked for one by one."""
MOST_DIRECTORIES = 10_000
"""Directories that are kept, those included that have no names."""
PATIENCE = 10
"""Pages of a listing that everybody waits for; while later ones come, who needs to know asks for single files."""
FULL = 1000
"""Names in a page after which there may be another one."""


class Existing:
    """Tells what bears the name of a target; for any number of threads.

    On a disk the file itself is asked for, unless its directory was made just now. Where that is a request, the first
    question about a directory lists it anew, a page for each question that the pages so far don't answer, so that this
    never costs much more than asking would. Of a directory that isn't there nothing below is asked for.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[Path, _Directory] = OrderedDict()
        self._names = 0

    def find(self, target: Path, top: Path) -> FileInfo | None:
        """Give what is in the way of a file: anything on a disk; among keys a file alone, which may share a name.

        Args:
            target: The file.
            top: A directory above it; what is above that is not looked at.
        """
        if target.capabilities.needs_directories:
            return None if self._known and target.parent in self._known else asked(target)
        known, info = self._directory(target.parent, top).find(target.name)
        return info if known else asked(target)

    def nothing_below(self, directory: Path) -> None:
        """Note that a directory isn't there, or that it was made just now.

        What appears in it since is found by whoever writes: nothing is replaced that this doesn't tell of.

        Args:
            directory: Which.
        """
        with self._lock:
            self._known[directory] = _Directory(directory, self._count, absent=True)
            self._drop_oldest()

    def learn(self, directory: Path) -> None:
        """Begin to learn what is in a directory, as the first question about it would.

        Args:
            directory: The top below which targets are.
        """
        self._directory(directory, directory).find("")

    def appeared(self, target: Path, info: FileInfo) -> None:
        """Note that a file came to be at a target.

        Args:
            target: The file.
            info: What it is.
        """
        with self._lock:
            known = self._known.get(target.parent)
        if known is not None:
            known.appeared(info)

    def _directory(self, path: Path, top: Path) -> _Directory:
        with self._lock:
            found = self._known.get(path)
            if found is not None:
                self._known.move_to_end(path)
                return found
        parent = path.parent
        begins = path in (top, parent)
        absent = (not begins or parent in self._known) and self._directory(parent, top).lacks(path.name)
        with self._lock:
            found = self._known.setdefault(path, _Directory(path, self._count, absent=absent, unsure=begins))
            self._drop_oldest()
            return found

    def _drop_oldest(self) -> None:
        while self._known and (self._names > MOST_NAMES or len(self._known) > MOST_DIRECTORIES):
            self._names -= self._known.popitem(last=False)[1].size

    def _count(self, names: int) -> None:
        with self._lock:
            self._names += names


class _Directory:
    """What is known of one directory."""

    def __init__(self, path: Path, count: Callable[[int], None], *, absent: bool = False, unsure: bool = False) -> None:
        self.size = 0
        self._path = path
        self._count = count
        self._unsure = unsure and len(path.parts) > 2
        self._files: dict[str, FileInfo] = {}
        self._directories: set[str] = set()
        self._pages: Iterator[list[FileInfo]] | None = None
        self._read = 0
        self._complete = absent
        self._hopeless = False
        self._lock = threading.Lock()

    def find(self, name: str) -> tuple[bool, FileInfo | None]:
        """Tell whether it is known what file bears a name, and which."""
        found = self._files.get(name)
        if found is None and not (self._complete or self._hopeless):
            self._read_on()
            found = self._files.get(name)
        return found is not None or self._complete, found

    def appeared(self, info: FileInfo) -> None:
        """Note a file that came since."""
        if not self._hopeless:
            self._files[info.name] = info

    def lacks(self, name: str) -> bool:
        """Whether there surely is no directory of a name."""
        if not (self._read or self._complete or self._hopeless):
            self._read_on()
        return self._complete and name not in self._directories

    def _read_on(self) -> None:
        """Read one page more, or leave it to whoever is reading one."""
        before = self._read
        if not self._lock.acquire(blocking=before < PATIENCE):
            return
        try:
            if self._read == before and not (self._complete or self._hopeless):
                while self._take(self._next()):
                    pass
        except PermissionError:
            self._give_up()  # who may not list may still be told of single files
        except FileNotFoundError as error:
            if getattr(error, "code", "") == "NoSuchBucket":
                raise
            self._complete = True
        except BaseException:
            self._give_up()  # a listing that broke off tells nothing of what is missing in it
            raise
        finally:
            self._lock.release()

    def _next(self) -> list[FileInfo] | None:
        if self._pages is None:
            self._path.refresh()  # what a listing remembered must not decide what is overwritten
            if self._unsure and not self._path.facts().is_dir():  # most often it isn't there, and then that was all
                return None
            self._pages = self._path.scan()
        return next(self._pages, None)

    def _take(self, page: list[FileInfo] | None) -> bool:
        """Keep a page; tells whether the next one surely costs nothing."""
        if page is None:
            self._complete, self._pages = True, None
            return False
        for info in page:
            if info.is_file():
                self._files[info.name] = info
            if info.is_dir():
                self._directories.add(info.name)
        self._read += 1
        self.size += len(page)
        self._count(len(page))
        if self.size > MOST_NAMES:
            self._give_up()
        return len(page) < FULL - 1 and not self._hopeless  # its own marker is one of the keys, and not given

    def _give_up(self) -> None:
        self._hopeless, self._pages = True, None
        self._count(-self.size)
        self._files, self._directories, self.size = {}, set(), 0


def asked(target: Path) -> FileInfo | None:
    """Ask the storage what is in the way of a file.

    Args:
        target: The file.
    """
    try:
        info = target.facts(follow_symlinks=False)
    except FileNotFoundError:
        return None
    return info if target.capabilities.needs_directories or info.is_file() else None


def asked_anew(target: Path) -> FileInfo | None:
    """Ask the storage what is in the way of a file, past every cache.

    Args:
        target: The file.
    """
    target.refresh()
    return asked(target)
