"""Every verb that reads or asks, on a local directory and on S3 in memory: what it prints, and its exit code."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path as LocalPath

import pytest
from verbs import FILES, Run

from tfm import Path
from tfm.cli.exits import Exit
from tfm.testing import MemoryS3


def test_ls(run: Run, top: str) -> None:
    assert run("ls", top) == (Exit.OK, "[odd] name*.txt\ndata/\nnotes.txt\n", "")
    assert run("ls", "-d", top).lines == [f"{top}/"]
    assert sorted(run("ls", "-R", top).lines) == sorted([*FILES, "data/", "data/deep/"])
    long = run("ls", "-l", f"{top}/data").lines
    assert [line.split()[-1] for line in long] == ["a.csv", "b.csv", "deep/"]
    assert long[0].split()[2] == "8"
    assert run("ls", "--sort", "size", "-r", f"{top}/data", f"{top}/notes.txt").lines[-1] == f"{top}/notes.txt"
    assert run("ls", "--summarize", "-R", "--include", "*.csv", top).lines[-1] == "2 files, 16 bytes"
    names = {row["name"]: row for row in run("ls", "--json", top).records}
    assert (names["notes.txt"]["size"], names["data"]["type"]) == (14, "directory")
    assert Path(str(names["notes.txt"]["path"])) == Path(top) / "notes.txt"


def test_ls_of_what_is_not_there(run: Run, top: str) -> None:
    missing = run("ls", f"{top}/nowhere", f"{top}/data/deep")
    assert (missing.code, missing.out) == (Exit.FAILED, f"{top}/data/deep/c.bin\n")
    assert "nowhere" in missing.err
    assert len(missing.err.splitlines()) == 1
    assert run("ls", "").code == Exit.USAGE
    assert run("ls", "s3:/bucket").code == Exit.USAGE
    assert run("ls", "--unknown").code == Exit.USAGE


def test_patterns(run: Run, top: str) -> None:
    assert run("cat", f"{top}/data/*.csv").out == "x,y\n1,2\nx,y\n3,4\n"
    assert run("cat", f"{top}/*/?.csv").out == "x,y\n1,2\nx,y\n3,4\n"
    assert run("cat", f"{top}/[odd] name*.txt").out == "odd\n"  # it is there, so it is no pattern
    nothing = run("cat", f"{top}/*.zip")
    assert (nothing.code, nothing.out) == (Exit.NOTHING, "")
    assert "*.zip" in nothing.err


def test_cat(run: Run, top: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("cat", f"{top}/data/deep/c.bin").out.encode(errors="surrogateescape") == bytes(range(256))
    assert run("cat", "--offset", "4", "--count", "3", f"{top}/notes.txt").out == "two"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"in")))
    assert run("cat", f"{top}/data/a.csv", "-").out == "x,y\n1,2\nin"
    refused = run("cat", f"{top}/data", f"{top}/notes.txt")
    assert (refused.code, refused.out) == (Exit.FAILED, "one\ntwo\nthree\n")
    assert "directory" in refused.err


def test_head_and_tail(run: Run, top: str, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = f"{top}/notes.txt"
    assert run("head", "-n", "2", notes).out == "one\ntwo\n"
    assert run("head", "-c", "5", notes).out == "one\nt"
    assert run("tail", "-n", "2", notes).out == "two\nthree\n"
    assert run("tail", "-n", "99", notes).out == "one\ntwo\nthree\n"
    assert run("tail", "-n", "0", notes).out == ""
    assert run("tail", "-c", "4", notes).out == "ree\n"
    both = run("head", "-n", "1", f"{top}/data/a.csv", notes).out
    assert both == f"==> {top}/data/a.csv <==\nx,y\n\n==> {notes} <==\none\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"1\n2\n3")))
    assert run("tail", "-n", "2", "-").out == "2\n3"
    assert run("tail", "-f", notes, notes).code == Exit.USAGE


def test_tail_finds_lines_across_chunks(run: Run, top: str) -> None:
    lines = [b"%06d %s\n" % (number, b"x" * 90) for number in range(3000)]
    (Path(top) / "long.log").write_bytes(b"".join(lines))
    for count in (1, 700, 2999, 3000, 3001):
        assert run("tail", "-n", count, f"{top}/long.log").out.encode() == b"".join(lines[-count:])


def test_tail_follows(run: Run, top: str, monkeypatch: pytest.MonkeyPatch) -> None:
    log = Path(top) / "notes.txt"
    steps = iter([b"one\ntwo\nthree\nfour\n", b"one\ntwo\nthree\nfour\nfive\n", b"new\n"])

    def sleep(seconds: float) -> None:
        assert seconds == 0.5
        data = next(steps, None)
        if data is None:
            raise KeyboardInterrupt
        log.write_bytes(data)

    monkeypatch.setattr("time.sleep", sleep)
    ran = run("tail", "-n", "1", "-f", "--interval", "0.5s", log)
    assert (ran.code, ran.out) == (Exit.INTERRUPTED, "three\nfour\nfive\nnew\n")
    assert "shorter" in ran.err


def test_find(run: Run, top: str) -> None:
    assert run("find", "--name", "*.csv", top).lines == [f"{top}/data/a.csv", f"{top}/data/b.csv"]
    assert sorted(run("find", "--type", "d", top).lines) == [f"{top}/data", f"{top}/data/deep"]
    assert run("find", "--size", "+100", top).lines == [f"{top}/data/deep/c.bin"]
    assert run("find", "--iname", "NOTES*", "-0", top).out == f"{top}/notes.txt\0"
    assert run("find", "--exclude", "data/", "--type", "f", "--depth", "1", "--json", top).records[-1]["size"] in (
        4,
        14,
    )
    assert len(run("find", "--newer", "1h", "--type", "f", top).lines) == len(FILES)
    assert run("find", "--older", "1h", top) == (Exit.NOTHING, "", "")
    assert run("find", "--newer", "soon", top).code == Exit.USAGE


def test_du(run: Run, top: str) -> None:
    total = sum(map(len, FILES.values()))
    assert run("du", top).lines[0].split() == [str(total), str(len(FILES)), top]
    rows = {str(row["path"]): row["bytes"] for row in run("du", "--json", "--depth", "2", top).records}
    assert rows == {top: total, f"{top}/data": 272, f"{top}/data/deep": 256}
    assert run("du", "--include", "*.csv", top).lines[0].split()[:2] == ["16", "2"]
    assert run("du", f"{top}/notes.txt").lines[0].split()[:2] == ["14", "1"]


def test_grep(run: Run, top: str) -> None:
    assert run("grep", "t[wh]", f"{top}/notes.txt").lines == ["two", "three"]
    assert run("grep", "-n", "3", f"{top}/data").lines == [f"{top}/data/b.csv:2:3,4", *binary(f"{top}/data/deep/c.bin")]
    assert run("grep", "-l", "-F", "x,y", "--include", "*.csv", top).lines == [f"{top}/data/a.csv", f"{top}/data/b.csv"]
    assert run("grep", "-c", "-v", "o", f"{top}/notes.txt").lines == [f"{top}/notes.txt:1"]
    assert run("grep", "-i", "-w", "ONE", f"{top}/notes.txt").lines == ["one"]
    assert run("grep", "--json", "two", top).records == [{"path": f"{top}/notes.txt", "line": 2, "text": "two"}]
    assert run("grep", "no such text", top) == (Exit.NOTHING, "", "")
    wrong = run("grep", "(", top)
    assert (wrong.code, wrong.out) == (Exit.USAGE, "")
    assert "regular expression" in wrong.err


def binary(path: str) -> list[str]:
    return [f"{path}: a binary file matches"]


def test_mkdir_and_touch(run: Run, top: str) -> None:
    assert run("mkdir", f"{top}/new").code == Exit.OK
    assert (Path(top) / "new").is_dir()
    assert run("mkdir", f"{top}/new").code == Exit.FAILED
    assert run("mkdir", "-p", f"{top}/new", f"{top}/x/y").code == Exit.OK
    assert run("mkdir", f"{top}/no/parent").code == Exit.FAILED
    assert run("touch", f"{top}/x/y/f", f"{top}/notes.txt").code == Exit.OK
    assert (Path(top) / "x/y/f").read_bytes() == b""
    assert (Path(top) / "notes.txt").read_bytes() == FILES["notes.txt"]
    assert run("touch", "-c", f"{top}/none").code == Exit.OK
    assert not (Path(top) / "none").exists()
    assert run("mkdir", "--json", f"{top}/z").records == [{"path": f"{top}/z", "made": True}]


def test_stat(run: Run, top: str) -> None:
    known = run("stat", "--json", f"{top}/notes.txt").records[0]
    assert (known["size"], known["type"], known["name"]) == (14, "file", "notes.txt")
    assert any(line.split() == ["size", "14"] for line in run("stat", f"{top}/notes.txt").lines)
    assert run("stat", "--json", f"{top}/data").records[0]["type"] == "directory"
    assert run("stat", f"{top}/none").code == Exit.FAILED


def test_what_only_s3_has(run: Run, tfm_memory: MemoryS3, tmp_path: LocalPath) -> None:
    tfm_memory.create_bucket("bucket")
    path = Path("s3://bucket/f.txt")
    path.write_bytes(b"x", metadata={"said": "it"}, tags={"t": "1"})
    assert run("tag", path).out == f"{path}  t=1\n"
    assert run("tag", path, "--set", "u=2=3", "--delete", "t").out == f"{path}  u=2=3\n"
    assert run("tag", path, "--clear", "--json").records == [{"path": str(path), "tags": {}}]
    assert run("tag", path, "--set", "no sign").code == Exit.USAGE
    known = run("stat", "--json", path).records[0]
    assert (known["metadata"], known["content_type"]) == ({"said": "it"}, "text/plain")
    (tmp_path / "local").touch()
    for verb in ("tag", "presign", "versions", "restore"):
        refused = run(verb, tmp_path / "local")
        assert refused.code == Exit.FAILED
        assert "only objects of S3" in refused.err


def test_presign(run: Run) -> None:
    made = run("presign", "--expires", "15m", "--json", "s3://bucket/a b.txt").records[0]
    assert "/a%20b.txt?" in str(made["url"])
    assert "X-Amz-Expires=900" in str(made["url"])
    assert (made["method"], made["path"]) == ("GET", "s3://bucket/a b.txt")
    assert run("presign", "--put", "s3://bucket/k").out.startswith("http")
    too_long = run("presign", "--expires", "8d", "s3://bucket/k")
    assert (too_long.code, too_long.out) == (Exit.FAILED, "")
    assert "seven days" in too_long.err


def test_versions_and_restore(run: Run, tfm_memory: MemoryS3) -> None:
    tfm_memory.create_bucket("bucket")
    tfm_memory.call("put_bucket_versioning", Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    path = Path("s3://bucket/f.txt")
    path.write_text("old")
    path.write_text("newer")
    path.unlink()
    rows = run("versions", "--json", path).records
    assert [row["type"] for row in rows] == ["deletion", "file", "file"]
    assert [row["latest"] for row in rows] == [True, False, False]
    assert "deleted" in run("versions", path).lines[0]
    assert run("restore", path).code == Exit.OK
    assert path.read_text() == "newer"
    assert run("restore", "--version", rows[2]["version_id"], path).code == Exit.OK
    assert path.read_text() == "old"


def test_places_and_config(run: Run, tmp_path: LocalPath, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "tfm.toml"
    file.write_text('[places.lab]\nendpoint = "http://127.0.0.1:9"\nread_only = true\n')
    monkeypatch.setenv("TFM_CONFIG", str(file))
    assert run("places", "--json").records == [{"name": "lab", "endpoint": "http://127.0.0.1:9", "read_only": True}]
    assert run("places").out == "s3://lab@  endpoint=http://127.0.0.1:9 read_only=True\n"
    shown = run("config")
    assert shown.lines[0] == f"# {file}"
    assert "[places.lab]" in shown.lines
    assert "read_only = true" in shown.lines
    assert run("config", "path").out == f"{file}\n"
    assert run("config", "--json").records[0]["places"]["lab"]["endpoint"] == "http://127.0.0.1:9"  # type: ignore[index]
    file.write_text("[places.lab]\nsecret = 1\n")
    assert run("config").code == Exit.FAILED


def test_cache(run: Run, tfm_memory: MemoryS3, tmp_path: LocalPath, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFM_CACHE_DIR", str(tmp_path))
    tfm_memory.create_bucket("bucket")
    tfm_memory.put("bucket", "k", b"12345")
    with Path("s3://bucket/k").local() as local:
        assert local.read_bytes() == b"12345"
    assert run("cache").lines[1] == "1 object, 5 bytes of at most 2.0 GB"
    assert run("cache", "clear", "--json").records == [{"freed": 5}]
    assert run("cache", "--json").records[0]["bytes"] == 0


def test_output_that_nobody_reads_any_more(tmp_path: LocalPath) -> None:
    (tmp_path / "large").write_bytes(b"line\n" * 1_000_000)
    command = [sys.executable, "-m", "tfm", "cat", str(tmp_path / "large")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"line\n"
        child.stdout.close()
        assert child.stderr is not None
        assert child.stderr.read() == b""
    assert child.returncode == Exit.PIPE


def test_json_errors_and_lines(run: Run, top: str) -> None:
    missing = run("ls", "--json", f"{top}/none")
    assert missing.code == Exit.FAILED
    known = json.loads(missing.err)
    assert "none" in known["error"]
    assert known["path"] == f"{top}/none"
    assert known["code"]
    for arguments in (("ls", "--sort", "x"), ("cp", "-r", top, top), ("ls", "s3://B_ad")):
        wrong = run(*arguments, "--json")
        assert (wrong.code, list(json.loads(wrong.err))) == (Exit.USAGE, ["error"])
    path = f"{top}/notes.txt"
    for verb in ("cat", "head", "tail"):
        assert run(verb, "--json", path).records == [{"path": path, "text": text} for text in ("one", "two", "three")]
    assert run("cat", "--json", "--count", "5", path).records[1] == {"path": path, "text": "t"}


def test_what_hands_are_used_to(run: Run, top: str) -> None:
    assert run("head", "-1", f"{top}/notes.txt").out == "one\n"
    assert run("tail", "-1", f"{top}/notes.txt").out == "three\n"
    assert run("find", top, "-name", "*.bin", "-type", "f", "-size", "-1K", "-print0").out == f"{top}/data/deep/c.bin\0"
    assert "256" in run("ls", "-lh", f"{top}/data/deep").out
    assert run("du", "-h", f"{top}/data/deep").out.split()[0] == "256"


@pytest.mark.skipif(not LocalPath("/dev/full").exists(), reason="the system has no device that is always full")
@pytest.mark.parametrize("verb", ["cat", "find", "head"])
def test_output_that_can_not_be_written_is_not_taken_for_the_input(verb: str, tmp_path: LocalPath) -> None:
    (tmp_path / "f").write_text("x")
    path = tmp_path if verb == "find" else tmp_path / "f"
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "tfm", verb, str(path)]
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == Exit.FAILED
    assert ended.stderr == "tfm: The output can't be written: No space left on device.\n"


def test_behind_two_dashes_everything_is_a_name(run: Run, tmp_path: LocalPath, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "-r").write_text("bytes")
    assert run("cat", "--", "-r").out == "bytes"
    assert run("cp", "--json", "--", "-r", "copy").code == Exit.OK
    assert (tmp_path / "copy").read_text() == "bytes"
    assert run("rm", "-f", "--", "-r", "--none").code == Exit.OK
    assert not (tmp_path / "-r").exists()
