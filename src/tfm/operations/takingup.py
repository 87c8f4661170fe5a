"""What an earlier process of the same job has made of an entry: found out, and never guessed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tfm.info import FileInfo
from tfm.operations.contents import surely_same
from tfm.operations.existing import asked
from tfm.operations.record import Record, Step
from tfm.operations.sweeping import drop_part, drop_uploads
from tfm.path import Path
from tfm.transfer.partfile import part_name, same_file
from tfm.transfer.plan import on_disk

if TYPE_CHECKING:
    from tfm.operations.job import Job


def looks_done(info: FileInfo, step: Step) -> bool:
    """Whether the target of an entry that was done is there as it was left: after a power failure it may not be.

    Args:
        info: What the source is.
        step: The entry, whose target is on a disk.
    """
    try:
        there = step.target.facts(follow_symlinks=False)
    except OSError:
        return False
    return there.link == info.link and (info.link or there.size == info.size)


def arrived(source: Path, info: FileInfo, step: Step, mark: str) -> bool:
    """Whether what was begun is there, with all of its bytes; what is left of an attempt beside it is removed.

    Args:
        source: The entry.
        info: What it is now, links not followed.
        step: What was begun.
        mark: The job's, in the names of its unfinished files.
    """
    target = step.target
    target.refresh()
    there = asked(target)
    if there is None:
        return False
    if not step.replaced and _has_both_names(step):
        return True
    if not step.replaced and _claimed(there, target, mark):
        os.unlink(target)
        return False
    if not _same(source, info, target, there):
        return False
    drop_part(target, mark)
    return True


def same_file_at(source: Path, target: Path) -> bool:
    """Whether two files are both there, with the same bytes.

    Args:
        source: The one.
        target: The other.
    """
    source.refresh()
    there, info = asked(target), asked(source)
    return there is not None and info is not None and _same(source, info, target, there)


def _same(source: Path, info: FileInfo, target: Path, there: FileInfo) -> bool:
    if info.link and there.link:
        return _same_link(source, target)
    if there.link or not there.is_file() or there.size != info.size:
        return False
    return surely_same(source, info, target, there)


def _same_link(source: Path, target: Path) -> bool:
    """Compare two links; one that was made just now has not got its time yet."""
    if os.readlink(source) != os.readlink(target):
        return False
    facts = os.lstat(source)
    os.utime(target, ns=(facts.st_atime_ns, facts.st_mtime_ns), follow_symlinks=False)
    return True


def _claimed(there: FileInfo, target: Path, mark: str) -> bool:
    """Whether a target is only the empty file by which its name was taken, where there are no hard links."""
    if not on_disk(target) or there.size or there.link:
        return False
    directory, name = os.path.split(os.fspath(target))
    return os.path.lexists(os.path.join(directory, part_name(name, mark)))


def forget_unclear_upload(job: Job, step: Step) -> None:
    """Drop the upload of an entry when nobody knows which one it is: it was begun, and the answer never noted.

    Args:
        job: The job.
        step: The entry.
    """
    if job.record is not None and not on_disk(step.target):
        drop_uploads(job.record, step)


def moved_before(record: Record, source: Path) -> Step | None:
    """Give what an earlier process of a job has moved, when it is gone from here and there; `None` otherwise.

    Args:
        record: The job's page in the journal.
        source: What was to be moved.
    """
    source.refresh()
    if source.exists(follow_symlinks=False):
        return None
    for directory in (False, True):
        step = record.find(source, directory=directory)
        if step is not None and (step.done or _went(record, step)):
            return step
    return None


def finish_renames(record: Record) -> None:
    """Take the old names of files away whose new ones an earlier process has given them, when it could do no more.

    Args:
        record: The page of a move in the journal.
    """
    for step in record.steps(done=False):
        if not (step.replaced or step.directory) and _has_both_names(step):
            os.unlink(step.source)
            record.done(step.source)


def _has_both_names(step: Step) -> bool:
    """Whether a rename has given a file its new name, which nothing had when it began, and not taken the old one."""
    if not (on_disk(step.source) and on_disk(step.target)):
        return False
    try:
        old, new = os.lstat(step.source), os.lstat(step.target)
    except FileNotFoundError:
        return False
    return same_file(old, new) and old.st_nlink > 1


def _went(record: Record, step: Step) -> bool:
    """Whether what was begun to be moved is at its target, with everything that was begun below it."""
    step.target.refresh()
    if not step.directory:
        there = asked(step.target)
        return there is not None and str(there.size) == step.version.partition(" ")[0]
    if not step.target.exists(follow_symlinks=False):
        return False
    for below in record.steps(done=False):
        if step.source in below.source.parents and not below.directory and not _went(record, below):
            return False
    return True
