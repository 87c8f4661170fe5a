"""What may come next on the command line: verbs, options, local names, buckets and keys."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from importlib import import_module

from tfm.cli.verbs import VERBS
from tfm.errors import TfmError
from tfm.path import Path

MOST = 1000
"""Names that are offered at most: one page of a listing."""


def candidates(words: Sequence[str]) -> Iterator[str]:
    """Give what may take the place of the last word.

    Args:
        words: What was typed behind `tfm`; the last one is not complete, and may be empty.
    """
    if not words:
        return
    last = words[-1]
    if len(words) == 1:
        yield from (f"{verb} " for verb in VERBS if verb.startswith(last))
    elif words[0] in VERBS and last.startswith("-"):
        yield from (f"{option} " for option in _options(words[0]) if option.startswith(last))
        return
    if not last.startswith("-"):
        yield from paths(last)


def _options(verb: str) -> list[str]:
    from tfm.cli.command import parser_of

    made: argparse.ArgumentParser = parser_of(verb, import_module(f"tfm.cli.verbs.{verb}"))
    return sorted(name for action in made._actions for name in action.option_strings if name.startswith("--"))


def paths(text: str) -> Iterator[str]:
    """Give the paths that begin with a text; directories end in a slash.

    Args:
        text: The beginning of a local name or of a URI.
    """
    if not text.startswith("s3://") and text and "s3://".startswith(text):
        yield "s3://"
    head, _, name = text.rpartition("/")
    head += "/" if head or text.startswith("/") else ""
    try:
        directory = Path(os.path.expanduser(head) or ".")
        page = next(directory.scan(prefix=name), [])
    except (TfmError, OSError, ValueError):
        return  # nobody wants an error in the middle of typing
    for info in sorted(page)[:MOST]:
        if info.name.startswith(name) and info.name.isprintable():
            yield f"{head}{info.name}/" if info.is_dir() else f"{head}{info.name} "
