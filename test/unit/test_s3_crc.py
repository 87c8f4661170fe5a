"""Checks of bytes that came apart, joined: the same as of all of them at once."""

from __future__ import annotations

import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfm.s3 import crc
from tfm.s3.crc import Cyclic, cyclic


def by_bits(width: int, polynomial: int) -> Cyclic:
    """Any reflected check, by its definition, bit by bit."""
    ones = (1 << 8 * width) - 1

    def add(data: bytes, value: int = 0) -> int:
        value ^= ones
        for byte in data:
            value ^= byte
            for _ in range(8):
                value = value >> 1 ^ (polynomial if value & 1 else 0)
        return value ^ ones

    return Cyclic(add, width, polynomial)


KINDS = {
    "CRC32": by_bits(4, 0xEDB88320),
    "CRC32C": by_bits(4, 0x82F63B78),
    "CRC64NVME": by_bits(8, 0x9A6C9329AC4BC9B5),
}
CHECKED = {"CRC32": 0xCBF43926, "CRC32C": 0xE3069283, "CRC64NVME": 0xAE8B14860A799888}
"""Of the digits from 1 to 9. Source: https://reveng.sourceforge.io/crc-catalogue/all.htm"""


@pytest.mark.parametrize("name", KINDS)
def test_the_definitions_are_the_known_ones(name: str) -> None:
    assert KINDS[name].add(b"123456789", 0) == CHECKED[name]


@pytest.mark.parametrize("name", KINDS)
@given(first=st.binary(max_size=300), second=st.binary(max_size=300))
def test_two_pieces_make_the_whole(name: str, first: bytes, second: bytes) -> None:
    kind = KINDS[name]
    joined = kind.joined(kind.add(first, 0), kind.add(second, 0), len(second))
    assert joined == kind.add(first + second, 0)


def test_large_pieces() -> None:
    kind = cyclic("CRC32")
    assert kind is not None
    pieces = [random.Random(number).randbytes(size) for number, size in enumerate((1, 1 << 20, 0, (1 << 22) + 7))]
    value = 0
    for piece in pieces:
        value = kind.joined(value, kind.add(piece, 0), len(piece))
    assert value == zlib.crc32(b"".join(pieces))
    assert kind.text(value) == crc.b64encode(value.to_bytes(4, "big")).decode()


@pytest.mark.parametrize("name", ["CRC32C", "CRC64NVME"])
def test_the_others_are_made_by_awscrt(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Crt:
        crc32c = staticmethod(KINDS["CRC32C"].add)
        crc64nvme = staticmethod(KINDS["CRC64NVME"].add)

    monkeypatch.setattr(crc, "_is_installed", lambda name: False)
    assert cyclic(name) is None
    monkeypatch.setattr(crc, "_is_installed", lambda name: True)
    monkeypatch.setattr(crc, "import_module", lambda name: Crt)
    assert cyclic(name) == KINDS[name]._replace(add=getattr(Crt, name.lower()))
    monkeypatch.setattr(crc, "import_module", lambda name: object())
    assert cyclic(name) is None, "an awscrt that is too old"


def test_what_is_no_cyclic_check() -> None:
    assert cyclic("SHA256") is None
