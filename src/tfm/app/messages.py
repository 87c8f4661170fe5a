"""What background work tells the screen; posted from any thread, handled in the screen's own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from textual.message import Message
from textual.message_pump import MessagePump

from tfm.app.background import Background, CancelToken, Caught, Kind
from tfm.app.listing import Listing

Value = TypeVar("Value")


class PagesReady(Message):
    """A listing has pages, or has ended.

    Args:
        listing: The listing.
    """

    def __init__(self, listing: Listing) -> None:
        super().__init__()
        self.listing = listing


class Answered(Message):
    """A call in the background is done.

    Args:
        use: Takes the value and the error, of which one is `None`.
        value: What the call gave.
        error: What it raised.
    """

    bubble = False

    def __init__(self, use: Callable[[Any, Exception | None], None], value: Any, error: Exception | None) -> None:
        super().__init__()
        self.use = use
        self.value = value
        self.error = error


class JobChanged(Message):
    """A job asks something, or has ended."""


def post_to(target: MessagePump, message: Message) -> bool:
    """Post a message from any thread; says whether anybody can still get it.

    Args:
        target: Who handles the message.
        message: The message.
    """
    try:
        return target.post_message(message)
    except RuntimeError:  # the event loop ended with the app, and this thread did not know yet
        return False


def later(target: MessagePump, seconds: float, call: Callable[[], object]) -> asyncio.TimerHandle:
    """Make a call on the screen's thread after a while; can be cancelled.

    Textual's own one-shot timer does not fire at all when the loop is so busy that its time has passed before it
    is looked at first, and then a drain or a sort would never go on.

    Args:
        target: In whose turn the call is made; when it is gone, nothing happens.
        seconds: How long to wait.
        call: What to do.

    Source: https://github.com/Textualize/textual/blob/v8.2.8/src/textual/timer.py
    """
    return asyncio.get_running_loop().call_later(seconds, target.call_later, call)


def ask(
    background: Background,
    kind: Kind,
    target: MessagePump,
    call: Callable[[], Value],
    use: Callable[[Value | None, Exception | None], None],
) -> CancelToken:
    """Make a call in the background and hand its value or its error to `use` on the screen's thread.

    Args:
        background: The pools.
        kind: Which pool.
        target: A widget or screen that handles `Answered`; when it is gone the answer is dropped.
        call: May block.
        use: Runs on the screen's thread, unless the call was cancelled.
    """

    def work(token: CancelToken) -> None:
        value: Value | None = None
        with Caught() as caught:
            value = call()
        if not token.cancelled:
            post_to(target, Answered(use, value, caught.error))

    return background.submit(kind, work)
