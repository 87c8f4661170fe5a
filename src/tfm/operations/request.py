"""`Request`: what a job was asked for, as plain values from which another process can make the same job."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

from tfm.errors import RefusedError
from tfm.operations.guards import Given
from tfm.operations.joining import Take, everything
from tfm.operations.selection import Selection
from tfm.path import Path

Verb = Literal["copy", "move", "delete", "sync", "plan"]


class Asked(NamedTuple):
    """One of the paths that were given.

    Args:
        path: Its text; a local one begins with `/`.
        kind: `file` or `directory` where the caller said which of the two he means; empty otherwise.
        name: Another name at the destination; empty for its own.
    """

    path: str
    kind: str = ""
    name: str = ""


@dataclass(frozen=True)
class Request:
    """What was asked for.

    Args:
        verb: What to do.
        sources: With what.
        into: Where to; empty for a delete.
        conflict: The rule for targets that exist.
        take: Which entries; `None` for all.
        options: What else the verb was told: plain values by name.
    """

    verb: Verb
    sources: tuple[Asked, ...]
    into: str = ""
    conflict: str = ""
    take: Selection | None = None
    options: Mapping[str, bool | str] = field(default_factory=dict)

    def as_json(self) -> str:
        """Write it."""
        return json.dumps(
            {
                "verb": self.verb,
                "sources": [list(source) for source in self.sources],
                "into": self.into,
                "conflict": self.conflict,
                "take": None if self.take is None else self.take.record(),
                "options": dict(self.options),
            }
        )

    @classmethod
    def of(cls, text: str) -> Request:
        """Read what `as_json` wrote.

        Args:
            text: JSON.

        Raises:
            ValueError: It is something else.
        """
        found = json.loads(text)
        try:
            take = None if found["take"] is None else Selection.of(found["take"])
            sources = tuple(Asked(*source) for source in found["sources"])
            made = cls(found["verb"], sources, found["into"], found["conflict"], take, found["options"])
        except (KeyError, TypeError) as error:
            raise ValueError(f"it is no request of a job ({error})") from error
        if made.verb not in get_args(Verb):
            raise ValueError(f"it asks for {made.verb!r}, which this version of tfm does not know")
        return made


def absolute(path: Path) -> str:
    """Write a path such that it means the same in every process.

    Args:
        path: Any path.
    """
    text = str(path)
    return text if path.scheme else os.path.join(os.getcwd(), text)


def asked(sources: Sequence[Given], names: Mapping[Path, str] | None = None) -> tuple[Asked, ...]:
    """Write down the sources of a job.

    Args:
        sources: Paths, or pairs with their info.
        names: Names at the destination for some of them.
    """
    found = []
    for given in sources:
        path, info = given if isinstance(given, tuple) else (given, None)
        kind = info.kind if info is not None and info.kind in ("file", "directory") else ""
        found.append(Asked(absolute(path), kind, (names or {}).get(path, "")))
    return tuple(found)


def chosen(take: Take | None) -> Selection | None:
    """Give a choice of entries as a value.

    Args:
        take: The choice; `None` for everything.

    Raises:
        RefusedError: It is a function, which no other process can be told.
    """
    if take is None or take is everything:
        return None
    if isinstance(take, Selection):
        return take
    raise RefusedError(
        "A job that is to be taken up by another process chooses its entries by a tfm.operations.Selection, "
        "not by a function: make one, or leave the journal out."
    )
