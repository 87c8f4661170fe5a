"""Delete: files, links and trees, for good; exactly what was named and nothing beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from tfm.daemonpool import attempt
from tfm.info import FileInfo
from tfm.operations import guards
from tfm.operations.guards import Given, Item
from tfm.operations.job import Job
from tfm.operations.joining import Take
from tfm.operations.journal import Journal
from tfm.operations.ledger import Entry, Group
from tfm.operations.localdelete import LocalDelete
from tfm.operations.record import Step, opening
from tfm.operations.request import Request, asked, chosen
from tfm.operations.scheduler import width_of_job
from tfm.path import Path
from tfm.transfer.errors import TransferError
from tfm.transfer.plan import on_disk


def delete(paths: Sequence[Given], *, take: Take | None = None, journal: Journal | None = None) -> Job:
    """Make a job that deletes files and trees for good.

    A link is deleted, never what it leads to. A directory of S3 is exactly what is below it, an object only itself; a
    bucket is deleted only when it is empty.

    Args:
        paths: Paths; as pairs with their `FileInfo` where one name is a file and a directory at once, as on S3.
        take: Which files and links below directories, by their names there; then every directory stays. `None` takes
            everything.
        journal: As for `copy`.

    Raises:
        GuardError: A root, the home or current directory or what contains them, a mounted file system.
    """
    opens = opening(journal, lambda: Request("delete", asked(paths), take=chosen(take)))
    return Job(TreeDelete(paths, take), opens=opens)


class TreeDelete:
    """Deletes what was named.

    Args:
        paths: What to delete.
        take: Which files and links below directories, which stay then; `None` takes everything.
    """

    def __init__(self, paths: Sequence[Given], take: Take | None = None) -> None:
        for given in paths:
            guards.check_root(given[0] if isinstance(given, tuple) else given)
        self.items = guards.items(paths, {})
        guards.check_delete(self.items)
        count = len(self.items)
        self.title = f"Delete {count:,} {'entry' if count == 1 else 'entries'}"
        self.width = width_of_job(item.path for item in self.items)
        self._take = take
        self._groups: list[Group] = []

    def prepare(self, job: Job) -> None:
        """Open an account for each path.

        Args:
            job: The job.
        """
        self._groups = [job.ledger.group(item.path, None) for item in self.items]

    def run(self, job: Job) -> None:
        """Delete everything.

        Args:
            job: The job.
        """
        trees: list[Entry] = []
        for item, group in zip(self.items, self._groups, strict=True):
            job.check()
            group.begun = True
            entry = Entry(group, item.path, None)
            job.ledger.found(item.path, 1, 0)
            try:
                self._begin(job, item, entry, trees)
            except (OSError, ValueError) as error:
                job.ledger.failed(entry, error)
        job.ledger.meter.listed()
        job.drain()
        for entry in trees:
            job.check()
            _end_tree(job, entry)

    def _begin(self, job: Job, item: Item, entry: Entry, trees: list[Entry]) -> None:
        path = item.path
        if _deleted_before(job, entry):
            return
        if on_disk(path):
            if os.path.lexists(path):
                _note(job, entry)
            entry.group.tree = item.kind == "directory"
            job.submit(entry, lambda: LocalDelete(job, entry, self._take).run())
            return
        if len(path.parts) == 2:
            path.facts()
            _note(job, entry)
            job.submit(entry, lambda: _bucket(job, entry))
            return
        path.refresh()
        if item.kind != "directory" and _kind(path, path.facts(), item.kind) == "file":
            _note(job, entry)
            job.submit(entry, lambda: _file(job, entry))
        else:
            entry.group.tree = True
            _tree(job, entry, self._take)
            if self._take is None:
                trees.append(entry)


def _note(job: Job, entry: Entry) -> None:
    """Write down that something is there and about to go; where that fails, as on a full disk, it goes all the same."""
    if job.record is not None:
        attempt(job.record.begin, [Step(entry.source, entry.source)])


def _deleted_before(job: Job, entry: Entry) -> bool:
    """Book what an earlier process of this job has deleted; tells whether one has."""
    if job.record is None or job.record.find(entry.source) is None:
        return False
    entry.source.refresh()
    if entry.source.exists(follow_symlinks=False):
        return False
    job.ledger.done(entry, 0)
    return True


def _kind(path: Path, info: FileInfo, wanted: str) -> str:
    if info.kind == "both" and not wanted:
        raise TransferError(f"{str(path)!r} is a file and a directory of one name: say which of the two to delete.")
    if wanted and info.kind not in (wanted, "both"):
        raise TransferError(f"{str(path)!r} is no longer a {wanted}: look again before it is deleted.")
    return wanted or info.kind


def _file(job: Job, entry: Entry) -> None:
    entry.source.unlink()
    job.ledger.done(entry, 0)


def _bucket(job: Job, entry: Entry) -> None:
    entry.source.rmdir()
    job.ledger.done(entry, 0)


def _tree(job: Job, entry: Entry, take: Take | None) -> None:
    """Delete what is below a directory of keys, a page of the listing a request, while the listing goes on."""
    begun = False
    for names in entry.source.names_below() if take is None else _chosen(entry.source, take):
        job.check()
        if not begun:
            _note(job, entry)
        begun = True
        job.ledger.found(entry.source, sum(map(bool, names)), 0)
        batch = Entry(entry.group, entry.source, None)
        job.submit(batch, lambda names=names, batch=batch: _page(job, batch, names))  # type: ignore[misc]


def _chosen(top: Path, take: Take) -> Iterator[list[str]]:
    for page in top.scan_tree():
        names = [name for name, info in page if info.kind != "directory" and take(name, info)]
        if names:
            yield names


def _page(job: Job, batch: Entry, names: list[str]) -> None:
    try:
        errors = batch.source.delete_below(names)
    except OSError as refused:
        errors = dict.fromkeys(names, refused)  # the request as a whole
    job.ledger.withdraw(batch)
    job.ledger.done_many(batch.group, batch.source, sum(name not in errors for name in names if name))
    for name, error in errors.items():
        path = batch.source
        for segment in name.removesuffix("/").split("/") if name else ():
            path = path.child(segment)
        job.ledger.failed(Entry(batch.group, path, None), error)


def _end_tree(job: Job, entry: Entry) -> None:
    """Make sure that nothing is left of a directory; what could not be deleted keeps it."""
    if entry.group.failed:
        job.ledger.skipped(entry, "it was kept, because what could not be deleted is still in it")
        return
    try:
        if not entry.source.remove_empty():
            raise TransferError(f"{str(entry.source)!r} is not empty: something came into it meanwhile; look again.")
    except OSError as error:
        job.ledger.failed(entry, error)
    else:
        job.ledger.done(entry, 0)
