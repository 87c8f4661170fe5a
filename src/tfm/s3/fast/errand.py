"""`Errand`: a request, and who waits for its answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from tfm.daemonpool import attempt
from tfm.s3.fast.requests import Request
from tfm.s3.shapes import Condition

Done = Callable[[dict[str, Any]], object]
Failed = Callable[[BaseException], object]


class Errand(NamedTuple):
    """A request, and who waits for its answer.

    Args:
        request: The request.
        key: As it is, for errors.
        condition: Of the request.
        done: Called with boto3's answer, a download's body as bytes; from any thread.
        failed: Called with what it raised instead.
        behind: Sends it by botocore, when only that knows how.
    """

    request: Request
    key: str
    condition: Condition
    done: Done
    failed: Failed
    behind: Callable[[], dict[str, Any]]

    def do(self, send: Callable[[], dict[str, Any]]) -> None:
        """Do an errand in another way, and tell what came of it."""
        answers: list[dict[str, Any]] = []
        error = attempt(lambda: answers.append(send()))
        if error is None:
            error = attempt(self.done, answers[0])
        if error is not None:
            self.failed(error)
