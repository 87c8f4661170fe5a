"""Where the settings are, and the one setting that every place minds; light, because every program comes by here."""

from __future__ import annotations

import os
import sys

from tfm.errors import SettingsError

FILE_VARIABLE = "TFM_CONFIG"
"""Names the settings file; empty for none."""
ENGINE_VARIABLE = "TFM_S3_ENGINE"
"""Says which engine sends requests to S3, before every setting of the file."""
ENGINES = ("auto", "boto3")
"""`auto` is the fast engine for what it does and botocore for the rest; `boto3` is botocore for everything."""


def settings_file() -> str:
    """Name the settings file: `TFM_CONFIG`, else `tfm/config.toml` in the user's directory of settings.

    Source: https://specifications.freedesktop.org/basedir-spec/latest/
    """
    named = os.environ.get(FILE_VARIABLE)
    if named is not None:
        return named
    if sys.platform == "win32":
        base = os.environ.get("APPDATA", "")
    else:
        base = os.environ.get("XDG_CONFIG_HOME", "")
        base = base if os.path.isabs(base) else os.path.join(os.path.expanduser("~"), ".config")
    return os.path.join(base, "tfm", "config.toml") if os.path.isabs(base) else ""


def engine_variable() -> str | None:
    """Give the engine that the environment names, or `None` where it says nothing.

    Raises:
        SettingsError: It names something else.
    """
    said = os.environ.get(ENGINE_VARIABLE)
    if said is not None and said not in ENGINES:
        raise SettingsError(f"{ENGINE_VARIABLE}: it must be one of {', '.join(ENGINES)}.", "")
    return said
