"""Sync: makes one tree like another: copies what is missing or differs and, if wanted, deletes what is too much."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import closing

from tfm.operations import guards
from tfm.operations.compare import below
from tfm.operations.guards import GuardError, Item
from tfm.operations.job import Job
from tfm.operations.joining import Take, everything
from tfm.operations.journal import Journal
from tfm.operations.ledger import Entry, Group
from tfm.operations.record import opening
from tfm.operations.request import Request, absolute, asked, chosen
from tfm.operations.sameness import By
from tfm.operations.scheduler import width_of_job
from tfm.operations.synccopy import SyncCopy
from tfm.operations.syncdelete import SyncDelete
from tfm.operations.syncplan import Row, SyncPlan, Tops, row_of, tops_of
from tfm.path import Path
from tfm.transfer.errors import TransferError
from tfm.transfer.plan import on_disk


def sync(
    source: Path,
    target: Path,
    *,
    delete: bool = False,
    by: By = By.TIME,
    take: Take = everything,
    force: bool = False,
    executor: Executor | None = None,
    journal: Journal | None = None,
) -> Job:
    """Make a job that makes a tree like another one.

    What is missing or differs is copied: in the place of just that version of the target which was listed, so that what
    somebody else writes meanwhile is left alone and named. What only the target has is deleted after all copies went
    well; never what `take` leaves out. See `compare` for what counts as the same.

    Args:
        source: The directory to be like.
        target: The other one; made, with its parents, when it is missing.
        delete: Delete what only the target has: not when anything failed, when the source is empty or when that is more
            than half of the target's entries.
        by: What tells files of one size apart.
        take: Which entries.
        force: Delete although the source is empty, or more than half.
        executor: As for `copy`; deletions are made here.
        journal: As for `copy`.

    Raises:
        GuardError: The two are the same, or one is inside of the other; one is on a disk, with an executor.
    """
    check_trees(source, target)
    guards.check_reach([source, target], executor)
    plan = SyncPlan(source, target, by, take, delete)
    options = {"delete": delete, "by": by.value, "force": force}
    opens = opening(
        journal, lambda: Request("sync", asked([source]), absolute(target), take=chosen(take), options=options)
    )
    return Job(TreeSync(plan.tops, plan, lambda count: check_deletions(plan, count, force)), executor, opens)


def sync_plan(
    source: Path, target: Path, *, delete: bool = False, by: By = By.TIME, take: Take = everything
) -> SyncPlan:
    """Give what `sync` would do, without doing it.

    Args:
        source: As for `sync`.
        target: As for `sync`.
        delete: As for `sync`.
        by: As for `sync`.
        take: As for `sync`.

    Raises:
        GuardError: The two are the same, or one is inside of the other.
    """
    check_trees(source, target)
    return SyncPlan(source, target, by, take, delete)


def run_plan(file: Path, *, executor: Executor | None = None, journal: Journal | None = None) -> Job:
    """Make a job that does exactly the rows of a plan, each only where source and target are what the plan says.

    Args:
        file: Of JSON lines, as `record_of` makes them; it is read twice.
        executor: As for `sync`.
        journal: As for `copy`.

    Raises:
        RefusedError: A row is none, or the rows are not about the same two trees; or as for `sync`.
        OSError: The file can't be read.
    """

    def rows() -> Iterator[Row]:
        with file.open(encoding="utf-8") as lines:
            yield from (row_of(line, f"A line of {file}")[0] for line in lines if line.strip())

    with file.open(encoding="utf-8") as lines:
        tops = tops_of(lines, str(file))
    if tops.source is not None:
        check_trees(tops.source, tops.target)
        guards.check_reach([tops.source, tops.target], executor)
    return Job(TreeSync(tops, rows()), executor, opening(journal, lambda: Request("plan", asked([file]))))


def check_trees(source: Path, target: Path) -> None:
    """Refuse two trees of which one is in the other, by whatever spelling.

    Args:
        source: The one.
        target: The other.

    Raises:
        GuardError: They overlap, or one of them holds buckets and no files.
    """
    for path in (source, target):
        if not on_disk(path) and path.parent == path:
            raise GuardError(f"{str(path)!r} holds buckets and no files: choose a bucket or a directory in one.")
    if guards.maybe_same(source, target):
        return  # one bucket's name in two places: two buckets, or nothing differs
    for path, other in ((source, target), (target, source)):
        guards.check_pair(Item(path, "directory", ""), other, other)


def check_deletions(plan: SyncPlan, count: int, force: bool) -> None:
    """Refuse deletions that nobody may have meant.

    Args:
        plan: All of it was listed.
        count: How many files are to be deleted.
        force: Whether they are meant.

    Raises:
        GuardError: The source is empty, or it is more than half of the target.
    """
    if force or not count:
        return
    if not plan.source_count:
        raise GuardError(
            f"{str(plan.tops.source)!r} is empty, and {count:,} entries of {str(plan.tops.target)!r} would go: nothing "
            "was deleted; force it (--yes) if that is meant."
        )
    if 2 * count > plan.target_count:
        raise GuardError(
            f"{count:,} of {plan.target_count:,} entries of {str(plan.tops.target)!r} would be deleted, which is more "
            "than half: nothing was deleted; force it (--yes) if that is meant."
        )


class TreeSync:
    """Does the rows of a plan.

    Args:
        tops: The two trees.
        rows: What to do.
        check: Told how many files are to be deleted, when all rows are known; raises what prevents it.
    """

    def __init__(self, tops: Tops, rows: Iterable[Row], check: Callable[[int], None] = lambda _: None) -> None:
        self._tops = tops
        self._rows = rows
        self._check = check
        self.title = f"Sync to {tops.target}"
        self.width = width_of_job([top for top in (tops.target, tops.source) if top is not None])

    def prepare(self, job: Job) -> None:
        """Open the account.

        Args:
            job: The job.
        """
        self._group: Group = job.ledger.group(self._tops.source or self._tops.target, self._tops.target)

    def run(self, job: Job) -> None:
        """Copy, then delete.

        Args:
            job: The job.

        Raises:
            OSError: One of the trees can't be used at all.
            GuardError: What is to be deleted is too much.
        """
        self._group.begun = self._group.tree = True
        copies = SyncCopy(job, self._tops)
        with tempfile.TemporaryFile("w+b") as later, closing(copies):
            deletions = SyncDelete(job, self._group, self._tops.target, later)
            for row in self._rows:
                job.check()
                if row.action == "delete":
                    deletions.add(row)
                else:
                    self._begin(job, copies, row)
            job.ledger.meter.listed()
            copies.drain()
            if deletions.count and self._group.failed:
                raise TransferError("not all copies went well, so nothing was deleted: look at them, then repeat.")
            self._check(deletions.files)
            deletions.run()
        job.drain()

    def _begin(self, job: Job, copies: SyncCopy, row: Row) -> None:
        source = self._tops.source or self._tops.target
        entry = Entry(self._group, source, self._tops.target, row.bytes)
        job.ledger.found(source, 1, row.bytes)
        try:
            entry.source = _named(source, row.name)
            if row.action == "skip":
                job.ledger.skipped(entry, row.reason)
            elif row.action == "refuse":
                job.ledger.failed(entry, TransferError(row.reason))
            else:
                entry.target = below(self._tops.target, row.name)
                copies.submit(entry, row)
        except (OSError, ValueError) as error:
            job.ledger.failed(entry, error)


def _named(top: Path, name: str) -> Path:
    """Give the path of a relative name, or the nearest one that the storage can hold, to tell of it."""
    try:
        return below(top, name)
    except ValueError:
        return top
