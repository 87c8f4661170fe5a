"""What a rule says of a target that exists, its bytes looked at where only they can tell."""

from __future__ import annotations

from tfm.info import FileInfo
from tfm.operations.conflict import Conflict, Verdict, judge
from tfm.operations.contents import surely_same
from tfm.path import Path


def verdict_on(rule: Conflict, source: Path, info: FileInfo, target: Path, there: FileInfo) -> Verdict:
    """Apply a rule: gives `ASK`, `SKIP`, `OVERWRITE` or `KEEP_BOTH`.

    Args:
        rule: The job's, or an answer's.
        source: What is to be copied.
        info: What it is.
        target: Where to.
        there: What is there.

    Raises:
        OSError: The bytes of one of the two can't be asked for or read.
    """
    verdict = judge(rule, info, there)
    if verdict.action is not Conflict.CHECKSUM_DIFFERS:
        return verdict
    if surely_same(source, info, target, there):
        return Verdict(Conflict.SKIP, "the target has the same bytes")
    return Verdict(Conflict.OVERWRITE)
