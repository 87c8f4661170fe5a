"""Moves the bytes of one object between any two storages, with bounded memory, such that nobody sees half a file."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, Protocol, cast

from tfm.info import FileInfo
from tfm.path import Path
from tfm.resumable import Keeper
from tfm.transfer.errors import SourceChangedError, TargetChangedError, TransferCancelledError, TransferError
from tfm.transfer.newname import rename_new
from tfm.transfer.partfile import PartFile, part_name, same_file
from tfm.transfer.plan import Method, on_disk, plan
from tfm.transfer.source import LocalSource, RemoteSource, Source, Watch


class Transferred(NamedTuple):
    """What was done.

    Args:
        method: The way that was taken.
        bytes: The bytes that the target has.
    """

    method: Method
    bytes: int


class _Writer(Protocol):
    etag: str

    def write(self, data: bytes, /) -> int | None: ...
    def close(self) -> None: ...
    def abort(self) -> None: ...
    def replace_only(self, etag: str, /) -> None: ...
    def remember(self, keeper: Keeper, /) -> None: ...
    def leave(self) -> None: ...


def _nothing(size: int) -> None:
    """Ignore progress."""


def _never() -> bool:
    return False


def transfer(
    source: Path, target: Path, info: FileInfo, *, overwrite: bool = False, absent: bool = False,
    replaces: FileInfo | None = None, verify: bool = False, progress: Callable[[int], None] = _nothing,
    cancelled: Callable[[], bool] = _never, keeper: Keeper | None = None,
) -> Transferred:  # fmt: skip
    """Copy one file or link; the target appears whole or not at all.

    The answer to a write is relied on: the server has compared the checksum that came with the bytes.

    Args:
        source: The file. A link stays a link between two disks; anywhere else what it leads to is copied.
        target: Its new path.
        info: What the source is, links not followed.
        overwrite: Replace a file at the target; otherwise raise `FileExistsError`.
        absent: The caller has looked just now and found no target; storages that can refuse to overwrite still do.
        replaces: What a listing told of the target that is overwritten: another version of it is not.
        verify: Look at the target once more, as is due before the source goes.
        progress: Told the bytes as they move; what fails later is not taken back here.
        cancelled: Asked before each chunk, and once more before the target appears.
        keeper: Remembers how far a large file has come: what it keeps is gone on with by the next transfer of it.

    Raises:
        TransferCancelledError: `cancelled` said so; nothing is left but what the keeper keeps.
        SourceChangedError: The source is not what it was, or not as long as it said.
        TransferError: The source can't be copied, or the target isn't what was written or, before, what is replaced.
        OSError: What the storages raise.
    """
    if cancelled():
        raise TransferCancelledError("cancelled")
    method = plan(info, source, target)
    if method == "link":
        check_replaced(target, replaces)
        return Transferred(method, _copy_link(source, target, overwrite, keeper.mark if keeper else ""))
    if method in ("server_copy", "server_multipart"):
        if source.copy_native(
            target, overwrite=overwrite, listed=info, absent=absent, replaces=replaces, keeper=keeper
        ):
            return Transferred(method, _made_by_server(target, info, verify, progress))
        method = "stream"
    refuse_special(source, info)
    watch = Watch(progress, cancelled, keeper)
    if on_disk(target):
        return Transferred(method, _to_disk(source, info, target, overwrite, watch, replaces))
    with _opened(source) as opened:
        size = _to_remote(opened, target, overwrite, verify, watch, replaces)
    return Transferred(method, size)


def _made_by_server(target: Path, info: FileInfo, verify: bool, progress: Callable[[int], None]) -> int:
    """Give the size of a copy, whose ETag the server's answer has proved, unless it is to be looked at once more."""
    size = _verify_remote(target, info.size) if verify or info.size is None or not info.etag else info.size
    progress(size)
    return size


def _opened(source: Path) -> LocalSource | RemoteSource:
    return LocalSource(os.fspath(source)) if on_disk(source) else RemoteSource(source)


def rename(source: Path, target: Path, info: FileInfo, *, overwrite: bool = False) -> Transferred:
    """Rename one entry on a local disk, a directory with all that is below it.

    Args:
        source: The entry.
        target: Its new path.
        info: What the entry is, links not followed.
        overwrite: Replace a file at the target; a directory never replaces anything.

    Raises:
        FileExistsError: Something has the new name.
        OSError: `EXDEV` when the two are on different devices: nothing was done.
    """
    old, new = os.fspath(source), os.fspath(target)
    if info.is_dir(follow_symlinks=False):
        if os.path.lexists(new):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), new)
        os.rename(old, new)  # replaces no more than an empty directory, should one appear just now
    elif overwrite:
        os.replace(old, new)
    else:
        rename_new(old, new)
    return Transferred("rename", info.size or 0)


def refuse_special(source: Path, info: FileInfo) -> None:
    """Raise `TransferError` for what has no bytes to copy.

    Args:
        source: What is to be copied, other than a link between two disks.
        info: What it is.
    """
    if info.kind == "missing":
        raise TransferError(f"{str(source)!r} is a link that leads nowhere: there is nothing to copy.")
    if info.kind == "other":
        raise TransferError(
            f"{str(source)!r} is a pipe, socket or device: only files, directories and links can be copied."
        )
    if info.is_dir() and not info.is_file():
        raise TransferError(f"{str(source)!r} is a link to a directory, which this destination can't hold as a link.")


def _copy_link(source: Path, target: Path, overwrite: bool, mark: str) -> int:
    old, new = os.fspath(source), os.fspath(target)
    leads_to, facts = os.readlink(old), os.lstat(old)
    if not overwrite:
        os.symlink(leads_to, new)  # fails when the name is taken
        os.utime(new, ns=(facts.st_atime_ns, facts.st_mtime_ns), follow_symlinks=False)
        return facts.st_size
    directory, name = os.path.split(new)
    beside = os.path.join(directory, part_name(name, mark or secrets.token_hex(4)))
    if mark and os.path.lexists(beside):
        os.unlink(beside)  # an earlier process of the same job has left it
    os.symlink(leads_to, beside)
    try:
        os.utime(beside, ns=(facts.st_atime_ns, facts.st_mtime_ns), follow_symlinks=False)
        os.replace(beside, new)
    except OSError:
        os.unlink(beside)
        raise
    return facts.st_size


def _to_disk(source: Path, info: FileInfo, goal: Path, overwrite: bool, watch: Watch, replaces: FileInfo | None) -> int:
    target = os.fspath(goal)
    if replaces is not None:
        watch = watch._replace(cancelled=partial(_checked, watch.cancelled, goal, replaces))
    mark = watch.keeper.mark if watch.keeper is not None else ""
    with _opened(source) as opened, PartFile(target, opened.mode, mark) as part:
        size = opened.fill(part, watch)
        _check_source(opened, size, target)
        opened.stamp(part.descriptor, info)
        if watch.cancelled():
            raise TransferCancelledError("cancelled")
        written = part.publish(overwrite=overwrite)
    there = os.lstat(target)
    if not same_file(there, written) or there.st_size != size:
        raise TransferError(f"{target!r} is not what was written: somebody else wrote it at the same time.")
    return size


def _to_remote(
    opened: Source,
    target: Path,
    overwrite: bool,
    verify: bool,
    watch: Watch,
    replaces: FileInfo | None,
) -> int:
    writer = cast("_Writer", target.open_writer("w" if overwrite else "x", **opened.stored_for(target)))
    if replaces is not None and replaces.etag:
        writer.replace_only(replaces.etag)
    try:
        if watch.keeper is not None:
            writer.remember(watch.keeper)
        size = opened.feed(writer, watch)
        _check_source(opened, size, str(target))
        if watch.cancelled():
            raise TransferCancelledError("cancelled")
        writer.close()
    except BaseException as error:
        try:
            if watch.keeper is not None and watch.keeper.keeps(error):
                writer.leave()
            else:
                writer.abort()
        except OSError as failure:  # what went wrong first matters more
            error.add_note(f"The unfinished upload could not be dropped: {failure}")
        raise
    return _verify_remote(target, size, writer.etag) if verify else size


def _check_source(opened: Source, size: int, target: str) -> None:
    opened.check()
    if size != opened.size:
        raise SourceChangedError(
            f"The source had {opened.size} bytes when it was opened, and {size} came: {target!r} was not written."
        )


def _checked(cancelled: Callable[[], bool], target: Path, replaces: FileInfo) -> bool:
    """Look at the target on a disk whenever it is asked whether to go on, the last time just before it is replaced."""
    check_replaced(target, replaces)
    return cancelled()


def check_replaced(target: Path, replaces: FileInfo | None) -> None:
    """Raise `TargetChangedError` when a file on a disk is no longer what a listing told.

    Args:
        target: The file.
        replaces: What the listing told; `None` tells nothing.
    """
    if replaces is None:
        return
    try:
        there = target.facts(follow_symlinks=False)
    except FileNotFoundError:
        return  # then nothing is lost
    if (there.size, there.mtime, there.link) != (replaces.size, replaces.mtime, replaces.link):
        raise TargetChangedError(f"{str(target)!r} changed since it was listed: it was left alone; look, then repeat.")


def _verify_remote(target: Path, size: int | None, etag: str = "") -> int:
    """Look whether a target is what was written: by its size, and its ETag where that is known beforehand."""
    target.refresh()
    there = target.facts()
    if not there.is_file() or (size is not None and there.size != size):
        raise TransferError(
            f"{str(target)!r} has {there.size} bytes and should have {size}: somebody else wrote it at the same time."
        )
    if etag and there.etag and there.etag != etag:
        raise TransferError(f"{str(target)!r} is not what was written: somebody else wrote it at the same time.")
    return there.size or 0
