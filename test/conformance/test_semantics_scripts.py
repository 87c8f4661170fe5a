"""The rules of docs/semantics.md on scripts that can't be edited; whole scripts are in test_dropin_scripts.py."""

from __future__ import annotations

import glob
import io
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from grounds import Ground

import tfm
from tfm.errors import InvalidPathError, UnsupportedOperation


def test_paths(s3_ground: Ground) -> None:
    """
    Inside `with tfm.dropin():` `pathlib.Path` of a URI is an S3 path, which passes for a `pathlib.Path` and has its URI
    as `__fspath__`.
    """
    text = str(s3_ground.root)
    with tfm.dropin():
        path = pathlib.Path(text)
        assert isinstance(path, tfm.S3PathImpl)
        assert isinstance(path, pathlib.Path)
        assert isinstance(path / "x", pathlib.PurePath)
        assert isinstance(path.parent, os.PathLike)
        assert isinstance(pathlib.Path("/x"), pathlib.PosixPath)
        assert os.fspath(path / "x") == f"{text}/x"
        assert pathlib.Path(path) == path == tfm.Path(text)
        assert path != pathlib.Path("/x")
        assert pathlib.Path("/x") != path
        assert pathlib.Path("/x") / text == path
        assert pathlib.Path("/x").joinpath("y", path) == path
        assert pathlib.Path("/x") / (path / "a/b").relative_to(path) == pathlib.Path("/x/a/b")
        assert pathlib.Path("/x", (path / "a/b").relative_to(path)) == pathlib.Path("/x/a/b")
        assert sorted({path, pathlib.Path(text)}) == [path]
        path.joinpath("d", "f").write_text("text", encoding="utf-8")
    assert s3_ground.get("d/f") == b"text"
    assert not isinstance(path, pathlib.PurePath)
    with pytest.raises(TypeError):
        os.fspath(path)
    assert type(pathlib.Path(text)) is pathlib.PosixPath


def test_files(s3_ground: Ground) -> None:
    """
    Inside it `open`, `os`, `glob`, `shutil` and what reads through them act on S3 paths and URIs: `os.remove` deletes
    the object.
    """
    text = str(s3_ground.root)
    for name in ("a.json", "d/b.txt", "d/e/c.txt"):
        s3_ground.put(name, b'{"a": 1}')
    with tfm.dropin():
        with open(f"{text}/a.json", encoding="utf-8") as stream:
            assert json.load(stream) == {"a": 1}
        assert sorted(os.listdir(text)) == ["a.json", "d"]
        assert os.stat(f"{text}/a.json").st_size == 8
        assert [(top[len(text) :], sorted(names), files) for top, names, files in os.walk(text)] == [
            ("", ["d"], ["a.json"]),
            ("/d", ["e"], ["b.txt"]),
            ("/d/e", [], ["c.txt"]),
        ]
        assert glob.glob(f"{text}/d/**/*.txt", recursive=True) == [f"{text}/d/b.txt", f"{text}/d/e/c.txt"]
        shutil.copytree(f"{text}/d", f"{text}/copy")
        shutil.move(f"{text}/copy/b.txt", f"{text}/moved.txt")
        with zipfile.ZipFile(tfm.Path(text) / "z.zip", "w") as packed:  # type: ignore[arg-type]
            packed.write(f"{text}/a.json", "a.json")
        assert zipfile.ZipFile(f"{text}/z.zip").namelist() == ["a.json"]
        os.remove(f"{text}/a.json")
        shutil.rmtree(f"{text}/d")
        assert not os.path.exists(f"{text}/d")
        with pytest.raises(FileNotFoundError):
            os.remove(f"{text}/a.json")
    assert s3_ground.files() == ["copy/e/c.txt", "moved.txt", "z.zip"]


def test_names() -> None:
    """
    Inside it `os.path` works on URIs, a bucket being what a drive is: `normpath` and `realpath` normalise, on purpose,
    and nothing else does.
    """
    with tfm.dropin():
        assert os.path.join("s3://b/d", "e", "f") == "s3://b/d/e/f"
        assert os.path.join("/local", "s3://b/d", "..", "f") == "s3://b/d/../f"
        assert os.path.join("s3://b/d", "/top") == "s3://b/top"
        assert os.path.split("s3://b/d/e.tar.gz") == ("s3://b/d", "e.tar.gz")
        assert os.path.splitext("s3://b.c/d/e.tar.gz") == ("s3://b.c/d/e.tar", ".gz")
        assert os.path.abspath("s3://b//d/./../e/") == os.path.realpath("s3://b//d/./../e/") == "s3://b/e"
        assert os.path.isabs("s3://b")
        assert os.path.relpath("s3://b/d/e", "s3://b/f") == "../d/e"
        assert os.path.commonpath(["s3://b/d/e", "s3://b/d/f"]) == "s3://b/d"
        for paths in (["s3://b/d", "s3://c/d"], ["s3://b/d", "/d"]):
            with pytest.raises(ValueError, match="nothing in common"):
                os.path.commonpath(paths)
            with pytest.raises(ValueError, match="no path as seen from"):
                os.path.relpath(*paths)


@pytest.mark.needs("flat_namespace")
def test_as_on_a_disk(s3_ground: Ground) -> None:
    """
    Inside it a directory outlives its last file, and a file that is dropped without `close` is written, as on a disk.
    """
    text = str(s3_ground.root)
    s3_ground.put("keep", b"")
    for name in ("d/e/f", "g/h", "i/j"):
        s3_ground.put(name, b"x")
    with tfm.dropin():
        os.remove(f"{text}/d/e/f")
        assert os.listdir(f"{text}/d/e") == []
        os.removedirs(f"{text}/d/e")
        assert not os.path.exists(f"{text}/d")
        pathlib.Path(text, "g/h").unlink()
        assert pathlib.Path(text, "g").is_dir()
        os.rename(f"{text}/i/j", f"{text}/j")
        assert os.path.isdir(f"{text}/i")
        with pytest.warns(ResourceWarning):
            open(f"{text}/dropped", "w").write("written")  # noqa: SIM115
        with pytest.warns(ResourceWarning):
            pathlib.Path(text, "too").open("wb").write(b"written")  # noqa: SIM115
        with pytest.raises(FileExistsError):
            open(f"{text}/dropped", "x")  # noqa: SIM115
    assert s3_ground.files() == ["dropped", "j", "keep", "too"]
    assert s3_ground.get("dropped") == s3_ground.get("too") == b"written"


def test_what_cannot_be(s3_ground: Ground, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Inside it what S3 can't do raises, and so does code that opens files by itself: a local file named `s3:` is never
    touched.
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s3:/bucket").mkdir(parents=True)  # where a URI leads as a local name
    s3_ground.put("f", b"x")
    text = f"{s3_ground.root}/f"
    attempts: list[Callable[[], Any]] = [
        lambda: os.chmod(text, 0o600),
        lambda: os.utime(text),
        lambda: os.symlink(text, "link"),
        lambda: os.link("a", text),
        lambda: os.chdir(text),
        lambda: os.open(text, os.O_RDWR),
        lambda: shutil.disk_usage(text),
        lambda: sqlite3.connect(text),
        lambda: io.FileIO(text, "w"),
        lambda: os.open(text.encode(), os.O_RDONLY),
    ]
    with tfm.dropin():
        for attempt in attempts:
            with pytest.raises(UnsupportedOperation, match="s3://"):
                attempt()
        for mangled in ("s3:/bucket/f", pathlib.PurePosixPath("s3://bucket/f")):
            with pytest.raises(InvalidPathError, match="one slash"):
                open(mangled, "w")  # noqa: SIM115
            with pytest.raises(InvalidPathError, match="one slash"):
                os.remove(mangled)
    assert [*(tmp_path / "s3:/bucket").iterdir()] == []
    assert s3_ground.get("f") == b"x"


def test_local_names(tmp_path: pathlib.Path) -> None:
    """
    Inside it local names behave as ever, and after it, or after an error in it, everything is as it was.
    """
    looked_at = [(os, name) for name in dir(os)] + [(os.path, name) for name in dir(os.path)]
    looked_at += [(shutil, name) for name in dir(shutil)] + [(pathlib.Path, "__new__"), (pathlib.PurePath, "joinpath")]
    before = [vars(owner).get(name) for owner, name in looked_at]
    supported = set(os.supports_follow_symlinks), set(os.supports_fd)
    top = str(tmp_path)

    def use() -> None:
        with tfm.dropin():
            os.makedirs(f"{top}/d/e")
            os.symlink("d", f"{top}/link")
        with open(f"{top}/d/f", "w", encoding="utf-8") as stream:
            assert stream.fileno() > 2
            stream.write("x")
        assert {entry.name for entry in os.scandir(top)} == {"d", "link"}
        assert shutil.copy2(f"{top}/d/f", f"{top}/d/e") == f"{top}/d/e/f"
        assert os.stat in os.supports_follow_symlinks
        with open(os.open(f"{top}/d/f", os.O_RDONLY), "rb") as stream:
            assert stream.read() == b"x"
        assert os.path.join(b"a", b"b") == b"a/b"
        shutil.rmtree(f"{top}/d")
        raise KeyError("the block's own error")

    with pytest.raises(KeyError), tfm.dropin():
        use()
    assert [vars(owner).get(name) for owner, name in looked_at] == before
    assert (set(os.supports_follow_symlinks), set(os.supports_fd)) == supported
    assert [*tmp_path.iterdir()] == [tmp_path / "link"]


def test_threads(s3_ground: Ground) -> None:
    """
    It holds for every thread, and blocks may be nested and overlap: the last to end takes everything away.
    """
    original, errors = os.listdir, []
    s3_ground.put("f", b"x")
    inside = threading.Barrier(4)

    def work() -> None:
        for _ in range(20):
            with tfm.dropin():
                inside.wait(20)
                if os.listdir(str(s3_ground.root)) != ["f"]:
                    errors.append("wrong")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert os.listdir is original


def test_module(tmp_path: pathlib.Path) -> None:
    """
    `python -m tfm.dropin script.py args…` runs a script as Python does: its `__main__`, arguments, exit code and
    traceback.
    """
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\n"
        "print(__name__, sys.argv, sys.path[0], __file__, sys.modules['__main__'].__file__)\n"
        "def work(how):\n"
        "    if how == 'exit': sys.exit(int(sys.argv[2]))\n"
        "    if how == 'sentence': sys.exit('a sentence')\n"
        "    if how == 'raise': open('/no/such/file')\n"
        "work(*sys.argv[1:2])\n"
    )
    broken = tmp_path / "broken.py"
    broken.write_text("print(1)\nif:\n")
    source = str(pathlib.Path(tfm.__file__ or "").parents[1])

    def run(*arguments: str) -> tuple[int, str, str]:
        environment = {**os.environ, "PYTHONPATH": source}
        done = subprocess.run(
            [sys.executable, *arguments], capture_output=True, text=True, check=False, env=environment, cwd=tmp_path
        )
        return done.returncode, done.stdout, done.stderr

    for arguments in (["ok"], ["exit", "3"], ["exit", "0"], ["sentence"], ["raise"], []):
        assert run("-m", "tfm.dropin", "script.py", *arguments) == run("script.py", *arguments)
    assert run("-m", "tfm.dropin", str(broken)) == run(str(broken))
    for missing in ("missing.py", "."):
        code, output, message = run("-m", "tfm.dropin", missing)
        assert (code, output, len(message.splitlines())) == (2, "", 1)
        assert repr(missing) in message
