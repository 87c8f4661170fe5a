"""`Many`: what sends many small requests at once from one thread, and the wrapper that lets a cache hear of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tfm.s3.protocol import WriteOptions

Failed = Callable[[BaseException], object]


class Many(Protocol):
    """Small requests, each answered by a call; used by one thread, and the calls may come from any.

    Each verb tells whether it took the request on; what it does not take is for the client itself.
    """

    def get(self, bucket: str, key: str, done: Callable[[bytes, str], object], failed: Failed) -> bool:
        """Read a small object; `done` gets its bytes and its ETag."""
        ...

    def put(
        self, bucket: str, key: str, body: bytes, options: WriteOptions, done: Callable[[str], object], failed: Failed
    ) -> bool:
        """Write a small object; `done` gets its ETag."""
        ...

    def copy(
        self, source: tuple[str, str], bucket: str, key: str, if_match: str | None, options: WriteOptions,
        done: Callable[[str], object], failed: Failed,
    ) -> bool:  # fmt: skip
        """Copy a small object inside the server; `done` gets the copy's ETag."""
        ...

    def drain(self) -> None:
        """Wait until every request is answered."""
        ...

    def close(self, reason: BaseException) -> None:
        """End it; whoever still waits for an answer is told the reason instead."""
        ...


class Noticed:
    """Many requests whose writes somebody hears of, before whoever asked for them does.

    Args:
        many: Sends them.
        changed: Told bucket and key of what was written, or may have been.
    """

    def __init__(self, many: Many, changed: Callable[[str, str], object]) -> None:
        self._many = many
        self._changed = changed
        self.get = many.get
        self.drain = many.drain
        self.close = many.close

    def put(
        self, bucket: str, key: str, body: bytes, options: WriteOptions, done: Callable[[str], object], failed: Failed
    ) -> bool:
        """Write a small object."""
        return self._many.put(bucket, key, body, options, *self._heard(bucket, key, done, failed))

    def copy(
        self, source: tuple[str, str], bucket: str, key: str, if_match: str | None, options: WriteOptions,
        done: Callable[[str], object], failed: Failed,
    ) -> bool:  # fmt: skip
        """Copy a small object."""
        heard = self._heard(bucket, key, done, failed)
        return self._many.copy(source, bucket, key, if_match, options, *heard)

    def _heard(
        self, bucket: str, key: str, done: Callable[[str], object], failed: Failed
    ) -> tuple[Callable[[str], object], Failed]:
        def told(etag: str) -> None:
            self._changed(bucket, key)
            done(etag)

        def refused(error: BaseException) -> None:
            self._changed(bucket, key)
            failed(error)

        return told, refused
