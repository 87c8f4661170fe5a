"""Copies that somebody else made: looked at from here, many at a time, before they count as done."""

from __future__ import annotations

from tfm.durable import Durability
from tfm.operations.departing import Departing, Moved, not_arrived
from tfm.operations.ledger import Ledger
from tfm.path import Path


class Arriving(Departing):
    """Collects copies and looks at them; an entry is done when its copy is seen. The sources stay.

    Args:
        ledger: The job's.
    """

    def __init__(self, ledger: Ledger) -> None:
        # What was copied before a cancel was copied: it is looked at even then.
        super().__init__(ledger, lambda: False, Durability())

    def deal(self, group: list[Moved]) -> dict[Path, OSError]:
        """Look at copies of sources of one place; gives the sources whose copies are not there.

        Args:
            group: The sources and their copies.
        """
        return not_arrived(group)
