"""Copying and moving files and trees between any two storages, one after the other, for `Path.copy` and `Path.move`.

Jobs with progress, parallel transfers and conflict rules are in `tfm.operations`; this is what `shutil` is to them.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from tfm.errors import InvalidPathError
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
    _copy(source, target, follow_symlinks, preserve_metadata, {})
    return target


def move_path(source: Path, target: Path) -> Path:
    """Move a file or a tree: by renaming where the storage can, else by copying and then deleting what was copied.

    Args:
        source: What to move.
        target: The new path.

    Raises:
        OSError: `EBUSY` when somebody wrote a file after it was copied; that one stays, and so does its directory.
    """
    if source.same_storage(target):
        try:
            return source.rename(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
    files: dict[Path, FileInfo] = {}
    directories = _copy(source, target, False, True, files)
    for failure in source.unlink_copied(files).values():
        raise failure
    for failure in source.delete_below(sorted(directories, reverse=True)).values():
        raise failure
    if source.is_dir() and source not in files:  # without a marker, an S3 directory went with its last object
        source.rmdir()
    return target


def _copy(
    source: Path, target: Path, follow_symlinks: bool, preserve_metadata: bool, files: dict[Path, FileInfo]
) -> list[str]:
    """Copy a link, a file or a tree, and note each file or link as it was copied; gives the directories below."""
    _check_distinct(source, target)
    if not follow_symlinks and source.is_symlink():
        files[source] = source.facts(follow_symlinks=False)
        target.symlink_to(source.readlink(), target_is_directory=source.is_dir())
        return []
    try:
        info = _copy_file(source, target, preserve_metadata)
    except (IsADirectoryError, FileNotFoundError):
        if not source.is_dir():
            raise
        return _copy_tree(source, target, follow_symlinks, preserve_metadata, files)
    if info is not None:
        files[source] = info
    return []


def _check_distinct(source: Path, target: Path) -> None:
    if source == target:
        raise OSError(errno.EINVAL, "Source and target are the same path", str(source), None, str(target))
    if source in target.parents:
        raise OSError(errno.EINVAL, "Source path is a parent of target path", str(source), None, str(target))


def _copy_file(source: Path, target: Path, preserve_metadata: bool) -> FileInfo | None:
    """Copy a file; gives what it was when it was read, unless the server copied it."""
    if source.is_fifo() or source.is_socket() or source.is_char_device() or source.is_block_device():
        raise OSError(errno.EINVAL, "Not a regular file, so there is nothing to copy", str(source))
    if target.known_directory():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    import shutil  # with every compression that Python knows, so not for paths that copy nothing

    info = source.facts() if source.capabilities.times else None  # of a disk, where asking costs nothing
    with _complete(target) as place:
        if not (source.same_storage(place) and source.copy_native(place)):
            with source.open("rb", 0) as reader:
                info = info or source.opened(reader)
                options = source.stored_with(reader) if source.scheme == place.scheme else {}
                with place.open("wb", **options) as writer:
                    shutil.copyfileobj(reader, writer, CHUNK)
        if preserve_metadata and place.capabilities.times:
            _keep_times(info or source.facts(), place)
    return info


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
    except BaseException as error:
        if isinstance(error, OSError) and error.filename == str(part):
            error.filename = str(target)
        with suppress(OSError):  # the directory may be missing, or be a file
            part.unlink()
        raise


def _keep_times(info: FileInfo, target: Path) -> None:
    if info.mtime is not None:
        os.utime(target, (info.mtime, info.mtime))
    if info.mode:
        target.chmod(info.mode & 0o7777)


def _copy_tree(
    source: Path, target: Path, follow_symlinks: bool, preserve_metadata: bool, files: dict[Path, FileInfo]
) -> list[str]:
    """Copy everything below; gives the directories that were copied, each with a slash at its end.

    The empty name is the source's own marker, when that holds bytes.
    """
    if target.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    pages = source.scan_tree()
    needed = target.capabilities.needs_directories
    directories: list[str] = []
    empty: set[str] = {""}
    if source.copy_marker(target):
        directories.append("")
        empty.clear()
    if needed:
        target.mkdir()
    for page in pages:
        for names, info in page:
            empty.difference_update(["", *ancestors(names)])
            if info.is_dir(follow_symlinks=False):
                directories.append(names + "/")
                if not (info.size and _below(source, names).copy_marker(_below(target, names))):
                    empty.add(names)
                if needed:
                    _below(target, names).mkdir(parents=True, exist_ok=True)
                continue
            if needed:
                _below(target, names).parent.mkdir(parents=True, exist_ok=True)
            _copy(_below(source, names), _below(target, names), follow_symlinks, preserve_metadata, files)
    if not needed:
        # A storage of keys needs no directories but those with nothing in them.
        for names in sorted(empty):
            (_below(target, names) if names else target).mkdir(parents=True, exist_ok=True)
    return directories


def _below(path: Path, names: str) -> Path:
    """Give what is below a directory.

    Raises:
        InvalidPathError: The storage can't hold one of the names.
    """
    below = path
    for name in names.split("/"):
        try:
            below = below.child(name)
        except InvalidPathError as error:
            raise InvalidPathError(f"{names!r} can't be copied to {str(path)!r}: {error}") from error
    return below
