"""What a sync would do, as rows: made of two trees, written as JSON lines, edited by whoever likes, and read again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple, cast, get_args

from tfm.errors import RefusedError
from tfm.globbing import ancestors
from tfm.info import FileInfo
from tfm.operations.compare import Judge, below, listed
from tfm.operations.entrycopy import check_replaceable
from tfm.operations.joining import Join, Take
from tfm.operations.ordered import ordered
from tfm.operations.sameness import By
from tfm.path import Path
from tfm.transfer.engine import refuse_special
from tfm.transfer.plan import on_disk

Action = Literal["copy", "directory", "delete", "skip", "refuse"]

GONE = "the source has it no more"


class Row(NamedTuple):
    """One thing to do.

    Args:
        action: `directory` makes one that is empty; `skip` and `refuse` do nothing, and say why.
        name: Relative to both tops; a directory's ends in a slash.
        bytes: To be copied.
        reason: Why: `missing`, `size`, `older`, …, or a sentence.
        source_version: What tells this version of the source from another; empty where there is none.
        target_version: Likewise of what is at the target now.
        info: What the source is, when a listing told it just now.
        there: What the target is, likewise.
    """

    action: Action
    name: str
    bytes: int = 0
    reason: str = ""
    source_version: str = ""
    target_version: str = ""
    info: FileInfo | None = None
    there: FileInfo | None = None


class Tops(NamedTuple):
    """The two trees of a plan.

    Args:
        source: Where everything comes from; `None` where nothing is copied.
        target: Where everything goes.
    """

    source: Path | None
    target: Path


def version_of(info: FileInfo | None) -> str:
    """Give what tells one version of an entry from another, as text.

    Args:
        info: The entry; `None` is nothing there.
    """
    if info is None:
        return ""
    if info.kind == "directory" and not info.link:
        return "directory"
    return info.etag or f"{'link ' if info.link else ''}{info.size} {info.mtime!r}"


class SyncPlan:
    """The rows that make one tree like another. Iterating lists both, once, with memory for a few entries.

    Args:
        source: The tree to be like.
        target: The other one; needs not exist.
        by: What tells files of one size apart.
        take: Which entries; what is left out is neither copied nor deleted.
        delete: Whether to give rows for what only the target has.
    """

    def __init__(self, source: Path, target: Path, by: By, take: Take, delete: bool) -> None:
        self.tops = Tops(source, target)
        self._by = by
        self._take = take
        self._delete = delete
        self._links: set[str] = set()
        self.source_count = 0
        self.target_count = 0

    def __iter__(self) -> Iterator[Row]:
        source, target = cast("Path", self.tops.source), self.tops.target
        source.refresh()  # what a listing remembered must not decide what is overwritten and deleted
        target.refresh()
        join = Join(ordered(source), listed(target), self._take)
        judge = Judge(source, target, self._by)
        for found in judge.all(join):
            if found.verdict == "right":
                if self._delete:
                    yield self._gone(found.name, found.right)
            elif found.verdict != "same":
                reason = "missing" if found.verdict == "left" else found.reason
                if found.unlisted or found.left is None:
                    yield Row("refuse", found.name, 0, reason)
                else:
                    yield self._placed(found.name, reason, found.left, found.right)
        self.source_count, self.target_count = join.left_count, join.right_count

    def _gone(self, name: str, there: FileInfo | None) -> Row:
        if self._links and not self._links.isdisjoint(ancestors(name)):
            return Row("skip", name, 0, "its directory is a link at the source, and links are not followed")
        if name.endswith("/") and there is not None and there.size:
            return Row("skip", name, 0, f"its marker holds {there.size:,} bytes, and is not deleted as a directory")
        return Row("delete", name, 0, GONE, "", version_of(there), None, there)

    def _placed(self, name: str, reason: str, info: FileInfo, there: FileInfo | None) -> Row:
        row = Row("copy", name, info.size or 0, reason, version_of(info), version_of(there), info, there)
        target = self.tops.target
        if not on_disk(target) and info.link and info.is_dir():
            self._links.add(name)  # what was copied from behind it, by other means, is not taken for something gone
            return row._replace(
                action="skip", bytes=0, reason="it is a link to a directory, and links are not followed"
            )
        try:
            path = below(target, name)
            if name.endswith("/"):
                return _directory(row, info)
            if not (info.link and on_disk(target)):
                refuse_special(below(cast("Path", self.tops.source), name), info)
            if there is not None and target.capabilities.needs_directories:
                check_replaceable(info, path, there)
        except (OSError, ValueError) as error:
            return row._replace(action="refuse", bytes=0, reason=str(error))
        return row


def _directory(row: Row, info: FileInfo) -> Row:
    if info.size:
        reason = f"its marker holds {info.size:,} bytes, which a directory can't: it was left alone"
        return row._replace(action="refuse", bytes=0, reason=reason)
    return row._replace(action="directory" if row.there is None else "skip", bytes=0)


# As JSON


def record_of(row: Row, tops: Tops) -> dict[str, Any]:
    """Give a row as JSON has it.

    Args:
        row: The row.
        tops: The trees that it is about.
    """
    return {
        "action": row.action,
        "name": row.name,
        "source": None if tops.source is None or row.action == "delete" else _text(tops.source, row.name),
        "target": _text(tops.target, row.name),
        "bytes": row.bytes,
        "reason": row.reason,
        "source_version": row.source_version or None,
        "target_version": row.target_version or None,
    }


def _text(top: Path, name: str) -> str:
    """Write a path without making it: not every storage can hold every name."""
    base = os.path.join(os.getcwd(), top) if on_disk(top) else str(top)
    return f"{base.removesuffix('/') if on_disk(top) else base}/{name.removesuffix('/')}"


def row_of(line: str, where: str) -> tuple[Row, str, str]:
    """Read a row, and the texts of its source and target.

    Args:
        line: One JSON object.
        where: What the line is called in messages.

    Raises:
        RefusedError: It is none.
    """
    try:
        found = json.loads(line)
    except ValueError as error:
        raise RefusedError(f"{where} is not JSON ({error}): write the plan anew. Nothing was done.") from None
    wanted = {"action": str, "name": str, "target": str, "bytes": int}
    if not isinstance(found, dict) or not all(isinstance(found.get(key), kind) for key, kind in wanted.items()):
        raise RefusedError(f"{where} is no row of a plan: each has {', '.join(wanted)}, and more. Nothing was done.")
    if found["action"] not in get_args(Action):
        known = ", ".join(get_args(Action))
        raise RefusedError(f"{where} has the action {found['action']!r}; there are {known}. Nothing was done.")
    reason, version, there = (str(found.get(key) or "") for key in ("reason", "source_version", "target_version"))
    row = Row(found["action"], found["name"], found["bytes"], reason, version, there)
    return row, str(found.get("source") or ""), found["target"]


def tops_of(lines: Iterable[str], name: str) -> Tops:
    """Read a whole plan without doing anything, and give the two trees that all of its rows are about.

    Args:
        lines: Of the plan.
        name: What the plan is called in messages.

    Raises:
        RefusedError: A row is none, or is about another tree than those before it.
    """
    source: str | None = None
    target: str | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"Line {number} of {name}"
        row, from_, to = row_of(line, where)
        if source is None and from_:
            source = _top(from_, row.name, where)
        if target is None:
            target = _top(to, row.name, where)
        if _top(to, row.name, where) != target or (from_ and _top(from_, row.name, where) != source):
            raise RefusedError(f"{where} is about other trees than those before: make two plans. Nothing was done.")
    if target is None:
        raise RefusedError(f"{name} has no rows: there is nothing to do.")
    return Tops(None if source is None else Path(source), Path(target))


def _top(text: str, name: str, where: str) -> str:
    tail = "/" + name.removesuffix("/")
    if not text.endswith(tail):
        raise RefusedError(f"{where}: {text!r} does not end in the row's name {name!r}. Nothing was done.")
    return text.removesuffix(tail) or "/"
