"""The files that a verb reads, the standard input among them."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from typing import BinaryIO, cast

from tfm.cli.globs import expand
from tfm.path import Path


def inputs(texts: list[str]) -> list[Path | None]:
    """Give the paths that arguments mean; `None` is the standard input.

    Args:
        texts: The arguments; `-` is the standard input.
    """
    found: list[Path | None] = []
    for text in texts:
        found += [None] if text == "-" else list(expand([text]))
    return found


def opened(path: Path | None) -> AbstractContextManager[BinaryIO]:
    """Open a file to read its bytes, or the standard input.

    Args:
        path: The file; `None` is the standard input.
    """
    return nullcontext(sys.stdin.buffer) if path is None else cast("AbstractContextManager[BinaryIO]", path.open("rb"))
