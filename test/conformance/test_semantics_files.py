"""The rules of docs/semantics.md on files and directories, on each storage, against independent ground truth."""

from __future__ import annotations

import errno
import time
from operator import methodcaller
from typing import Any

import pytest
from grounds import Ground, LocalGround, ServerGround

from tfm import Path, UnsupportedOperation


def names(paths: Any) -> list[str]:
    return sorted(path.name for path in paths)


def test_files_and_directories(ground: Ground) -> None:
    """A key is a file, and a prefix with anything below it is a directory."""
    ground.put("d/e/f.txt", b"12345")
    root = ground.root
    assert [
        (p.exists(), p.is_file(), p.is_dir()) for p in (root / "d", root / "d/e", root / "d/e/f.txt", root / "x")
    ] == [
        (True, False, True),
        (True, False, True),
        (True, True, False),
        (False, False, False),
    ]
    assert names((root / "d").iterdir()) == ["e"]
    assert not (root / "d").is_symlink()


def test_mkdir_outlives(ground: Ground) -> None:
    """`mkdir` makes an empty directory, which outlives its last file and is never listed as its own child."""
    made = ground.root / "made"
    if isinstance(ground, LocalGround):
        made.mkdir()
    else:
        made.mkdir(parents=True)
    assert made.is_dir()
    assert list(made.iterdir()) == []
    (made / "f").write_bytes(b"x")
    assert names(made.iterdir()) == ["f"]
    (made / "f").unlink()
    assert made.is_dir()
    assert list(made.iterdir()) == []
    assert names(ground.root.iterdir()) == ["made"]
    made.rmdir()
    assert not made.exists()


def test_mkdir_errors(ground: Ground) -> None:
    """`mkdir` follows pathlib: a missing parent and an existing directory are errors unless `parents` and `exist_ok`
    say otherwise.
    """
    ground.put("f", b"x")
    with pytest.raises(FileNotFoundError):
        (ground.root / "no/deep").mkdir()
    (ground.root / "no/deep").mkdir(parents=True)
    assert (ground.root / "no").is_dir()
    with pytest.raises(FileExistsError):
        (ground.root / "no/deep").mkdir()
    (ground.root / "no/deep").mkdir(exist_ok=True)
    for exist_ok in (False, True):
        with pytest.raises(FileExistsError):
            (ground.root / "f").mkdir(exist_ok=exist_ok)
    with pytest.raises((NotADirectoryError, FileExistsError)):
        (ground.root / "f/below").mkdir()
    assert ground.get("f") == b"x"


def test_iterdir_raises_at_once(ground: Ground) -> None:
    """`iterdir()` raises at once, not at the first `next`: a missing directory is `FileNotFoundError`, a file is
    `NotADirectoryError`.
    """
    ground.put("f", b"x")
    for call in (methodcaller("scan"), methodcaller("scan_tree")):
        with pytest.raises(FileNotFoundError):
            call(ground.root / "missing")
        with pytest.raises(NotADirectoryError):
            call(ground.root / "f")
    if not isinstance(ground, LocalGround):  # CPython before 3.13 waits for the first next
        with pytest.raises(FileNotFoundError):
            (ground.root / "missing").iterdir()
        with pytest.raises(NotADirectoryError):
            (ground.root / "f").iterdir()


def test_order(s3_ground: Ground) -> None:
    """The order of an S3 listing is the byte order of its keys."""
    keys = ["a", "a-b/x", "a/x", "a.txt", "B", "é", "z", "a/y", "😀", "ﬀ"]
    for key in keys:
        s3_ground.put(key, b"x")
    found = [p.name + "/" * p.info.is_dir() for p in s3_ground.root.iterdir()]
    assert found == ["B", "a", "a-b/", "a.txt", "a/", "z", "é", "ﬀ", "😀"]


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b"])
def test_impossible_names(ground: Ground, name: str) -> None:
    """`is_file()` of a name with NUL or a lone surrogate is `False`."""
    path = ground.root / name
    assert not path.is_file()
    assert not path.is_dir()
    assert not path.exists()
    if not isinstance(ground, LocalGround):
        with pytest.raises(ValueError, match=r"NUL|Unicode"):
            path.write_text("x")
    assert ground.files() == []


@pytest.mark.needs("flat_namespace")
def test_prefixes_are_exact(ground: Ground) -> None:
    """Prefixes are exact: an operation on `d` never touches `d2/` or `d.txt`."""
    for key in ("d/x", "d/y/z", "d2/x", "d.txt", "d-/x"):
        ground.put(key, b"x")
    (ground.root / "d").rename(ground.root / "moved")
    assert ground.files() == ["d-/x", "d.txt", "d2/x", "moved/x", "moved/y/z"]
    (ground.root / "moved").copy(ground.root / "d")
    assert ground.root.joinpath("moved").delete_below(["x", "y/z"]) == {}
    assert ground.files() == ["d-/x", "d.txt", "d/x", "d/y/z", "d2/x"]
    assert names((ground.root / "d").rglob("*")) == ["x", "y", "z"]


def test_rmdir_never_recurses(ground: Ground) -> None:
    """`rmdir` never recurses: a directory or bucket that is not empty raises `ENOTEMPTY` and keeps everything."""
    ground.put("d/x", b"x")
    with pytest.raises(OSError, match="mpty") as caught:
        (ground.root / "d").rmdir()
    assert caught.value.errno == errno.ENOTEMPTY
    if not isinstance(ground, LocalGround):
        with pytest.raises(OSError, match="mpty") as caught:
            ground.root.parent.rmdir()
        assert caught.value.errno == errno.ENOTEMPTY
    assert ground.files() == ["d/x"]
    with pytest.raises(FileNotFoundError):
        (ground.root / "missing").rmdir()
    with pytest.raises(NotADirectoryError):
        (ground.root / "d/x").rmdir()


def test_same_name(s3_ground: Ground) -> None:
    """An object and a prefix may bear one name: both questions are answered with yes, a listing gives both, and
    `unlink` takes only the object.
    """
    s3_ground.put("both", b"object")
    s3_ground.put("both/below", b"x")
    both = s3_ground.root / "both"
    assert both.is_file()
    assert both.is_dir()
    listed = list(s3_ground.root.iterdir())
    assert [p.name for p in listed] == ["both", "both"]
    assert [(p.info.is_file(), p.info.is_dir()) for p in listed] == [(True, False), (False, True)]
    assert names(both.iterdir()) == ["below"]
    both.unlink()
    assert s3_ground.files() == ["both/below"]
    with pytest.raises(IsADirectoryError):
        both.unlink()
    assert s3_ground.files() == ["both/below"]


def test_parents_need_no_mkdir(s3_ground: Ground) -> None:
    """Missing parents need no `mkdir` to write an object."""
    (s3_ground.root / "a/b/c").write_bytes(b"x")
    assert s3_ground.get("a/b/c") == b"x"


def test_unlink(ground: Ground) -> None:
    """`unlink` of a missing file raises `FileNotFoundError`, unless `missing_ok`, and `unlink` of a directory is an
    error.
    """
    ground.put("d/x", b"x")
    with pytest.raises(FileNotFoundError):
        (ground.root / "missing").unlink()
    (ground.root / "missing").unlink(missing_ok=True)
    with pytest.raises((IsADirectoryError, PermissionError)):
        (ground.root / "d").unlink()
    assert ground.files() == ["d/x"]
    (ground.root / "d/x").unlink()
    assert ground.files() == []


def test_rename_file(ground: Ground) -> None:
    """`rename` moves a file onto another and gives the new path."""
    ground.put("a", b"new")
    ground.put("b", b"old")
    moved = (ground.root / "a").rename(ground.root / "b")
    assert moved == ground.root / "b"
    assert type(moved) is type(ground.root)
    assert ground.files() == ["b"]
    assert ground.get("b") == b"new"
    assert (ground.root / "b").replace(ground.root / "b") == ground.root / "b"
    assert ground.get("b") == b"new"
    with pytest.raises(FileNotFoundError):
        (ground.root / "missing").rename(ground.root / "c")


def test_rename_directory(ground: Ground) -> None:
    """`rename` moves a directory with all that is below it, and refuses a target that is not empty or is inside it."""
    for key in ("d/x", "d/y/z", "full/x"):
        ground.put(key, key.encode())
    with pytest.raises(OSError, match="empty"):
        (ground.root / "d").rename(ground.root / "full")
    with pytest.raises(OSError, match=r"nvalid|itself"):
        (ground.root / "d").rename(ground.root / "d/inside")
    assert ground.files() == ["d/x", "d/y/z", "full/x"]
    (ground.root / "d").rename(ground.root / "e")
    assert ground.files() == ["e/x", "e/y/z", "full/x"]
    assert ground.get("e/y/z") == b"d/y/z"
    ground.put("file", b"x")
    with pytest.raises(NotADirectoryError):
        (ground.root / "e").rename(ground.root / "file")
    assert ground.get("file") == b"x"


@pytest.mark.needs("empty_segments", "dot_segments")
def test_rename_keeps_markers_and_odd_keys(s3_ground: Ground) -> None:
    for key in ("d/", "d//x", "d/../y", "d/empty/", "d/a b%20"):
        s3_ground.put(key, b"")
    (s3_ground.root / "d").rename(s3_ground.root / "e")
    assert (s3_ground.root / "e/empty").is_dir()
    assert sorted(s3_ground.files()) == ["e/../y", "e//x", "e/a b%20"]
    assert not (s3_ground.root / "d").exists()


def test_move_anywhere(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> None:
    """`rename` to another storage raises `EXDEV`; `move` goes anywhere, and deletes a source only after its copy."""
    ground.put("d/x", b"1")
    ground.put("d/y/z", b"2")
    ground.put("f", b"3")
    elsewhere = Path(str(tmp_path_factory.mktemp("elsewhere")))
    if not isinstance(ground, LocalGround):
        with pytest.raises(OSError, match="move") as caught:
            (ground.root / "f").rename(elsewhere / "f")
        assert caught.value.errno == errno.EXDEV
    assert (ground.root / "f").move(elsewhere / "f") == elsewhere / "f"
    (ground.root / "d").move_into(elsewhere)
    assert ground.files() == []
    assert LocalGround(elsewhere).files() == ["d/x", "d/y/z", "f"]
    assert LocalGround(elsewhere).get("d/y/z") == b"2"
    (elsewhere / "d").move(ground.root / "back")
    assert ground.files() == ["back/x", "back/y/z"]
    assert LocalGround(elsewhere).files() == ["f"]


def test_copy_anywhere(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> None:
    """`copy` copies a file or a tree between any two storages."""
    ground.put("d/x", b"1")
    ground.put("d/y/z", b"2")
    elsewhere = Path(str(tmp_path_factory.mktemp("elsewhere")))
    (ground.root / "d").copy(ground.root / "e")
    (ground.root / "d/x").copy(ground.root / "d/y/z")
    (ground.root / "d").copy_into(elsewhere)
    assert ground.files() == ["d/x", "d/y/z", "e/x", "e/y/z"]
    assert ground.get("d/y/z") == b"1"
    assert LocalGround(elsewhere).files() == ["d/x", "d/y/z"]
    (elsewhere / "empty").mkdir()
    elsewhere.copy(ground.root / "all")
    assert [name for name in ground.files() if name.startswith("all/")] == ["all/d/x", "all/d/y/z"]
    assert (ground.root / "all/empty").is_dir()
    with pytest.raises(FileExistsError):
        (ground.root / "d").copy(ground.root / "e")
    with pytest.raises(OSError, match=r"same|parent"):
        (ground.root / "d").copy(ground.root / "d/inside")
    with pytest.raises(OSError, match="same"):
        (ground.root / "d/x").copy(ground.root / "d/x")
    with pytest.raises(FileNotFoundError):
        (ground.root / "missing").copy(elsewhere / "m")
    assert not (elsewhere / "m").exists()


def test_a_file_does_not_replace_a_directory(ground: Ground) -> None:
    """A file is never copied or renamed onto a directory, where that is known without a request of its own."""
    ground.put("f", b"1")
    ground.put("d/x", b"2")
    (ground.root / "made").mkdir()
    assert (ground.root / "d").is_dir()
    for name in ("made", "d"):
        for act in ((ground.root / "f").copy, (ground.root / "f").rename, (ground.root / "f").replace):
            with pytest.raises(IsADirectoryError):
                act(ground.root / name)
        (ground.root / "f").copy_into(ground.root / name)
    assert [name for name in ground.files() if name[-1] == "f"] == ["d/f", "f", "made/f"]
    (ground.root / "made").rmtree()
    (ground.root / "f").copy(ground.root / "made")
    assert ground.get("made") == b"1"


@pytest.mark.needs("dot_segments")
def test_copy_of_names_a_disk_cannot_hold(s3_ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = Path(str(tmp_path_factory.mktemp("elsewhere")))
    s3_ground.put("d/../../escaped", b"x")
    with pytest.raises(ValueError, match="local file"):
        (s3_ground.root / "d").copy(elsewhere / "deep/d") if (elsewhere / "deep").mkdir() is None else None
    assert LocalGround(elsewhere).files() == []


def test_stat(ground: Ground) -> None:
    """`stat()` gives size, time and mode, and `info` S3's own facts."""
    before = time.time() - 5
    ground.put("d/f", b"12345")
    found = (ground.root / "d/f").stat()
    assert found.st_size == 5
    assert before < found.st_mtime < time.time() + 5
    assert found.st_mode & 0o170000 == 0o100000
    assert (ground.root / "d").stat().st_mode & 0o170000 == 0o040000
    with pytest.raises(FileNotFoundError):
        (ground.root / "x").stat()
    if not isinstance(ground, LocalGround):
        (listed,) = (ground.root / "d").iterdir()
        assert listed.info.etag == '"827ccb0eea8a706c4c34a16891f84e7b"'
        assert listed.info.storage_class == "STANDARD"
        assert listed.facts().size == 5
    assert (ground.root / "d/f").samefile(ground.root / "d/f")
    assert not (ground.root / "d/f").samefile(ground.root / "d")


def test_touch(ground: Ground) -> None:
    """`touch` makes an empty file, and on an existing one changes its time and never its bytes."""
    (ground.root / "new").touch()
    assert ground.get("new") == b""
    ground.put("f", b"bytes")
    (ground.root / "f").touch()
    assert ground.get("f") == b"bytes"
    with pytest.raises(FileExistsError):
        (ground.root / "f").touch(exist_ok=False)


def test_touch_keeps_metadata(server_ground: ServerGround, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="top/f", Body=b"x", Metadata={"colour": "red"}, ContentType="text/x-test")
    (server_ground.root / "f").touch()
    head = s3.head_object(Bucket=bucket, Key="top/f")
    assert (head["Metadata"], head["ContentType"], head["ContentLength"]) == ({"colour": "red"}, "text/x-test", 1)


def test_posix_only(s3_ground: Ground) -> None:
    """What needs links, owners or permission bits raises `UnsupportedOperation` on S3."""
    s3_ground.put("f", b"x")
    path = s3_ground.root / "f"
    for call in (
        lambda: path.chmod(0o600),
        lambda: path.lchmod(0o600),
        path.owner,
        path.group,
        path.readlink,
        lambda: path.symlink_to("x"),
        lambda: path.hardlink_to("x"),
    ):
        with pytest.raises(UnsupportedOperation, match="s3://"):
            call()
    assert not any([path.is_mount(), path.is_socket(), path.is_fifo(), path.is_block_device(), path.is_char_device()])
    assert s3_ground.get("f") == b"x"


def test_glob(ground: Ground) -> None:
    for key in ("a/x.txt", "a/b/y.txt", "a/b/c/z.csv", "x.txt", "a/b/[odd].txt"):
        ground.put(key, b"x")
    root = ground.root

    def found(pattern: str) -> list[str]:
        return sorted(str(p.relative_to(root)) for p in root.glob(pattern))

    assert found("*.txt") == ["x.txt"]
    assert found("a/*/*.txt") == ["a/b/[odd].txt", "a/b/y.txt"]
    assert found("**/*.txt") == ["a/b/[odd].txt", "a/b/y.txt", "a/x.txt", "x.txt"]
    assert found("a/b/y.txt") == ["a/b/y.txt"]
    assert found("a/*/") == ["a/b"]
    assert found("missing/*") == []
    assert found("a/**/[[]odd].txt") == ["a/b/[odd].txt"]
    assert sorted(p.name for p in root.rglob("*.csv")) == ["z.csv"]
    assert sorted(str(p.relative_to(root)) for p in root.glob("**/")) == [".", "a", "a/b", "a/b/c"]
    with pytest.raises(ValueError, match="nacceptable"):
        list(root.glob(""))
    with pytest.raises(NotImplementedError):
        list(root.glob("/abs"))


def test_walk(ground: Ground) -> None:
    for key in ("a/x", "a/b/y", "c"):
        ground.put(key, b"x")
    walked = [(str(p.relative_to(ground.root)), sorted(ds), sorted(fs)) for p, ds, fs in ground.root.walk()]
    assert walked == [(".", ["a"], ["c"]), ("a", ["b"], ["x"]), ("a/b", [], ["y"])]
    upwards = [p for p, _, _ in ground.root.walk(top_down=False)]
    assert upwards[-1] == ground.root
    errors: list[OSError] = []
    assert list((ground.root / "no").walk(on_error=errors.append)) == []
    assert len(errors) == 1


def test_scan_tree(ground: Ground) -> None:
    for key in ("a/x", "a/b/y", "c"):
        ground.put(key, b"12")
    found = {name: (info.name, info.size) for page in ground.root.scan_tree() for name, info in page if info.is_file()}
    assert found == {"a/x": ("x", 2), "a/b/y": ("y", 2), "c": ("c", 2)}


def odd(*names: str, needs: str = "") -> Any:
    return pytest.param(names, marks=[pytest.mark.needs(needs)] if needs else [])


@pytest.mark.parametrize(
    "odd_names",
    [
        odd("a?b=c&d", "a#b;c", "a@b:c", "s3:", "~", "'\"<>&", "😀é\u202e", "e\u0301", "k" * 250),
        odd("a%20b", "a%2Fb%", "a+b c", "*[x]?", needs="percent_and_plus"),
        odd("back\\slash", needs="backslashes"),
        odd(" outer ", needs="outer_spaces"),
        odd("line\nbreak\r", needs="line_breaks"),
        odd("bell\x07", needs="control_characters"),
    ],
)
def test_odd_names(ground: Ground, odd_names: tuple[str, ...]) -> None:
    """`%`, `?`, `#`, `+`, `@`, `*`, quotes, spaces, line breaks and emoji are plain characters of a name."""
    for name in odd_names:
        path = ground.root.child(name)
        assert not path.exists()
        path.write_bytes(b"1")
        assert ground.get(name) == b"1"
        assert [(found, found.name, found.read_bytes()) for found in ground.root.iterdir()] == [(path, name, b"1")]
        assert [found.name for page in ground.root.scan() for found in page] == [name]
        below = path.with_name("d") / name
        below.parent.mkdir()
        path.rename(below)
        assert ground.files() == [f"d/{name}"]
        assert [str(found) for found in ground.root.rglob("*") if found.is_file()] == [str(below)]
        assert [(str(top), files) for top, _, files in ground.root.walk()][-1] == (str(below.parent), [name])
        assert below.copy(path).read_bytes() == b"1"
        assert below.parent.delete_below([name]) == {}
        below.parent.rmdir()
        path.unlink()
        assert ground.files() == []


@pytest.mark.parametrize(
    "odd_keys",
    [
        odd("a//b", "/a", needs="empty_segments"),
        odd("a/./b", "a/../b", "..", needs="dot_segments"),
        odd("/".join(["k" * 100] * 10) + "/" + "k" * 10, needs="long_names"),
    ],
)
def test_keys_that_only_s3_has(s3_ground: Ground, odd_keys: tuple[str, ...]) -> None:
    """An empty segment, `.` and `..` are names in a key, and a key of 1,024 bytes is as good as any."""
    for key in odd_keys:
        s3_ground.put(key, b"1")
        path = s3_ground.root
        path.refresh()  # it was put there behind our back
        for name in key.split("/"):
            (path,) = path.iterdir()
            assert path.name == name
        assert path == Path(f"{s3_ground.root}/{key}")
        assert path.read_bytes() == b"1"
        assert [str(found) for found in s3_ground.root.rglob("*") if found.is_file()] == [str(path)]
        path.write_bytes(b"2")
        assert (s3_ground.get(key), s3_ground.files()) == (b"2", [key])
        path.unlink()
        assert s3_ground.files() == []


def test_buckets(server_ground: ServerGround, bucket: str) -> None:
    root = Path("s3://")
    assert bucket in names(root.iterdir())
    assert root.is_dir()
    assert Path(f"s3://{bucket}").is_dir()
    assert not Path("s3://no-such-bucket-anywhere").exists()
    made = Path(f"s3://{bucket}-made")
    made.mkdir()
    assert made.is_dir()
    assert list(made.iterdir()) == []
    with pytest.raises(FileExistsError):
        made.mkdir()
    made.rmdir()
    assert not made.exists()
    assert server_ground.files() == []


@pytest.mark.needs("marker_bytes")
def test_marker_with_content(s3_ground: Ground) -> None:
    s3_ground.put("d/", b"bytes in a marker")
    directory = s3_ground.root / "d"
    assert directory.is_dir()
    assert list(directory.iterdir()) == []
    with pytest.raises(OSError, match="17 bytes"):
        directory.rmdir()
    directory.rename(s3_ground.root / "e")
    assert s3_ground.get("e/") == b"bytes in a marker"


@pytest.mark.needs("flat_namespace")
def test_rmtree(ground: Ground) -> None:
    """`rmtree` deletes a directory with all that is below it, and nothing beside it."""
    for key in ("d/x", "d/y/z", "d2/x", "d.txt", "d-/x"):
        ground.put(key, b"x")
    (ground.root / "d").rmtree()
    assert ground.files() == ["d-/x", "d.txt", "d2/x"]
    assert not (ground.root / "d").exists()
    with pytest.raises(FileNotFoundError):
        (ground.root / "d").rmtree()
    with pytest.raises(NotADirectoryError):
        (ground.root / "d.txt").rmtree()
    assert ground.files() == ["d-/x", "d.txt", "d2/x"]


@pytest.mark.needs("marker_beside_object")
def test_rmtree_takes_only_what_is_below_an_object(s3_ground: Ground) -> None:
    for key in ("both", "both/", "both/x"):
        s3_ground.put(key, b"x")
    (s3_ground.root / "both").rmtree()
    assert s3_ground.files() == ["both"]
