"""The handlers of all actions, by subject; importing this fills the registry."""

from tfm.app.commands import files, finding, moving, panes, places, program, selecting, viewing

__all__ = ["files", "finding", "moving", "panes", "places", "program", "selecting", "viewing"]
