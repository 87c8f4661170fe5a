"""The fixtures of `tfm.testing.fixtures` in a project of somebody else, run by a pytest of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

import tfm

pytest_plugins = ["pytester"]

TESTS = """
from pathlib import PurePath

import boto3
import pytest

from tfm import Path, get_s3_cache_stats
from tfm.errors import S3NotFoundError


def report(directory):
    (directory / "report.txt").write_text(", ".join(sorted(each.name for each in directory.iterdir())))


@pytest.mark.parametrize("turn", [1, 2])
def test_memory(tfm_memory, turn):
    assert list(Path("s3://").iterdir()) == []
    tfm_memory.create_bucket("data")
    (Path("s3://data/in") / f"{turn}.csv").write_text("x")
    report(Path("s3://data/in"))
    assert tfm_memory.get("data", "in/report.txt").read() == f"{turn}.csv".encode()


@pytest.mark.parametrize("turn", [1, 2])
def test_moto(tfm_moto, turn):
    assert list(Path("s3://").iterdir()) == []
    client = boto3.client("s3")
    client.create_bucket(Bucket="data")
    client.put_object(Bucket="data", Key=f"in/{turn}.csv", Body=b"x")
    report(Path("s3://data/in"))
    assert client.get_object(Bucket="data", Key="in/report.txt")["Body"].read() == f"{turn}.csv".encode()
    assert tfm_moto.head("data", "in/report.txt").size == 5
    assert Path("s3://data/in").is_dir()


@pytest.mark.parametrize("turn", [1, 2])
def test_plain_moto(turn):
    from moto import mock_aws

    with mock_aws():
        assert not Path("s3://data").exists()
        Path("s3://data").mkdir()
        Path("s3://data/k").write_text(str(turn))
        assert Path("s3://data/k").read_text() == str(turn)


def test_nothing_is_left():
    assert get_s3_cache_stats()["total_entries"] == 0
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project whose AWS settings would lead the tests astray: an endpoint and another region."""
    settings = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_DEFAULT_REGION": "eu-north-1",
        "PYTHONPATH": str(Path(tfm.__file__).parents[1]),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    pytester.makeconftest('pytest_plugins = ["tfm.testing.fixtures"]')
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    return pytester


def test_fixtures_in_another_project(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    project.makepyfile(TESTS)
    monkeypatch.setenv("AWS_PROFILE", "not-there")
    result = project.runpytest_subprocess("-q", "-p", "no:cacheprovider", "-k", "not plain_moto")
    result.assert_outcomes(passed=5, deselected=2)


def test_mock_aws_by_hand(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    project.makepyfile(TESTS)
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    result = project.runpytest_subprocess("-q", "-p", "no:cacheprovider", "-k", "plain_moto")
    result.assert_outcomes(passed=2, deselected=5)


def test_fixtures_say_what_they_are_for(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess("--fixtures", "-q", "-p", "no:cacheprovider")
    result.stdout.fnmatch_lines_random(["tfm_fresh*", "tfm_memory*", "tfm_moto*"])
    assert "no docstring" not in "".join(line for line in result.outlines if line.startswith("tfm_"))
