"""What is refused before a byte moves. Nothing here asks a network: what only that can tell, the job finds out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from typing import NamedTuple

from tfm.errors import InvalidPathError, RefusedError
from tfm.info import FileInfo
from tfm.path import Path
from tfm.transfer.partfile import same_file
from tfm.transfer.plan import on_disk

Given = Path | tuple[Path, FileInfo]
"""A source as a caller names it: with its info where one name may mean two things, as on S3."""


CONTENTS = "/"
"""The name at the destination of a directory that becomes the destination itself; no entry can have it."""


class GuardError(RefusedError):
    """The job would do harm."""


class Item(NamedTuple):
    """One of the paths that a job was asked for.

    Args:
        path: The path.
        kind: `file` or `directory` when the caller said which, or a local disk did; empty when it is to be asked.
        name: Its name at the destination, or `CONTENTS`.
    """

    path: Path
    kind: str
    name: str

    def target(self, into: Path) -> Path:
        """Give the path that it is to have.

        Args:
            into: The destination.

        Raises:
            InvalidPathError: The storage can't hold its name.
        """
        return into if self.name == CONTENTS else into.child(self.name)


def items(sources: Sequence[Given], names: Mapping[Path, str]) -> list[Item]:
    """Take what a caller named apart, and refuse what has no name of its own.

    Args:
        sources: The paths.
        names: New names for some of them.
    """
    if not sources:
        raise GuardError("There is nothing to do: no path was given.")
    found = []
    for given in sources:
        path, info = given if isinstance(given, tuple) else (given, None)
        name = names.get(path, path.name)
        if name == CONTENTS:
            _check_contents(path)
        elif not path.name or path.name in (".", ".."):
            raise GuardError(f"{str(path)!r} has no name of its own: give the directory by its name.")
        found.append(Item(path, _kind(path, info), name))
    return found


def _check_contents(path: Path) -> None:
    if not on_disk(path) and path.parent == path:
        raise GuardError(f"{str(path)!r} holds buckets and no files: choose a bucket or a directory in one.")


def _kind(path: Path, info: FileInfo | None) -> str:
    if on_disk(path):
        try:
            info = path.facts(follow_symlinks=False)
        except OSError:
            return ""
        return "directory" if info.is_dir(follow_symlinks=False) else "file"
    return info.kind if info is not None and info.kind in ("file", "directory") else ""


def check_copy(sources: Iterable[Item], into: Path) -> None:
    """Refuse a copy or move that would harm what it is made of.

    Args:
        sources: What is to be copied.
        into: The directory.

    Raises:
        GuardError: Onto itself, into its own subtree, two sources for one target, or a target that is no directory.
    """
    if into.parent == into and not on_disk(into):
        raise GuardError(f"{str(into)!r} holds buckets and no files: choose a bucket or a directory in one.")
    if on_disk(into) and os.path.lexists(into) and not os.path.isdir(into):
        raise GuardError(f"{str(into)!r} is not a directory: choose a directory to copy into.")
    taken: dict[tuple[Path, str], Path] = {}
    for item in sources:
        try:
            target = item.target(into)
        except InvalidPathError:
            continue  # the job reports it by its name, and does the rest
        # A storage of keys can hold a file and a directory of one name, when the two are told apart.
        key = (target, "" if into.capabilities.needs_directories else item.kind)
        if key in taken:
            raise GuardError(
                f"{str(taken[key])!r} and {str(item.path)!r} would both become {str(target)!r}: rename one."
            )
        taken[key] = item.path
        check_pair(item, into, target)


def check_pair(item: Item, into: Path, target: Path) -> None:
    """Refuse a copy onto itself or into its own subtree.

    Args:
        item: The source.
        into: The directory.
        target: The path that it would have there.
    """
    path = item.path
    if path == target or same_entry(path, target):
        raise GuardError(f"{str(path)!r} and {str(target)!r} are the same: choose another directory or another name.")
    if item.kind != "file" and _is_below(into, path):
        raise GuardError(f"{str(into)!r} is inside of {str(path)!r}, which can't be put into itself: choose another.")


def check_reach(paths: Iterable[Path], executor: Executor | None) -> None:
    """Refuse to hand out what only this machine can open.

    Args:
        paths: Of the job.
        executor: Who is to work on it; `None` is this process.

    Raises:
        GuardError: One of them is on a disk.
    """
    for path in paths if executor is not None else ():
        if on_disk(path):
            raise GuardError(
                f"{str(path)!r} is on a disk of this machine, and a worker would look for it on its own: work on it "
                "without a cluster or executor."
            )


def same_entry(one: Path, other: Path) -> bool:
    """Whether two local paths are one file: by another spelling, letter case, a hard link, or a link to the other.

    Two links that lead to the same third file are two files.

    Args:
        one: A path.
        other: Another.
    """
    if not (on_disk(one) and on_disk(other)):
        return False
    try:
        first, second = os.lstat(one), os.lstat(other)
    except (OSError, ValueError):
        return False
    pairs = ((first, second), (first, _led_to(other, second)), (_led_to(one, first), second))
    return any(same_file(*pair) for pair in pairs)


def _led_to(path: Path, own: os.stat_result) -> os.stat_result:
    try:
        return os.stat(path)
    except OSError:
        return own  # a broken link is only itself


def same_object(one: Path, one_info: FileInfo, other: Path, other_info: FileInfo) -> bool:
    """Whether two paths of different places are one object: the same name, version, size and time.

    Args:
        one: A path.
        one_info: What was just heard of it.
        other: Another.
        other_info: What was just heard of it.
    """
    if not maybe_same(one, other) or one_info.etag is None or one_info.mtime is None or other_info.mtime is None:
        return False
    return (one_info.etag, one_info.size, int(one_info.mtime)) == (
        other_info.etag, other_info.size, int(other_info.mtime),
    )  # fmt: skip


def maybe_same(one: Path, other: Path) -> bool:
    """Whether two paths differ in nothing but the place, so that they may name one object by two credentials.

    Args:
        one: A path.
        other: Another.
    """
    if on_disk(one) or on_disk(other) or one.name != other.name:
        return False
    if one.anchor == other.anchor:  # one place: only the version may differ
        return str(one) == str(other) and one != other
    return one.parts[1:] == other.parts[1:]


def _is_below(path: Path, top: Path) -> bool:
    if on_disk(path) and on_disk(top):
        return _is_below_on_disk(os.path.realpath(path), top)
    if on_disk(path) or on_disk(top):
        return False
    # Two places may be one server under two names; a tree that grows while it is copied would never end.
    return path.parts[1 : len(top.parts)] == top.parts[1:]


def _is_below_on_disk(path: str, top: Path) -> bool:
    try:
        wanted = os.stat(top)
    except (OSError, ValueError):
        return False
    while True:
        try:
            if same_file(os.stat(path), wanted):
                return True
        except OSError:
            pass  # not made yet: its parents are what counts
        parent = os.path.dirname(path)
        if parent == path:
            return False
        path = parent


def check_root(path: Path) -> None:
    """Refuse to delete a whole storage.

    Args:
        path: What is to be deleted.

    Raises:
        GuardError: It is a root.
    """
    if path.is_absolute() and path.parent == path:
        raise GuardError(f"{str(path)!r} is the root of a storage and is never deleted.")


def check_delete(sources: Iterable[Item]) -> None:
    """Refuse to delete what nobody wants to lose.

    Args:
        sources: What is to be deleted.

    Raises:
        GuardError: The home or current directory or what contains it, a mounted file system.
    """
    for item in sources:
        if on_disk(item.path) and not os.path.islink(item.path):
            _check_delete_on_disk(item.path)


def _check_delete_on_disk(path: Path) -> None:
    if os.path.ismount(path):
        raise GuardError(f"A file system is mounted at {str(path)!r}: unmount it, or delete what is in it.")
    for special, what in ((os.path.expanduser("~"), "your home directory"), (os.curdir, "the current directory")):
        if _is_below_on_disk(os.path.realpath(special), path):
            raise GuardError(f"{str(path)!r} is or contains {what} and is never deleted as a whole.")
