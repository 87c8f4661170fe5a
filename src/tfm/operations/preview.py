"""What a copy, a move or a delete would do, without doing it: one step for each file, as a stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tfm.errors import InvalidPathError
from tfm.info import FileInfo
from tfm.operations.compare import below, listed
from tfm.operations.conflict import Conflict
from tfm.operations.delete import TreeDelete
from tfm.operations.events import reason_of
from tfm.operations.existing import asked
from tfm.operations.guards import Given, Item
from tfm.operations.joining import Join, Take, everything
from tfm.operations.judging import verdict_on
from tfm.operations.move import TreeMove
from tfm.operations.ordered import ordered
from tfm.operations.treecopy import TreeCopy
from tfm.path import Path

EXISTS = "the target exists"


class Step(NamedTuple):
    """One thing that would be done.

    Args:
        action: `copy`, `move`, `directory`, `delete`, or what is not done: `ask`, `skip`, `refuse`.
        source: What it is done to.
        target: Where it would go; `None` for a delete.
        bytes: Of the file.
        reason: Why, or why not.
    """

    action: str
    source: Path
    target: Path | None
    bytes: int = 0
    reason: str = ""


def preview_copy(
    sources: Sequence[Given],
    into: Path,
    *,
    names: Mapping[Path, str] | None = None,
    conflict: Conflict = Conflict.ASK,
    take: Take | None = None,
    move: bool = False,
) -> Iterator[Step]:
    """Give what `copy` or `move` would do.

    Args:
        sources: As for `copy`.
        into: As for `copy`.
        names: As for `copy`.
        conflict: As for `copy`.
        take: As for `copy`.
        move: Whether the sources would go.

    Raises:
        GuardError: What `copy` and `move` refuse; raised at once.
    """
    operation = (TreeMove if move else TreeCopy)(sources, into, names, conflict, take)
    into.refresh()
    return (step for item in operation.items for step in _item(operation, item, "move" if move else "copy"))


def _item(operation: TreeCopy, item: Item, action: str) -> Iterator[Step]:
    try:
        target = item.target(operation.into)
        item.path.refresh()
        info = item.path.facts(follow_symlinks=False)
        kinds = operation.kinds(item, info, target)
        if "file" in kinds:
            yield _placed(operation, item.path, target, (info, asked(target)), action)
        if "directory" in kinds:
            yield from _tree(operation, item.path, target, action)
    except (OSError, ValueError) as error:
        yield Step("refuse", item.path, None, 0, reason_of(error))


def _tree(operation: TreeCopy, source: Path, target: Path, action: str) -> Iterator[Step]:
    for pair in Join(ordered(source), listed(target), operation.take or everything):
        if pair.left is None and pair.error is None:
            continue  # only the target has it
        try:
            path = below(source, pair.key)
            goal = below(target, pair.key)
        except InvalidPathError as error:
            yield Step("refuse", source, None, 0, f"{pair.key}: {error}")
            continue
        if pair.error is not None or pair.left is None:
            yield Step("refuse", path, goal, 0, reason_of(pair.error) if pair.error else "")
        elif not pair.key.endswith("/"):
            yield _placed(operation, path, goal, (pair.left, pair.right), action)
        elif operation.take is None:
            yield Step("directory", path, goal)


def _placed(
    operation: TreeCopy, source: Path, target: Path, infos: tuple[FileInfo, FileInfo | None], action: str
) -> Step:
    info, there = infos
    size = info.size or 0
    if there is None:
        return Step(action, source, target, size, "missing")
    verdict = verdict_on(operation.conflict, source, info, target, there)
    if verdict.action is Conflict.ASK:
        return Step("ask", source, target, size, EXISTS)
    if verdict.action is Conflict.SKIP:
        return Step("skip", source, target, 0, verdict.reason)
    kept = verdict.action is Conflict.KEEP_BOTH
    return Step(action, source, target, size, f"{EXISTS}: under another name" if kept else f"{EXISTS}: overwritten")


def preview_delete(paths: Sequence[Given], *, take: Take | None = None) -> Iterator[Step]:
    """Give what `delete` would delete.

    Args:
        paths: As for `delete`.
        take: As for `delete`.

    Raises:
        GuardError: What `delete` refuses; raised at once.
    """
    operation = TreeDelete(paths, take)
    return (step for item in operation.items for step in _gone(item, take))


def _gone(item: Item, take: Take | None) -> Iterator[Step]:
    path = item.path
    try:
        path.refresh()
        info = path.facts(follow_symlinks=False)
        if item.kind == "file" or (not item.kind and not info.is_dir(follow_symlinks=False)):
            yield Step("delete", path, None, info.size or 0)
            return
        if info.kind == "both" and not item.kind:
            yield Step("refuse", path, None, 0, "it is a file and a directory of one name")
            return
        for found in ordered(path):
            if found.error is not None:
                yield Step("refuse", below(path, found.key), None, 0, reason_of(found.error))
            elif take is None or (not found.directory and take(found.key, found.info)):
                yield Step("delete", below(path, found.key), None, found.info.size or 0)
        if take is None:
            yield Step("delete", path, None)
    except (OSError, ValueError) as error:
        yield Step("refuse", path, None, 0, reason_of(error))
