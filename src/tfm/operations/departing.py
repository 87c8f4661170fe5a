"""Sources of a move whose copies are there: deleted many at a time, each only while it is what was copied."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from tfm.durable import Durability
from tfm.errors import S3ChangedError
from tfm.info import FileInfo
from tfm.operations.ledger import Entry, Ledger
from tfm.path import Path
from tfm.transfer.errors import SourceChangedError, TransferCancelledError, TransferError
from tfm.transfer.plan import on_disk
from tfm.transfer.source import remove

BATCH = 1000
"""Sources that go in one request."""
SOON = 1.0
"""Seconds after which those that wait go, however few they are."""


class Moved(NamedTuple):
    """A source that may go.

    Args:
        entry: Its account.
        info: What was copied.
        target: Where the copy is.
        size: The bytes of the copy.
        proof: What tells whether the source is still what was copied; `None` where the storage itself compares.
        etag: The copy's, by the answer to its write; nobody has looked at it since. `None` where somebody has.
    """

    entry: Entry
    info: FileInfo
    target: Path
    size: int
    proof: object = None
    etag: str | None = None


class Departing:
    """Collects the sources that may go and deletes them; an entry is done when its source is gone.

    Args:
        ledger: The job's.
        cancelled: Whether the job was: then every source that is still there stays.
        durability: Makes copies on a disk last before their sources go.
        clock: Gives seconds that never go back.
    """

    def __init__(
        self,
        ledger: Ledger,
        cancelled: Callable[[], bool],
        durability: Durability,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger = ledger
        self._cancelled = cancelled
        self._durability = durability
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: list[Moved] = []
        self._since = 0.0
        self._over = False

    def add(self, moved: Moved) -> None:
        """Let a source go, now or soon.

        Args:
            moved: Which.
        """
        with self._lock:
            if not self._waiting:
                self._since = self._clock()
            self._waiting.append(moved)
            if not self._over and len(self._waiting) < BATCH and self._clock() - self._since < SOON:
                return
            batch, self._waiting = self._waiting, []
        self._let_go(batch)

    def finish(self) -> None:
        """Let all go that wait, and whatever comes now without waiting."""
        with self._lock:
            self._over = True
            batch, self._waiting = self._waiting, []
        self._let_go(batch)

    def deal(self, group: list[Moved]) -> dict[Path, OSError]:
        """Delete sources of one place; gives what keeps those that stay.

        Args:
            group: The sources and their copies.
        """
        return _delete(group, self._durability)

    def _let_go(self, batch: list[Moved]) -> None:
        if self._cancelled():
            for moved in batch:
                self._ledger.failed(moved.entry, TransferCancelledError("cancelled"))
            return
        storages: dict[str, list[Moved]] = {}
        for moved in batch:
            storages.setdefault(moved.entry.source.anchor, []).append(moved)
        for group in storages.values():
            errors = self.deal(group)
            for moved in group:
                error = errors.get(moved.entry.source)
                if error is None:
                    self._ledger.done(moved.entry, moved.size, moved.target)
                else:
                    self._ledger.failed(moved.entry, _told(moved.entry.source, error))


def _delete(group: list[Moved], durability: Durability) -> dict[Path, OSError]:
    try:
        durability.settle([os.fspath(moved.target) for moved in group if on_disk(moved.target)])
    except OSError as error:
        return {moved.entry.source: error for moved in group}
    errors = not_arrived([moved for moved in group if moved.etag is not None])
    may_go = [moved for moved in group if moved.entry.source not in errors]
    natively = {moved.entry.source: moved.info for moved in may_go if moved.proof is None}
    if natively:
        try:
            errors.update(next(iter(natively)).unlink_copied(natively))
        except OSError as error:
            errors.update(dict.fromkeys(natively, error))
    for moved in may_go:
        if moved.proof is not None:
            try:
                remove(moved.entry.source, moved.info, moved.proof)
            except OSError as error:
                errors[moved.entry.source] = error
    return errors


def not_arrived(group: list[Moved]) -> dict[Path, OSError]:
    """Look at copies once more; gives the sources whose copies are not what was written.

    Args:
        group: Those of one place, with the ETags of the copies.
    """
    if not group:
        return {}
    try:
        there = group[0].target.facts_now([moved.target for moved in group])
    except OSError as error:
        return {moved.entry.source: error for moved in group}
    errors: dict[Path, OSError] = {}
    for moved in group:
        info = there.get(moved.target)
        if info is None:
            errors[moved.entry.source] = TransferError(
                f"{str(moved.target)!r} is not there: somebody deleted it, or who wrote it reaches another storage by "
                "this name."
            )
        elif info.size != moved.size or (info.etag or "").strip('"') != (moved.etag or "").strip('"'):
            errors[moved.entry.source] = TransferError(
                f"{str(moved.target)!r} is not what was written: somebody else wrote it at the same time."
            )
    return errors


def _told(source: Path, error: OSError) -> OSError:
    if isinstance(error, S3ChangedError):
        return SourceChangedError(
            f"{str(source)!r} changed while it was moved: the copy is there, the source was kept."
        )
    return error
