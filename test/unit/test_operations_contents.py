"""What ETags and checksums tell of two files' bytes, as a table; and how often S3 is asked for it."""

from __future__ import annotations

import hashlib
import zlib
from base64 import b64encode
from pathlib import Path as LocalPath

import pytest

from tfm import Path
from tfm.info import FileInfo
from tfm.operations.contents import same_contents
from tfm.s3.attributes import Checksum
from tfm.s3.path import S3PathImpl

DATA = bytes(range(256)) * 41
MD5 = hashlib.md5(DATA).hexdigest()
OTHER = hashlib.md5(b"other").hexdigest()
PARTED = hashlib.md5(
    b"".join(hashlib.md5(DATA[at : at + 4000]).digest() for at in range(0, len(DATA), 4000))
).hexdigest()
CRC32 = b64encode(zlib.crc32(DATA).to_bytes(4, "big")).decode()


class Answers:
    """What S3 would say of objects, and which questions were asked."""

    def __init__(self) -> None:
        self.said: dict[str, object] = {}
        self.asked: list[str] = []


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    found = Answers()
    for name in ("checksum", "encryption", "part_size"):

        def answer(path: S3PathImpl, name: str = name) -> object:
            found.asked.append(name)
            return found.said.get(f"{path.name}.{name}", found.said.get(name))

        monkeypatch.setattr(S3PathImpl, name, property(answer))
    return found


def info(etag: str) -> FileInfo:
    return FileInfo("x", "file", len(DATA), 1.0, etag=f'"{etag}"')


@pytest.mark.parametrize(
    ("etag", "said", "verdict", "asked"),
    [
        (MD5, {}, True, []),
        (OTHER, {}, False, ["checksum", "encryption"]),
        (OTHER, {"encryption": "AES256"}, False, ["checksum", "encryption"]),
        (OTHER, {"encryption": "aws:kms"}, None, ["checksum", "encryption"]),
        (OTHER, {"encryption": "aws:kms:dsse"}, None, ["checksum", "encryption"]),
        (OTHER, {"checksum": Checksum("CRC32", CRC32)}, True, ["checksum"]),
        (OTHER, {"checksum": Checksum("CRC32", "AAAAAA==")}, False, ["checksum"]),
        (
            OTHER,
            {"checksum": Checksum("SHA256", b64encode(hashlib.sha256(DATA).digest()).decode())},
            True,
            ["checksum"],
        ),
        (
            OTHER,
            {"checksum": Checksum("CRC32", CRC32, False), "encryption": "aws:kms"},
            None,
            ["checksum", "encryption"],
        ),
        (OTHER, {"checksum": Checksum("NEW", "x"), "encryption": "aws:kms"}, None, ["checksum", "encryption"]),
        (f"{PARTED}-3", {"part_size": 4000}, True, ["part_size"]),
        (f"{PARTED}-3", {"part_size": 5000}, False, ["part_size", "checksum", "encryption"]),
        (f"{PARTED}-3", {"part_size": 10496}, None, ["part_size", "checksum"]),
        (f"{PARTED}-3", {}, None, ["part_size", "checksum"]),
        ("no md5", {}, None, ["checksum"]),
        ("no md5", {"checksum": Checksum("CRC32", CRC32)}, True, ["checksum"]),
    ],
)
def test_a_file_and_an_object(
    etag: str, said: dict[str, object], verdict: bool | None, asked: list[str], answers: Answers, tmp_path: LocalPath
) -> None:
    (tmp_path / "f").write_bytes(DATA)
    answers.said = said
    local, remote = Path(tmp_path / "f"), Path("s3://b/k")
    assert same_contents(local, info(""), remote, info(etag)) is verdict
    assert answers.asked == asked
    assert same_contents(remote, info(etag), local, info("")) is verdict


@pytest.mark.parametrize(
    ("one", "other", "said", "verdict"),
    [
        (MD5, MD5, {}, True),
        ("x-7", "x-7", {}, True),
        (MD5, OTHER, {}, False),
        (MD5, OTHER, {"two.encryption": "aws:kms"}, None),
        (MD5, f"{PARTED}-3", {}, None),
        (MD5, f"{PARTED}-3", {"checksum": Checksum("CRC32", CRC32)}, True),
        (MD5, OTHER, {"one.checksum": Checksum("CRC32", CRC32), "two.checksum": Checksum("CRC32", "AAAAAA==")}, False),
        (f"{PARTED}-3", MD5, {"one.checksum": Checksum("CRC32", CRC32), "two.checksum": Checksum("SHA1", CRC32)}, None),
        (f"{PARTED}-3", MD5, {"checksum": Checksum("CRC32", CRC32, False)}, None),
    ],
)
def test_two_objects(one: str, other: str, said: dict[str, object], verdict: bool | None, answers: Answers) -> None:
    answers.said = said
    assert same_contents(Path("s3://b/one"), info(one), Path("s3://c/two"), info(other)) is verdict
    if one == other:
        assert answers.asked == []


def test_two_files(tmp_path: LocalPath) -> None:
    for name, data in (("one", DATA), ("same", DATA), ("other", DATA[:-1] + b"?")):
        (tmp_path / name).write_bytes(data)
    one, same, other = (Path(tmp_path / name) for name in ("one", "same", "other"))
    assert same_contents(one, info(""), same, info("")) is True
    assert same_contents(one, info(""), other, info("")) is False
