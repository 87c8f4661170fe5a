"""Settings: declared here once, read from a TOML file and the environment when something asks for them.

Nothing is read by importing this module, and nothing has to be there: every setting has a default.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

from tfm.configfile import ENGINES, FILE_VARIABLE, settings_file
from tfm.errors import SettingsError

PLACE_PREFIX = "TFM_PLACE_"
"""`TFM_PLACE_MINIO_ENDPOINT` sets `endpoint` of the place `minio`, before what the file says."""

ADDRESSING = ("auto", "path", "virtual")
_NAME = re.compile(r"[A-Za-z0-9_+=,.:-]+")
_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


@dataclass(frozen=True)
class PlaceSettings:
    """One table `[places.NAME]`: how `s3://NAME@bucket/key` is reached. Credentials are never kept here."""

    profile: str | None = field(
        default=None, metadata={"help": "A profile of the AWS config file; the one named NAME if there is one."}
    )
    endpoint: str | None = field(
        default=None, metadata={"help": "The server's URL; AWS, or what the profile or `AWS_ENDPOINT_URL_S3` says."}
    )
    region: str | None = field(default=None, metadata={"help": "The region; what the profile or the environment says."})
    addressing: str = field(
        default="auto", metadata={"help": "Where the bucket stands in a URL: `path`, `virtual` or `auto`."}
    )
    read_only: bool = field(default=False, metadata={"help": "Refuse every write before it is sent."})
    requester_pays: bool = field(default=False, metadata={"help": "Agree to pay for the requests."})
    anonymous: bool = field(default=False, metadata={"help": "Send requests unsigned, without any credentials."})
    engine: str | None = field(
        default=None, metadata={"help": "Who sends the requests: `auto` or `boto3`; what the table `[s3]` says."}
    )


@dataclass(frozen=True)
class Settings:
    """All settings.

    Args:
        places: By name.
        engine: Who sends the requests of places that don't say it themselves: `auto` or `boto3`.
    """

    places: Mapping[str, PlaceSettings] = field(default_factory=dict)
    engine: str = "auto"


def load_settings() -> Settings:
    """Read the settings file, if there is one, and then the environment, which goes before it.

    Raises:
        SettingsError: One sentence that names the file or variable, the key, and what is wrong.
    """
    file = settings_file()
    tables = _tables(file) if file else {}
    for name in tables:
        if name not in ("places", "s3"):
            there_are = "there are the tables [places.NAME] and [s3]"
            raise SettingsError(f"{file}: there is no setting {name!r}; {there_are}.", file)
    given = tables.get("places", {})
    if not isinstance(given, dict):
        raise SettingsError(f"{file}: 'places' must be made of tables [places.NAME].", file)
    values = {name: _place(file, name, table) for name, table in given.items()}
    for name, table in _from_environment(values).items():
        values[name] = {**values.get(name, {}), **table}
    places = {name: PlaceSettings(**table) for name, table in values.items()}
    return Settings(places, _engine(file, tables.get("s3", {})))


def _engine(file: str, table: Any) -> str:
    """Read the table `[s3]`."""
    if not isinstance(table, dict) or set(table) - {"engine"}:
        raise SettingsError(f"{file}: [s3] is a table of the one setting 'engine'.", file)
    return str(_checked(f"{file}: [s3] engine", "engine", table.get("engine", "auto"), file))


def _tables(file: str) -> dict[str, Any]:
    try:
        with open(file, "rb") as stream:
            return tomllib.load(stream)
    except FileNotFoundError:
        if os.environ.get(FILE_VARIABLE):
            raise SettingsError(f"{file}: there is no such file, and {FILE_VARIABLE} names it.", file) from None
        return {}
    except OSError as error:
        raise SettingsError(f"{file}: the settings can't be read ({error.strerror}).", file) from error
    except ValueError as error:  # TOML and UTF-8 errors
        raise SettingsError(f"{file}: it is not valid TOML ({error}).", file) from error


def _place(file: str, name: str, table: Any) -> dict[str, Any]:
    where = f"{file}: [places.{name}]"
    if not _NAME.fullmatch(name):
        raise SettingsError(f"{where}: a place's name is made of letters, digits and _+=,.:- only.", file)
    if not isinstance(table, dict):
        raise SettingsError(f"{where}: it must be a table of settings.", file)
    return {key: _checked(f"{where} {key}", key, value, file) for key, value in table.items()}


def _checked(where: str, key: str, value: Any, file: str) -> Any:
    """Check one value; it is never quoted, because it may be a secret that got into the wrong file."""
    known = {each.name: each for each in fields(PlaceSettings)}
    if key not in known:
        hint = "there are " + ", ".join(known)
        if re.search("key|secret|token|pass", key, re.IGNORECASE):
            hint = "credentials belong in the AWS credentials file"
        raise SettingsError(f"{where}: there is no such setting; {hint}.", file)
    kind = bool if isinstance(known[key].default, bool) else str
    if type(value) is not kind:
        raise SettingsError(f"{where}: it must be {'true or false' if kind is bool else 'text'}.", file)
    if key == "addressing" and value not in ADDRESSING:
        raise SettingsError(f"{where}: it must be one of {', '.join(ADDRESSING)}.", file)
    if key == "engine" and value not in ENGINES:
        raise SettingsError(f"{where}: it must be one of {', '.join(ENGINES)}.", file)
    if key == "endpoint":
        _check_endpoint(where, str(value), file)
    return value


def _check_endpoint(where: str, value: str, file: str) -> None:
    try:
        url = urlsplit(value)
        if url.scheme not in ("http", "https") or not url.hostname or url.port == 0:
            raise ValueError(value)
    except ValueError:  # urlsplit and its port raise it too
        raise SettingsError(f"{where}: it must be a URL such as https://s3.example.com:9000.", file) from None
    if url.username is not None or url.query:
        raise SettingsError(f"{where}: it must be a URL without a user, password or query.", file)


def _from_environment(known: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Read the variables of places; those of a place in the file go to that place whatever its case is."""
    found: dict[str, dict[str, Any]] = {}
    names = {re.sub(r"[^A-Z0-9]", "_", name.upper()): name for name in known}
    keys = {f"_{each.name.upper()}": each.name for each in fields(PlaceSettings)}
    for variable, text in os.environ.items():
        if not variable.startswith(PLACE_PREFIX):
            continue
        rest = variable[len(PLACE_PREFIX) :]
        ending = max((key for key in keys if rest.endswith(key) and len(rest) > len(key)), key=len, default="")
        if not ending:
            there_are = ", ".join(key[1:] for key in keys)
            raise SettingsError(f"{variable}: it must end in the name of a setting: {there_are}.", "")
        place, key = rest[: -len(ending)], keys[ending]
        value = _checked(variable, key, _switch(variable, key, text), "")
        found.setdefault(names.get(place, place.lower()), {})[key] = value
    return found


def _switch(variable: str, key: str, text: str) -> str | bool:
    """Turn the text of a variable into what its setting takes."""
    if not isinstance(getattr(PlaceSettings, key), bool):
        return text
    if text.lower() not in _YES + _NO:
        raise SettingsError(f"{variable}: it must be one of {', '.join(_YES + _NO)}.", "")
    return text.lower() in _YES
