"""Copying trees between any two storages: lists, decides and transfers at the same time. Moving builds on it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from functools import partial

from tfm.errors import InvalidPathError
from tfm.info import FileInfo
from tfm.operations import guards
from tfm.operations.ahead import ahead, soon
from tfm.operations.conflict import Conflict
from tfm.operations.entrycopy import EntryCopy
from tfm.operations.guards import Given, Item
from tfm.operations.handedcopy import HandedCopy
from tfm.operations.job import Job
from tfm.operations.joining import Take
from tfm.operations.ledger import Entry, Group
from tfm.operations.scheduler import width_of_job
from tfm.operations.tree import Destination, Tree, split, walk
from tfm.path import Path
from tfm.transfer import metadata
from tfm.transfer.errors import TransferError
from tfm.transfer.plan import on_disk


class TreeCopy:
    """Copies sources into a directory, under their own or other names.

    Args:
        sources: What to copy.
        into: The directory; made when it is missing.
        names: Other names for some of the sources.
        conflict: What to do with files that exist already; directories are merged.
        take: Which files and links below the sources; directories are only made for these then.

    Raises:
        GuardError: It would harm what it is made of.
    """

    verb = "Copy"

    def __init__(
        self,
        sources: Sequence[Given],
        into: Path,
        names: Mapping[Path, str] | None,
        conflict: Conflict,
        take: Take | None = None,
    ) -> None:
        self.items = guards.items(sources, names or {})
        guards.check_copy(self.items, into)
        self.into = into
        self.conflict = conflict
        self.take = take
        count = len(self.items)
        self.title = f"{self.verb} {count:,} {'entry' if count == 1 else 'entries'} to {into}"
        self.width = width_of_job(self.paths)
        self._groups: list[Group] = []
        self._first: Future[FileInfo] | None = None

    @property
    def paths(self) -> list[Path]:
        """The destination, then the sources."""
        return [self.into, *(item.path for item in self.items)]

    def prepare(self, job: Job) -> None:
        """Open an account for each source.

        Args:
            job: The job.
        """
        for item in self.items:
            try:
                target = item.target(self.into)
            except InvalidPathError:
                target = None
            self._groups.append(job.ledger.group(item.path, target))

    def run(self, job: Job) -> None:
        """Copy everything.

        Args:
            job: The job.

        Raises:
            OSError: The destination can't be used at all.
        """
        entries = self.entries(job)
        first = self.items[0]
        if not on_disk(first.path) and first.kind != "directory":
            self._first = soon(partial(_facts_now, first.path))  # while it is asked for the destination
        if not self._make_into():
            entries.existing.nothing_below(self.into)
        trees: list[Tree] = []
        try:
            for item, group in zip(self.items, self._groups, strict=True):
                job.check()
                group.begun = True
                self._begin(job, entries, item, group, trees)
            job.ledger.meter.listed()
            entries.drain()
        finally:
            entries.finish()
        for tree in trees:
            self._make_markers(job, tree)
        job.drain()
        for tree in trees:
            for key in reversed(tree.directories):
                job.check()
                self._settle_directory(job, tree, key)

    def entries(self, job: Job) -> EntryCopy:
        """Give what copies or moves single entries.

        Args:
            job: The job.
        """
        if job.executor is None:
            return EntryCopy(job, self.conflict, self.into)
        return HandedCopy(job, self.conflict, self.into)

    def _make_into(self) -> bool:
        """Make sure that the destination can be used; tells whether it was there."""
        self.into.refresh()  # what exists there decides what is overwritten
        try:
            info = self.into.facts()
        except FileNotFoundError as error:
            if self.into.capabilities.needs_directories:
                self.into.mkdir(parents=True, exist_ok=True)
            elif getattr(error, "code", "") == "NoSuchBucket":  # keys need no directory above them, but their bucket
                raise
            return False
        if not info.is_dir():
            raise TransferError(f"{str(self.into)!r} is not a directory: choose one to {self.verb.lower()} into.")
        return True

    # One source

    def _begin(self, job: Job, entries: EntryCopy, item: Item, group: Group, trees: list[Tree]) -> None:
        entry = Entry(group, item.path, group.target)
        try:
            target = item.target(self.into)
            if self.gone(job, entry):
                return
            info = self._facts(item)
            kinds = self.kinds(item, info, target)
            if "directory" in kinds:
                guards.check_pair(item._replace(kind="directory"), self.into, target)
        except (OSError, ValueError) as error:
            job.ledger.found(item.path, 1, 0)
            job.ledger.failed(entry, error)
            return
        if "file" in kinds:
            entry.size = info.size or 0
            job.ledger.found(item.path, 1, entry.size)
            entries.submit(entry, info._replace(kind="file") if info.kind == "both" else info)
        if "directory" in kinds:
            top = Entry(group, item.path, target, directory=True)
            job.ledger.found(item.path, 1, 0)
            if self.take is not None or not self.whole(job, top, info, target):
                group.tree = True
                trees.append(Tree(item.path, Destination(target, job.record), group, top))
                self._tree(job, entries, trees[-1], info)

    def _facts(self, item: Item) -> FileInfo:
        """Tell what a source is."""
        if self._first is not None and item is self.items[0]:
            return self._first.result()
        if item.kind == "directory" and not on_disk(item.path):
            item.path.refresh()
            return FileInfo(item.name, "directory")  # that it isn't one any more, its listing tells
        return _facts_now(item.path)

    def kinds(self, item: Item, info: FileInfo, target: Path) -> tuple[str, ...]:
        """Tell whether a source goes as a file, as a directory or, where one name is both, as both.

        Args:
            item: The source.
            info: What it is.
            target: Where it is to be.
        """
        if info.kind == "both":
            return (item.kind,) if item.kind else ("file", "directory")
        if info.is_dir(follow_symlinks=False) or (info.is_dir() and not on_disk(target) and self.follows_links):
            return ("directory",)
        return ("file",)

    def gone(self, job: Job, entry: Entry) -> bool:
        """Book a source that an earlier process of this job has taken away; tells whether one has.

        Args:
            job: The job.
            entry: The source's account.
        """
        del job, entry
        return False

    follows_links = True
    """Whether a link to a directory that was chosen itself goes as that directory, where it can't stay a link."""

    def whole(self, job: Job, entry: Entry, info: FileInfo, target: Path) -> bool:
        """Deal with a directory as a whole, where that can be; tells whether it was.

        Args:
            job: The job.
            entry: The directory's account.
            info: What it is.
            target: Where it is to be.
        """
        del job, entry, info, target
        return False

    # One tree

    def _tree(self, job: Job, entries: EntryCopy, tree: Tree, info: FileInfo) -> None:
        try:
            if self.take is None:
                if tree.target.top.capabilities.needs_directories:
                    _make(entries, tree, "", info)
                tree.directories[""] = False
                entries.expect(tree.target.top)
            for page in self._pages(job, tree):
                sizes = sum(info.size or 0 for _, info in page if not info.is_dir(follow_symlinks=False))
                job.ledger.found(tree.source, len(page), sizes)
                for relative, found in page:
                    job.check()
                    self._found(job, entries, tree, relative, found)
                entries.send_held()
            if self.take is not None:
                job.ledger.done(tree.top, 0)
        except (OSError, ValueError) as error:
            tree.directories.pop("", None)
            job.ledger.failed(tree.top, error)

    def _pages(self, job: Job, tree: Tree) -> Iterator[list[tuple[str, FileInfo]]]:
        """List what is to be copied of a tree, in pages."""
        take = self.take
        pages = walk(tree.source, lambda name, error: _unlisted(job, tree, name, error))
        if not tree.source.capabilities.needs_directories:
            pages = ahead(pages)  # a page is a request, and other requests need not wait for it
        for page in pages:
            if take is None:
                yield page
            else:
                yield [row for row in page if not row[1].is_dir(follow_symlinks=False) and take(*row)]

    def _found(self, job: Job, entries: EntryCopy, tree: Tree, relative: str, info: FileInfo) -> None:
        key, name = split(relative)
        entry = tree.entry(key, name, info)
        try:
            entry.target = tree.target.path(key, name)
            if info.is_dir(follow_symlinks=False):
                _refuse_bytes(tree, entry, info)
                inside = relative + "/"
                if tree.target.top.capabilities.needs_directories:
                    _make(entries, tree, inside, info)
                tree.directories[inside] = False
            elif info.is_dir() and not info.is_file() and not on_disk(entry.target):
                job.ledger.skipped(entry, "it is a link to a directory, and links are not followed")
            else:
                if tree.target.top.capabilities.needs_directories:
                    tree.target.make(key)
                entries.submit(entry, info)
        except (OSError, ValueError) as error:
            job.ledger.failed(entry, error)

    def _make_markers(self, job: Job, tree: Tree) -> None:
        """Make the directories that a storage of keys would not show otherwise: those that stayed empty."""
        if tree.target.top.capabilities.needs_directories:
            return
        complete = not (tree.group.failed or tree.group.skipped)
        for key in [key for key, filled in tree.directories.items() if not (complete and filled)]:
            entry = tree.directory(key)
            job.submit(entry, partial(self._make_marker, job, tree, key, entry))

    def _make_marker(self, job: Job, tree: Tree, key: str, entry: Entry) -> None:
        try:
            tree.target.make(key)
        except BaseException:
            del tree.directories[key]
            raise
        job.ledger.withdraw(entry)  # it is done when its source is dealt with

    def _settle_directory(self, job: Job, tree: Tree, key: str) -> None:
        entry = tree.directory(key)
        try:
            if tree.target.was_made(key) and on_disk(tree.source) and (key or not entry.source.is_symlink()):
                _stamp(entry.source, tree.target.directory(key))
            if self.leave(job, entry):
                job.ledger.done(entry, 0)
        except (OSError, ValueError) as error:
            job.ledger.failed(entry, error)

    def leave(self, job: Job, entry: Entry) -> bool:
        """Do what is left at the source of a directory whose target is complete; tells whether it counts as done.

        Args:
            job: The job.
            entry: The directory.
        """
        del job, entry
        return True


def _refuse_bytes(tree: Tree, entry: Entry, info: FileInfo) -> None:
    """Refuse a marker that holds bytes: as a directory they would be lost, and no other storage can hold both."""
    if info.size and not tree.source.capabilities.needs_directories:
        raise TransferError(
            f"the marker {str(entry.source)!r}/ holds {info.size:,} bytes, which a directory can't: it was left alone."
        )


def _unlisted(job: Job, tree: Tree, relative: str, error: OSError) -> None:
    job.ledger.found(tree.source, 1, 0)
    job.ledger.failed(Entry(tree.group, tree.path(relative), None), error)


def _make(entries: EntryCopy, tree: Tree, key: str, info: FileInfo) -> None:
    """Make the directory that another one becomes; in a new one, nothing is in the way of its files."""
    if tree.target.make(key, _mode(info)):
        entries.existing.nothing_below(tree.target.directory(key))


def _facts_now(path: Path) -> FileInfo:
    path.refresh()
    return path.facts(follow_symlinks=False)


def _mode(info: FileInfo) -> int:
    """The bits with which a directory begins: never more open than its source, and ours to fill."""
    return (info.mode & metadata.PERMISSIONS) | 0o700 if info.mode and not info.link else 0o777


def _stamp(source: Path, target: Path) -> None:
    if on_disk(target):
        metadata.keep(os.fspath(source), os.stat(source), os.fspath(target))
