"""Copying and moving files and trees between any two storages, one after the other, for `Path.copy` and `Path.move`.

Jobs with progress, parallel transfers and conflict rules are in `tfm.operations`; this is what `shutil` is to them.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from tfm.errors import InvalidPathError
from tfm.globbing import ancestors
from tfm.info import FileInfo
from tfm.whole import FillsFile, TakesFile, untold

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
    _copy(source, target, follow_symlinks, preserve_metadata, None)
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
    from tfm.durable import Durability

    copied, durability = _Copied({}, []), Durability()
    if _on_disk(target):
        with suppress(OSError):  # the copy will say what is wrong with the place
            durability.watch(str(target.parent))
    directories = _copy(source, target, False, True, copied)
    files = copied.files
    if _on_disk(target):
        durability.settle(copied.targets)  # the copies must outlast their sources
    for failure in source.unlink_copied(files).values():
        raise failure
    for failure in source.delete_below(sorted(directories, reverse=True)).values():
        raise failure
    if source.is_dir() and source not in files:  # without a marker, an S3 directory went with its last object
        source.rmdir()
    return target


class _Copied(NamedTuple):
    """What a move has copied: each file or link as it was when it was read, and where the copies are."""

    files: dict[Path, FileInfo]
    targets: list[str]

    def note(self, source: Path, info: FileInfo, target: Path) -> None:
        self.files[source] = info
        self.targets.append(str(target))


def _on_disk(path: Path) -> bool:
    return not path.scheme


def _copy(
    source: Path, target: Path, follow_symlinks: bool, preserve_metadata: bool, copied: _Copied | None
) -> list[str]:
    """Copy a link, a file or a tree, and note each file or link as it was copied; gives the directories below."""
    _check_distinct(source, target)
    if not follow_symlinks and source.is_symlink():
        if copied is not None:
            copied.note(source, source.facts(follow_symlinks=False), target)
        target.symlink_to(source.readlink(), target_is_directory=source.is_dir())
        return []
    try:
        info = _copy_file(source, target, preserve_metadata)
    except (IsADirectoryError, FileNotFoundError):
        if not source.is_dir():
            raise
        return _copy_tree(source, target, follow_symlinks, preserve_metadata, copied)
    if info is not None and copied is not None:
        copied.note(source, info, target)
    return []


def _check_distinct(source: Path, target: Path) -> None:
    if source == target:
        raise OSError(errno.EINVAL, "Source and target are the same path", str(source), None, str(target))
    if source in target.parents:
        raise OSError(errno.EINVAL, "Source path is a parent of target path", str(source), None, str(target))


def _copy_file(source: Path, target: Path, preserve_metadata: bool) -> FileInfo | None:
    """Copy a file; gives what it was when it was read, unless the server copied it."""
    info = source.facts() if source.capabilities.times else None  # of a disk, where asking costs nothing
    if info is not None and info.kind == "other":
        raise OSError(errno.EINVAL, "Not a regular file, so there is nothing to copy", str(source))
    if target.known_directory():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    if _on_disk(source) and _on_disk(target):
        from tfm.diskcopy import copy_file

        copy_file(str(source), str(target), keep=preserve_metadata)
        return info
    with _complete(target) as place:
        if not (source.same_storage(place) and source.copy_native(place)):
            with source.open("rb", 0) as reader:
                info = info or source.opened(reader)
                options = source.stored_with(reader) if source.scheme == place.scheme else {}
                with place.open("wb", **options) as writer:
                    _pass_on(source, reader, writer, place)
        if preserve_metadata and place.capabilities.times:
            _keep_times(info or source.facts(), place)
    return info


def _pass_on(source: Path, reader: IO[Any], writer: IO[Any], target: Path) -> None:
    """Move all bytes, in a storage's own way where it has one for files on a disk."""
    if _on_disk(target) and isinstance(reader, FillsFile):
        reader.fill_file(writer.fileno(), untold)
        return
    size = os.fstat(reader.fileno()).st_size if _on_disk(source) and isinstance(writer, TakesFile) else 0
    if size and isinstance(writer, TakesFile):  # what says that it is empty may be a virtual file
        if writer.take_file(reader.fileno(), size, untold) < size:
            raise OSError(errno.EIO, "it was cut short while it was copied: copy it again when it rests", str(source))
        return
    import shutil  # with every compression that Python knows, so not for paths that copy nothing

    shutil.copyfileobj(reader, writer, CHUNK)


@contextmanager
def _complete(target: Path) -> Iterator[Path]:
    """Give where to write a file, such that nobody sees half of it and a failure leaves what was there."""
    if not target.capabilities.atomic_rename:
        yield target  # it appears when it is closed
        return
    from tfm.diskcopy import beside

    part = target.with_name(os.path.basename(beside(str(target))))
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
    source: Path, target: Path, follow_symlinks: bool, preserve_metadata: bool, copied: _Copied | None
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
    made: set[str] = {""}
    disks, top, new_top = _on_disk(source) and _on_disk(target), str(source), str(target)
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
                    made.add(names)
                continue
            above = names.rpartition("/")[0]
            if needed and above not in made:
                _below(target, above).mkdir(parents=True, exist_ok=True)
                made.add(above)
            if disks and info.kind == "file" and not info.link:
                from tfm.diskcopy import copy_file

                facts = copy_file(os.path.join(top, names), os.path.join(new_top, names), keep=preserve_metadata)
                if copied is not None:
                    was = info._replace(size=facts.st_size, mtime=facts.st_mtime)
                    copied.note(_below(source, names), was, _below(target, names))
                continue
            _copy(_below(source, names), _below(target, names), follow_symlinks, preserve_metadata, copied)
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
