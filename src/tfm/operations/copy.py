"""Copy: sources into a directory, between any two storages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor

from tfm.operations.conflict import Conflict
from tfm.operations.guards import Given, check_reach
from tfm.operations.job import Job
from tfm.operations.joining import Take
from tfm.operations.journal import Journal
from tfm.operations.record import opening
from tfm.operations.request import Request, absolute, asked, chosen
from tfm.operations.treecopy import TreeCopy
from tfm.path import Path


def copy(
    sources: Sequence[Given],
    into: Path,
    *,
    names: Mapping[Path, str] | None = None,
    conflict: Conflict = Conflict.ASK,
    take: Take | None = None,
    executor: Executor | None = None,
    journal: Journal | None = None,
) -> Job:
    """Make a job that copies files and trees into a directory.

    A link stays a link between two disks. To a storage without links goes what it leads to: a file always, a directory
    only when the link itself was chosen; links to directories further down are skipped and reported.

    Args:
        sources: Paths; as pairs with their `FileInfo` where one name is a file and a directory at once, as on S3.
        into: The directory; made, with its parents, when it is missing.
        names: Names at the destination for sources that shall not keep their own; `CONTENTS` for a directory that is
            to become the destination itself, so that what is in it goes there.
        conflict: What to do with files that exist already; directories are merged.
        take: Which files and links, by their names below their source; then directories are only made for what is in
            them, and none is copied for its own sake. `None` takes everything.
        executor: Who moves the bytes, in batches: any, such as a pool of processes or a cluster's, between storages
            that every worker reaches under these names; `None` for threads of this process.
        journal: Where every step is written down before it is taken, so that a job whose process is killed can be
            taken up by `resume`; `None` for nowhere.

    Raises:
        GuardError: Onto itself, into its own subtree, two sources for one target, a target that is no directory; a path
            of this machine's disk, with an executor.
    """
    opens = opening(
        journal, lambda: Request("copy", asked(sources, names), absolute(into), conflict.value, chosen(take))
    )
    operation = TreeCopy(sources, into, names, conflict, take)
    check_reach(operation.paths, executor)
    return Job(operation, executor, opens)
