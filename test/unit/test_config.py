"""Settings: what is read from where, what goes first, and one clear sentence for each mistake."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from tfm.config import PlaceSettings, load_settings
from tfm.configfile import settings_file
from tfm.errors import SettingsError

FULL = """
[places.minio]
profile = "work"
endpoint = "http://127.0.0.1:9000"
region = "eu-west-1"
addressing = "path"
read_only = true
requester_pays = true
anonymous = false
engine = "boto3"

[places."my.server"]
endpoint = "https://s3.example.com"
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the settings are; not written yet."""
    path = tmp_path / "config.toml"
    monkeypatch.setenv("TFM_CONFIG", str(path))
    return path


def test_every_setting_is_read(file: Path) -> None:
    file.write_text(FULL)
    places = load_settings().places
    own = PlaceSettings("work", "http://127.0.0.1:9000", "eu-west-1", "path", True, True, False, "boto3")
    assert places["minio"] == own
    assert places["my.server"] == PlaceSettings(endpoint="https://s3.example.com")
    assert set(FULL.split()) >= {field.name for field in fields(PlaceSettings)}


def test_where_the_file_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert settings_file() == str(tmp_path / ".config/tfm/config.toml")
    monkeypatch.setenv("XDG_CONFIG_HOME", "not/absolute")
    assert settings_file() == str(tmp_path / ".config/tfm/config.toml")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert settings_file() == str(tmp_path / "xdg/tfm/config.toml")
    monkeypatch.setenv("TFM_CONFIG", "own.toml")
    assert settings_file() == "own.toml"


def test_without_a_file_all_is_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load_settings().places == {}
    monkeypatch.setenv("TFM_CONFIG", "")
    assert load_settings().places == {}


def test_the_environment_goes_first(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(FULL)
    monkeypatch.setenv("TFM_PLACE_MINIO_REGION", "us-west-2")
    monkeypatch.setenv("TFM_PLACE_MINIO_READ_ONLY", "no")
    monkeypatch.setenv("TFM_PLACE_MY_SERVER_ADDRESSING", "virtual")
    monkeypatch.setenv("TFM_PLACE_ONLY_HERE_ENDPOINT", "http://localhost:1")
    places = load_settings().places
    assert (places["minio"].region, places["minio"].read_only, places["minio"].profile) == ("us-west-2", False, "work")
    assert places["my.server"] == PlaceSettings(endpoint="https://s3.example.com", addressing="virtual")
    assert places["only_here"] == PlaceSettings(endpoint="http://localhost:1")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[places.minio", "not valid TOML"),
        ("\xff", "not valid TOML"),
        ("[cache]\nttl = 1", "'cache'"),
        ("places = 1", "tables"),
        ("[places]\nminio = 1", "[places.minio]: it must be a table"),
        ('[places."a b"]', "[places.a b]: a place's name"),
        ('[places.m]\nregoin = "x"', "[places.m] regoin: there is no such setting; there are profile, endpoint"),
        ('[places.m]\nsecret_key = "S3CR3T"', "credentials belong in the AWS credentials file"),
        ("[places.m]\nregion = 1", "[places.m] region: it must be text"),
        ('[places.m]\nread_only = "yes"', "[places.m] read_only: it must be true or false"),
        ('[places.m]\naddressing = "S3CR3T"', "addressing: it must be one of auto, path, virtual"),
        ('[places.m]\nengine = "S3CR3T"', "engine: it must be one of auto, boto3"),
        ('[s3]\nengine = "S3CR3T"', "[s3] engine: it must be one of auto, boto3"),
        ("[s3]\nengine = 1", "[s3] engine: it must be text"),
        ("[s3]\nwidth = 1", "[s3] is a table of the one setting 'engine'"),
        ("s3 = 1", "[s3] is a table of the one setting 'engine'"),
        ('[places.m]\nendpoint = "127.0.0.1:9000"', "endpoint: it must be a URL such as"),
        ('[places.m]\nendpoint = "http://h:99999"', "endpoint: it must be a URL such as"),
        ('[places.m]\nendpoint = "http://me:S3CR3T@h"', "without a user, password or query"),
    ],
)
def test_a_mistake_is_one_sentence(file: Path, text: str, says: str) -> None:
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingsError, match=re.escape(says)) as caught:
        load_settings()
    message = str(caught.value)
    assert message.startswith(str(file))
    assert message.count("\n") == 0
    assert "S3CR3T" not in message + repr(caught.value)
    assert caught.value.filename == str(file)
    assert str(pickle.loads(pickle.dumps(caught.value))) == message


def test_a_file_that_is_named_must_be_there(file: Path) -> None:
    with pytest.raises(SettingsError, match="no such file, and TFM_CONFIG names it"):
        load_settings()
    file.mkdir()
    with pytest.raises(SettingsError, match="can't be read"):
        load_settings()


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("TFM_PLACE_M_REGOIN", "x", "TFM_PLACE_M_REGOIN: it must end in the name of a setting"),
        ("TFM_PLACE_REGION", "x", "TFM_PLACE_REGION: it must end in"),
        ("TFM_PLACE_M_READ_ONLY", "maybe", "TFM_PLACE_M_READ_ONLY: it must be one of 1, true"),
        ("TFM_PLACE_M_ADDRESSING", "x", "TFM_PLACE_M_ADDRESSING: it must be one of auto"),
    ],
)
def test_a_mistake_in_a_variable(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, says: str) -> None:
    monkeypatch.setenv("TFM_CONFIG", "")
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=re.escape(says)):
        load_settings()


def test_the_library_reads_no_settings_unasked(file: Path) -> None:
    file.write_text("this is no TOML")
    code = "from tfm import Path; p = Path('s3://b/k'); Path('.').exists(); p.parent / 'x'; Path('s3://place@b/k')"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "TFM_CONFIG": str(file)}, check=True)


def test_the_page_tells_every_setting(root: Path) -> None:
    page = (root / "docs/guide/places.md").read_text("utf-8")
    for field in fields(PlaceSettings):
        row = f"| `{field.name}` | {field.metadata['help']} |"
        assert row in page, f"docs/guide/places.md has no row {row!r}"
