"""A file that nobody sees before it is whole."""

import os

import pytest

from tfm.transfer.errors import TransferError
from tfm.transfer.partfile import NAME_MAX, PartFile, part_name


def names(directory):
    return sorted(os.listdir(directory))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.txt", ".a.txt.tfm-part"), ("x", ".x.tfm-part"), (".hidden", "..hidden.tfm-part")],
)
def test_the_part_stands_beside_its_destination(name, expected):
    assert part_name(name) == expected


@pytest.mark.parametrize(
    "name", ["a" * 255, "ä" * 127, "日" * 85, "a" + "🙂" * 63, "\udcff" * 255, "a" * 245, "b" * 246]
)
def test_a_long_name_gives_a_part_that_the_disk_takes(name, tmp_path):
    part = part_name(name)
    assert len(os.fsencode(part)) <= NAME_MAX
    assert part.startswith("." + name[:1])
    assert part.endswith(".tfm-part")
    (tmp_path / part).touch()


def test_long_names_that_differ_at_the_end_have_different_parts():
    assert part_name("a" * 254 + "b") != part_name("a" * 254 + "c")


def test_a_cut_name_is_never_cut_inside_a_letter():
    part_name("ä" * 127).encode()
    part_name("a" + "日" * 84).encode()


def test_the_file_appears_on_publish_only(tmp_path):
    with PartFile(str(tmp_path / "a"), 0o600) as part:
        part.write(b"one")
        assert names(tmp_path) == [".a.tfm-part"]
        part.publish(overwrite=False)
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"one"


def test_a_file_that_appeared_meanwhile_is_not_replaced(tmp_path):
    part = PartFile(str(tmp_path / "a"), 0o600)
    part.write(b"ours")
    (tmp_path / "a").write_bytes(b"theirs")
    with pytest.raises(FileExistsError), part:
        part.publish(overwrite=False)
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"theirs"


def test_overwriting_replaces_at_once(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    with PartFile(str(tmp_path / "a"), 0o600) as part:
        part.write(b"new")
        assert (tmp_path / "a").read_bytes() == b"old"
        part.publish(overwrite=True)
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"new"


def test_a_block_that_raises_leaves_nothing(tmp_path):
    def fail():
        with PartFile(str(tmp_path / "a"), 0o600) as part:
            part.write(b"half")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert names(tmp_path) == []


def test_somebody_elses_part_is_neither_used_nor_removed(tmp_path):
    (tmp_path / ".a.tfm-part").write_bytes(b"precious")
    with PartFile(str(tmp_path / "a"), 0o600) as part:
        part.write(b"new")
        part.publish(overwrite=False)
    assert names(tmp_path) == [".a.tfm-part", "a"]
    assert (tmp_path / ".a.tfm-part").read_bytes() == b"precious"


def test_a_link_in_the_place_of_the_part_is_not_followed(tmp_path):
    (tmp_path / "victim").write_bytes(b"precious")
    (tmp_path / ".a.tfm-part").symlink_to(tmp_path / "victim")
    with PartFile(str(tmp_path / "a"), 0o600) as part:
        part.write(b"new")
        part.publish(overwrite=False)
    assert (tmp_path / "victim").read_bytes() == b"precious"
    assert not (tmp_path / "a").is_symlink()


def test_a_part_that_was_replaced_is_not_published(tmp_path):
    part = PartFile(str(tmp_path / "a"), 0o600)
    part.write(b"ours")
    (tmp_path / "other").write_bytes(b"theirs")
    os.replace(tmp_path / "other", tmp_path / ".a.tfm-part")
    with pytest.raises(TransferError), part:
        part.publish(overwrite=True)
    assert names(tmp_path) == [".a.tfm-part"]
    assert (tmp_path / ".a.tfm-part").read_bytes() == b"theirs"
