"""Room on a disk is taken before it is needed, or the lack of it told."""

import errno
import os

import pytest

from tfm import diskspace
from tfm.diskspace import reserve


def test_room_is_taken(tmp_path):
    with open(tmp_path / "f", "wb") as stream:
        reserve(stream.fileno(), 1_000_000)
        facts = os.fstat(stream.fileno())
    assert facts.st_size in (0, 1_000_000)
    assert facts.st_blocks * 512 >= 1_000_000 or facts.st_size == 0


def test_what_can_not_fit_is_refused_before_any_room_is_taken(tmp_path, monkeypatch):
    taken = []
    monkeypatch.setattr(diskspace, "_find_fallocate", lambda: lambda descriptor, size: taken.append(size) or 0)
    with open(tmp_path / "f", "wb") as stream:
        free = os.fstatvfs(stream.fileno())
        with pytest.raises(OSError, match="No space left on device") as caught:
            reserve(stream.fileno(), free.f_blocks * free.f_frsize + 1)
    assert caught.value.errno == errno.ENOSPC
    assert taken == []


def test_a_disk_that_can_not_take_room_beforehand_is_asked_what_is_free(tmp_path, monkeypatch):
    monkeypatch.setattr(diskspace, "_find_fallocate", lambda: lambda descriptor, size: errno.EOPNOTSUPP)
    with open(tmp_path / "f", "wb") as stream:
        reserve(stream.fileno(), 1000)
        assert os.fstat(stream.fileno()).st_size == 0


def test_room_that_was_taken_in_vain_is_given_back(tmp_path, monkeypatch):
    def fail(descriptor, size):
        os.ftruncate(descriptor, size // 2)
        return errno.EDQUOT

    monkeypatch.setattr(diskspace, "_find_fallocate", lambda: fail)
    with open(tmp_path / "f", "wb") as stream, pytest.raises(OSError, match="quota") as caught:
        reserve(stream.fileno(), 1000)
    assert os.path.getsize(tmp_path / "f") == 0
    assert caught.value.errno == errno.EDQUOT
