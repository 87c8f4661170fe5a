"""What was copied lasts before its source goes."""

import errno
import os

import pytest

from tfm import durable
from tfm.durable import FEW, Durability


@pytest.fixture
def flushed(monkeypatch):
    """The names of what is flushed one by one."""
    names = []
    real = os.fsync

    def fsync(descriptor):
        names.append(os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))
        real(descriptor)

    monkeypatch.setattr(durable.os, "fsync", fsync)
    return names


def files(directory, count):
    for number in range(count):
        (directory / str(number)).write_bytes(b"x")
    return [str(directory / str(number)) for number in range(count)]


def test_few_files_and_their_directory_are_flushed_one_by_one(tmp_path, flushed):
    Durability().settle(files(tmp_path, 2))
    assert flushed == ["0", "1", tmp_path.name]


def test_many_files_are_flushed_by_one_call(tmp_path, flushed, monkeypatch):
    calls = []
    monkeypatch.setattr(durable, "_find_syncfs", lambda: lambda descriptor: calls.append(descriptor) or 0)
    durability = Durability()
    (tmp_path / "d").mkdir()
    durability.watch(str(tmp_path))
    durability.watch(str(tmp_path / "d"))
    durability.settle([*files(tmp_path, FEW), *files(tmp_path / "d", 1)])
    assert len(calls) == 1
    assert flushed == []


def test_the_call_exists_on_linux_and_succeeds(tmp_path, flushed):
    durability = Durability()
    durability.watch(str(tmp_path))
    durability.settle(files(tmp_path, FEW + 1))
    assert flushed == []


def test_without_the_call_each_file_is_flushed(tmp_path, flushed, monkeypatch):
    monkeypatch.setattr(durable, "_find_syncfs", lambda: None)
    durability = Durability()
    durability.watch(str(tmp_path))
    durability.settle(files(tmp_path, FEW + 1))
    assert len(flushed) == FEW + 2


def test_a_device_that_was_not_watched_before_is_not_taken_on_trust(tmp_path, flushed):
    Durability().settle(files(tmp_path, FEW + 1))
    assert len(flushed) == FEW + 2


def test_what_is_made_later_on_a_device_is_watched_with_it(tmp_path, flushed):
    durability = Durability()
    durability.watch(str(tmp_path))
    (tmp_path / "d").mkdir()
    durability.settle(files(tmp_path / "d", FEW + 1))
    assert flushed == []


def test_an_error_of_the_disk_is_raised(tmp_path, monkeypatch):
    monkeypatch.setattr(durable, "_find_syncfs", lambda: lambda descriptor: errno.EIO)
    durability = Durability()
    durability.watch(str(tmp_path))
    with pytest.raises(OSError, match="Input/output error"):
        durability.settle(files(tmp_path, FEW + 1))


def test_a_link_is_not_followed(tmp_path, flushed):
    (tmp_path / "link").symlink_to("nowhere")
    Durability().settle([str(tmp_path / "link")])
    assert flushed == [tmp_path.name]


def test_what_was_watched_is_let_go(tmp_path):
    before = len(os.listdir("/proc/self/fd"))
    durability = Durability()
    (tmp_path / "d").mkdir()
    durability.watch(str(tmp_path))
    durability.watch(str(tmp_path / "d"))
    assert len(os.listdir("/proc/self/fd")) == before + 1
    del durability
    assert len(os.listdir("/proc/self/fd")) == before
