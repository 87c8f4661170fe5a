"""What to do when a target exists already: the rules, and the name that keeps both. Pure."""

from __future__ import annotations

import os
from enum import Enum
from pathlib import PurePosixPath
from typing import NamedTuple

from tfm.info import FileInfo

NAME_MAX = 255


class Conflict(Enum):
    """The rule of a job."""

    ASK = "ask"
    SKIP = "skip"
    OVERWRITE = "overwrite"
    NEWER = "newer"
    """Overwrite what is older than the source."""
    SIZE_DIFFERS = "size-differs"
    """Overwrite what has another size than the source."""
    CHECKSUM_DIFFERS = "checksum-differs"
    """Overwrite what has other bytes than the source."""
    KEEP_BOTH = "keep-both"
    """Give the new one another name: `name (1).ext`."""


class Decision(Enum):
    """The answer to a question: any rule but asking again."""

    SKIP = "skip"
    OVERWRITE = "overwrite"
    NEWER = "newer"
    SIZE_DIFFERS = "size-differs"
    CHECKSUM_DIFFERS = "checksum-differs"
    KEEP_BOTH = "keep-both"


class Verdict(NamedTuple):
    """What a rule says of one pair.

    Args:
        action: What to do.
        reason: Why it is skipped; empty otherwise.
    """

    action: Conflict
    reason: str = ""


def judge(rule: Conflict, source: FileInfo, target: FileInfo) -> Verdict:
    """Apply a rule to a source and the target that exists: gives `ASK`, `SKIP`, `OVERWRITE` or `KEEP_BOTH`.

    `CHECKSUM_DIFFERS` is given back where only the bytes can tell.

    Args:
        rule: The job's, or an answer's.
        source: What is to be copied.
        target: What is there.
    """
    if rule is Conflict.SKIP:
        return Verdict(rule, "the target exists")
    if rule is Conflict.NEWER:
        return _newer(source, target)
    if rule is Conflict.SIZE_DIFFERS:
        if source.size is None or target.size is None:
            return Verdict(Conflict.SKIP, "the target exists, and one of the sizes is not known")
        if source.size == target.size:
            return Verdict(Conflict.SKIP, "the target has the same size")
        return Verdict(Conflict.OVERWRITE)
    if rule is Conflict.CHECKSUM_DIFFERS and source.size != target.size:
        return Verdict(Conflict.OVERWRITE)
    return Verdict(rule)


def _newer(source: FileInfo, target: FileInfo) -> Verdict:
    if source.mtime is None or target.mtime is None:
        return Verdict(Conflict.SKIP, "the target exists, and one of the times is not known")
    whole = source.mtime == int(source.mtime) or target.mtime == int(target.mtime)
    # A storage that keeps whole seconds makes a copy look older than its source by the fraction that it dropped.
    newer = int(source.mtime) > int(target.mtime) if whole else source.mtime > target.mtime
    return Verdict(Conflict.OVERWRITE) if newer else Verdict(Conflict.SKIP, "the target is not older")


def numbered(name: str, number: int) -> str:
    """Give the name that stands beside a taken one: `name (1).ext`, `name (1).tar.gz`, `.hidden (1)`.

    Args:
        name: The taken name.
        number: From 1.
    """
    path = PurePosixPath(name)
    suffix = path.suffix
    if suffix and PurePosixPath(path.stem).suffix == ".tar":
        suffix = ".tar" + suffix
    stem = name.removesuffix(suffix) if suffix else name
    tail = f" ({number}){suffix}"
    encoded = os.fsencode(stem)
    room = NAME_MAX - len(os.fsencode(tail))
    if room <= 0:  # a suffix that fills the name is none
        stem, tail = name, f" ({number})"
        encoded, room = os.fsencode(name), NAME_MAX - len(tail)
    if len(encoded) > room:
        while room and encoded[room] & 0xC0 == 0x80:  # not in the middle of a letter
            room -= 1
        stem = os.fsdecode(encoded[:room])
    return stem + tail
