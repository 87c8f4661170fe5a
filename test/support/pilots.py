"""Driving the app in tests: start it on two directories, press keys, wait for what must become true."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from os import PathLike
from time import monotonic

from textual.events import Paste
from textual.pilot import Pilot

from tfm import Path
from tfm.app import TfmApp
from tfm.app.screens.main import MainScreen
from tfm.app.widgets.pane import Pane


class Driver:
    """A running app.

    Args:
        pilot: Textual's own driver.
        main: The screen with the two panes.
    """

    def __init__(self, pilot: Pilot[None], main: MainScreen) -> None:
        self.pilot = pilot
        self.main = main

    @property
    def left(self) -> Pane:
        return self.main.left

    @property
    def right(self) -> Pane:
        return self.main.right

    async def keys(self, *keys: str) -> None:
        """Press keys; a text of more than one letter that is no key's name is typed."""
        for key in keys:
            await self.pilot.press(key)

    async def type(self, text: str) -> None:
        """Type a text; a long one is pasted."""
        if len(text) < 20:
            await self.pilot.press(*text)
            return
        focused = self.pilot.app.screen.focused
        assert focused is not None, "nothing takes the text"
        focused.post_message(Paste(text))
        await self.pilot.pause()

    async def until(self, condition: Callable[[], object], seconds: float = 20) -> None:
        """Wait until something holds."""
        stop = monotonic() + seconds
        while not condition():
            assert monotonic() < stop, "did not become true in time"
            await asyncio.sleep(0.01)
        await self.pilot.pause()

    async def listed(self) -> None:
        """Wait until both panes have listed."""
        await self.until(lambda: self.left.listing is None and self.right.listing is None)

    async def idle(self) -> None:
        """Wait until no job runs and both panes have listed."""
        await self.until(lambda: not self.main.jobs.running and self.main.is_current)
        await self.listed()

    async def at(self, name: str) -> None:
        """Put the cursor of the active pane on a name."""
        assert self.main.view.model.move_to_key((name, "")), f"{name!r} is not in the list"
        self.main.view.move_by(0)

    def texts(self, selector: str) -> str:
        """What the widgets of a selector say, on the screen in front."""
        return "\n".join(str(widget.render()) for widget in self.pilot.app.screen.query(selector))

    def shown(self) -> str:
        """The characters on the screen."""
        strips = self.pilot.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)


@asynccontextmanager
async def running(
    left: str | PathLike[str], right: str | PathLike[str], size: tuple[int, int] = (100, 30), *, wait: bool = True
) -> AsyncIterator[Driver]:
    """Run the app on two directories.

    Args:
        left: The left pane's.
        right: The right pane's.
        size: Columns and rows.
        wait: Whether to wait until both have listed.
    """
    app = TfmApp(Path(left), Path(right))
    async with app.run_test(size=size, notifications=True) as pilot:
        main = app.screen
        assert isinstance(main, MainScreen)
        driver = Driver(pilot, main)
        await driver.until(lambda: main.left.listing or main.left.model.entries or main.left.problem)
        if wait:
            await driver.listed()
        yield driver


def names(pane: Pane) -> list[str]:
    """The names that a pane shows."""
    return [entry.name for entry in pane.model]
