"""Drive the app on the demo's data by its keys, and verify each step by plain boto3 and plain `os`."""

from __future__ import annotations

import asyncio
import hashlib
import html
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from textual.pilot import Pilot

from tfm.app import TfmApp
from tfm.app.screens.main import MainScreen
from tfm.demo.data import BIG_OBJECT, LAKE, SITE
from tfm.demo.run import DemoWorld, demo_world
from tfm.demo.server import DemoError

SIZE = (120, 34)
PATIENCE = 60.0
"""Seconds that one step may take."""


class StepFailed(Exception):
    """A step did not do what it should; the text says what was found."""


class Driver:
    """Presses keys and waits for what they do.

    Args:
        pilot: Textual's, of a running app.
    """

    def __init__(self, pilot: Pilot[None]) -> None:
        self._pilot = pilot
        self._app = pilot.app

    @property
    def screen(self) -> MainScreen:
        """The screen with the two panes."""
        return next(screen for screen in self._app.screen_stack if isinstance(screen, MainScreen))

    @property
    def names(self) -> list[str]:
        """The rows of the active pane."""
        return [entry.name for entry in self.screen.view.model]

    @property
    def picture(self) -> str:
        """The screen as an SVG."""
        return self._app.export_screenshot()

    @property
    def text(self) -> str:
        """All that is on the screen."""
        drawn = re.sub(r"<[^>]+>", "\n", self.picture)
        return html.unescape(drawn).replace("\N{NO-BREAK SPACE}", " ")

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other.

        Args:
            keys: Keys by their Textual names.
        """
        await self._pilot.press(*keys)

    async def wait(self, what: str, holds: Callable[[], bool]) -> None:
        """Wait until something holds.

        Args:
            what: What to say when it never does.
            holds: Whether it does now.

        Raises:
            StepFailed: It did not within the time a step may take.
        """
        stop = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > stop:
                raise StepFailed(f"{what}: not after {PATIENCE:.0f} s; the screen shows:\n{_shown(self.text)}")
            await self._pilot.pause(0.02)

    async def listed(self) -> None:
        """Wait until both panes have listed their directory."""
        screen = self.screen
        await self._pilot.pause()
        await self.wait("the panes list", lambda: screen.left.listing is None and screen.right.listing is None)
        for pane in (screen.left, screen.right):
            if pane.problem:
                raise StepFailed(f"{pane.path}: {pane.problem}")

    async def cursor_to(self, name: str) -> None:
        """Put the cursor on a row of the active pane.

        Args:
            name: The row's name.
        """
        if name not in self.names:
            raise StepFailed(f"{name!r} is not listed in {self.screen.active.path}, but {self.names[:20]} are")
        await self.press("g", "g", *["j"] * self.names.index(name))
        under = self.screen.view.model.cursor
        if under is None or under.name != name:
            raise StepFailed(f"the cursor is on {under!r}, not on {name!r}")

    async def enter(self, *names: str) -> None:
        """Go down, directory by directory.

        Args:
            names: The directories.
        """
        for name in names:
            await self.cursor_to(name)
            await self.press("enter")
            await self.listed()

    async def top(self) -> None:
        """Go up in the active pane to the list of buckets."""
        while self.screen.active.path.name:
            await self.press("backspace")
            await self.listed()

    async def job(self, *keys: str) -> None:
        """Press keys that start a job and wait until it has ended well.

        Args:
            keys: The keys; after the first one a dialog is awaited.
        """
        before = self.screen.jobs.last
        await self.press(keys[0])
        await self.wait("a dialog opens", lambda: not isinstance(self._app.screen, MainScreen))
        await self.press(*keys[1:])
        await self.wait("the job ends", lambda: self.screen.jobs.last is not before and not self.screen.jobs.running)
        job = self.screen.jobs.last
        assert job is not None
        wrong = [f"{outcome.source}: {outcome.reason}" for outcome in job.report if outcome.status != "done"]
        if wrong or job.state.name != "DONE":
            raise StepFailed(f"{job.title} ended as {job.state.name}: {'; '.join(wrong)}")
        await self.wait("the dialogs close", lambda: isinstance(self._app.screen, MainScreen))
        await self.listed()


class Check:
    """The steps, in order; each raises `StepFailed` when the world is not what it should be.

    Args:
        world: The demo's folder and server.
        driver: Presses the keys.
    """

    def __init__(self, world: DemoWorld, driver: Driver) -> None:
        self._folder = str(world.folder)
        self._drive = driver
        session = boto3.Session(aws_access_key_id="demo", aws_secret_access_key="demo", region_name="us-east-1")
        self._s3: Any = session.client("s3", endpoint_url=world.server.endpoint)

    def _keys(self, bucket: str, prefix: str = "") -> dict[str, int]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return {entry["Key"]: entry["Size"] for page in pages for entry in page.get("Contents", [])}

    def _object(self, bucket: str, key: str) -> bytes:
        body: bytes = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return body

    async def list_both(self) -> str:
        """List the local folder and the buckets."""
        await self._drive.listed()
        screen = self._drive.screen
        left, right = ([entry.name for entry in pane.model] for pane in (screen.left, screen.right))
        same("the left pane", sorted(left), sorted(os.listdir(self._folder)))
        same("the right pane", sorted(right), sorted(each["Name"] for each in self._s3.list_buckets()["Buckets"]))
        return f"{len(left)} local entries, {len(right)} buckets"

    async def list_large(self) -> str:
        """List a prefix with more objects than one page holds."""
        await self._drive.press("tab")
        await self._drive.enter(SITE, "images", "thumbnails")
        keys = self._keys(SITE, "images/thumbnails/")
        same("the listing", sorted(self._drive.names), sorted(key.rpartition("/")[2] for key in keys))
        await self._drive.top()
        return f"{len(keys):,} objects of {SITE}/images/thumbnails"

    async def view_object(self) -> str:
        """View an object in the text viewer."""
        await self._drive.enter(LAKE)
        await self._drive.cursor_to("README.md")
        await self._drive.press("f3")
        line = self._object(LAKE, "README.md").decode().splitlines()[0].lstrip("# ")
        await self._drive.wait("the viewer shows the text", lambda: line in self._drive.text)
        await self._drive.press("q")
        await self._drive.wait("the viewer closes", lambda: line not in self._drive.text)
        return f"s3://{LAKE}/README.md shows {line!r}"

    async def upload_tree(self) -> str:
        """Copy a local directory to S3."""
        await self._drive.press("tab")
        await self._drive.cursor_to("Documents")
        await self._drive.job("f5", "enter")
        source = Path(self._folder, "Documents")
        for name in os.listdir(source):
            same(
                f"the object {name}",
                digest(self._object(LAKE, f"Documents/{name}")),
                digest((source / name).read_bytes()),
            )
        same(
            "the prefix",
            sorted(self._keys(LAKE, "Documents/")),
            sorted(f"Documents/{each}" for each in os.listdir(source)),
        )
        return f"{len(os.listdir(source))} files to s3://{LAKE}/Documents, equal by SHA-256"

    async def download_tree(self) -> str:
        """Copy a prefix with prefixes below to the local folder."""
        await self._drive.press("tab")
        await self._drive.cursor_to("curated")
        await self._drive.job("f5", "enter")
        keys = self._keys(LAKE, "curated/")
        for key in keys:
            same(key, digest(Path(self._folder, key).read_bytes()), digest(self._object(LAKE, key)))
        found = [file for _, _, files in os.walk(Path(self._folder, "curated")) for file in files]
        same("the number of files", len(found), len(keys))
        return f"{len(keys)} objects to {Path(self._folder, 'curated')}, equal by SHA-256"

    async def download_large(self) -> str:
        """Copy the large object to the local folder."""
        directory, _, name = BIG_OBJECT.rpartition("/")
        await self._drive.enter(directory)
        await self._drive.cursor_to(name)
        started = time.monotonic()
        await self._drive.job("f5", "enter")
        seconds = time.monotonic() - started
        target = Path(self._folder, name)
        same(name, digest(target.read_bytes()), digest(self._object(LAKE, BIG_OBJECT)))
        return f"{target.stat().st_size / 2**20:.0f} MiB in {seconds:.1f} s, equal by SHA-256"

    async def delete_local(self) -> str:
        """Delete a local directory; what lies beside it stays."""
        await self._drive.press("tab")
        before = set(os.listdir(self._folder))
        await self._drive.cursor_to("curated")
        await self._drive.job("f8", "y")
        same("what is left", sorted(os.listdir(self._folder)), sorted(before - {"curated"}))
        return f"{Path(self._folder, 'curated')} is gone, {len(before) - 1} entries stay"

    async def delete_remote(self) -> str:
        """Delete a prefix; every other object stays."""
        await self._drive.press("tab", "backspace")
        await self._drive.listed()
        before = self._keys(LAKE)
        await self._drive.cursor_to("Documents")
        await self._drive.job("f8", "y")
        stay = {key: size for key, size in before.items() if not key.startswith("Documents/")}
        same("what is left", self._keys(LAKE), stay)
        return f"{len(before) - len(stay)} objects are gone, {len(stay):,} stay"

    async def run(self) -> bool:
        """Run every step, a line for each; stop at the first that fails, and give whether all passed."""
        steps = [self.list_both, self.list_large, self.view_object, self.upload_tree, self.download_tree]
        steps += [self.download_large, self.delete_local, self.delete_remote]
        for number, step in enumerate(steps, 1):
            what = (step.__doc__ or "").partition(";")[0].rstrip(".")
            try:
                found = await step()
            except (StepFailed, OSError) as error:
                print(f"{number}. {what}: FAILED\n{error}", flush=True)
                return False
            print(f"{number}. {what}: ok ({found})", flush=True)
        return True


def same(what: str, found: object, expected: object) -> None:
    """Raise unless two values are equal.

    Args:
        what: Names the values.
        found: What is there.
        expected: What should be.

    Raises:
        StepFailed: They differ.
    """
    if found != expected:
        raise StepFailed(f"{what} is {str(found)[:500]}, and should be {str(expected)[:500]}")


def digest(body: bytes) -> str:
    """Give the SHA-256 of bytes.

    Args:
        body: The bytes.
    """
    return hashlib.sha256(body).hexdigest()


def _shown(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if line.strip())[-3000:]


async def _drive(world: DemoWorld) -> bool:
    app = TfmApp(world.folder, world.buckets)
    async with app.run_test(size=SIZE) as pilot:
        return await Check(world, Driver(pilot)).run()


def check_demo(directory: str) -> int:
    """Run the check on a new demo; give 0 when every step passed, 1 otherwise.

    Args:
        directory: Where to make the local folder.
    """
    started = time.monotonic()
    try:
        with demo_world(directory) as world:
            print(
                f"The demo is ready after {time.monotonic() - started:.1f} s: {world.folder}, {world.server.endpoint}"
            )
            passed = asyncio.run(_drive(world))
    except DemoError as error:
        print(f"tfm: {error}")
        return 1
    print(f"tools/demo --check: {'ok' if passed else 'FAILED'} after {time.monotonic() - started:.1f} s")
    return 0 if passed else 1
