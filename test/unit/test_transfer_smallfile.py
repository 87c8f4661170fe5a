"""Small files of a disk, read and written as a whole."""

import os
import stat

import pytest

from tfm.transfer import smallfile
from tfm.transfer.errors import SourceChangedError, TransferError
from tfm.transfer.smallfile import read_small, write_small


def test_what_is_read_is_the_whole_file(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(b"x" * 100)
    assert read_small(str(path), 100) == b"x" * 100
    assert read_small(str(path), 99) is None
    path.write_bytes(b"")
    assert read_small(str(path), 99) == b""


def test_a_file_that_is_written_meanwhile_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "f"
    path.write_bytes(b"x" * 100)
    real = os.read

    def read(descriptor, count):
        data = real(descriptor, count)
        with open(path, "ab") as stream:
            stream.write(b"more")
        return data

    monkeypatch.setattr("tfm.transfer.source.os.read", read)
    with pytest.raises(SourceChangedError):
        read_small(str(path), 1000)


def test_what_is_no_file_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(TransferError, match="not a regular file"):
        read_small(str(tmp_path / "pipe"), 100)


def test_a_file_that_says_nothing_of_its_size_is_left_to_others():
    assert read_small("/proc/self/status", 100) is None


def test_a_new_file_has_its_bytes_its_time_and_the_bits_of_the_umask(tmp_path):
    old = os.umask(0o027)
    try:
        write_small(str(tmp_path / "f"), b"content", 1234.5)
    finally:
        os.umask(old)
    facts = os.stat(tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == b"content"
    assert facts.st_mtime == 1234.5
    assert stat.S_IMODE(facts.st_mode) == 0o640
    assert os.listdir(tmp_path) == ["f"]


@pytest.mark.parametrize("taken", ["file", "link", "directory"])
def test_nothing_is_replaced(tmp_path, taken):
    target = tmp_path / "f"
    if taken == "file":
        target.write_bytes(b"theirs")
    elif taken == "link":
        target.symlink_to("nowhere")
    else:
        target.mkdir()
    before = os.lstat(target)
    with pytest.raises(FileExistsError):
        write_small(str(target), b"ours", None)
    assert os.lstat(target) == before
    assert os.listdir(tmp_path) == ["f"]


def test_what_somebody_else_has_not_finished_is_left_alone(tmp_path):
    (tmp_path / ".f.tfm-part").write_bytes(b"half")
    write_small(str(tmp_path / "f"), b"ours", 1000.0)
    assert (tmp_path / "f").read_bytes() == b"ours"
    assert os.stat(tmp_path / "f").st_mtime == 1000.0
    assert (tmp_path / ".f.tfm-part").read_bytes() == b"half"
    assert len(os.listdir(tmp_path)) == 2


def test_a_disk_without_room_leaves_nothing(tmp_path, monkeypatch):
    real = os.write
    monkeypatch.setattr(smallfile.os, "write", lambda descriptor, data: real(descriptor, data[:3]))
    with pytest.raises(TransferError, match="as a whole"):
        write_small(str(tmp_path / "f"), b"content", None)
    assert os.listdir(tmp_path) == []


def test_a_file_that_is_put_in_the_place_of_ours_is_noticed(tmp_path, monkeypatch):
    def swapping(source, target):
        os.unlink(source)
        with open(target, "wb") as stream:
            stream.write(b"theirs!")

    monkeypatch.setattr(smallfile, "rename_new", swapping)
    with pytest.raises(TransferError, match="not what was written"):
        write_small(str(tmp_path / "f"), b"content", None)
