"""The rules of docs/semantics.md on the family and on names; nothing here talks to a server."""

from __future__ import annotations

import os
import pathlib
import pickle
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfm import LocalPathImpl, Path, S3PathImpl
from tfm.errors import InvalidPathError

KEYS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40).filter(
    lambda key: not key.endswith("/")
)
NAMES = st.text(st.sampled_from("ab.~ %é"), min_size=1, max_size=6).filter(
    lambda name: not name.startswith("..") and name != "."
)


class MyPath(Path):
    """A user's own class."""


def test_factory() -> None:
    """`Path(...)` gives a `LocalPathImpl` for a local name and an `S3PathImpl` for an `s3://` URI, and both are a
    `Path`.
    """
    assert type(Path("a")) is LocalPathImpl
    assert type(Path("s3://bucket/a")) is S3PathImpl
    assert type(Path("S3://bucket/a")) is S3PathImpl
    assert all(isinstance(Path(text), Path) for text in ("a", "s3://bucket/a"))
    assert Path(Path("s3://bucket/a")) == Path("s3://bucket/a")
    assert Path("a", "b") == pathlib.Path("a/b")
    assert Path() == pathlib.Path()


def test_local_is_pathlib() -> None:
    """A local path is a real `pathlib.Path`, equal to and hashing as the plain one."""
    ours, plain = Path("/tmp/x"), pathlib.Path("/tmp/x")
    assert isinstance(ours, pathlib.Path)
    assert ours == plain
    assert plain == ours
    assert hash(ours) == hash(plain)
    assert type(ours / "y") is type(ours.parent) is LocalPathImpl
    assert os.fspath(ours) == "/tmp/x"


def test_s3_is_not_pathlib() -> None:
    """An S3 path is not a `pathlib.Path` and has no `__fspath__`: `open(p)` and `os.fspath(p)` raise `TypeError`."""
    path = Path("s3://bucket/key")
    assert not isinstance(path, pathlib.PurePath)
    with pytest.raises(TypeError):
        os.fspath(path)
    with pytest.raises(TypeError):
        open(path)  # noqa: SIM115


@pytest.mark.parametrize("text", ["a/b", "s3://bucket/a/b", "s3://", "s3://minio@bucket/a"])
def test_values(text: str) -> None:
    """Paths are immutable values: equal, hashable, ordered, and the same after pickling."""
    path, same = Path(text), Path(text)
    assert path == same
    assert hash(path) == hash(same)
    assert {path: 1}[same] == 1
    restored = pickle.loads(pickle.dumps(path))
    assert restored == path
    assert type(restored) is type(path)
    if text != "s3://":
        assert path.parent < path <= same
        assert sorted([path, path.parent]) == [path.parent, path]


@pytest.mark.parametrize("text", ["/tmp", "s3://bucket/a"])
def test_subclass(text: str) -> None:
    """A user's `class MyPath(Path)` works for both kinds, and pickles."""
    path = MyPath(text, "b")
    assert isinstance(path, MyPath)
    assert isinstance(path, type(Path(text)))
    assert type(path.parent) is type(path / "x") is type(path)
    assert str(path) == text + "/b"
    assert pickle.loads(pickle.dumps(path)) == path
    assert type(pickle.loads(pickle.dumps(path))) is type(path)


@pytest.mark.parametrize("text", ["/tmp", "s3://bucket/a"])
def test_subclass_with_init(text: str) -> None:
    class Held(Path):
        def __init__(self, *segments: object, held: object = None) -> None:
            super().__init__(*segments)
            self.held = held

        def with_segments(self, *segments: object) -> Path:
            return type(self)(*segments, held=self.held)

    class Plain(Path):
        def __init__(self, *segments: object) -> None:
            super().__init__(*segments)
            self.held = None

    path = Held(text, "b", held=5)
    assert str(path) == f"{text}/b"
    assert path.held == 5
    if sys.version_info >= (3, 12) or text != "/tmp":  # pathlib of Python 3.11 doesn't call with_segments
        assert [each.held for each in (path / "x", path.parent, path.with_name("y"))] == [5] * 3
        assert [each.held for each in (Plain(text) / "x", Plain(text).parent)] == [None] * 2


@pytest.mark.parametrize("text", ["/tmp", "s3://bucket/a"])
def test_subclass_with_slots(text: str) -> None:
    class Slotted(Path):
        __slots__ = ()

    class Holding(Path):
        __slots__ = ("held",)

    assert str(Slotted(text) / "x") == f"{text}/x"
    with pytest.raises(TypeError, match="Holding names __slots__"):
        Holding(text)


def test_import_is_free() -> None:
    """Importing tfm and making an S3 path loads neither boto3 nor Textual."""
    code = "import sys, tfm; p = tfm.Path('s3://bucket/key') / 'x'; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "tfm.s3.path" in loaded
    assert not {"boto3", "botocore", "textual", "urllib3", "cachetools"} & set(loaded)


def test_root() -> None:
    """`s3://` is to S3 what `/` is to a disk: its children are the buckets, and going up from a bucket leads to it."""
    root = Path("s3://")
    assert Path("s3://bucket").parent == root
    assert root.parent == root
    assert root / "bucket" / "key" == Path("s3://bucket/key")
    assert Path("s3://bucket/a/c").parts == ("s3://", "bucket", "a", "c")
    assert (root.name, Path("s3://bucket").name) == ("", "bucket")
    assert str(root) == "s3://"


@given(KEYS)
def test_literal_keys(key: str) -> None:
    """A URI is the literal key: nothing is decoded, empty segments, `.` and `..` are names, and `Path(str(p)) == p`
    for every key.
    """
    path = Path(f"s3://bucket/{key}")
    assert isinstance(path, S3PathImpl)
    assert path.key == key
    assert path.parts == ("s3://", "bucket", *key.split("/"))
    assert Path(str(path)) == path
    assert pickle.loads(pickle.dumps(path)) == path
    walked = Path("s3://bucket")
    for name in key.split("/"):
        walked = walked.child(name)
    assert walked == path
    for ancestor in path.parents:
        assert Path(str(ancestor)) == ancestor


def test_literal_examples() -> None:
    for key in ("a%20b", "a#b", "a?b=c", "a+b", "a//b", "./a", "a/../b", " ", "ü/😀", "s3://other/key", "a@b", "a\nb"):
        assert Path(f"s3://bucket/{key}").key == key  # type: ignore[attr-defined]
    assert [str(p) for p in Path("s3://bucket/a//b").parents] == [
        "s3://bucket/a//",
        "s3://bucket/a",
        "s3://bucket",
        "s3://",
    ]


def test_joining() -> None:
    """Joining drops empty and `.` segments, keeps `..`, and an absolute URI replaces the left side, also of a local
    path.
    """
    base = Path("s3://bucket/a")
    assert base / "b//c/./d/" == Path("s3://bucket/a/b/c/d")
    assert str(base / "../x") == "s3://bucket/a/../x"
    assert base / "" == base
    assert base / "s3://other/k" == Path("s3://other/k")
    assert Path("/tmp") / "s3://other/k" == Path("s3://other/k")
    assert Path("/tmp") / Path("s3://other/k") == Path("s3://other/k")
    assert Path("/tmp").joinpath("x", "s3://other", "k") == Path("s3://other/k")
    assert Path("/tmp", "s3://other", "k") == Path("s3://other/k")
    assert base / pathlib.PurePosixPath("x/y") == Path("s3://bucket/a/x/y")
    assert "left" / base == base
    with pytest.raises(TypeError):
        base / 1  # type: ignore[operator]
    with pytest.raises(TypeError):
        base / b"bytes"  # type: ignore[operator]


def test_joining_a_slash() -> None:
    """`/x` joined to an S3 path is the bucket's `x`."""
    assert Path("s3://bucket/a/b") / "/x" == Path("s3://bucket/x")
    assert Path("s3://minio@bucket/a/b").joinpath("/x/y") == Path("s3://minio@bucket/x/y")


@pytest.mark.parametrize(
    "text",
    [
        "s3://",
        "s3://bucket",
        "s3://bucket/a/b",
        "s3://minio@bucket/a",
        "s3://bucket/a//b",
        "s3://bucket//a",
        "s3://bucket//",
    ],
)
def test_anchor(text: str) -> None:
    """`parts[0] == anchor == drive + root`, `parents[-1] == Path(anchor)` and `len(parts) - 1 == len(parents)`."""
    path = Path(text)
    assert path.parts[0] == path.anchor == path.drive + path.root
    assert len(path.parts) - 1 == len(path.parents)
    if path.parents:
        assert path.parents[-1] == Path(path.anchor)
        assert path.parents[0] == path.parent
        assert path.parents[-1] == list(path.parents)[-1]
        assert path.parents[0:2] == tuple(path.parents)[0:2]
    with pytest.raises(IndexError):
        path.parents[len(path.parents)]
    assert path.is_absolute()


def test_trailing_slash() -> None:
    """One trailing slash is dropped, and a path never prints one, so that `f"{p.parent}/{name}"` is right."""
    assert Path("s3://bucket/a/") == Path("s3://bucket/a")
    assert str(Path("s3://bucket/")) == "s3://bucket"
    path = Path("s3://bucket/a/b")
    assert Path(f"{path.parent}/c") == Path("s3://bucket/a/c")
    assert str(Path("s3://bucket/a//")) == "s3://bucket/a//"
    assert Path("s3://bucket/a//").parts == ("s3://", "bucket", "a", "")


@given(
    st.lists(NAMES, min_size=1, max_size=4),
    st.lists(NAMES, min_size=1, max_size=2),
    NAMES,
    st.sampled_from(["", ".x", ".tar.gz"]),
)
def test_lexical(names: list[str], base: list[str], name: str, suffix: str) -> None:
    """`name`, `stem`, `suffix`, `with_name`, `with_stem`, `with_suffix`, `relative_to` and `match` work on segments
    as `PurePosixPath` does.
    """
    ours, plain = Path("s3://bucket").joinpath(*names), pathlib.PurePosixPath("/bucket", *names)
    assert (ours.name, ours.stem, ours.suffix, ours.suffixes) == (plain.name, plain.stem, plain.suffix, plain.suffixes)
    assert ours.with_name(name).name == plain.with_name(name).name
    assert ours.with_suffix(suffix).name == plain.with_suffix(suffix).name
    assert ours.with_stem(name).name == plain.with_stem(name).name
    other_ours, other_plain = Path("s3://bucket").joinpath(*base), pathlib.PurePosixPath("/bucket", *base)
    assert ours.is_relative_to(other_ours) == plain.is_relative_to(other_plain)
    if plain.is_relative_to(other_plain):
        relative = ours.relative_to(other_ours)
        assert relative.parts == plain.relative_to(other_plain).parts
        assert str(relative) == str(plain.relative_to(other_plain))
        assert other_ours / relative == ours
        assert not relative.is_absolute()
    else:
        with pytest.raises(ValueError, match="subpath"):
            ours.relative_to(other_ours)
    for pattern in ("*", "a*", "*/*", name):
        assert ours.match(pattern) == plain.match(pattern)


def test_relative_keeps_a_uri_that_is_a_key() -> None:
    base, path = Path("s3://bucket"), Path("s3://bucket/s3://other/key")
    relative = path.relative_to(base)
    assert relative != Path("s3://other/key")
    assert base / relative == path
    with pytest.raises(InvalidPathError, match="relative"):
        relative.stat()
    assert path.relative_to(Path("s3://bucket/x"), walk_up=True).parts[0] == ".."
    with pytest.raises(ValueError, match=r"different|subpath"):
        path.relative_to("s3://minio@bucket", walk_up=True)


@pytest.mark.parametrize("bad", ["", ".", "a/b"])
def test_bad_names(bad: str) -> None:
    with pytest.raises(ValueError, match="Invalid name"):
        Path("s3://bucket/a").with_name(bad)
    with pytest.raises(ValueError, match="empty name"):
        Path("s3://").with_name("bucket")


def test_places() -> None:
    """A place before `@` belongs to the path's identity: `s3://minio@b/k` is not `s3://b/k`, and its root is
    `s3://minio@`.
    """
    path = Path("s3://minio@bucket/a@b")
    assert isinstance(path, S3PathImpl)
    assert path != Path("s3://bucket/a@b")
    assert (path.place, path.bucket, path.key) == ("minio", "bucket", "a@b")
    assert str(path) == "s3://minio@bucket/a@b"
    assert path.parents[-1] == Path("s3://minio@")
    assert Path("s3://minio@bucket").name == "bucket"
    assert Path("s3://bucket/a@b").place == ""  # type: ignore[attr-defined]


def test_unknown_scheme() -> None:
    """A scheme that nobody registered is a local name."""
    assert type(Path("ftp://host/x")) is LocalPathImpl
    assert Path("ftp://host/x") == pathlib.Path("ftp://host/x")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("s3:/b", "s3://b"),
        ("s3:/bucket/key", "s3://bucket/key"),
        ("s3://B_ad", "bucket"),
        ("s3://B_ad/key", "bucket"),
        ("s3://-ab/key", "begins"),
        (f"s3://{'a' * 64}/key", "63"),
        ("s3://a..b/key", "bucket"),
        ("s3:///key", "s3://BUCKET/key"),
        ("s3://@bucket/key", "place"),
        ("s3://a b@bucket/key", "place"),
    ],
)
def test_malformed(text: str, hint: str) -> None:
    """A known scheme with one slash, a bucket's name that can't be one, and a key without a bucket are errors that
    say what to write.
    """
    with pytest.raises(InvalidPathError, match=hint) as caught:
        Path(text)
    assert isinstance(caught.value, ValueError)
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("s3:///", "s3://"),
        ("s3://bucket//", "s3://bucket//"),
        ("S3://bucket/K", "s3://bucket/K"),
        ("s3://p/q@b/k", "s3://p/q@b/k"),
        ("s3://bucket/a?versionId=1#x", "s3://bucket/a?versionId=1#x"),
        ("s3://bucket/k\\x", "s3://bucket/k\\x"),
        ("s3://bucket/\n", "s3://bucket/\n"),
        ("s3://bucket/\0", "s3://bucket/\0"),
        ("s3://bucket/\ud800", "s3://bucket/\ud800"),
        ("s3:", pathlib.Path("s3:")),
        ("s3:b/k", pathlib.Path("s3:b/k")),
        (" s3://b/k", pathlib.Path(" s3://b/k")),
        ("s3://bucket\n", None),
        ("s3://bucket\0/k", None),
        ("s3://bucket /k", None),
        ("s3://bucket?x", None),
        ("s3://bucket#x/k", None),
        ("s3://p@@bucket/k", None),
        ("s3://BUCKET/k", None),
        ("s3://ü/k", None),
        ("s3://.b/k", None),
        ("s3://b./k", None),
        ("s3:////k", None),
    ],
)
def test_odd_text(text: str, meaning: object) -> None:
    """Every text has one meaning: an S3 path that prints as itself, a local name, or an error when the path is made."""
    if meaning is None:
        with pytest.raises(InvalidPathError, match="bucket") as caught:
            Path(text)
        assert repr(text) in str(caught.value)
    else:
        path = Path(text)
        assert path == Path(str(path))
        assert path == meaning if isinstance(meaning, pathlib.Path) else str(path) == meaning


def test_well_formed_buckets_that_are_remembered_let_no_other_pass() -> None:
    for text in ("s3://good/k", "s3://good-/k", "s3://goo_/k", "s3://good", "s3://goo", "s3://good_", "s3://good/k/.."):
        if "_" in text or "-/" in text:
            for _ in range(2):
                with pytest.raises(InvalidPathError):
                    Path(text)
        else:
            assert str(Path(text)) == str(Path(text)) == text


@pytest.mark.parametrize("key", ["k" * 1025, "ü" * 513, "a\0b", "a\ud800b"])
def test_keys_that_s3_cannot_hold(key: str) -> None:
    """A key that S3 can't hold, of more than 1,024 bytes, with NUL or not Unicode, is an error before any request."""
    path = Path(f"s3://bucket/{key}")  # no client is set up here, so a request would be another error
    assert not path.exists()
    for call in (path.stat, path.read_bytes, path.unlink, path.mkdir, path.iterdir, path.touch, path.rmdir):
        with pytest.raises(InvalidPathError, match=r"1024|NUL|Unicode"):
            call()
    with pytest.raises(InvalidPathError, match=r"1024|NUL|Unicode"):
        path.write_bytes(b"x")
    with pytest.raises(InvalidPathError, match=r"1024|NUL|Unicode"):
        path.rename("s3://bucket/other")


def test_a_local_file_of_such_a_name() -> None:
    assert Path("./s3:/b") == pathlib.Path("./s3:/b")
    assert type(Path("/tmp").child("s3:")) is LocalPathImpl


def test_resolve() -> None:
    """`resolve()` normalises an S3 path on purpose: empty and `.` segments vanish and `..` goes up, never out of the
    bucket.
    """
    assert Path("s3://bucket/a//./b/../c").resolve() == Path("s3://bucket/a/c")
    assert Path("s3://bucket/../../x").resolve() == Path("s3://bucket/x")
    assert Path("s3://bucket/a").absolute() == Path("s3://bucket/a")
    assert Path("s3://bucket/~").expanduser() == Path("s3://bucket/~")


def test_relative_paths_have_no_place_to_be() -> None:
    relative = Path("s3://bucket/a/b").relative_to("s3://bucket")
    assert (str(relative), relative.anchor, relative.name, str(relative.parent)) == ("a/b", "", "b", "a")
    for call in (relative.absolute, relative.resolve, relative.stat, relative.as_uri):
        with pytest.raises(ValueError, match="relative"):
            call()
    assert pickle.loads(pickle.dumps(relative)) == relative


class Tagged(Path):
    """A user's class that carries something along."""

    def __init__(self, *segments: object, tag: str = "") -> None:
        if isinstance(self, pathlib.Path) and sys.version_info >= (3, 12):
            super().__init__(*segments)  # type: ignore[arg-type]
        self.tag = tag

    def with_segments(self, *segments: object) -> Tagged:
        return type(self)(*segments, tag=self.tag)


def test_a_class_that_carries_something_along() -> None:
    """What is made from a path of a user's class is made by its `with_segments`, if it has one."""
    path = Tagged("s3://bucket/a/b", tag="x")
    derived = [path / "c", path.parent, path.parents[1], path.with_name("c"), path.relative_to("s3://bucket")]
    derived += [path.joinpath("c", "d"), path.child("c"), path.resolve(), path.with_suffix(".c")]
    assert [each.tag for each in derived] == ["x"] * len(derived)
    assert isinstance(derived[0], S3PathImpl)
    assert str(derived[-1]) == "s3://bucket/a/b.c"
    if sys.version_info >= (3, 12):  # pathlib of Python 3.11 doesn't call it
        assert (Tagged("/a/b", tag="x") / "c").parent.tag == "x"


@pytest.mark.parametrize("text", ["a", "s3://bucket/a"])
def test_keywords_that_nobody_takes(text: str) -> None:
    for kind in (Path, MyPath, S3PathImpl):
        with pytest.raises(TypeError, match="colour"):
            kind(text, colour="red")  # type: ignore[call-arg]


def test_home_and_cwd_are_local_from_any_class() -> None:
    assert type(S3PathImpl.cwd()) is type(S3PathImpl.home()) is LocalPathImpl
    mine = MyPath("s3://bucket")
    assert isinstance(mine.cwd(), MyPath)
    assert mine.cwd() == pathlib.Path.cwd()
    with pytest.raises(InvalidPathError):
        S3PathImpl("/tmp")
    with pytest.raises(ValueError, match="URI"):
        LocalPathImpl.from_uri("s3://bucket")


def test_local_names_that_cannot_be() -> None:
    for name in ("", ".", "..", "a/b", "a\0b"):
        with pytest.raises(InvalidPathError):
            Path("/tmp").child(name)
    assert Path("/tmp").child("s3://x".replace("/", ":")) == pathlib.Path("/tmp/s3:::x")


def test_full_match() -> None:
    path = Path("s3://bucket/a/b/c.txt")
    assert path.full_match("s3://bucket/**/*.txt")
    assert path.full_match("s3://*/a/*/c.txt")
    assert not path.full_match("**/*.csv")
    assert Path("/a/b/c.txt").full_match("/**/c.*")
    assert Path("s3://bucket/a@").match("a@")
    assert Path("s3://bucket/a@").match("S3://*/a@")
    assert not Path("s3://bucket/a").match("*://*/*")
    assert not Path("s3://bucket/A").match("a")
    assert Path("s3://bucket/A").match("a", case_sensitive=False)


def test_uris() -> None:
    assert Path("s3://bucket/a b").as_uri() == "s3://bucket/a b"
    assert Path.from_uri("s3://bucket/a b") == Path("s3://bucket/a b")
    assert Path.from_uri("file:///tmp/a%20b") == pathlib.Path("/tmp/a b")
    with pytest.raises(ValueError, match="URI"):
        Path.from_uri("tmp/x")


def test_the_empty_path_of_a_kind() -> None:
    empty = Path("s3://bucket/key").with_segments()
    assert (str(empty), empty.parts, empty.name, empty.is_absolute()) == (".", (), "", False)
    assert Path("s3://bucket") / empty == Path("s3://bucket")
    with pytest.raises(ValueError, match="empty name"):
        empty.copy_into(Path("s3://bucket"))
