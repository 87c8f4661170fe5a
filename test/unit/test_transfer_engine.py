"""One file from disk to disk; with S3 the same in test/conformance."""

import os
import threading

import pytest

from tfm import Path, kernel
from tfm.transfer.engine import rename, transfer
from tfm.transfer.errors import SourceChangedError, TransferCancelledError, TransferError

MIB = 1024 * 1024


@pytest.fixture
def here(tmp_path):
    return Path(tmp_path)


def copy(source, target, **options):
    return transfer(source, target, source.facts(follow_symlinks=False), **options)


def only(directory, *names):
    assert sorted(os.listdir(directory)) == sorted(names)


@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB + 7])
def test_every_byte_arrives(here, size):
    data = os.urandom(size)
    (here / "a").write_bytes(data)
    moved = []
    result = copy(here / "a", here / "b", progress=moved.append)
    assert (here / "b").read_bytes() == data
    assert result.bytes == sum(moved) == size
    only(here, "a", "b")


def test_time_and_mode_travel(here):
    (here / "a").write_bytes(b"x")
    os.utime(here / "a", ns=(1_000_000_000_123_456_789, 1_111_111_111_987_654_321))
    os.chmod(here / "a", 0o640)
    copy(here / "a", here / "b")
    facts = os.stat(here / "b")
    assert facts.st_mtime_ns == 1_111_111_111_987_654_321
    assert facts.st_mode & 0o7777 == 0o640


def test_a_copy_never_inherits_set_user_id(here):
    (here / "a").write_bytes(b"x")
    os.chmod(here / "a", 0o4755)
    copy(here / "a", here / "b")
    assert os.stat(here / "b").st_mode & 0o7777 == 0o755


def test_a_read_only_file_is_copied(here):
    (here / "a").write_bytes(b"x")
    os.chmod(here / "a", 0o444)
    copy(here / "a", here / "b")
    assert os.stat(here / "b").st_mode & 0o777 == 0o444


def test_what_is_private_is_private_while_it_is_written(here):
    (here / "a").write_bytes(b"x" * 2 * MIB)
    os.chmod(here / "a", 0o600)
    modes = []
    copy(here / "a", here / "b", progress=lambda size: modes.append(os.stat(here / ".b.tfm-part").st_mode & 0o777))
    assert modes
    assert set(modes) == {0o600}


def test_an_existing_file_is_kept_unless_told_otherwise(here):
    (here / "a").write_bytes(b"new")
    (here / "b").write_bytes(b"old")
    with pytest.raises(FileExistsError):
        copy(here / "a", here / "b")
    assert (here / "b").read_bytes() == b"old"
    copy(here / "a", here / "b", overwrite=True)
    assert (here / "b").read_bytes() == b"new"
    only(here, "a", "b")


def test_a_file_that_appears_while_copying_is_kept(here):
    (here / "a").write_bytes(b"x" * 3 * MIB)
    with pytest.raises(FileExistsError):
        copy(here / "a", here / "b", progress=lambda size: (here / "b").write_bytes(b"theirs"))
    assert (here / "b").read_bytes() == b"theirs"
    only(here, "a", "b")


def test_overwriting_a_link_replaces_the_link_and_not_what_it_leads_to(here):
    (here / "a").write_bytes(b"new")
    (here / "victim").write_bytes(b"precious")
    (here / "b").symlink_to("victim")
    copy(here / "a", here / "b", overwrite=True)
    assert (here / "victim").read_bytes() == b"precious"
    assert not (here / "b").is_symlink()


def test_a_cancel_leaves_nothing(here):
    (here / "a").write_bytes(b"x" * 8 * MIB)
    stop = threading.Event()
    moved = []

    def progress(size):
        moved.append(size)
        stop.set()

    with pytest.raises(TransferCancelledError):
        copy(here / "a", here / "b", progress=progress, cancelled=stop.is_set)
    assert sum(moved) <= MIB
    only(here, "a")


def test_a_cancel_at_the_last_moment_leaves_what_was_there(here):
    (here / "a").write_bytes(b"new")
    (here / "b").write_bytes(b"old")
    asked = iter([False, False, True, True])
    with pytest.raises(TransferCancelledError):
        copy(here / "a", here / "b", overwrite=True, cancelled=lambda: next(asked))
    assert (here / "b").read_bytes() == b"old"
    only(here, "a", "b")


@pytest.mark.parametrize("change", ["grow", "shrink", "rewrite"])
def test_a_source_that_changes_meanwhile_fails(here, change):
    (here / "a").write_bytes(b"x" * 3 * MIB)
    os.utime(here / "a", (1, 1))
    begun = []

    def progress(size):
        if begun:
            return
        begun.append(size)
        with open(here / "a", "r+b") as stream:
            if change == "grow":
                stream.seek(0, os.SEEK_END)
                stream.write(b"y")
            elif change == "shrink":
                stream.truncate(2 * MIB)
            else:
                stream.write(b"y")

    with pytest.raises(SourceChangedError):
        copy(here / "a", here / "b", progress=progress)
    only(here, "a")


def test_links_stay_links(here):
    (here / "file").write_bytes(b"x")
    (here / "to-file").symlink_to("file")
    (here / "broken").symlink_to("nowhere")
    (here / "into").mkdir()
    for name in ("to-file", "broken"):
        os.utime(here / name, (5, 5), follow_symlinks=False)
        copy(here / name, here / "into" / name)
        assert os.readlink(here / "into" / name) == os.readlink(here / name)
        assert os.lstat(here / "into" / name).st_mtime == 5


def test_a_link_replaces_a_file_only_when_told(here):
    (here / "link").symlink_to("nowhere")
    (here / "b").write_bytes(b"old")
    with pytest.raises(FileExistsError):
        copy(here / "link", here / "b")
    copy(here / "link", here / "b", overwrite=True)
    assert os.readlink(here / "b") == "nowhere"
    only(here, "b", "link")


def test_a_pipe_is_refused_and_not_opened(here):
    os.mkfifo(here / "pipe")
    with pytest.raises(TransferError, match="pipe"):
        copy(here / "pipe", here / "b")
    only(here, "pipe")


def test_a_pipe_in_the_place_of_a_listed_file_does_not_block(here):
    (here / "a").write_bytes(b"x")
    info = (here / "a").facts()
    os.unlink(here / "a")
    os.mkfifo(here / "a")
    with pytest.raises(TransferError, match="not a regular file"):
        transfer(here / "a", here / "b", info)
    only(here, "a")


def test_a_destination_that_is_a_directory_is_not_replaced(here):
    (here / "a").write_bytes(b"x")
    (here / "b").mkdir()
    with pytest.raises(OSError, match="directory"):
        copy(here / "a", here / "b", overwrite=True)
    only(here, "a", "b")
    only(here / "b")


def test_a_name_of_full_length_is_copied(here):
    name = "n" * 255
    (here / name).write_bytes(b"x")
    (here / "into").mkdir()
    copy(here / name, here / "into" / name)
    only(here / "into", name)


def test_a_name_that_is_not_utf8_is_copied(here):
    name = os.fsdecode(b"caf\xe9")
    (here / name).write_bytes(b"x")
    (here / "into").mkdir()
    copy(here / name, here / "into" / name)
    assert os.listdir(os.fsencode(here / "into")) == [b"caf\xe9"]


def test_without_the_kernels_help_the_bytes_go_through_memory(here, monkeypatch):
    data = os.urandom(3 * MIB + 5)
    (here / "a").write_bytes(data)

    def refused(*arguments):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(kernel.os, "copy_file_range", refused)
    copy(here / "a", here / "b")
    assert (here / "b").read_bytes() == data


def test_a_full_disk_leaves_nothing(here, monkeypatch):
    (here / "a").write_bytes(b"x" * 2 * MIB)

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kernel.os, "copy_file_range", full)
    with pytest.raises(OSError, match="No space left"):
        copy(here / "a", here / "b")
    only(here, "a")


def test_extended_attributes_of_the_user_travel(here):
    (here / "a").write_bytes(b"x")
    try:
        os.setxattr(here / "a", "user.note", b"hello")
    except OSError:
        pytest.skip("this file system has no user attributes")
    copy(here / "a", here / "b")
    assert os.getxattr(here / "b", "user.note") == b"hello"


def test_a_directory_is_renamed_but_never_onto_something(here):
    (here / "d").mkdir()
    (here / "d" / "x").write_bytes(b"x")
    (here / "e").mkdir()
    with pytest.raises(FileExistsError):
        rename(here / "d", here / "e", (here / "d").facts())
    rename(here / "d", here / "f", (here / "d").facts())
    assert (here / "f" / "x").read_bytes() == b"x"
    only(here, "e", "f")


def test_a_file_is_renamed_onto_another_only_when_told(here):
    (here / "a").write_bytes(b"new")
    (here / "b").write_bytes(b"old")
    with pytest.raises(FileExistsError):
        rename(here / "a", here / "b", (here / "a").facts())
    rename(here / "a", here / "b", (here / "a").facts(), overwrite=True)
    assert (here / "b").read_bytes() == b"new"
    only(here, "b")
