"""Move: renamed where that works, else copied, verified and only then deleted."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor

from tfm.durable import Durability
from tfm.info import FileInfo
from tfm.operations.conflict import Conflict
from tfm.operations.departing import Departing, Moved
from tfm.operations.entrycopy import EntryCopy
from tfm.operations.guards import Given, GuardError, check_reach
from tfm.operations.handedcopy import HandedMove
from tfm.operations.job import Job
from tfm.operations.joining import Take
from tfm.operations.journal import Journal
from tfm.operations.ledger import Entry
from tfm.operations.record import Step, opening
from tfm.operations.request import Request, absolute, asked, chosen
from tfm.operations.takingup import moved_before
from tfm.operations.treecopy import TreeCopy
from tfm.path import Path
from tfm.transfer.engine import Transferred, rename
from tfm.transfer.plan import on_disk, plan
from tfm.transfer.source import proof, remove


def move(
    sources: Sequence[Given],
    into: Path,
    *,
    names: Mapping[Path, str] | None = None,
    conflict: Conflict = Conflict.ASK,
    take: Take | None = None,
    executor: Executor | None = None,
    journal: Journal | None = None,
) -> Job:
    """Make a job that moves files and trees into a directory.

    A source goes only after its copy was verified, and only while it is what was copied; a directory only when nothing
    is left in it. What was not moved is reported and stays where it was.

    Args:
        sources: Paths, or pairs with their `FileInfo`; see `copy`.
        into: The directory; made, with its parents, when it is missing.
        names: Names at the destination for sources that shall not keep their own; `CONTENTS` for a directory that is
            to become the destination itself, so that what is in it goes there.
        conflict: What to do with files that exist already; directories are merged.
        take: Which files and links, as for `copy`; then every directory of the sources stays. `None` takes everything.
        executor: Who moves the bytes, in batches: any, such as a pool of processes or a cluster's, between storages
            that every worker reaches under these names; `None` for threads of this process.
        journal: Where every step is written down before it is taken, so that a job whose process is killed can be
            taken up by `resume`; `None` for nowhere.

    Raises:
        GuardError: As for `copy`, and for a bucket, which can't be moved.
    """
    opens = opening(
        journal, lambda: Request("move", asked(sources, names), absolute(into), conflict.value, chosen(take))
    )
    operation = TreeMove(sources, into, names, conflict, take)
    check_reach(operation.paths, executor)
    return Job(operation, executor, opens)


class EntryMove(EntryCopy):
    """Moves single entries for one job.

    Args:
        job: The job.
        conflict: Its rule for targets that exist.
        into: The directory that everything goes into.
    """

    def __init__(self, job: Job, conflict: Conflict, into: Path) -> None:
        super().__init__(job, conflict, into)
        self._durability = Durability()
        self._departing = Departing(job.ledger, job.cancelled, self._durability)

    def submit(self, entry: Entry, info: FileInfo) -> None:
        """Move an entry.

        Args:
            entry: Which; its target is set.
            info: What its source is, links not followed.
        """
        if entry.target is not None and on_disk(entry.target):
            try:
                self._durability.watch(os.path.dirname(entry.target))
            except OSError:
                pass  # without that, each file is flushed by itself; and what is wrong, its write will tell
        super().submit(entry, info)

    def witness(self, entry: Entry, info: FileInfo) -> object:
        """Give what will tell whether a file of a disk is still what was read.

        Args:
            entry: Which.
            info: What its source is.
        """
        return proof(entry.source, info)

    def settle(
        self, entry: Entry, info: FileInfo, target: Path, size: int, *, proof: object = None, etag: str | None = None
    ) -> None:
        """Let the source go, since its copy is there.

        Args:
            entry: Which.
            info: What its source was.
            target: Where the copy is.
            size: Its bytes.
            proof: What `witness` gave.
            etag: What the answer to the write told; the copy is looked at once more then.
        """
        self._departing.add(Moved(entry, info, target, size, proof, etag))

    def stands(self, info: FileInfo, step: Step) -> bool:
        """Never: where a source is that went before, it is another one.

        Args:
            info: What the source is.
            step: What the journal tells of it.
        """
        del info, step
        return False

    def finish(self) -> None:
        """Delete the sources that were left for the end."""
        super().finish()
        self._departing.finish()

    def carry(
        self, entry: Entry, info: FileInfo, target: Path, there: FileInfo | None, *, verify: bool = True
    ) -> Transferred | None:
        """Rename, or bring the bytes over and then delete the source.

        Args:
            entry: Whose.
            info: What its source is.
            target: Where to.
            there: What is there and is replaced; `None` is nothing, and what came since raises `FileExistsError`.
            verify: Look at the target once more.
        """
        if plan(info, entry.source, target, move=True) == "rename":
            try:
                return rename(entry.source, target, info, overwrite=there is not None)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
        lands = on_disk(target)
        if lands:
            self._durability.watch(os.path.dirname(target))
        if not on_disk(entry.source) and info.etag:
            # What the server copies by itself is compared there; another storage is asked what it has.
            result = super().carry(entry, info, target, there, verify=not entry.source.same_storage(target))
            assert result is not None  # a copy is done when it is there
            self.settle(entry, info, target, result.bytes)
            return None
        copied = proof(entry.source, info)
        result = super().carry(entry, info, target, there, verify=verify)
        if lands and result is not None:
            self._departing.add(Moved(entry, info, target, result.bytes, copied))
            return None
        remove(entry.source, info, copied)
        return result


class TreeMove(TreeCopy):
    """Moves sources into a directory; see `TreeCopy`."""

    verb = "Move"
    follows_links = False  # what a link leads to isn't what was asked to go away

    def __init__(
        self,
        sources: Sequence[Given],
        into: Path,
        names: Mapping[Path, str] | None,
        conflict: Conflict,
        take: Take | None = None,
    ) -> None:
        super().__init__(sources, into, names, conflict, take)
        for item in self.items:
            if not on_disk(item.path) and len(item.path.parts) == 2:
                raise GuardError(f"{str(item.path)!r} is a bucket and can't be moved: move what is in it.")

    def entries(self, job: Job) -> EntryCopy:
        """Give what moves single entries.

        Args:
            job: The job.
        """
        if job.executor is None:
            return EntryMove(job, self.conflict, self.into)
        return HandedMove(job, self.conflict, self.into)

    def gone(self, job: Job, entry: Entry) -> bool:
        """Book a source that an earlier process of this job has moved; tells whether one has.

        Args:
            job: The job.
            entry: The source's account.
        """
        if job.record is None or not job.record.resumed:
            return False
        step = moved_before(job.record, entry.source)
        if step is None:
            return False
        job.ledger.found(entry.source, 1, 0)
        job.ledger.done(entry, 0, step.target)
        return True

    def whole(self, job: Job, entry: Entry, info: FileInfo, target: Path) -> bool:
        """Rename a directory with all that is in it, on one device, when nothing has the new name.

        Args:
            job: The job.
            entry: The directory's account.
            info: What it is.
            target: Where it is to be.
        """
        if job.record is not None:
            job.record.begin([Step(entry.source, target, directory=True)])
        if plan(info, entry.source, target, move=True) != "rename" or os.path.lexists(target):
            return False
        try:
            job.ledger.started(entry)
            rename(entry.source, target, info)
        except OSError as error:
            if error.errno in (errno.EXDEV, errno.EEXIST, errno.ENOTEMPTY):
                return False  # another device, or something appeared just now: entry by entry
            job.ledger.failed(entry, error)
        else:
            job.ledger.done(entry, 0)
        return True

    def leave(self, job: Job, entry: Entry) -> bool:
        """Delete a source directory, if nothing is left in it.

        Args:
            job: The job.
            entry: The directory.
        """
        try:
            entry.source.rmdir()
        except FileNotFoundError:
            return True  # without a marker, an S3 directory went with its last object
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST) or not (entry.group.failed or entry.group.skipped):
                raise
            job.ledger.skipped(entry, "it was kept, because what was not moved is still in it")
            return False
        return True
