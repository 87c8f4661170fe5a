"""The handlers of all actions, by subject."""

from __future__ import annotations

from importlib import import_module

SUBJECTS = ("moving", "panes", "places", "selecting", "finding", "files", "program", "viewing")
"""The modules, in the order in which the help shows their actions."""


def load() -> None:
    """Fill the registry; a second time does nothing."""
    for subject in SUBJECTS:
        import_module(f"tfm.app.commands.{subject}")
