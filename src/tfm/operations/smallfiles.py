"""The small files of a job: carried by requests that its own thread sends many at once, without a thread for each."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol

from tfm.bulk import LARGEST_COPY, LARGEST_READ, LARGEST_WRITE
from tfm.errors import S3BaseError, S3RateLimitError
from tfm.info import FileInfo
from tfm.operations.guards import maybe_same
from tfm.operations.job import Job
from tfm.operations.ledger import Entry
from tfm.operations.record import Step, version_of
from tfm.path import Path
from tfm.transfer.errors import TransferCancelledError, TransferError
from tfm.transfer.plan import on_disk
from tfm.transfer.smallfile import read_small, write_small

if TYPE_CHECKING:
    from tfm.bulk import Bulk

SLOW = 0.003
"""Seconds that a disk, such as one on a network, may take for a small file before several threads write."""

NOT_IMPLEMENTED = 501
"""What a server answers that knows no condition on the target of a copy."""


MOST_TOGETHER = 128
"""Files that are written down in the journal together before they are sent."""


class _Held(NamedTuple):
    """A file that is not sent yet."""

    entry: Entry
    info: FileInfo
    target: Path
    send: Callable[[], bool]


class Carrier(Protocol):
    """What takes care of entries that don't go in bulk, and of those that arrived."""

    def find(self, entry: Entry, target: Path) -> FileInfo | None:
        """Tell what is in the way of a file."""
        ...

    def witness(self, entry: Entry, info: FileInfo) -> object:
        """Give what will tell whether a file of a disk is still what was read; asked before it is opened."""
        ...

    def settle(
        self, entry: Entry, info: FileInfo, target: Path, size: int, *, proof: object = None, etag: str | None = None
    ) -> None:
        """Book an entry whose target is there; with an ETag as far as the answer to its write told."""
        ...

    def carry_alone(self, entry: Entry, info: FileInfo) -> None:
        """Carry an entry in a thread of its own, behind all that waits."""
        ...

    def carry_in_turn(self, entry: Entry, info: FileInfo) -> None:
        """Carry an entry in a thread of its own, after waiting while too many wait; from the job's thread."""
        ...


class Pace:
    """How long the writes of one thread take, on the average of the last few."""

    def __init__(self) -> None:
        self.slow = False
        """Whether they would better be made by several threads."""
        self._average = 0.0
        self._begun = 0.0

    def __enter__(self) -> None:
        self._begun = time.monotonic()

    def __exit__(self, *error: object) -> None:
        self._average += (time.monotonic() - self._begun - self._average) / 16
        self.slow = self._average > SLOW


class SmallFiles:
    """Carries small files for one job, from the job's thread.

    What has a target in its way, and what goes wrong in a way that another attempt may mend, is left to the carrier.

    Args:
        job: The job.
        carrier: Decides, settles, and takes what doesn't go this way.
    """

    def __init__(self, job: Job, carrier: Carrier) -> None:
        self._job = job
        self._carrier = carrier
        self._bulks: dict[str, Bulk | None] = {}
        self._pace = Pace()
        self._held: list[_Held] = []
        self._together = 1

    def offer(self, entry: Entry, info: FileInfo) -> bool:
        """Take an entry on, if it is of the right kind; tells whether it was.

        Args:
            entry: Which; its target is set.
            info: What its source is, links not followed.
        """
        target = entry.target
        if target is None or info.kind != "file" or info.link or info.size is None:
            return False
        send = self._way(entry, info, target, info.size)
        if send is None or maybe_same(entry.source, target):
            return False
        try:
            if self._carrier.find(entry, target) is not None:
                return False
        except OSError:
            return False  # who carries it alone asks again, and tells
        if self._job.record is None:
            self._send(_Held(entry, info, target, send))
            return True
        self._held.append(_Held(entry, info, target, send))
        if len(self._held) >= self._together:
            self.send_held()
        return True

    def send_held(self) -> None:
        """Send what was held back: it is written down together, as it must be before."""
        held, self._held = self._held, []
        if not held:
            return
        self._together = min(2 * self._together, MOST_TOGETHER)  # the first one goes at once
        record = self._job.record
        assert record is not None  # otherwise nothing is held back
        record.begin([Step(each.entry.source, each.target, version_of(each.info)) for each in held])
        for each in held:
            self._job.check()
            self._send(each)

    def _send(self, held: _Held) -> None:
        entry = held.entry
        self._job.ledger.started(entry)
        try:
            taken = held.send()
        except (OSError, ValueError) as error:
            self._job.ledger.failed(entry, error)
            return
        if not taken:
            self._job.ledger.withdraw(entry)
            self._carrier.carry_in_turn(entry, held.info)

    def drain(self) -> None:
        """Wait until everything is answered.

        Raises:
            TransferCancelledError: The job was cancelled.
        """
        self.send_held()
        for bulk in self._bulks.values():
            if bulk is not None:
                bulk.drain()

    def close(self) -> None:
        """End it; what is still on its way counts as cancelled."""
        for bulk in self._bulks.values():
            if bulk is not None:
                bulk.close(TransferCancelledError("cancelled"))
        self._bulks.clear()

    def _way(self, entry: Entry, info: FileInfo, target: Path, size: int) -> Callable[[], bool] | None:
        """Choose how an entry goes; `None` when not from here."""
        source = entry.source
        if on_disk(source):
            bulk = None if on_disk(target) or size > LARGEST_WRITE else self._bulk(target)
            return None if bulk is None else partial(self._upload, bulk, entry, info, target)
        if on_disk(target):
            bulk = self._bulk(source) if size <= LARGEST_READ else None
            return None if bulk is None else partial(self._download, bulk, entry, info, target)
        if size > LARGEST_COPY or not info.etag or not source.same_storage(target):
            return None
        bulk = self._bulk(target)
        return None if bulk is None else partial(self._copy, bulk, entry, info, target)

    def _bulk(self, path: Path) -> Bulk | None:
        place = path.anchor
        if place not in self._bulks:
            try:
                self._bulks[place] = path.bulk(self._job.check)
            except S3BaseError:
                self._bulks[place] = None  # the first request tells what is wrong
        return self._bulks[place]

    def _upload(self, bulk: Bulk, entry: Entry, info: FileInfo, target: Path) -> bool:
        proof = self._carrier.witness(entry, info)
        data = read_small(os.fspath(entry.source), LARGEST_WRITE)
        if data is None:
            return False
        size = len(data)

        def done(etag: str) -> None:
            self._carrier.settle(entry, info, target, size, proof=proof, etag=etag)

        return bulk.write(target, data, False, done, partial(self._failed, entry, info))

    def _download(self, bulk: Bulk, entry: Entry, info: FileInfo, target: Path) -> bool:
        done = partial(self._downloaded, entry, info, target)
        return bulk.read(entry.source, done, partial(self._failed, entry, info))

    def _copy(self, bulk: Bulk, entry: Entry, info: FileInfo, target: Path) -> bool:
        done = partial(self._copied, entry, info, target)
        return bulk.copy(entry.source, info, target, False, done, partial(self._failed, entry, info))

    def _downloaded(self, entry: Entry, info: FileInfo, target: Path, data: bytes, etag: str) -> None:
        if info.etag and etag != info.etag:
            self._carrier.carry_alone(entry, info)  # it is another one by now
            return
        self._job.check()
        if self._pace.slow and not self._job.would_wait():
            self._job.aside(entry, partial(self._write, entry, info, target, data))  # others need not wait for the disk
        else:
            with self._pace:
                self._write(entry, info, target, data)

    def _write(self, entry: Entry, info: FileInfo, target: Path, data: bytes) -> None:
        try:
            write_small(os.fspath(target), data, info.mtime, self._job.mark)
        except FileExistsError:
            self._carrier.carry_alone(entry, info)
        else:
            self._carrier.settle(entry, info, target, len(data))

    def _copied(self, entry: Entry, info: FileInfo, target: Path, same: bool) -> None:
        if same:
            self._carrier.settle(entry, info, target, info.size or 0)
        else:  # an encrypted copy has an ETag of its own
            self._job.add(entry, partial(self._compare, entry, info, target))

    def _compare(self, entry: Entry, info: FileInfo, target: Path) -> None:
        target.refresh()
        size = target.facts().size
        if size != info.size:
            raise TransferError(f"{str(target)!r} has {size} bytes and should have {info.size}: copy it again.")
        self._carrier.settle(entry, info, target, info.size or 0)

    def _failed(self, entry: Entry, info: FileInfo, error: BaseException) -> None:
        if isinstance(error, S3RateLimitError):
            self._job.slow_down()
            self._carrier.carry_alone(entry, info)
        elif isinstance(error, FileExistsError) or getattr(error, "status", 0) == NOT_IMPLEMENTED:
            self._carrier.carry_alone(entry, info)
        else:
            self._job.ledger.failed(entry, error)
