"""`tfm compare` and `tfm sync`, between a disk and a disk or S3: what they print, and their exit codes."""

from __future__ import annotations

import os
from pathlib import Path as LocalPath

import pytest
from verbs import FILES, Run

from tfm import Path
from tfm.cli.exits import Exit

EARLIER = 1_600_000_000


@pytest.fixture
def here(tmp_path_factory: pytest.TempPathFactory) -> LocalPath:
    """The same tree on a disk, older than the other."""
    directory = tmp_path_factory.mktemp("here")
    for name, data in FILES.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(data)
        os.utime(directory / name, (EARLIER, EARLIER))
    return directory


def contents(top: str) -> dict[str, bytes]:
    below = Path(top)
    return {"/".join(path.parts[len(below.parts) :]): path.read_bytes() for path in below.rglob("*") if path.is_file()}


def test_compare(run: Run, top: str, here: LocalPath) -> None:
    same = run("compare", "-c", here, top)
    assert same == (Exit.OK, "", "")
    assert run("compare", "-c", "--all", here, top).lines[0] == "= [odd] name*.txt"
    assert run("compare", "-c", f"{here}/notes.txt", f"{top}/notes.txt").code == Exit.OK
    (here / "data/a.csv").write_bytes(b"other...")
    (here / "notes.txt").write_bytes(b"longer than it was")
    (here / "new").touch()
    os.unlink(here / "data/b.csv")
    found = run("compare", "--checksum", here, top)
    assert (found.code, found.err) == (Exit.DIFFERENT, "")
    assert found.lines == ["* data/a.csv  (checksum)", "- data/b.csv", "+ new", "* notes.txt  (size)"]
    rows = run("compare", "--checksum", "--json", "--exclude", "data/", here, top).records
    assert [(row["name"], row["verdict"]) for row in rows] == [("new", "left"), ("notes.txt", "differs")]
    assert rows[1]["reason"] == "size"
    assert rows[1]["right"]["size"] == 14  # type: ignore[index]
    assert run("compare", f"{here}/notes.txt", f"{top}/notes.txt").code == Exit.DIFFERENT
    missing = run("compare", here, f"{top}/none")
    assert (missing.code, missing.out) == (Exit.FAILED, "")
    assert "none" in missing.err


def test_sync_both_ways(run: Run, top: str, here: LocalPath) -> None:
    (here / "notes.txt").write_bytes(b"longer than it was")
    (here / "new").mkdir()
    (here / "new/f").write_bytes(b"1")
    assert run("sync", here, top) == (Exit.OK, "", "")
    assert contents(top) == contents(str(here)) == {**FILES, "notes.txt": b"longer than it was", "new/f": b"1"}
    assert [row["bytes"] for row in run("sync", "--json", here, top).records] == []
    os.unlink(here / "data/a.csv")
    assert run("sync", here, top).code == Exit.OK
    assert "data/a.csv" in contents(top)
    assert run("sync", "--delete", here, top) == (Exit.OK, "", "")
    assert contents(top) == contents(str(here))
    back = here.parent / "back"
    assert run("sync", top, back).code == Exit.OK
    assert contents(str(back)) == contents(top)


def test_sync_asks_before_much_goes(run: Run, top: str, here: LocalPath) -> None:
    for name in ("data/a.csv", "data/b.csv", "notes.txt"):
        os.unlink(here / name)
    shown = run("sync", "--dry-run", "--delete", here, top)
    assert shown.code == Exit.FAILED
    assert "more than half" in shown.err
    refused = run("sync", "--delete", here, top)
    assert refused.code == Exit.FAILED
    assert "3 of 5 entries" in refused.err
    assert "--yes" in refused.err
    assert contents(top) == FILES
    assert run("sync", "--delete", "--exclude", "*.csv", here, top).code == Exit.OK
    assert sorted(contents(top)) == sorted(name for name in FILES if name != "notes.txt")
    assert run("sync", "--delete", "--yes", here, top).code == Exit.OK
    assert contents(top) == contents(str(here))


def test_dry_run_and_plan(run: Run, top: str, here: LocalPath, tmp_path_factory: pytest.TempPathFactory) -> None:
    (here / "new").write_bytes(b"1")
    (here / "not this").write_bytes(b"1")
    os.unlink(here / "notes.txt")
    (here / "data/a.csv").write_bytes(b"longer than it was")
    shown = run("sync", "--dry-run", "--delete", "--checksum", here, top)
    assert (shown.code, shown.err) == (Exit.OK, "")
    assert shown.lines == [
        "copy data/a.csv (size, 18 bytes)",
        "copy new (missing, 1 byte)",
        "copy not this (missing, 1 byte)",
        "delete notes.txt (the source has it no more)",
        "3 files to copy (20 bytes), 1 file to delete",
    ]
    assert contents(top) == FILES
    plan = tmp_path_factory.mktemp("plan") / "plan.jsonl"
    lines = run("sync", "--dry-run", "--json", "--delete", "--checksum", here, top).lines
    plan.write_text("\n".join(line for line in lines if "not this" not in line))
    (Path(top) / "data/a.csv").write_bytes(b"their work")
    ran = run("sync", "--plan", plan)
    assert ran.code == Exit.FAILED
    assert "changed since the plan was made" in ran.err
    assert (contents(top)["data/a.csv"], contents(top)["new"]) == (b"their work", b"1")
    assert "notes.txt" in contents(top)  # nothing is deleted when something failed
    plan.write_text(next(line for line in lines if "notes.txt" in line))
    assert run("sync", "--plan", plan).code == Exit.OK
    assert sorted(contents(top)) == sorted({*FILES, "new"} - {"notes.txt"})


def test_what_sync_refuses(run: Run, top: str, here: LocalPath, tmp_path: LocalPath) -> None:
    (here / "plan").write_text("{}")
    for arguments in (
        (), (here,), (here, top, top), (here, here), (here, here / "data"), (f"{top}/data", top), ("", top),
        ("--plan", here / "plan"), ("--plan", here / "plan", here, top), ("--plan", here / "plan", "--delete"),
    ):  # fmt: skip
        refused = run("sync", *arguments)
        assert (refused.code, refused.out) == (Exit.USAGE, ""), arguments
        assert len(refused.err.splitlines()) == 1
    assert run("sync", "--plan", here / "none").code == Exit.FAILED
    assert run("sync", here / "none", top).code == Exit.FAILED
    assert contents(top) == FILES


def test_by_size_alone(run: Run, tmp_path: LocalPath) -> None:
    for side, text, time in (("a", "1234", 2_000_000_000), ("b", "abcd", 1_000_000_000)):
        (tmp_path / side).mkdir()
        (tmp_path / side / "f").write_text(text)
        os.utime(tmp_path / side / "f", (time, time))
    (tmp_path / "a" / "g").write_text("new")
    assert run("compare", "--size-only", tmp_path / "a", tmp_path / "b").lines == ["+ g"]
    assert run("compare", tmp_path / "a", tmp_path / "b").lines == ["* f  (older)", "+ g"]
    assert run("sync", "--size-only", tmp_path / "a", tmp_path / "b").code == Exit.OK
    assert (tmp_path / "b" / "f").read_text() == "abcd"
    assert (tmp_path / "b" / "g").read_text() == "new"
    assert run("sync", "--size-only", "--checksum", tmp_path / "a", tmp_path / "b").code == Exit.USAGE
