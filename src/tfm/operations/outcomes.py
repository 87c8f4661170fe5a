"""`Outcomes`: what became of each path, however many there are: the first in memory, the others in a nameless file."""

from __future__ import annotations

import io
import os
import pickle
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import IO, Any, overload

from tfm.operations.events import Outcome, Status

KEPT = 10_000
"""Outcomes that are held in memory."""


class Outcomes:
    """Takes outcomes, one after the other; its owner sees to it that one thread does so at a time."""

    def __init__(self) -> None:
        self.counts: Counter[Status] = Counter()
        self._kept: list[Outcome] = []
        self._file: _File | None = None

    def append(self, outcome: Outcome) -> None:
        """Take one.

        Args:
            outcome: It.
        """
        self.counts[outcome.status] += 1
        if len(self._kept) < KEPT:
            self._kept.append(outcome)
            return
        if self._file is None:
            self._file = _File()
        self._file.append(outcome)

    def all(self) -> Sequence[Outcome]:
        """Give all so far: a list of its own, or, when they are many, a sequence that reads them each time."""
        return list(self._kept) if self._file is None else _Stored(self._kept, self._file)


class _File:
    """Outcomes in a file without a name, which is gone with the last who reads it."""

    def __init__(self) -> None:
        self._stream: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (it stays open)
        self.count = 0

    def append(self, outcome: Outcome) -> None:
        pickle.dump(outcome, self._stream, pickle.HIGHEST_PROTOCOL)
        self.count += 1

    def read(self) -> Iterator[Outcome]:
        """Give those that are there now, while others are taken."""
        count = self.count
        self._stream.flush()
        with io.BufferedReader(_Again(self._stream), 1 << 16) as stream:
            for _ in range(count):
                yield pickle.load(stream)  # noqa: S301 (nobody else can write to a file that has no name)

    def __del__(self) -> None:
        self._stream.close()


class _Stored(Sequence[Outcome]):
    """Outcomes of which the first are in memory and the others in a file.

    Args:
        kept: The first.
        file: The others, and maybe more by and by.
    """

    def __init__(self, kept: list[Outcome], file: _File) -> None:
        self._kept, self._file, self._count = kept, file, file.count

    def __len__(self) -> int:
        return len(self._kept) + self._count

    def __iter__(self) -> Iterator[Outcome]:
        return chain(self._kept, islice(self._file.read(), self._count))

    @overload
    def __getitem__(self, index: int) -> Outcome: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Outcome]: ...
    def __getitem__(self, index: int | slice) -> Outcome | Sequence[Outcome]:
        if isinstance(index, slice):
            places = range(len(self))[index]
            first, last = (min(places), max(places)) if places else (0, -1)
            between = list(islice(self, first, last + 1))
            return [between[place - first] for place in places]
        return next(islice(self, range(len(self))[index], None))


class _Again(io.RawIOBase):
    """A file from its beginning, while others write to it and read it.

    Args:
        file: The file.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._source = file
        self._at = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read on."""
        count = os.preadv(self._source.fileno(), [buffer], self._at)
        self._at += count
        return count
