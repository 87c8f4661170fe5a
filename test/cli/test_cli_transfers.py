"""cp, mv and rm, on a local directory and on S3 in memory."""

from __future__ import annotations

import io
import sys
from pathlib import Path as LocalPath

import pytest
from verbs import FILES, Run

from tfm import Path
from tfm.cli.exits import Exit
from tfm.testing import MemoryS3


def test_cp_of_files(run: Run, top: str, tmp_path: LocalPath) -> None:
    out = tmp_path / "out"
    out.mkdir()
    assert run("cp", f"{top}/notes.txt", out) == (Exit.OK, "", "")
    assert run("cp", f"{top}/notes.txt", out / "other.txt").code == Exit.OK
    assert run("cp", f"{top}/data/*.csv", f"{out}/new/").code == Exit.OK
    assert run("cp", f"{top}/notes.txt", f"{top}/data/copy.txt").code == Exit.OK
    assert (Path(top) / "data/copy.txt").read_bytes() == FILES["notes.txt"]
    assert {str(each.relative_to(out)): each.read_bytes() for each in out.rglob("*") if each.is_file()} == {
        "notes.txt": FILES["notes.txt"],
        "other.txt": FILES["notes.txt"],
        "new/a.csv": FILES["data/a.csv"],
        "new/b.csv": FILES["data/b.csv"],
    }


def test_cp_leaves_what_exists_unless_told(run: Run, top: str, tmp_path: LocalPath) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    left = run("cp", f"{top}/notes.txt", tmp_path)
    assert left.code == Exit.FAILED
    assert "exists and was left alone: say --conflict" in left.err
    assert (tmp_path / "notes.txt").read_text() == "mine"
    for option in ("-n", "--conflict=skip", "--conflict=size-differs"):
        assert run("cp", option, f"{top}/notes.txt", tmp_path).code == Exit.OK
        same = (tmp_path / "notes.txt").read_bytes() == FILES["notes.txt"]
        assert same is (option == "--conflict=size-differs")
    (tmp_path / "notes.txt").write_text("mine")
    assert run("cp", "--conflict", "keep-both", f"{top}/notes.txt", tmp_path).code == Exit.OK
    assert (tmp_path / "notes (1).txt").read_bytes() == FILES["notes.txt"]
    done = run("cp", "-y", "--json", f"{top}/notes.txt", tmp_path)
    assert done.records == [
        {"source": f"{top}/notes.txt", "target": str(tmp_path / "notes.txt"), "status": "done", "bytes": 14}
    ]
    assert (tmp_path / "notes.txt").read_bytes() == FILES["notes.txt"]


def test_cp_of_trees(run: Run, top: str, tmp_path: LocalPath) -> None:
    refused = run("cp", top, tmp_path / "out")
    assert (refused.code, refused.out) == (Exit.USAGE, "")
    assert "say -r" in refused.err
    assert not (tmp_path / "out").exists()
    assert run("cp", "-r", top, tmp_path / "out").code == Exit.OK
    assert {str(each.relative_to(tmp_path / "out")) for each in (tmp_path / "out").rglob("*") if each.is_file()} == {
        *FILES
    }
    inside = run("cp", "-r", top, f"{top}/data/")
    assert inside.code == Exit.USAGE
    assert "itself" in inside.err
    assert run("cp", f"{top}/notes.txt").code == Exit.USAGE
    assert run("cp", f"{top}/notes.txt", f"{top}/data/a.csv", f"{top}/none").code == Exit.USAGE
    assert run("cp", f"{top}/none", tmp_path).code == Exit.FAILED


def test_a_directory_that_ends_in_a_slash_becomes_the_destination(run: Run, top: str, tmp_path: LocalPath) -> None:
    def below(directory: LocalPath) -> set[str]:
        return {str(each.relative_to(directory)) for each in directory.rglob("*") if each.is_file()}

    for _ in range(2):  # whether or not the destination is there
        assert run("cp", "-r", "-y", f"{top}/data/", tmp_path / "out").code == Exit.OK
        assert below(tmp_path / "out") == {"a.csv", "b.csv", "deep/c.bin"}
    planned = run("cp", "-r", "--dry-run", "--json", f"{top}/data/deep/", f"{top}/new/").records
    assert {(row["action"], row["target"]) for row in planned} == {("copy", f"{top}/new/c.bin")}
    assert run("cp", "-r", f"{top}/data/", f"{top}/notes.txt", tmp_path / "both").code == Exit.USAGE
    assert run("cp", "-r", f"{top}/data/", f"{top}/data").code == Exit.USAGE
    assert run("cp", "-r", f"{top}/data/", f"{top}/data/deep").code == Exit.USAGE
    assert not (tmp_path / "both").exists()
    assert run("mv", "-r", f"{top}/data/", tmp_path / "moved").code == Exit.OK
    assert below(tmp_path / "moved") == {"a.csv", "b.csv", "deep/c.bin"}
    assert not Path(f"{top}/data").exists()


def test_the_current_directory_is_copied_without_a_name(
    run: Run, tfm_memory: MemoryS3, tmp_path: LocalPath, monkeypatch: pytest.MonkeyPatch
) -> None:
    tfm_memory.create_bucket("bucket")
    (tmp_path / "f").write_text("x")
    monkeypatch.chdir(tmp_path)
    assert run("cp", "-r", ".", "s3://bucket").code == Exit.OK
    assert Path("s3://bucket/f").read_text() == "x"
    assert run("cp", "-r", "s3://", tmp_path / "all").code == Exit.USAGE


def test_cp_of_streams(run: Run, top: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def given(data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    given(b"from a pipe")
    assert run("cp", "-", f"{top}/piped").code == Exit.OK
    assert run("cp", f"{top}/piped", "-").out == "from a pipe"
    given(b"again")
    assert run("cp", "-", f"{top}/piped").code == Exit.FAILED
    assert (Path(top) / "piped").read_bytes() == b"from a pipe"
    assert run("cp", "-y", "-", f"{top}/piped").code == Exit.OK
    assert (Path(top) / "piped").read_bytes() == b"again"
    assert run("cp", "-", "-").code == Exit.USAGE
    assert run("cp", "-u", "-", f"{top}/piped").code == Exit.USAGE


def test_mv(run: Run, top: str, tmp_path: LocalPath) -> None:
    assert run("mv", f"{top}/notes.txt", f"{top}/renamed.txt").code == Exit.OK
    assert run("mv", "-r", f"{top}/data", f"{tmp_path}/moved").code == Exit.OK
    assert sorted(str(each.relative_to(top)) for each in Path(top).rglob("*")) == ["[odd] name*.txt", "renamed.txt"]
    assert (tmp_path / "moved/deep/c.bin").read_bytes() == FILES["data/deep/c.bin"]
    assert run("mv", f"{top}/none", tmp_path).code == Exit.FAILED


def test_rm(run: Run, top: str) -> None:
    assert run("rm", f"{top}/data/*.csv").code == Exit.OK
    refused = run("rm", f"{top}/data", f"{top}/notes.txt")
    assert refused.code == Exit.USAGE
    assert "say -r" in refused.err
    unasked = run("rm", "-r", f"{top}/data", f"{top}/notes.txt")
    assert unasked.code == Exit.USAGE
    assert "Nobody can be asked" in unasked.err
    assert (Path(top) / "notes.txt").exists()
    missing = run("rm", f"{top}/none", f"{top}/[odd] name*.txt")
    assert missing.code == Exit.FAILED
    assert "none" in missing.err
    assert run("rm", "-f", f"{top}/none").code == Exit.OK
    assert run("rm", "-r", "-y", f"{top}/data").code == Exit.OK
    assert [path.name for path in Path(top).iterdir()] == ["notes.txt"]
    assert run("rm", "-r", "-y", "/").code == Exit.USAGE
