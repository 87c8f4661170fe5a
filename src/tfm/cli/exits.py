"""The exit codes of the command line, in one place."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What the exit code of every verb means."""

    OK = 0
    """All was done."""
    FAILED = 1
    """Something failed and was named; the rest was done."""
    USAGE = 2
    """An argument was wrong, or what was asked for was refused: nothing was done."""
    NOTHING = 3
    """Nothing matched."""
    DIFFERENT = 4
    """What was compared is not the same."""
    INTERRUPTED = 130
    """Ctrl-C ended it."""
    PIPE = 141
    """Whoever read the output went away."""
