from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path as LocalPath

import pytest

from tfm import Path, __version__
from tfm.cli.arguments import Start, UsageError, parse


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tfm", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )


def test_nothing_given_means_the_current_directory_twice(tmp_path: LocalPath, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    asked = parse([], "1")
    assert asked.left == asked.right == Start(Path(tmp_path))
    assert not asked.demo


def test_a_file_opens_its_directory_with_the_cursor_on_it(tmp_path: LocalPath) -> None:
    (tmp_path / "x.csv").touch()
    (tmp_path / "broken").symlink_to("nowhere")
    assert parse([str(tmp_path / "x.csv"), "s3://bucket/a"], "1")[:2] == (
        Start(Path(tmp_path), "x.csv"),
        Start(Path("s3://bucket/a")),
    )
    assert parse([str(tmp_path / "broken")], "1").left == Start(Path(tmp_path), "broken")


def test_s3_is_not_asked_whether_a_bucket_is_there() -> None:
    assert parse(["s3://no-such-bucket-anywhere", "s3://"], "1").right == Start(Path("s3://"))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["s3:/b"], "two slashes: write s3://b"),
        (["s3:b"], "two slashes: write s3://b"),
        (["s3://B_ad"], "can't be the name of a bucket"),
        (["s3:///key"], "has a key but no bucket"),
        (["/no/such/place"], "no file or directory '/no/such/place'"),
        ([""], "path is empty"),
        (["nul\0name"], "nul"),
        (["--unknown"], "Unrecognized arguments: --unknown"),
        (["a", "b", "c"], "Unrecognized arguments: c"),
        (["--demo", "/tmp"], "--demo brings its own"),
    ],
)
def test_a_wrong_argument_gets_one_sentence(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UsageError) as error:
        parse(["/tmp" if part in "ab" and part else part for part in arguments], "1")
    assert says in str(error.value)
    assert str(error.value).endswith(".")
    assert "\n" not in str(error.value)
    assert capsys.readouterr() == ("", "")


def test_the_command_says_it_and_ends_with_2() -> None:
    ended = run("s3://B_ad")
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith("tfm: ")
    assert ended.stderr.count("\n") == 1


def test_without_a_terminal_one_sentence_and_2() -> None:
    for arguments in ([], ["--demo"]):
        ended = run(*arguments)
        assert ended.returncode == 2
        assert "needs a terminal" in ended.stderr
        assert ended.stderr.count("\n") == 1


def test_version_loads_neither_textual_nor_boto3() -> None:
    ended = run("--version", PYTHONPROFILEIMPORTTIME="1")
    assert ended.stdout == f"tfm {__version__}\n"
    assert ended.returncode == 0
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in ended.stderr.splitlines()}
    assert "argparse" in loaded
    assert not loaded & {"textual", "rich", "boto3", "botocore"}


def test_help_has_all_its_parts() -> None:
    ended = run("--help")
    assert ended.returncode == 0
    for part in ("usage: tfm", "LEFT", "RIGHT", "--demo", "--version", "examples:", "exit codes:", "two panes"):
        assert part in ended.stdout


def test_a_current_directory_that_was_deleted_is_named(tmp_path: LocalPath, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(UsageError, match="current directory was deleted"):
        parse([], "1")
