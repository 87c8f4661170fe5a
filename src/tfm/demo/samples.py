"""Bodies of sample files, made from a seed: the same bytes on every run."""

from __future__ import annotations

import io
import json
import random
import struct
import zipfile
import zlib
from importlib import resources

CITIES = ("Ankara", "Bogotá", "Chennai", "Dakar", "Évora", "Fukuoka", "Göteborg", "Hà Nội")
PRODUCTS = ("anvil", "rocket skates", "portable hole", "giant magnet", "earthquake pills", "bird seed")
BLOCK = 1 << 20


def lines_of_json(seed: int, rows: int) -> bytes:
    """Make shop events, one JSON object a line.

    Args:
        seed: Which events; equal seeds give equal bytes.
        rows: How many lines.
    """
    chance = random.Random(seed)
    make = "".join(
        f'{{"id": {seed * 1000 + row}, "product": "{chance.choice(PRODUCTS)}", "city": "{chance.choice(CITIES)}", '
        f'"amount": {chance.randrange(100, 99_999) / 100}}}\n'
        for row in range(rows)
    )
    return make.encode()


def table_as_csv(seed: int, rows: int) -> bytes:
    """Make sensor readings as CSV with a header.

    Args:
        seed: Which readings; equal seeds give equal bytes.
        rows: How many lines below the header.
    """
    chance = random.Random(seed)
    lines = ["minute,temperature,humidity,comment"]
    lines += [f'{row},{chance.gauss(20, 4):.2f},{chance.randrange(100)},"ok, {row}"' for row in range(rows)]
    return "\n".join([*lines, ""]).encode()


def document(value: object) -> bytes:
    """Write a value as indented JSON.

    Args:
        value: Whatever `json` can write.
    """
    return json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n"


def web_log(seed: int, rows: int) -> bytes:
    """Make lines of a web server's log.

    Args:
        seed: Which lines; equal seeds give equal bytes.
        rows: How many lines.
    """
    chance = random.Random(seed)
    day = seed % 28 + 1
    lines = [
        f"192.0.2.{chance.randrange(1, 255)} - - [{day:02}/Sep/2026:{row % 24:02}:{row % 60:02}:00 +0000] "
        f'"GET /products/{chance.randrange(1, 300):04} HTTP/1.1" {chance.choice((200, 200, 200, 304, 404))} '
        f"{chance.randrange(200, 90_000)}\n"
        for row in range(rows)
    ]
    return "".join(lines).encode()


def picture(seed: int, width: int, height: int) -> bytes:
    """Make a PNG with a colour gradient.

    Args:
        seed: Which colours.
        width: Pixels a row.
        height: Rows.

    Source: https://www.w3.org/TR/png-3/
    """
    red, green, blue = (seed * 37 % 256, seed * 101 % 256, seed * 197 % 256)
    across = bytearray(3 * width)
    across[0::3] = bytes((red + column) % 256 for column in range(width))
    across[1::3] = bytes([green]) * width
    rows = []
    for row in range(height):
        across[2::3] = bytes([(blue + 2 * row) % 256]) * width
        rows.append(b"\0" + bytes(across))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows), 1)), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def archive(members: dict[str, bytes]) -> bytes:
    """Make a zip file whose members bear one fixed date.

    Args:
        members: The bytes of each member by name.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(zipfile.ZipInfo(name, (2026, 9, 30, 12, 0, 0)), data)
    return buffer.getvalue()


def parquet() -> bytes:
    """Give the sample Parquet table of 1,000 orders, a file of this package that `tools/make_parquet` wrote."""
    return resources.files("tfm.demo").joinpath("orders.parquet").read_bytes()


def noise(seed: int, blocks: int) -> bytes:
    """Make bytes that do not compress within a block: one random mebibyte, repeated.

    Args:
        seed: Which bytes.
        blocks: How many MiB.
    """
    return random.Random(seed).randbytes(BLOCK) * blocks
