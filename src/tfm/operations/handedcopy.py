"""Copies and moves that an executor carries: what to do with targets that exist is decided here, entry by entry."""

from __future__ import annotations

from collections import Counter

from tfm.durable import Durability
from tfm.info import FileInfo
from tfm.operations.arriving import Arriving
from tfm.operations.conflict import Conflict
from tfm.operations.departing import Departing, Moved
from tfm.operations.entrycopy import ATTEMPTS, EntryCopy
from tfm.operations.handing import Handing
from tfm.operations.job import Job
from tfm.operations.ledger import Entry
from tfm.operations.placing import Place
from tfm.operations.record import Step
from tfm.path import Path
from tfm.transfer.errors import TargetChangedError


class HandedCopy(EntryCopy):
    """Hands single entries of one job to its executor.

    Args:
        job: The job; it has an executor.
        conflict: Its rule for targets that exist.
        into: The directory that everything goes into.
    """

    def __init__(self, job: Job, conflict: Conflict, into: Path) -> None:
        super().__init__(job, conflict, into)
        self._settling = self.settling()
        self._handing = Handing(job, self._settling, self._changed)
        self._rounds: Counter[Entry] = Counter()

    def settling(self) -> Departing:
        """Give what takes the entries that are copied."""
        return Arriving(self.job.ledger)

    def submit(self, entry: Entry, info: FileInfo) -> None:
        """Hand an entry out, after a look at its target in one of the job's threads.

        Args:
            entry: Which; its target is set.
            info: What its source is.
        """
        self._handing.check()
        if not self.taken_up(entry, info):
            self.carry_in_turn(entry, info)

    def place(self, entry: Entry, info: FileInfo, target: Path, there: FileInfo | None) -> None:
        """Hand a file out; it is booked later.

        Args:
            entry: Whose.
            info: What its source is.
            target: Where to.
            there: What is there and is replaced, just that version of it; `None` is nothing.
        """
        self._handing.carry(entry, Place(entry.source, info, target, there))

    def settle(
        self, entry: Entry, info: FileInfo, target: Path, size: int, *, proof: object = None, etag: str | None = None
    ) -> None:
        """Take an entry that is copied already.

        Args:
            entry: Which.
            info: What its source is.
            target: Where it is.
            size: Its bytes.
            proof: As for `EntryCopy`.
            etag: As for `EntryCopy`.
        """
        self._settling.add(Moved(entry, info, target, size, proof, etag))

    def drain(self) -> None:
        """Wait until everything that was submitted is done and every question answered.

        Raises:
            TransferCancelledError: The job was cancelled.
        """
        self._handing.drain()

    def finish(self) -> None:
        """Call back what is on its way after a cancel."""
        self._handing.close()

    def _changed(self, entry: Entry, place: Place, there: FileInfo | None) -> None:
        """Decide anew about a target that somebody else changed meanwhile."""
        _, info, target, _ = place
        self._rounds[entry] += 1
        if self._rounds[entry] >= ATTEMPTS:
            raise TargetChangedError(f"{str(target)!r} changes again and again: copy to it when it rests.")
        if there is None:
            self.place(entry, info, target, None)
        elif target != entry.target:  # a name that was free, to keep both
            self.existing.appeared(target, there)
            self._copy(entry, info, Conflict.KEEP_BOTH)
        else:
            self._resolve(entry, info, there, self.job.rule(self._conflict))


class HandedMove(HandedCopy):
    """Hands the entries of a move out, and deletes here what was copied there."""

    def settling(self) -> Departing:
        """Give what lets the sources of copied entries go."""
        return Departing(self.job.ledger, self.job.cancelled, Durability())

    def stands(self, info: FileInfo, step: Step) -> bool:
        """Never: where a source is that went before, it is another one.

        Args:
            info: What the source is.
            step: What the journal tells of it.
        """
        del info, step
        return False
