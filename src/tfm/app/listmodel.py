"""The rows of one list: entries as they arrive, an order, a filter, a cursor held by key, and a selection of keys."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from tfm.app.ordering import DEFAULT_SORT, Sort, SortedRun, directory_sort, is_directory, key_of
from tfm.info import FileInfo

Key = tuple[str, str]
"""What names a row for good: the entry's name and its kind (an S3 object and a prefix may share a name)."""

_Runs = tuple[SortedRun, SortedRun]
"""The directories and the others, each in order."""

NATURAL_LIMIT = 20_000
"""From so many entries on names compare plainly: numbers inside names cost too much to look at."""

STEP = 2_000
"""Entries that one step of a new sort takes: a few milliseconds."""


def key_for(entry: FileInfo) -> Key:
    """The key of an entry."""
    return (entry.name, entry.kind)


def matching(text: str, names: Sequence[str], numbers: Sequence[int]) -> list[int]:
    """The positions, among some entry numbers, of those whose name matches.

    Args:
        text: A part of the name, or a pattern when it has `*`, `?` or `[`; capitals do not matter.
        names: The case-folded names of all entries.
        numbers: The entries to look at.
    """
    wanted = text.casefold()
    if any(sign in wanted for sign in "*?["):
        matches = re.compile(fnmatch.translate(wanted)).match
        return [at for at, number in enumerate(numbers) if matches(names[number])]
    return [at for at, number in enumerate(numbers) if wanted in names[number]]


class ListModel:
    """Everything about a list except how it looks.

    Args:
        sort: The order of the rows.
        natural: Whether names compare by their numbers while the list is short; a storage that lists in byte order
            says no, and is then shown as it arrives.
        hidden: Whether names that begin with a dot are shown.
    """

    def __init__(self, sort: Sort = DEFAULT_SORT, *, natural: bool = True, hidden: bool = False) -> None:
        self.entries: list[FileInfo] = []
        self.sort = sort
        self.hidden = hidden
        self.filter_text = ""
        self.selection: dict[Key, int] = {}
        self.wanted: Key | None = None
        self._natural = natural
        self._keys: list[Any] = []
        self._folded: list[str] = []
        self._cursor: int | None = None
        self._hidden_count = 0
        self._applied = sort
        self._put((SortedRun(), SortedRun()))

    # What is shown

    def __len__(self) -> int:
        return len(self._view[0]) + len(self._view[1])

    @property
    def hidden_count(self) -> int:
        """Entries that are not shown because their name begins with a dot."""
        return 0 if self.hidden else self._hidden_count

    def number_at(self, row: int) -> int:
        """The entry number of a row.

        Args:
            row: From 0 to the length of the list, exclusive.
        """
        directories, files = self._view
        if row < len(directories):
            return directories.order[-1 - row if self._reversed[0] else row]
        row -= len(directories)
        return files.order[-1 - row if self._reversed[1] else row]

    def __getitem__(self, row: int) -> FileInfo:
        return self.entries[self.number_at(row)]

    def __iter__(self) -> Iterator[FileInfo]:
        return (self[row] for row in range(len(self)))

    def row_of(self, number: int) -> int | None:
        """The row that shows an entry, or `None` when the filter hides it.

        Args:
            number: The entry's number.
        """
        group = 0 if is_directory(self.entries[number]) else 1
        run = self._view[group]
        at = run.find(self._keys[number], number)
        if at is None:
            return None
        if self._reversed[group]:
            at = len(run) - 1 - at
        return at + (len(self._view[0]) if group else 0)

    # What arrives

    def add(self, page: Sequence[FileInfo]) -> None:
        """Append entries and merge them into the order; cursor and selection stay where they are.

        Args:
            page: Entries in any order.
        """
        if self._natural and len(self.entries) + len(page) > NATURAL_LIMIT:
            self._natural = False
            self._keys = self._keys_for(self.entries, self._applied)
            self._put(self._merge((SortedRun(), SortedRun()), range(len(self.entries)), self._keys))
        start = len(self.entries)
        self.entries.extend(page)
        self._folded.extend([entry.name.casefold() for entry in page])
        self._keys.extend(self._keys_for(page, self._applied))
        self._merge(self._full, range(start, len(self.entries)), self._keys)
        if self._view is not self._full:
            numbers = range(start, len(self.entries))
            self._merge(self._view, [numbers[at] for at in self._shown(numbers)], self._keys)
        self._hidden_count += sum(entry.name.startswith(".") for entry in page)
        if self.wanted is not None and self._look_for(self.wanted, range(start, len(self.entries))):
            self.wanted = None
        if not self._full_view_wanted() and self._view is self._full:
            self._filter()

    def _keys_for(self, page: Sequence[FileInfo], sort: Sort) -> list[Any]:
        files = key_of(sort.by, natural=self._natural)
        directories = key_of(directory_sort(sort).by, natural=self._natural)
        return [directories(entry) if is_directory(entry) else files(entry) for entry in page]

    def _merge(self, runs: _Runs, numbers: Iterable[int], keys: list[Any]) -> _Runs:
        groups: tuple[list[tuple[Any, int]], list[tuple[Any, int]]] = ([], [])
        for number in numbers:
            groups[0 if is_directory(self.entries[number]) else 1].append((keys[number], number))
        runs[0].add(groups[0])
        runs[1].add(groups[1])
        return runs

    def _look_for(self, key: Key, numbers: Iterable[int]) -> bool:
        name, kind = key
        for number in numbers:
            entry = self.entries[number]
            if entry.name == name and (entry.kind == kind or not kind):
                self._cursor = number
                return True
        return False

    # Order

    def _put(self, runs: _Runs) -> None:
        self._full = self._view = runs
        self._reversed = (directory_sort(self._applied).reverse, self._applied.reverse)
        self._filter()

    def resort(self, sort: Sort) -> Iterator[None]:
        """Change the order, step by step: the old one is shown until the last step.

        Args:
            sort: The new order; only another direction takes no step.
        """
        self.sort = sort
        if sort.by == self._applied.by:
            self._applied = sort
            self._put(self._full)
            return
        keys: list[Any] = []
        runs = (SortedRun(), SortedRun())
        natural = self._natural
        while len(keys) < len(self.entries):
            done, stop = len(keys), min(len(keys) + STEP, len(self.entries))
            keys.extend(self._keys_for(self.entries[done:stop], sort))
            self._merge(runs, range(done, stop), keys)
            yield
            if natural != self._natural:
                yield from self.resort(sort)
                return
        self._keys, self._applied = keys, sort
        self._put(runs)

    # Filter

    def _full_view_wanted(self) -> bool:
        return not self.filter_text and (self.hidden or not self._hidden_count)

    def _shown(self, numbers: Sequence[int]) -> list[int]:
        """The positions, among some entry numbers, of those that are shown."""
        names = self._folded
        if not self.filter_text:
            return [at for at, number in enumerate(numbers) if not names[number].startswith(".")]
        kept = matching(self.filter_text, names, numbers)
        return kept if self.hidden else [at for at in kept if not names[numbers[at]].startswith(".")]

    def _filter(self, *, narrower: bool = False) -> None:
        if self._full_view_wanted():
            self._view = self._full
            return
        runs = self._view if narrower else self._full
        self._view = (runs[0].only(self._shown(runs[0].order)), runs[1].only(self._shown(runs[1].order)))

    def set_filter(self, text: str) -> None:
        """Show only what matches; an empty text shows all. The cursor stays when its entry does.

        Args:
            text: A part of the name, or a pattern with `*`, `?` or `[`.
        """
        narrower = bool(self.filter_text) and text.startswith(self.filter_text) and not set("*?[") & set(text)
        row = self.cursor_row
        self.filter_text = text
        self._filter(narrower=narrower)
        self._keep_cursor(row)

    def set_hidden(self, shown: bool) -> None:
        """Show or hide the names that begin with a dot.

        Args:
            shown: Whether they are shown.
        """
        row = self.cursor_row
        self.hidden = shown
        self._filter()
        self._keep_cursor(row)

    # Cursor

    @property
    def cursor_row(self) -> int:
        """The row of the cursor; 0 when nothing holds it."""
        if self._cursor is not None:
            row = self.row_of(self._cursor)
            if row is not None:
                return row
        return 0

    @property
    def cursor(self) -> FileInfo | None:
        """The entry under the cursor, or `None` in an empty list."""
        return self[self.cursor_row] if len(self) else None

    def move_to(self, row: int) -> int:
        """Put the cursor on a row, at most as far as the list goes; gives the row it is on.

        Args:
            row: Any number.
        """
        if not len(self):
            return 0
        row = max(0, min(row, len(self) - 1))
        self._cursor = self.number_at(row)
        self.wanted = None
        return row

    def move_to_key(self, key: Key) -> bool:
        """Put the cursor on the row of a key; says whether it is there.

        Args:
            key: The key; an empty kind means any.
        """
        before = self._cursor
        if self._look_for(key, range(len(self.entries))) and self._cursor_is_shown():
            return True
        self._cursor = before
        return False

    def _cursor_is_shown(self) -> bool:
        return self._cursor is not None and self.row_of(self._cursor) is not None

    def _keep_cursor(self, row: int) -> None:
        if not self._cursor_is_shown():
            self._cursor = None
            if len(self):
                self._cursor = self.number_at(min(row, len(self) - 1))

    def find(self, text: str, *, start: int, step: int = 1) -> int | None:
        """The next row whose name matches, going round at the end; `None` when there is none.

        Args:
            text: A part of the name, or a pattern.
            start: The first row to look at.
            step: 1 to look down, -1 to look up.
        """
        if not text or not len(self):
            return None
        rows = matching(text, self._folded, self._numbers())
        if not rows:
            return None
        start %= len(self)
        if step > 0:
            return next((row for row in rows if row >= start), rows[0])
        return next((row for row in reversed(rows) if row <= start), rows[-1])

    def _numbers(self, *, full: bool = False) -> list[int]:
        """Entry numbers in the order of the rows; all of them, or those that are shown."""
        numbers: list[int] = []
        for run, reverse in zip(self._full if full else self._view, self._reversed, strict=True):
            numbers += reversed(run.order) if reverse else run.order
        return numbers

    # Selection

    @property
    def selected_bytes(self) -> int:
        """The bytes of the selected files."""
        return sum(self.selection.values())

    def is_selected(self, entry: FileInfo) -> bool:
        """Whether an entry is selected."""
        return (entry.name, entry.kind) in self.selection

    def select(self, entry: FileInfo, wanted: bool = True) -> None:
        """Select an entry, or take it out.

        Args:
            entry: One of the list.
            wanted: Whether it is to be selected.
        """
        if wanted:
            self.selection[key_for(entry)] = 0 if is_directory(entry) else entry.size or 0
        else:
            self.selection.pop(key_for(entry), None)

    def select_where(self, choose: Callable[[FileInfo], bool]) -> None:
        """Select of the rows that are shown just those that are chosen; what is not shown stays as it is.

        Args:
            choose: Tells of an entry whether it is to be selected.
        """
        for number in self._numbers():
            entry = self.entries[number]
            self.select(entry, choose(entry))

    def select_matching(self, text: str, wanted: bool) -> None:
        """Select the rows whose name matches, or take them out.

        Args:
            text: A part of the name, or a pattern.
            wanted: Whether they are to be selected.
        """
        numbers = self._numbers()
        for at in matching(text, self._folded, numbers):
            self.select(self.entries[numbers[at]], wanted)

    def chosen(self) -> list[FileInfo]:
        """What an operation takes: the selection in the order of the list, or else the entry under the cursor."""
        if self.selection:
            entries = [self.entries[number] for number in self._numbers(full=True)]
            return [entry for entry in entries if (entry.name, entry.kind) in self.selection]
        return [] if self.cursor is None else [self.cursor]

    def finish(self) -> None:
        """Forget what the list turned out not to have: selected keys and the wanted cursor."""
        self.wanted = None
        if self.selection:
            present = {key_for(entry) for entry in self.entries if key_for(entry) in self.selection}
            for key in [key for key in self.selection if key not in present]:
                del self.selection[key]
