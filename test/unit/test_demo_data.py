from __future__ import annotations

import hashlib
import io
import json
import os
import struct
import zipfile
from pathlib import Path

from tfm.demo import data, samples


def test_buckets_have_thousands_of_small_objects_and_a_large_one() -> None:
    sizes = {f"{bucket}/{each.key}": len(each.body) for bucket, made in data.buckets().items() for each in made}
    assert len(sizes) > 2500
    assert sizes[f"{data.LAKE}/{data.BIG_OBJECT}"] == 64 * 2**20
    assert sum(size < 100_000 for size in sizes.values()) > 2500


def test_keys_are_unique_and_odd_ones_are_among_them() -> None:
    for made in data.buckets().values():
        keys = [each.key for each in made]
        assert len(keys) == len(set(keys))
    keys = [each.key for each in data.buckets()[data.LAKE]]
    assert {"incoming/", "odd names/both", "odd names/both/below.txt", "odd names//below an empty segment.txt"} <= {
        *keys
    }


def test_data_is_the_same_on_every_run() -> None:
    def digest() -> str:
        whole = hashlib.sha256()
        for made in data.buckets().values():
            for each in made:
                whole.update(each.key.encode() + each.body[:4096])
        return whole.hexdigest()

    assert digest() == digest()


def test_folder_has_files_links_and_names_that_are_not_utf_8(tmp_path: Path) -> None:
    written = data.fill_folder(str(tmp_path))
    files = [os.path.join(where, name) for where, _, names in os.walk(tmp_path) for name in names]
    assert sum(not os.path.islink(file) for file in files) == written
    assert (tmp_path / "Empty").is_dir()
    assert (tmp_path / "odd names" / "link to a directory").is_symlink()
    assert (tmp_path / "Videos" / "launch.bin").stat().st_size == 64 * 2**20
    assert set(data.ODD_NAMES) <= set(os.listdir(tmp_path / "odd names"))
    assert b"latin-1 \xe9t\xe9.txt" in os.listdir(os.fsencode(tmp_path / "odd names"))
    assert (tmp_path / "Documents" / "notes.md").stat().st_mtime == data.timestamp(3)


def test_picture_is_a_png() -> None:
    body = samples.picture(5, 32, 24)
    assert body.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", body[16:24]) == (32, 24)
    assert body.endswith(b"IEND\xaeB`\x82")


def test_parquet_has_its_magic_at_both_ends() -> None:
    body = samples.parquet()
    assert body[:4] == body[-4:] == b"PAR1"


def test_archive_can_be_read() -> None:
    with zipfile.ZipFile(io.BytesIO(samples.archive({"a/b.txt": b"x"}))) as made:
        assert made.testzip() is None
        assert made.read("a/b.txt") == b"x"


def test_lines_are_json() -> None:
    lines = samples.lines_of_json(3, 7).decode().splitlines()
    assert len(lines) == 7
    assert {tuple(json.loads(line)) for line in lines} == {("id", "product", "city", "amount")}
