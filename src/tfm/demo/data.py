"""The sample data: two buckets and a local folder, the same on every run."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import NamedTuple

from tfm.demo import samples

LAKE = "acme-data-lake"
SITE = "acme-website"
BIG_OBJECT = "backups/warehouse.dump"
BIG_BLOCKS = 64
"""MiB of the large object and of the large local file."""

ODD_NAMES = (
    "with space.txt",
    " leading and trailing ",
    "naïve café.txt",
    "日本語.txt",
    "🦊 fox.txt",
    "100%41.txt",
    "a+b=c&d?e#f.txt",
    "-rf",
    "--help",
    "quote'and\"quote.txt",
    "$(touch danger) `echo`;.txt",
    "line\nbreak.txt",
    "tab\there.txt",
    "back\\slash.txt",
    "~",
    "*.txt",
    "no_extension",
    ".hidden",
    "a" * 200 + ".txt",
)
"""Names that are legal for an object and for a file, and that careless code treats as something else."""


class Sample(NamedTuple):
    """One object or file.

    Args:
        key: Its key, or its name relative to the local folder.
        body: Its bytes.
        content_type: Its media type.
        day: The day of September 2026 on which it was last changed.
    """

    key: str
    body: bytes
    content_type: str = "application/octet-stream"
    day: int = 30


def buckets() -> dict[str, Iterator[Sample]]:
    """Give the objects of each bucket, a few thousand in all, made as they are asked for."""
    return {LAKE: _lake(), SITE: _site()}


def _lake() -> Iterator[Sample]:
    yield Sample(
        "README.md",
        b"# Data lake\n\nEvents in `raw/`, tables in `curated/`, extracts in `exports/`.\n",
        "text/markdown",
    )
    for day in range(1, 31):
        for hour in range(24):
            body = samples.lines_of_json(day * 24 + hour, 5)
            yield Sample(f"raw/events/2026/09/{day:02}/{hour:02}.jsonl", body, "application/x-ndjson", day)
    for sensor in range(200):
        yield Sample(
            f"raw/sensors/sensor-{sensor:03}.csv", samples.table_as_csv(sensor, 12), "text/csv", sensor % 30 + 1
        )
    for part in range(3):
        yield Sample(f"curated/orders/year=2026/month=09/part-{part}.parquet", samples.parquet())
    yield Sample(
        "curated/orders/schema.json", samples.document({"order": "int32", "price": "double"}), "application/json"
    )
    yield Sample("exports/customers.csv", samples.table_as_csv(1, 2000), "text/csv", 12)
    yield Sample("exports/events.jsonl", samples.lines_of_json(1, 2000), "application/x-ndjson", 13)
    yield Sample("exports/report.zip", _report(), "application/zip", 14)
    yield Sample(BIG_OBJECT, samples.noise(7, BIG_BLOCKS))
    yield Sample("incoming/", b"", "application/x-directory")
    yield from _odd_objects()


def _odd_objects() -> Iterator[Sample]:
    for name in ODD_NAMES:
        yield Sample(f"odd names/{name}", f"This is {name!r}.\n".encode(), "text/plain")
    yield Sample("odd names//below an empty segment.txt", b"The segment before this name is empty.\n", "text/plain")
    yield Sample("odd names/both", b"An object and a prefix bear this name.\n", "text/plain")
    yield Sample("odd names/both/below.txt", b"This is below the prefix.\n", "text/plain")


def _site() -> Iterator[Sample]:
    yield Sample(
        "index.html", b"<!doctype html>\n<title>Acme</title>\n<h1>Everything for the coyote</h1>\n", "text/html"
    )
    yield Sample("robots.txt", b"User-agent: *\nDisallow: /images/thumbnails/\n", "text/plain")
    yield Sample("assets/site.css", b"body { font: 1rem/1.5 serif; max-width: 40em; margin: auto }\n", "text/css")
    yield Sample("assets/site.js", b'document.querySelector("h1").title = "beep beep";\n', "text/javascript")
    for page in range(1, 41):
        yield Sample(f"blog/2026-09-{page % 30 + 1:02}-{page:02}.md", _post(page), "text/markdown", page % 30 + 1)
    for number in range(1, 201):
        yield Sample(f"images/products/{number:04}.png", samples.picture(number, 160, 120), "image/png")
    for number in range(1, 1501):
        yield Sample(
            f"images/thumbnails/{number:04}.png", samples.picture(number, 32, 24), "image/png", number % 30 + 1
        )
    for day in range(1, 31):
        for server in ("blue", "green"):
            yield Sample(f"logs/2026/09/{day:02}/{server}.log", samples.web_log(day, 30), "text/plain", day)


def _post(page: int) -> bytes:
    return f"# Post {page}\n\nA *new* use for the portable hole, number {page}.\n\n```\nbeep beep\n```\n".encode()


def _report() -> bytes:
    return samples.archive(
        {
            "report/summary.md": _post(9),
            "report/data/orders.csv": samples.table_as_csv(9, 300),
            "report/chart.png": samples.picture(9, 64, 48),
        }
    )


def local_files() -> Iterator[Sample]:
    """Give the files of the local folder, names relative to it."""
    yield Sample("Documents/notes.md", _post(1), day=3)
    yield Sample("Documents/budget.csv", samples.table_as_csv(3, 400), day=4)
    yield Sample("Documents/settings.json", samples.document({"theme": "dark", "panes": 2, "city": "Évora"}), day=5)
    yield Sample("Documents/report.zip", _report(), day=6)
    yield Sample("Documents/orders.parquet", samples.parquet(), day=7)
    for number in range(1, 121):
        yield Sample(f"Pictures/2026/holiday-{number:03}.png", samples.picture(number, 96, 64), day=number % 30 + 1)
    for day in range(1, 31):
        for server in ("blue", "green"):
            yield Sample(f"logs/{server}/2026-09-{day:02}.log", samples.web_log(day, 40), day=day)
    for depth in range(1, 9):
        nested = "/".join(f"level {level}" for level in range(1, depth + 1))
        yield Sample(f"Projects/{nested}/main.py", f'print("level {depth}")\n'.encode(), day=depth)
    for name in ODD_NAMES:
        yield Sample(f"odd names/{name}", f"This is {name!r}.\n".encode())
    yield Sample("Videos/launch.bin", samples.noise(11, BIG_BLOCKS))


def fill_folder(directory: str) -> int:
    """Write the local folder: files, an empty directory, links, and a name that is not UTF-8 where the disk allows it.

    Args:
        directory: An existing, empty directory.

    Returns:
        How many files were written.
    """
    written = 0
    for sample in local_files():
        written += 1
        target = os.path.join(directory, *sample.key.split("/"))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "xb") as file:
            file.write(sample.body)
        when = timestamp(sample.day)
        os.utime(target, (when, when))
    odd = os.path.join(directory, "odd names")
    os.mkdir(os.path.join(directory, "Empty"))
    os.symlink("../Documents/notes.md", os.path.join(odd, "link to a file"))
    os.symlink("../Documents", os.path.join(odd, "link to a directory"))
    os.symlink("gone", os.path.join(odd, "broken link"))
    # Some file systems refuse names that are not UTF-8; then there is one odd name fewer.
    with contextlib.suppress(OSError), open(os.path.join(os.fsencode(odd), b"latin-1 \xe9t\xe9.txt"), "xb") as file:
        file.write(b"The name of this file is not UTF-8.\n")
        written += 1
    return written


def timestamp(day: int) -> float:
    """Give noon, UTC, of a day of September 2026 in seconds since the epoch.

    Args:
        day: 1 to 30.
    """
    return 1_788_264_000.0 + (day - 1) * 86_400
