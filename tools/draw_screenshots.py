"""Draw docs/images/*.svg: the app on the data of the demo, always the same size and the same directories."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from pathlib import Path

from demo_check import SIZE, Driver
from tfm.app import TfmApp
from tfm.demo.data import LAKE
from tfm.demo.run import DemoWorld, demo_world

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
FOLDER = "/home/you/files"
"""What the local folder is called in the pictures, whose own name differs from run to run."""

WHEN = 1_788_264_000
"""The time of the local directories in the pictures, whose own differs from run to run."""


async def _draw(world: DemoWorld) -> None:
    for directory in Path(world.folder).iterdir():
        os.utime(directory, (WHEN, WHEN))
    app = TfmApp(world.folder, world.buckets)
    async with app.run_test(size=SIZE) as pilot:
        drive = Driver(pilot)
        await drive.listed()
        await drive.press("tab")
        await drive.enter(LAKE)
        await drive.press("j", "j", "tab", "j", "j", "space", "j", "space", "k")
        _save(drive, world, "panes")
        await drive.press("f5")
        await drive.wait("the dialog opens", lambda: "into the directory" in drive.text)
        await pilot.pause(0.3)
        _save(drive, world, "copy")


def _save(drive: Driver, world: DemoWorld, name: str) -> None:
    """Write the screen as an SVG that does not depend on the run, nor on fonts of another host."""
    folder = str(world.folder)
    missing = "&#160;" * (len(folder) - len(FOLDER))
    picture = re.sub(re.escape(folder) + "([^<]*)<", rf"{FOLDER}\1{missing}<", drive.picture)
    picture = re.sub(r"@font-face\s*{.*?}", "", picture, flags=re.DOTALL)
    marks = re.findall(r"terminal-(\d+)-", picture)
    if marks:
        picture = picture.replace(f"terminal-{marks[0]}-", "terminal-")
    (IMAGES / f"{name}.svg").write_text(picture)
    print(f"docs/images/{name}.svg: {len(picture):,} characters")


def main() -> int:
    """Draw every picture."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="t") as directory, demo_world(directory) as world:
        asyncio.run(_draw(world))
    return 0


if __name__ == "__main__":
    sys.exit(main())
