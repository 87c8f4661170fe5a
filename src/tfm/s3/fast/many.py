"""`FastMany`: the small requests of one place by bursts, one for each server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from tfm.s3.fast.access import StepAside
from tfm.s3.fast.burst import Burst
from tfm.s3.fast.dispatch import Dispatcher
from tfm.s3.fast.errand import Errand
from tfm.s3.fast.pool import Pool
from tfm.s3.fast.requests import write
from tfm.s3.many import Failed
from tfm.s3.protocol import WriteOptions
from tfm.s3.sender import Sender
from tfm.s3.shapes import Condition, attributes, condition, conditions, copied, copy_source, etag_of
from tfm.width import Width

Answer = dict[str, Any]


class FastMany:
    """Small requests to one place, from one thread.

    Args:
        behind: The boto3 client of the place.
        dispatcher: Of the place.
        width: How many requests at once.
        check: Called now and then while it waits; what it raises ends the waiting.
    """

    def __init__(self, behind: Sender, dispatcher: Dispatcher, width: Width, check: Callable[[], object]) -> None:
        self._check = check
        self._behind = behind
        self._dispatcher = dispatcher
        self._width = width
        self._bursts: dict[Pool, Burst] = {}

    def get(self, bucket: str, key: str, done: Callable[[bytes, str], object], failed: Failed) -> bool:
        """Read a small object."""

        def read(answer: Answer) -> None:
            body = answer["Body"]
            done(body if isinstance(body, bytes) else body.read(), etag_of(answer))

        return self._send("get_object", bucket, key, "match", {}, read, failed)

    def put(
        self, bucket: str, key: str, body: bytes, options: WriteOptions, done: Callable[[str], object], failed: Failed
    ) -> bool:
        """Write a small object."""
        asked = {**conditions(options), **attributes(options), "Body": body}
        return self._send(
            "put_object", bucket, key, condition(options), asked, lambda answer: done(etag_of(answer)), failed
        )

    def copy(
        self, source: tuple[str, str], bucket: str, key: str, if_match: str | None, options: WriteOptions,
        done: Callable[[str], object], failed: Failed,
    ) -> bool:  # fmt: skip
        """Copy a small object."""
        asked = {**copy_source(source, if_match, None), **copied(options, replace=False), **conditions(options)}

        def read(answer: Answer) -> None:
            done(etag_of(answer.get("CopyObjectResult", {})))

        return self._send("copy_object", bucket, key, condition(options) or "match", asked, read, failed)

    def _send(
        self, operation: str, bucket: str, key: str, asks: Condition, parameters: Mapping[str, Any],
        done: Callable[[Answer], object], failed: Failed,
    ) -> bool:  # fmt: skip
        try:
            request = write(operation, bucket, key, parameters)
            pool = self._dispatcher.pool_of(request)
        except StepAside:
            return False
        if self._behind.place.requester_pays:
            request.headers["x-amz-request-payer"] = "requester"
        burst = self._bursts.get(pool)
        if burst is None:
            burst = self._bursts[pool] = Burst(self._dispatcher, pool, self._width, self._check)

        behind = partial(self._behind._send, operation, bucket, key, asks, **parameters)
        burst.send(Errand(request, key, asks, done, failed, behind))
        return True

    def drain(self) -> None:
        """Wait until every request is answered."""
        for burst in self._bursts.values():
            burst.drain()

    def close(self, reason: BaseException) -> None:
        """End it.

        Args:
            reason: Told to whoever still waits for an answer.
        """
        for burst in self._bursts.values():
            burst.close(reason)
        self._bursts.clear()
