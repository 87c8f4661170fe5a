"""Paths of tfm among other people's: copies by protocol as in pathlib 3.14, pydantic, type checkers."""

from __future__ import annotations

import errno
import io
import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path as PlainPath
from typing import Any

import pytest
from grounds import Ground, LocalGround

from tfm import LocalPathImpl, Path, S3PathImpl
from tfm.asking import Asking


class Plain314(type(PlainPath())):  # type: ignore[misc]
    """A plain `pathlib.Path` that copies by the steps that the documentation of Python 3.14 and its protocol describe.

    It knows nothing of tfm: it asks for `info`, `iterdir`, `_copy_from` and `__open_rb__`.
    """

    with_segments = getattr(PlainPath, "with_segments", lambda self, *parts: type(self)(*parts))
    info = property(lambda self: Asking.info.fget(LocalPathImpl(str(self))))  # type: ignore[attr-defined]

    def copy(self, target: Any, **options: Any) -> Any:
        target = target if hasattr(target, "with_segments") else self.with_segments(target)
        if self == target or self in target.parents:
            raise OSError(errno.EINVAL, "the same, or inside it")
        target._copy_from(self, **options)
        return target.joinpath()

    def _copy_from(self, source: Any, follow_symlinks: bool = True, preserve_metadata: bool = False) -> None:
        if not follow_symlinks and source.info.is_symlink():
            os.symlink(str(source.readlink()), self)
        elif source.info.is_dir():
            children = source.iterdir()
            os.mkdir(self)
            for child in children:
                Plain314(self, child.name)._copy_from(child, follow_symlinks, preserve_metadata)
        else:
            with magic_open(source) as reader, open(self, "wb") as writer:
                shutil.copyfileobj(reader, writer)


def magic_open(path: Any) -> Any:
    try:
        return open(path, "rb")
    except TypeError:  # no os.PathLike
        return type(path).__open_rb__(path, -1)


class Foreign:
    """A read-only path of somebody else, in memory, with no more than the protocol."""

    def __init__(self, name: str, content: bytes | dict[str, Any]) -> None:
        self.name = name
        self._content = content

    @property
    def info(self) -> Any:
        return self

    def is_symlink(self) -> bool:
        return False

    def is_dir(self) -> bool:
        return isinstance(self._content, dict)

    def iterdir(self) -> Iterator[Foreign]:
        assert isinstance(self._content, dict)
        return (type(self)(name, content) for name, content in self._content.items())

    def _bytes(self) -> io.BytesIO:
        assert isinstance(self._content, bytes)
        return io.BytesIO(self._content)


class Foreign314(Foreign):
    """Opened as Python 3.14 does it."""

    def __open_rb__(self, buffering: int = -1) -> io.BytesIO:
        return self._bytes()


class ForeignABC(Foreign):
    """Opened as pathlib-abc does it."""

    def __open_reader__(self) -> io.BytesIO:
        return self._bytes()


class ForeignOpen(Foreign):
    """Opened as any path is."""

    def open(self, mode: str) -> io.BytesIO:
        assert mode == "rb"
        return self._bytes()


def test_plain_pathlib_copies_there_and_back(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = Plain314(tmp_path_factory.mktemp("elsewhere"))
    (elsewhere / "tree/empty").mkdir(parents=True)
    (elsewhere / "tree/a").write_bytes(b"1")
    (elsewhere / "tree/sub").mkdir()
    (elsewhere / "tree/sub/b").write_bytes(b"2")
    copied = Plain314(elsewhere / "tree").copy(ground.root / "t")
    assert copied == ground.root / "t"
    assert ground.files() == ["t/a", "t/sub/b"]
    assert (ground.root / "t/empty").is_dir()
    back = Plain314(elsewhere / "back")
    back._copy_from(ground.root / "t")
    assert LocalGround(back).files() == ["a", "sub/b"]
    assert ((back / "sub/b").read_bytes(), (back / "empty").is_dir()) == (b"2", True)
    Plain314(elsewhere / "tree/a").copy(ground.root / "t/sub/b", preserve_metadata=True)
    assert ground.get("t/sub/b") == b"1"


@pytest.mark.skipif(sys.version_info < (3, 14), reason="pathlib copies from Python 3.14 on")
def test_pathlib_itself_copies_there_and_back(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere: Any = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "tree").mkdir()
    (elsewhere / "tree/a").write_bytes(b"1")
    assert (elsewhere / "tree").copy(ground.root / "t") == ground.root / "t"
    assert ground.files() == ["t/a"]
    (elsewhere / "back")._copy_from(ground.root / "t")
    assert LocalGround(elsewhere / "back").files() == ["a"]


@pytest.mark.parametrize("kind", [Foreign314, ForeignABC, ForeignOpen])
def test_foreign_paths_are_copied_by_protocol(ground: Ground, kind: type[Foreign]) -> None:
    target: Any = ground.root / "t"
    target._copy_from(kind("t", {"a": b"1", "sub": {"b": b"2"}, "empty": {}}))
    assert ground.files() == ["t/a", "t/sub/b"]
    assert (ground.root / "t/empty").is_dir()
    with pytest.raises(FileExistsError):
        target._copy_from(kind("t", {"a": b"new"}))
    assert ground.get("t/a") == b"1"


def test_opening_by_protocol(ground: Ground) -> None:
    path: Any = ground.root / "f"
    with path.__open_writer__("x") as stream:
        stream.write(b"one")
    with path.__open_writer__("a") as stream:
        stream.write(b" two")
    with path.__open_updater__("r") as stream:
        stream.write(b"ONE")
    with path.__open_reader__() as stream:
        assert stream.read() == b"ONE two"
    with path.__open_wb__() as stream:
        stream.write(b"new")
    with path.__open_rb__() as stream:
        assert stream.read() == b"new"
    assert path.__vfspath__() == str(path)


def test_pathlib_abc(ground: Ground) -> None:
    abc = pytest.importorskip("pathlib_abc")
    ground.put("d/f.txt", b"x")
    assert isinstance(ground.root.info, abc.PathInfo)
    assert isinstance(Path("s3://bucket").parser, abc.PathParser)
    with abc.vfsopen(ground.root / "d/f.txt", "r", encoding="utf-8") as stream:
        assert stream.read() == "x"
    assert abc.vfspath(ground.root) == str(ground.root)


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("s3://b/a/c.x", ("s3://b/a", "c.x")),
        ("s3://b", ("s3://", "b")),
        ("s3://", ("s3://", "")),
        ("s3://p@b", ("s3://p@", "b")),
        ("s3://p@b/c@d", ("s3://p@b", "c@d")),
        ("s3://b/a//", ("s3://b/a/", "")),
        ("a/b", ("a", "b")),
        ("a", ("", "a")),
        ("", ("", "")),
    ],
)
def test_parser(text: str, split: tuple[str, str]) -> None:
    parser: Any = S3PathImpl.parser
    assert parser.split(text) == split
    assert parser.splitext(text + ".tar.gz") == (text + ".tar", ".gz")
    assert (parser.sep, parser.altsep, parser.normcase("Ab")) == ("/", None, "Ab")


def test_pydantic() -> None:
    pydantic = pytest.importorskip("pydantic")

    class Settings(pydantic.BaseModel):  # type: ignore[name-defined, misc]
        anywhere: Path
        here: LocalPathImpl
        there: S3PathImpl

    made = Settings(anywhere="s3://bucket/k", here="/tmp", there="s3://minio@bucket")
    assert (type(made.anywhere), made.here, made.there.place) == (S3PathImpl, PlainPath("/tmp"), "minio")
    assert Settings.model_validate_json(made.model_dump_json()) == made
    texts = {"anywhere": "s3://bucket/k", "here": "/tmp", "there": "s3://minio@bucket"}
    assert made.model_dump(mode="json") == texts
    assert Settings.model_json_schema()["properties"]["anywhere"]["type"] == "string"
    assert Settings(anywhere=PlainPath("x"), here=Path("y"), there=Path("s3://bucket")).anywhere == PlainPath("x")
    for wrong in ({"here": "s3://bucket"}, {"there": "/tmp"}, {"anywhere": 3}, {"anywhere": "s3://B_ad"}):
        with pytest.raises(pydantic.ValidationError):
            Settings(**{**texts, **wrong})


SNIPPET = """\
import pathlib
from tfm import Path

def count(directory: pathlib.Path) -> int:
    return sum(1 for child in directory.iterdir() if child.is_file())

path = Path("s3://bucket/key")
count(path)
text: str = path.read_text()
parent: Path = path.parent / "other"
with path.open("rb") as stream:
    data: bytes = stream.read()
reveal_type(path.name)
path.no_such_name
"""


def test_type_checkers_see_a_pathlib_path(tmp_path: PlainPath) -> None:
    pytest.importorskip("mypy")
    (tmp_path / "snippet.py").write_text(SNIPPET)
    sources = str(PlainPath(__file__).parents[2] / "src")
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--follow-imports=silent", "snippet.py"]
    result = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, env={**os.environ, "MYPYPATH": sources}
    )
    lines = [line.partition(": ")[2] for line in result.stdout.splitlines()]
    assert lines == [
        'note: Revealed type is "str"',
        'error: "Path" has no attribute "no_such_name"  [attr-defined]',
    ], result.stdout + result.stderr


def test_plain_paths_and_ours_mix(tmp_path: PlainPath) -> None:
    assert isinstance(Path(tmp_path), pathlib.Path)
    assert Path(tmp_path) == tmp_path
    assert Path("s3://bucket") != tmp_path
    assert Path("s3://bucket/x").is_relative_to(tmp_path) is Path(tmp_path).is_relative_to(Path("s3://bucket")) is False
    with pytest.raises(ValueError, match="subpath"):
        Path("s3://bucket/x").relative_to(tmp_path)
    for rename in (Path(tmp_path).rename, Path(tmp_path).replace):
        for target in ("s3://bucket/x", Path("s3://bucket/x")):
            with pytest.raises(OSError, match=r"move\(\)") as caught:
                rename(target)
            assert caught.value.errno == errno.EXDEV
    assert tmp_path.is_dir()
