"""One file from disk to disk: whole, or what was there before."""

import errno
import os

import pytest

from tfm import Path, copying, durable, kernel
from tfm.diskcopy import copy_file

MIB = 1024 * 1024


@pytest.mark.parametrize("size", [0, 1, MIB, 3 * MIB + 7])
def test_every_byte_arrives(tmp_path, size):
    data = os.urandom(size)
    (tmp_path / "a").write_bytes(data)
    assert copy_file(str(tmp_path / "a"), str(tmp_path / "b"), keep=False).st_size == size
    assert (tmp_path / "b").read_bytes() == data
    assert sorted(os.listdir(tmp_path)) == ["a", "b"]


def test_a_file_that_says_it_is_empty_is_read_to_its_end(tmp_path):
    copy_file("/proc/self/status", str(tmp_path / "b"), keep=False)
    assert (tmp_path / "b").read_bytes().startswith(b"Name:")


def test_time_and_permissions_are_kept_when_asked(tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    os.chmod(tmp_path / "a", 0o750)
    os.utime(tmp_path / "a", (1, 1_111_111_111))
    copy_file(str(tmp_path / "a"), str(tmp_path / "b"), keep=True)
    facts = os.stat(tmp_path / "b")
    assert facts.st_mode & 0o7777 == 0o750
    assert facts.st_mtime == 1_111_111_111
    copy_file(str(tmp_path / "a"), str(tmp_path / "c"), keep=False)
    assert os.stat(tmp_path / "c").st_mtime > 1_111_111_111


def test_what_fails_leaves_what_was_there(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(b"new")
    (tmp_path / "b").write_bytes(b"old")

    def full(*args):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(kernel, "clone", full)
    with pytest.raises(OSError, match="No space") as caught:
        copy_file(str(tmp_path / "a"), str(tmp_path / "b"), keep=False)
    assert caught.value.filename == str(tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b"old"
    assert sorted(os.listdir(tmp_path)) == ["a", "b"]


def test_a_directory_is_neither_copied_nor_replaced(tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "d").mkdir()
    with pytest.raises(IsADirectoryError):
        copy_file(str(tmp_path / "d"), str(tmp_path / "b"), keep=False)
    with pytest.raises(IsADirectoryError):
        copy_file(str(tmp_path / "a"), str(tmp_path / "d"), keep=False)
    assert sorted(os.listdir(tmp_path)) == ["a", "d"]


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "p")
    with pytest.raises(OSError, match="Not a regular file"):
        copy_file(str(tmp_path / "p"), str(tmp_path / "b"), keep=False)
    assert os.listdir(tmp_path) == ["p"]


def test_a_missing_directory_is_named_by_the_file_that_was_wanted(tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    with pytest.raises(FileNotFoundError) as caught:
        copy_file(str(tmp_path / "a"), str(tmp_path / "none" / "b"), keep=False)
    assert caught.value.filename == str(tmp_path / "none" / "b")


@pytest.fixture
def two_devices(monkeypatch):
    """Let `Path.rename` fail as between two devices."""

    def crossing(self, target):
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), str(self))

    monkeypatch.setattr(type(Path("/")), "rename", crossing)


def make(top):
    top.mkdir()
    (top / "sub").mkdir()
    for number in range(12):
        (top / "sub" / str(number)).write_bytes(b"x")
    (top / "link").symlink_to("sub/1")
    return top


def test_a_move_between_devices_makes_every_copy_last_before_a_source_goes(tmp_path, two_devices, monkeypatch):
    order = []
    real = durable.Durability.settle

    def settle(self, paths):
        assert (tmp_path / "a" / "sub" / "1").exists()
        order.append(sorted(os.path.relpath(path, tmp_path) for path in paths))
        real(self, paths)

    monkeypatch.setattr(durable.Durability, "settle", settle)
    Path(make(tmp_path / "a")).move(Path(tmp_path / "b"))
    assert order == [sorted(["b/link", *(f"b/sub/{number}" for number in range(12))])]
    assert os.listdir(tmp_path) == ["b"]


def test_no_source_goes_when_the_disk_could_not_keep_the_copies(tmp_path, two_devices, monkeypatch):
    def fail(self, paths):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(durable.Durability, "settle", fail)
    with pytest.raises(OSError, match="Input/output"):
        Path(make(tmp_path / "a")).move(Path(tmp_path / "b"))
    assert len(os.listdir(tmp_path / "a" / "sub")) == 12


def test_a_tree_is_copied_without_a_path_for_each_file(tmp_path, monkeypatch):
    asked = []
    real = copying._copy_file
    monkeypatch.setattr(
        copying, "_copy_file", lambda source, *rest: (asked.append(source.name), real(source, *rest))[1]
    )
    Path(make(tmp_path / "a")).copy(Path(tmp_path / "b"), follow_symlinks=False)
    assert sorted(os.listdir(tmp_path / "b")) == ["link", "sub"]
    assert os.readlink(tmp_path / "b" / "link") == "sub/1"
    assert len(os.listdir(tmp_path / "b" / "sub")) == 12
    assert asked == ["a"]
