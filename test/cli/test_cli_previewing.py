"""`--dry-run` and the choice of entries for cp, mv and rm, on a disk and on S3: what is said, and what is done."""

from __future__ import annotations

import time
from pathlib import Path as LocalPath

from verbs import FILES, Run

from tfm import Path
from tfm.cli.exits import Exit

CSV = {name for name in FILES if name.endswith(".csv")}


def names(top: object) -> set[str]:
    below = Path(str(top))
    return {"/".join(path.parts[len(below.parts) :]) for path in below.rglob("*") if path.is_file()}


def test_cp_says_what_it_would_do(run: Run, top: str, tmp_path: LocalPath) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.csv").write_bytes(b"another one")
    said = run("cp", "-r", "--dry-run", f"{top}/data", tmp_path)
    assert (said.code, said.err) == (Exit.OK, "")
    assert said.lines == [
        f"ask {top}/data/a.csv -> {tmp_path}/data/a.csv  (the target exists)",
        f"copy {top}/data/b.csv -> {tmp_path}/data/b.csv",
        f"copy {top}/data/deep/c.bin -> {tmp_path}/data/deep/c.bin",
        "2 entries, 264 bytes; nothing was done",
    ]
    rows = run("cp", "-r", "-y", "--json", "--dry-run", "--include", "*.csv", f"{top}/data", tmp_path).records
    assert [(row["action"], row["bytes"], row.get("reason")) for row in rows] == [
        ("copy", 8, "the target exists: overwritten"),
        ("copy", 8, "missing"),
    ]
    skipped = run("cp", "-n", "--dry-run", f"{top}/data/a.csv", f"{tmp_path}/data/a.csv").lines
    assert skipped[0].startswith("skip")
    assert names(tmp_path) >= {"data/a.csv"}
    assert (tmp_path / "data/a.csv").read_bytes() == b"another one"
    assert not (tmp_path / "data/b.csv").exists()
    assert run("cp", "-r", "--dry-run", top, f"{top}/data/").code == Exit.USAGE
    assert run("cp", "--dry-run", "-", f"{top}/x").code == Exit.USAGE
    missing = run("cp", "--dry-run", f"{top}/none", tmp_path)
    assert missing.code == Exit.FAILED
    assert missing.lines[0].startswith("refuse")


def test_cp_and_mv_of_some(run: Run, top: str, tmp_path: LocalPath) -> None:
    assert run("cp", "-r", "--include", "*.csv", top, tmp_path / "copy") == (Exit.OK, "", "")
    assert names(tmp_path / "copy") == CSV
    assert run("mv", "-r", "--exclude", "*.csv", "--dry-run", top, tmp_path / "moved").lines[-1].startswith("3 entries")
    assert names(top) == {*FILES}
    assert run("mv", "-r", "--exclude", "*.csv", top, tmp_path / "moved") == (Exit.OK, "", "")
    assert names(top) == CSV
    assert names(tmp_path / "moved") == {*FILES} - CSV
    assert run("cp", "--size", "+1K", f"{top}/data/*.csv", tmp_path).code == Exit.NOTHING
    assert run("cp", "--size", "-1K", f"{top}/data/*.csv", f"{tmp_path}/some/").code == Exit.OK
    assert names(tmp_path / "some") == {"a.csv", "b.csv"}


def test_rm_of_some(run: Run, top: str) -> None:
    said = run("rm", "-r", "--dry-run", f"{top}/data", f"{top}/notes.txt")
    assert (said.code, said.err) == (Exit.OK, "")
    assert [line.removeprefix(f"delete {top}/") for line in said.lines if line.startswith("delete")][:3] == [
        "data/a.csv",
        "data/b.csv",
        "data/deep" if not top.startswith("s3:") else "data/deep/c.bin",
    ]
    assert run("rm", "--dry-run", f"{top}/data").code == Exit.USAGE
    assert run("rm", "-r", "--dry-run", "/").code == Exit.USAGE
    assert names(top) == {*FILES}
    assert run("rm", "-r", "-y", "--include", "*.csv", top) == (Exit.OK, "", "")
    assert names(top) == {*FILES} - CSV
    assert (
        run("rm", "-r", "-y", "--newer", "1h", "--exclude", "*.txt", f"{top}/data", f"{top}/notes.txt").code == Exit.OK
    )
    assert names(top) == {"notes.txt", "[odd] name*.txt"}
    assert run("rm", "--older", "1h", f"{top}/notes.txt").code == Exit.NOTHING
    assert "notes.txt" in names(top)


def test_limits(run: Run, top: str, tmp_path: LocalPath) -> None:
    assert run("cp", "-r", "--jobs", "1", "--limit-rate", "1G/s", top, tmp_path / "all").code == Exit.OK
    assert names(tmp_path / "all") == {*FILES}
    (Path(top) / "large").write_bytes(bytes(100_000))
    for arguments in (("cp", f"{top}/large", tmp_path), ("cp", f"{top}/large", "-"), ("sync", top, tmp_path / "b")):
        began = time.monotonic()
        assert run(arguments[0], "--limit-rate", "200K", *arguments[1:]).code == Exit.OK
        assert time.monotonic() - began > 0.4
    assert run("rm", "-r", "-y", "--jobs", "3", f"{top}/data").code == Exit.OK
    for wrong in (("--jobs", "0"), ("--jobs", "some"), ("--limit-rate", "0"), ("--limit-rate", "fast")):
        refused = run("cp", *wrong, f"{top}/large", tmp_path / "x")
        assert (refused.code, len(refused.err.splitlines())) == (Exit.USAGE, 1)
    assert not (tmp_path / "x").exists()
