"""A file that is whole gets its name, and nothing that has that name is ever replaced."""

import errno
import os

import pytest

from tfm.transfer import newname
from tfm.transfer.newname import rename_new


def names(directory):
    return sorted(os.listdir(directory))


def without_flags(source, target):
    return errno.EINVAL


@pytest.fixture(params=["one step", "a file system without flags", "no such call"])
def way(request, monkeypatch):
    if request.param != "one step":
        rename = without_flags if request.param == "a file system without flags" else None
        monkeypatch.setattr(newname, "_find_rename", lambda: rename)


@pytest.mark.usefixtures("way")
def test_a_file_gets_a_new_name(tmp_path):
    (tmp_path / "a\udce4").write_bytes(b"one")
    rename_new(str(tmp_path / "a\udce4"), str(tmp_path / "b"))
    assert names(tmp_path) == ["b"]
    assert (tmp_path / "b").read_bytes() == b"one"


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("taken", ["file", "link", "directory"])
def test_what_has_the_name_stays(tmp_path, taken):
    (tmp_path / "a").write_bytes(b"one")
    if taken == "file":
        (tmp_path / "b").write_bytes(b"two")
    elif taken == "link":
        (tmp_path / "b").symlink_to("nowhere")
    else:
        (tmp_path / "b").mkdir()
    before = os.lstat(tmp_path / "b").st_ino
    with pytest.raises(FileExistsError) as caught:
        rename_new(str(tmp_path / "a"), str(tmp_path / "b"))
    assert (caught.value.filename, caught.value.filename2) == (str(tmp_path / "a"), str(tmp_path / "b"))
    assert os.lstat(tmp_path / "b").st_ino == before
    assert (tmp_path / "a").read_bytes() == b"one"


@pytest.mark.usefixtures("way")
def test_what_is_not_there_gets_no_name(tmp_path):
    with pytest.raises(FileNotFoundError):
        rename_new(str(tmp_path / "missing"), str(tmp_path / "b"))
    assert names(tmp_path) == []


def without_links(source, target, *, follow_symlinks=True):
    raise OSError(errno.EPERM, "Operation not permitted", source)


def test_without_hard_links_the_name_is_claimed_first(tmp_path, monkeypatch):
    monkeypatch.setattr(newname, "_find_rename", lambda: None)
    monkeypatch.setattr(newname.os, "link", without_links)
    (tmp_path / "a").write_bytes(b"one")
    rename_new(str(tmp_path / "a"), str(tmp_path / "b"))
    assert names(tmp_path) == ["b"]
    assert (tmp_path / "b").read_bytes() == b"one"


def test_without_hard_links_nothing_is_replaced_either(tmp_path, monkeypatch):
    monkeypatch.setattr(newname, "_find_rename", lambda: None)
    monkeypatch.setattr(newname.os, "link", without_links)
    (tmp_path / "a").write_bytes(b"one")
    (tmp_path / "b").write_bytes(b"two")
    with pytest.raises(FileExistsError):
        rename_new(str(tmp_path / "a"), str(tmp_path / "b"))
    assert (tmp_path / "b").read_bytes() == b"two"


def test_a_claimed_name_is_given_back_when_the_rename_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(newname, "_find_rename", lambda: None)
    monkeypatch.setattr(newname.os, "link", without_links)
    with pytest.raises(FileNotFoundError):
        rename_new(str(tmp_path / "missing"), str(tmp_path / "b"))
    assert names(tmp_path) == []


def test_a_pipe_is_renamed_without_being_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    rename_new(str(tmp_path / "pipe"), str(tmp_path / "new"))
    assert names(tmp_path) == ["new"]
