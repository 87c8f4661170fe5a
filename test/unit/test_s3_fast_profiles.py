"""The reader of AWS files, with botocore's as the judge: it says the same, or that it does not know."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.configloader import load_config, raw_config_parse
from botocore.exceptions import ConfigParseError
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tfm.s3.client import profiles
from tfm.s3.fast.access import StepAside
from tfm.s3.fast.profiles import parse, profile_names, read_files

PLAIN = """
# a comment
[default]
region = eu-west-1
; another
Output=json
s3 =
    addressing_style = path
    # not a setting
    max_concurrent_requests=4

  signature_version = s3v4
empty =
colon: value = with equals
[profile work]
region = us-east-2   
long = first
    second

    third
[profile two words]
[services local]
s3 =
  endpoint_url = http://127.0.0.1:9000
"""  # noqa: W291 (spaces at the end of a line are part of the case)

BROKEN = (
    "no section = here",
    "[default",
    "[]\na = 1",
    "[default]\nno value",
    "[default]\n= nothing",
    "[default]\na = 1\nA = 2",
    "[default]\n[default]",
    "[DEFAULT]\na = 1",
    "[default]\ns3 =\n  no value",
    "[default] # comment\na = 1",
    "\ufeff[default]\na = 1",
    "[default]\nname = Jürgen",
    "[default]\na = 1\x0b\x0cb = 2",
)

LINES = st.one_of(
    st.sampled_from([
        "[default]", "[profile a]", "[profile  a]", "[a]", "[services x]", "  [a]", "[a] b", "region = x", "region: y",
        "Region=z", "  indented = 1", "\tindented", "# no", "; no", "  # no", "a = b = c", "a : b = c", "a = b # c", "",
        "   ", "s3 =", "s3=", "  addressing_style = path", "  x", "novalue", "[x", "]", "[]", "=", "k =  v  ",
        "[DEFAULT]", "[a]]", "[[a]", "k", "é = 1", "k = \x0c",
    ]),
    st.text(" =:[]#;\tab\r", max_size=6),
)  # fmt: skip


def test_plain_files_are_read(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(PLAIN)
    assert parse(PLAIN) == raw_config_parse(str(file))
    assert parse(PLAIN)["default"]["s3"] == {
        "addressing_style": "path",
        "max_concurrent_requests": "4",
        "signature_version": "s3v4",
    }


@pytest.mark.parametrize("text", BROKEN)
def test_what_is_not_plain_is_left_to_botocore(text: str, tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(StepAside):
        read_files(str(file), str(tmp_path / "none"))


@settings(max_examples=600, deadline=None)
@given(st.lists(LINES, max_size=9).map("\n".join))
@example("[a]\nk = v\n\n  w\n#\n   x\n")
@example("[a]\nk = v\n  # c\n   w\n [b]\n")
def test_the_same_as_botocore_or_nothing(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.getbasetemp() / "fast-profiles.ini"
    file.write_text(text, encoding="utf-8", newline="")
    try:
        with open(file, encoding="ascii") as stream:
            found = parse(stream.read())
    except (StepAside, UnicodeDecodeError):
        return
    try:
        assert found == raw_config_parse(str(file))
    except ConfigParseError:
        pytest.fail(f"botocore can't read {text!r}, and this reader did")


@pytest.mark.parametrize(
    "text",
    [PLAIN, "[default]\na=1\n[profile default]\na=2", "[profile default]\na=2\n[default]\na=1", "[profilex y]\nb=1"],
)
def test_profiles_and_services_have_names(text: str, tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(text)
    profiles, services, stored = read_files(str(file), str(file))
    judge = load_config(str(file))
    assert (profiles, services) == (judge["profiles"], judge["services"])
    assert stored == raw_config_parse(str(file))


def test_quotes_in_names_are_botocores(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text('[profile "my own"]\nregion = x\n')
    with pytest.raises(StepAside):
        read_files(str(file), "")
    assert load_config(str(file))["profiles"] == {"my own": {"region": "x"}}


def test_files_are_found_as_botocore_finds_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own").write_text("[default]\nregion = x\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("WHERE", str(tmp_path))
    for name in ("~/own", "$WHERE/own", str(tmp_path / "own")):
        assert read_files(name, "~/none") == ({"default": {"region": "x"}}, {}, {})
    assert read_files(str(tmp_path), "") == ({}, {}, {})


def test_the_names_of_profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    assert profile_names() == profiles() == []
    (tmp_path / "config").write_text(PLAIN + "[other]\n[sso-session x]\n")
    (tmp_path / "credentials").write_text("[work]\n[only here]\n[profile odd]\n")
    assert profile_names() == profiles() == ["default", "only here", "profile odd", "work"]
    monkeypatch.setenv("AWS_CONFIG_FILE", "")
    assert profile_names() == profiles() == ["only here", "profile odd", "work"]
