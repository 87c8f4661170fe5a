"""S3 in memory that takes small requests together, as the fast engine does."""

from __future__ import annotations

from typing import Any

from tfm.daemonpool import attempt
from tfm.testing import MemoryS3


class TogetherS3(MemoryS3):
    """S3 in memory that takes small requests together and answers them when somebody waits; `asked` are their keys."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.before: dict[str, Any] = {}
        """Called before the request of a name is answered."""
        self.refuses: dict[str, OSError] = {}
        """Raised once instead of the answer."""
        self.closed = 0

    def many(self, check: Any) -> Any:
        """Give what takes them."""
        return Together(self, check)


class Together:
    """Answers the oldest request when five wait, or when somebody waits for all."""

    def __init__(self, memory: TogetherS3, check: Any) -> None:
        self.memory, self.check = memory, check
        self.waiting: list[Any] = []

    def get(self, bucket: str, key: str, done: Any, failed: Any) -> bool:
        """As `Many` says."""

        def read() -> Any:
            body = self.memory.get(bucket, key)
            return lambda: done(body.read(), body.facts.etag)

        return self._take(key, read, failed)

    def put(self, bucket: str, key: str, body: bytes, options: Any, done: Any, failed: Any) -> bool:
        """As `Many` says."""

        def write() -> Any:
            facts = self.memory.put(bucket, key, body, options)
            return lambda: done(facts.etag)

        return self._take(key, write, failed)

    def copy(
        self, source: Any, bucket: str, key: str, if_match: str | None, options: Any, done: Any, failed: Any
    ) -> bool:
        """As `Many` says."""

        def make() -> Any:
            facts = self.memory.copy(source, bucket, key, if_match=if_match, options=options)
            return lambda: done(facts.etag if not key.endswith("encrypted") else '"another"')

        return self._take(key, make, failed)

    def _take(self, key: str, act: Any, failed: Any) -> bool:
        self.memory.asked.append(key)
        self.waiting.append((key, act, failed))
        if len(self.waiting) > 4:
            self._answer()
        return True

    def _answer(self) -> None:
        key, act, failed = self.waiting.pop(0)
        name = key.rpartition("/")[2]
        self.memory.before.pop(name, lambda: None)()
        error = self.memory.refuses.pop(name, None)
        try:
            if error is not None:
                raise error
            told = act()
        except OSError as refused:
            failed(refused)
            return
        error = attempt(told)
        if error is not None:
            failed(error)

    def drain(self) -> None:
        """As `Many` says."""
        while self.waiting:
            self.check()
            self._answer()

    def close(self, reason: BaseException) -> None:
        """As `Many` says."""
        self.memory.closed += 1
        for _, _, failed in self.waiting:
            failed(reason)
        self.waiting.clear()
