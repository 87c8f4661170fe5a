"""The help of every verb: it is there, and its examples run."""

from __future__ import annotations

import io
import json
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path as LocalPath

import pytest
from verbs import Run

from tfm import Path
from tfm.cli.exits import Exit
from tfm.cli.verbs import VERBS
from tfm.operations import copy, sync_plan
from tfm.operations.journal import Journal
from tfm.operations.request import Asked, Request
from tfm.operations.syncplan import record_of
from tfm.s3.places import use_client
from tfm.testing import MemoryS3

EXAMPLES = [(verb, line) for verb in VERBS for line in import_module(f"tfm.cli.verbs.{verb}").EXAMPLES]

SAME = "tfm compare --checksum s3://bucket/data s3://backup/data"

OBJECTS = [
    "report.csv",
    "old.csv",
    "a.txt",
    "notes.txt",
    "table.csv",
    "large.bin",
    "app.log",
    "tmp/x.tmp",
    "data/a/b.csv",
]
FILES = ["report.csv", "image.png", "app.log", "data/a/b.csv", "data/deep/x.tmp", "logs/a.gz", "logs/b.log"]


EXPECTED = {"places": Exit.NOTHING, "compare": Exit.DIFFERENT, SAME: Exit.OK}
"""What verbs and single examples end with, where that is not 0."""


def commands(line: str) -> list[list[str]]:
    """Give the arguments of every `tfm` in an example, which ends where its explanation begins."""
    command = re.split(r"\s{2,}", line)[0]
    inner = re.search(r"\$\((.*)\)", command)
    parts = (inner[1] if inner else command.partition(" > ")[0]).split(" | ")
    return [shlex.split(part)[1:] for part in parts if part.startswith("tfm")]


@pytest.fixture
def _world(tmp_path: LocalPath, monkeypatch: pytest.MonkeyPatch, tfm_memory: MemoryS3) -> None:
    """Make what the examples speak of."""
    for bucket in ("bucket", "backup", "archive"):
        tfm_memory.create_bucket(bucket)
    tfm_memory.call("put_bucket_versioning", Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    for key in OBJECTS:
        tfm_memory.put("bucket", key, b"a timeout\nb,2\n")
    for key in ("2025/old/a.csv", "logs/ERROR.log", "reports/x.csv"):
        tfm_memory.put("bucket", key, b"ERROR\n")
    tfm_memory.put("bucket", "all.csv", b"a,b\n" * 300_000)
    tfm_memory.put("bucket", "copy/a/b.csv", b"a timeout\nb,2\n")
    tfm_memory.put("bucket", "one.json", b'{"id": 7}\n')
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for name in FILES:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("a time out\n")


def make_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a job that was interrupted and one that is done into a journal of this test."""
    monkeypatch.setenv("TFM_STATE_DIR", str(LocalPath.cwd().parent / "state"))
    journal = Journal()
    journal.begin(Request("copy", (Asked(f"{LocalPath.cwd()}/data"),), "s3://bucket", "overwrite"), "Copy 1 entry")
    job = copy([Path("report.csv")], Path("s3://archive"), journal=journal)
    job.start()
    assert job.wait(30)


def prepare(verb: str, arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Bring about what an example takes for granted."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"in\n")))
    if verb == "presign":
        use_client("", _signing())
    if verb == "restore" and "--version" in arguments:
        known = Path("s3://bucket/report.csv").versions()[0].version_id  # type: ignore[attr-defined]
        return [known if word == "VERSION" else word for word in arguments]
    if verb == "restore":
        Path("s3://bucket/report.csv").unlink()
    if verb in ("compare", "sync") and "s3://backup/data" in arguments:
        (Path("s3://backup/data") / "a/b.csv").write_bytes(b"a timeout\nb,2\n")
    if "--plan" in arguments:
        plan = sync_plan(Path("data"), Path("s3://bucket/data"))
        Path("plan.jsonl").write_text("\n".join(json.dumps(record_of(row, plan.tops)) for row in plan))
    if verb == "jobs":
        make_jobs(monkeypatch)
    if verb == "rm" and "-r" in arguments:
        return ["-y", *arguments]  # there is nobody to ask
    if "--cluster" in arguments:
        monkeypatch.setattr("tfm.operations.cluster.cluster", lambda address: ThreadPoolExecutor(2))
    if "-f" in arguments:

        def interrupt(_: float) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("time.sleep", interrupt)
    return arguments


def _signing() -> object:
    from tfm.s3.client import Boto3Client

    return Boto3Client()


@pytest.mark.usefixtures("_world")
@pytest.mark.parametrize(("verb", "line"), EXAMPLES)
def test_examples_run(verb: str, line: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    found = commands(line)
    assert found
    for name, *arguments in found:
        assert name == verb
        ran = run(name, *prepare(verb, arguments, monkeypatch))
        expected = Exit.INTERRUPTED if "-f" in arguments else EXPECTED.get(line, EXPECTED.get(verb, Exit.OK))
        assert (ran.code, ran.err) == (expected, ""), ran.err


def test_every_verb_has_help_and_json() -> None:
    for verb in VERBS:
        shown = subprocess.run(
            [sys.executable, "-m", "tfm", verb, "--help"], capture_output=True, text=True, check=True, timeout=60
        ).stdout
        assert shown.startswith(f"usage: tfm {verb}")
        assert VERBS[verb] in shown
        assert "--json" in shown
        assert "examples:" in shown


def test_the_guide_names_every_verb() -> None:
    guide = (LocalPath(__file__).parents[2] / "docs/guide/command-line.md").read_text()
    rows = dict(re.findall(r"^\| `tfm ([a-z]+)` \| (.+) \|$", guide, re.MULTILINE))
    assert rows == VERBS


def test_the_guide_names_every_exit_code() -> None:
    guide = (LocalPath(__file__).parents[2] / "docs/guide/command-line.md").read_text()
    codes = [int(code) for code in re.findall(r"^\| (\d+) \|", guide, re.MULTILINE)]
    assert codes == [int(code) for code in Exit]
