"""Loggers that cost nothing until somebody wants to see logs: `logging` is not imported for them."""

from __future__ import annotations

import sys


class Log:
    """A logger by name, for a program that may never have imported `logging`: then nobody listens.

    Args:
        name: Such as `tfm.s3.fast`.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def debug(self, text: str, *values: object) -> None:
        """Tell those who look for causes.

        Args:
            text: With `%` for each value.
            values: What goes into the text, if it is wanted.
        """
        logging = sys.modules.get("logging")
        if logging is not None:
            logging.getLogger(self._name).debug(text, *values, stacklevel=2)

    @property
    def debugging(self) -> bool:
        """Whether anybody looks for causes, so that it is worth while to say more."""
        logging = sys.modules.get("logging")
        return logging is not None and bool(logging.getLogger(self._name).isEnabledFor(10))

    def warning(self, text: str, *values: object) -> None:
        """Tell everybody, on standard error if nothing else was set up.

        Args:
            text: With `%` for each value.
            values: What goes into the text.
        """
        import logging

        logging.getLogger(self._name).warning(text, *values, stacklevel=2)
