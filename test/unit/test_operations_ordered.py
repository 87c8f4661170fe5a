"""Trees in the order of a flat listing: a disk against sorting, and what can't be listed."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path as LocalPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfm import Path
from tfm.info import FileInfo
from tfm.operations import ordered as module
from tfm.operations.ordered import ordered
from tfm.s3.places import use_client
from tfm.testing import MemoryS3
from tfm.transfer.errors import TransferError

NAMES = st.sampled_from(["a", "a-", "a b", "a0", "A", "z", "ä", "\U0001f600", "\udc80"])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(NAMES, min_size=1, max_size=3), max_size=8))
def test_a_disk_is_listed_in_the_order_of_keys(trees: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as top:
        for names in trees:
            path = os.path.join(top, *names)
            with suppress(FileExistsError, NotADirectoryError):  # a file has the name of a directory
                os.makedirs(os.path.dirname(path), exist_ok=True)
                if not os.path.isdir(path):
                    LocalPath(path).touch()
        keys = [each.key for each in ordered(Path(top))]
        found = []
        for directory, directories, files in os.walk(top):
            below = os.path.relpath(directory, top) + "/" if directory != top else ""
            found += [below + name + "/" for name in directories] + [below + name for name in files]
        assert keys == sorted(found)


def test_links_are_given_and_not_followed(tmp_path: LocalPath) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "f").write_bytes(b"12")
    (tmp_path / "link").symlink_to("d")
    (tmp_path / "file").symlink_to("d/f")
    (tmp_path / "broken").symlink_to("nowhere")
    found = {each.key: each.info for each in ordered(Path(tmp_path))}
    assert [*found] == ["broken", "d/", "d/f", "file", "link"]
    assert (found["link"].link, found["link"].kind) == (True, "directory")
    assert (found["d/f"].size, found["d/"].size) == (2, None)
    assert found["broken"].kind == "missing"


def test_what_cannot_be_listed_is_given_with_its_reason(tmp_path: LocalPath, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "f").touch()
    real = module._names

    def names(directory: str) -> object:
        if directory.endswith("b"):
            raise PermissionError(13, "Permission denied", directory)
        if directory.endswith("c"):
            raise FileNotFoundError(2, "gone meanwhile", directory)
        return real(directory)

    monkeypatch.setattr(module, "_names", names)
    found = list(ordered(Path(tmp_path)))
    assert [each.key for each in found] == ["a/", "a/f", "b/"]
    assert isinstance(found[-1].error, PermissionError)


def test_missing_is_told_at_once(tmp_path: LocalPath, tfm_memory: MemoryS3) -> None:
    tfm_memory.create_bucket("b")
    for path in (Path(tmp_path / "none"), Path("s3://b/none"), Path("s3://none")):
        with pytest.raises(FileNotFoundError):
            ordered(path)


def test_markers_are_directories_and_any_other_order_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    client = MemoryS3()
    client.create_bucket("b")
    use_client("", client)
    for key in ("t/", "t/a/", "t/a-", "t/a/x", "t//y"):
        client.put("b", key, b"")
    top = Path("s3://b/t")
    assert [each.key for each in ordered(top)] == ["/y", "a-", "a/", "a/x"]
    pages = [[("b", FileInfo("b", "file", 1))], [("a", FileInfo("a", "file", 1))]]
    monkeypatch.setattr(type(top), "scan_sorted", lambda self: iter(pages))
    with pytest.raises(TransferError, match="in no order"):
        list(ordered(top))
