"""Copying and moving files and trees between any two storages, one after the other, for `Path.copy` and `Path.move`.

Jobs with progress, parallel transfers and conflict rules are in `tfm.operations`; this is what `shutil` is to them.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tfm.globbing import ancestors
from tfm.info import FileInfo

if TYPE_CHECKING:
    from tfm.path import Path

CHUNK = 1024 * 1024
"""Bytes read at a time."""


def copy_path(source: Path, target: Path, follow_symlinks: bool, preserve_metadata: bool) -> Path:
    """Copy a file or a tree.

    A name that is both an object and a prefix on S3 is copied as the object.

    Args:
        source: What to copy.
        target: The new path; a file there is replaced, a directory may not exist.
        follow_symlinks: Copy what a link leads to.
        preserve_metadata: Keep time and mode, where the target can.

    Raises:
        IsADirectoryError: The source is a file and the target a directory, as far as that is known without asking S3,
            where an object and a directory may bear one name.
        OSError: `EINVAL` when the target is the source or inside it, or what the storages raise.
    """
    _check_distinct(source, target)
    if not follow_symlinks and source.is_symlink():
        _copy_link(source, target)
        return target
    try:
        _copy_file(source, target, preserve_metadata)
    except (IsADirectoryError, FileNotFoundError):
        if not source.is_dir():
            raise
        _copy_tree(source, target, follow_symlinks, preserve_metadata)
    return target


def move_path(source: Path, target: Path) -> Path:
    """Move a file or a tree: by renaming where the storage can, else by copying and then deleting what was copied.

    Args:
        source: What to move.
        target: The new path.
    """
    if source.same_storage(target):
        try:
            return source.rename(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
    _check_distinct(source, target)
    if source.is_symlink():
        _copy_link(source, target)
        source.unlink()
        return target
    try:
        _copy_file(source, target, preserve_metadata=True)
    except (IsADirectoryError, FileNotFoundError):
        if not source.is_dir():
            raise
        copied = _copy_tree(source, target, follow_symlinks=False, preserve_metadata=True)
        _delete_copied(source, copied)
    else:
        source.unlink()
    return target


def _check_distinct(source: Path, target: Path) -> None:
    if source == target:
        raise OSError(errno.EINVAL, "Source and target are the same path", str(source), None, str(target))
    if source in target.parents:
        raise OSError(errno.EINVAL, "Source path is a parent of target path", str(source), None, str(target))


def _copy_file(source: Path, target: Path, preserve_metadata: bool) -> None:
    if source.is_fifo() or source.is_socket() or source.is_char_device() or source.is_block_device():
        raise OSError(errno.EINVAL, "Not a regular file, so there is nothing to copy", str(source))
    if target.known_directory():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    with _complete(target) as place:
        if not (source.same_storage(place) and source.copy_native(place)):
            with source.open("rb", 0) as reader:
                options = source.stored_with(reader) if source.scheme == place.scheme else {}
                with place.open("wb", **options) as writer:
                    shutil.copyfileobj(reader, writer, CHUNK)
        if preserve_metadata and place.capabilities.times:
            _keep_times(source.facts(), place)


@contextmanager
def _complete(target: Path) -> Iterator[Path]:
    """Give where to write a file, such that nobody sees half of it and a failure leaves what was there."""
    if not target.capabilities.atomic_rename:
        yield target  # it appears when it is closed
        return
    short = os.fsdecode(os.fsencode(target.name)[:200])
    part = target.with_name(f".{short}.{os.urandom(4).hex()}.tfm-part")
    try:
        yield part
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _keep_times(info: FileInfo, target: Path) -> None:
    if info.mtime is not None:
        os.utime(target, (info.mtime, info.mtime))
    if info.mode:
        target.chmod(info.mode & 0o7777)


def _copy_link(source: Path, target: Path) -> None:
    target.symlink_to(source.readlink(), target_is_directory=source.is_dir())


def _copy_tree(source: Path, target: Path, follow_symlinks: bool, preserve_metadata: bool) -> list[str]:
    """Copy everything below; gives the names that were copied, directories with a slash at their end."""
    if target.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    pages = source.scan_tree()
    needed = target.capabilities.needs_directories
    if needed:
        target.mkdir()
    copied: list[str] = []
    empty: set[str] = {""}
    for page in pages:
        for names, info in page:
            empty.difference_update(["", *ancestors(names)])
            if info.is_dir(follow_symlinks=False):
                empty.add(names)
                copied.append(names + "/")
                if needed:
                    _below(target, names).mkdir(parents=True, exist_ok=True)
                continue
            if needed:
                _below(target, names).parent.mkdir(parents=True, exist_ok=True)
            copy_path(_below(source, names), _below(target, names), follow_symlinks, preserve_metadata)
            copied.append(names)
    if not needed:
        # A storage of keys needs no directories but those with nothing in them.
        for names in sorted(empty):
            (_below(target, names) if names else target).mkdir(parents=True, exist_ok=True)
    return copied


def _below(path: Path, names: str) -> Path:
    for name in names.split("/"):
        path = path.child(name)
    return path


def _delete_copied(source: Path, copied: list[str]) -> None:
    files = [name for name in copied if not name.endswith("/")]
    directories = sorted((name for name in copied if name.endswith("/")), reverse=True)
    for names in (files, directories):
        for error in source.delete_below(names).values():
            raise error
    if source.is_dir():  # without a marker, an S3 directory went with its last object
        source.rmdir()
