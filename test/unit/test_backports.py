"""The names and keywords that older Pythons lack, on local paths: the same on every Python."""

from __future__ import annotations

import os
import pathlib
import sys
from pathlib import Path as PlainPath

import pytest

from tfm import LocalPathImpl, Path
from tfm.backports import Backports, Until312, Until313


@pytest.fixture
def tree(tmp_path: PlainPath) -> Path:
    """A file, a directory, links to both, and a link that leads nowhere."""
    (tmp_path / "dir" / "sub").mkdir(parents=True)
    (tmp_path / "dir" / "File.TXT").write_bytes(b"a\r\nb")
    (tmp_path / "dir" / "sub" / "deep.txt").write_bytes(b"")
    (tmp_path / "link").symlink_to("dir")
    (tmp_path / "filelink").symlink_to("dir/File.TXT")
    (tmp_path / "broken").symlink_to("nowhere")
    return Path(str(tmp_path))


def found(paths: object, top: Path) -> list[str]:
    return sorted(str(path.relative_to(top)) for path in paths)  # type: ignore[attr-defined]


def test_newer_pythons_need_none() -> None:
    def public(kind: type) -> list[str]:
        return [name for name in vars(kind) if not name.startswith("_")]

    assert (public(Until312) == []) == (sys.version_info >= (3, 12))
    assert (public(Until313) == []) == (sys.version_info >= (3, 13))
    assert public(Backports) == []


def test_questions_that_follow_no_links(tree: Path) -> None:
    names = ("dir", "dir/File.TXT", "link", "filelink", "broken", "missing", "a\0b")
    follow = [(p.exists(), p.is_dir(), p.is_file()) for p in map(tree.joinpath, names)]
    no, directory, file = (False, False, False), (True, True, False), (True, False, True)
    assert follow == [directory, file, directory, file, no, no, no]
    own = [
        (
            p.exists(follow_symlinks=False),
            p.is_dir(follow_symlinks=False),
            p.is_file(follow_symlinks=False),
        )
        for p in map(tree.joinpath, names)
    ]
    link = (True, False, False)
    assert own == [directory, file, link, link, link, no, no]
    assert not tree.is_junction()


def test_owner_and_group_of_a_link(tree: Path) -> None:
    link = tree / "broken"
    with pytest.raises(FileNotFoundError):
        link.owner()
    with pytest.raises(FileNotFoundError):
        link.group()
    assert link.owner(follow_symlinks=False) == tree.owner()
    assert link.group(follow_symlinks=False) == tree.group()


def test_read_text_newline(tree: Path) -> None:
    file = tree / "dir/File.TXT"
    assert file.read_text("utf-8") == "a\nb"
    assert file.read_text("utf-8", newline="") == "a\r\nb"
    file.write_bytes(b"\xff")
    assert file.read_text("utf-8", "replace", "") == "\ufffd"


def test_match_by_case() -> None:
    path = Path("/a/B.TXT")
    assert not path.match("*.txt")
    assert path.match("*.txt", case_sensitive=False)
    assert not path.match("*.txt", case_sensitive=True)
    assert path.match("/A/b.*", case_sensitive=False)
    assert not path.match("/b.*", case_sensitive=False)
    with pytest.raises(ValueError, match="empty"):
        path.match("", case_sensitive=False)


def test_relative_to_walking_up() -> None:
    path = Path("/a/b/c")
    assert path.relative_to("/a") == pathlib.Path("b/c")
    assert path.relative_to("/a/x/y", walk_up=True) == pathlib.Path("../../b/c")
    assert path.relative_to("/a/b", walk_up=True) == pathlib.Path("c")
    assert type(path.relative_to("/x", walk_up=True)) is LocalPathImpl
    with pytest.raises(ValueError, match="subpath"):
        path.relative_to("/x")
    with pytest.raises(ValueError, match="anchors"):
        path.relative_to("x", walk_up=True)
    with pytest.raises(ValueError, match="walked"):
        path.relative_to("/a/../x", walk_up=True)


def test_with_segments_and_parser() -> None:
    assert Path("/a").with_segments("b", "c") == pathlib.Path("b/c")
    assert Path("/a").parser is os.path
    assert Path("/a").full_match("/*")
    assert list(Path("/nowhere/at/all").walk()) == []


def test_glob_by_case(tree: Path) -> None:
    assert found(tree.glob("dir/*.txt"), tree) == []
    assert found(tree.glob("dir/*.txt", case_sensitive=False), tree) == ["dir/File.TXT"]
    assert found(tree.glob("DIR/*.txt", case_sensitive=False), tree) == ["dir/File.TXT"]
    assert found(tree.glob("DIR/*.txt", case_sensitive=True), tree) == []
    assert found(tree.rglob("*.txt", case_sensitive=False), tree) == ["dir/File.TXT", "dir/sub/deep.txt"]
    assert found(tree.rglob("*.TXT"), tree) == ["dir/File.TXT"]


def test_glob_through_links(tree: Path) -> None:
    everything = ["dir/sub/deep.txt", "link/sub/deep.txt"]
    assert found(tree.rglob("*.txt"), tree) == everything[:1]
    assert found(tree.rglob("*.txt", recurse_symlinks=True), tree) == everything
    assert found(tree.glob("**/*.txt", recurse_symlinks=True), tree) == everything
    assert found(tree.glob("link/**/*.txt", case_sensitive=True), tree) == everything[1:]
    assert found(tree.glob("bro*", recurse_symlinks=True), tree) == ["broken"]
    assert found(tree.glob("*/../dir/*", case_sensitive=True), tree) == [
        "dir/../dir/File.TXT",
        "dir/../dir/sub",
        "link/../dir/File.TXT",
        "link/../dir/sub",
    ]


def test_glob_around_a_loop_ends(tmp_path: PlainPath) -> None:
    (tmp_path / "dir").mkdir()
    (tmp_path / "dir" / "deep.txt").touch()
    (tmp_path / "dir" / "loop").symlink_to("..")
    tree = Path(str(tmp_path))
    assert 2 < len(found(tree.rglob("deep.txt", recurse_symlinks=True), tree)) < 100
    assert found(tree.rglob("deep.txt"), tree) == ["dir/deep.txt"]


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may read every directory")
def test_glob_passes_over_what_it_may_not_read(tree: Path) -> None:
    (tree / "dir/sub").chmod(0)
    try:
        assert found(tree.rglob("*.txt", case_sensitive=False), tree) == ["dir/File.TXT"]
    finally:
        (tree / "dir/sub").chmod(0o755)


@pytest.mark.parametrize("pattern", ["", "/abs"])
def test_glob_refuses(tree: Path, pattern: str) -> None:
    with pytest.raises((ValueError, NotImplementedError)):
        list(tree.glob(pattern, case_sensitive=False))
