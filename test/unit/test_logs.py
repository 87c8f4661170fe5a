"""Loggers that do not import `logging`: told to nobody until somebody listens, and then told as any logger's."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from tfm.logs import Log

log = Log("tfm.test")


def test_somebody_listens(caplog: pytest.LogCaptureFixture) -> None:
    assert not log.debugging
    log.debug("not %s", "heard")
    caplog.set_level(logging.DEBUG, "tfm.test")
    assert log.debugging
    log.debug("it is %s", "heard")
    log.warning("and %d more", 2)
    assert [(each.name, each.levelname, each.getMessage()) for each in caplog.records] == [
        ("tfm.test", "DEBUG", "it is heard"),
        ("tfm.test", "WARNING", "and 2 more"),
    ]
    assert {each.filename for each in caplog.records} == {"test_logs.py"}


def test_nobody_listens() -> None:
    code = (
        "import sys; from tfm.logs import Log; log = Log('x'); log.debug('a %s', 1); assert not log.debugging;"
        "print('logging' in sys.modules); log.warning('watch %s', 'out')"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (result.stdout, result.stderr) == ("False\n", "watch out\n")
