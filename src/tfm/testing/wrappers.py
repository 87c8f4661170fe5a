"""Clients around another client: they count, fail or dawdle, and speak the same protocol."""

from __future__ import annotations

import copy
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from tfm.s3.protocol import NO_OPTIONS, Body, BucketFacts, ObjectFacts, Page, Place, Probe, S3Client, WriteOptions

if TYPE_CHECKING:
    from tfm.s3.many import Many

T = TypeVar("T")


class WrappingClient:
    """Hand every verb on; a subclass says in `around` what happens besides.

    Args:
        client: The client that does the work.
    """

    def __init__(self, client: S3Client) -> None:
        self.client = client

    def around(self, verb: str, bucket: str, key: str, action: Callable[[], T]) -> T:
        """Do one verb; every page of a listing after the first is a `pages` of its own.

        Args:
            verb: The protocol's name of it.
            bucket: The bucket.
            key: The key, or the prefix of a listing.
            action: Does it.
        """
        del verb, bucket, key
        return action()

    @property
    def place(self) -> Place:
        """The place of the client inside."""
        return self.client.place

    @property
    def lists_by_bytes(self) -> bool:
        """As the client inside."""
        return self.client.lists_by_bytes

    def list_buckets(self) -> list[BucketFacts]:
        """As the protocol says."""
        return self.around("list_buckets", "", "", self.client.list_buckets)

    def head_bucket(self, bucket: str) -> None:
        """As the protocol says."""
        self.around("head_bucket", bucket, "", lambda: self.client.head_bucket(bucket))

    def create_bucket(self, bucket: str) -> None:
        """As the protocol says."""
        self.around("create_bucket", bucket, "", lambda: self.client.create_bucket(bucket))

    def delete_bucket(self, bucket: str) -> None:
        """As the protocol says."""
        self.around("delete_bucket", bucket, "", lambda: self.client.delete_bucket(bucket))

    def probe(self, bucket: str, key: str) -> Probe:
        """As the protocol says."""
        return self.around("probe", bucket, key, lambda: self.client.probe(bucket, key))

    def head(self, bucket: str, key: str, *, version_id: str | None = None) -> ObjectFacts:
        """As the protocol says."""
        return self.around("head", bucket, key, lambda: self.client.head(bucket, key, version_id=version_id))

    def pages(self, bucket: str, prefix: str = "", *, delimiter: str = "/", start_after: str = "") -> Iterator[Page]:
        """As the protocol says."""

        def begin() -> tuple[Iterator[Page], Page | None]:
            source = self.client.pages(bucket, prefix, delimiter=delimiter, start_after=start_after)
            return source, next(source, None)

        source, first = self.around("pages", bucket, prefix, begin)

        def rest() -> Iterator[Page]:
            page = first
            while page is not None:
                yield page
                page = None if page.token is None else self.around("pages", bucket, prefix, lambda: next(source, None))

        return rest()

    def get(
        self, bucket: str, key: str, *, start: int = 0, stop: int | None = None, if_match: str | None = None,
        version_id: str | None = None,
    ) -> Body:  # fmt: skip
        """As the protocol says."""
        wanted: dict[str, Any] = {"start": start, "stop": stop, "if_match": if_match, "version_id": version_id}
        return self.around("get", bucket, key, lambda: self.client.get(bucket, key, **wanted))

    def put(self, bucket: str, key: str, body: bytes | memoryview, options: WriteOptions = NO_OPTIONS) -> ObjectFacts:
        """As the protocol says."""
        return self.around("put", bucket, key, lambda: self.client.put(bucket, key, body, options))

    def copy(
        self, source: tuple[str, str], bucket: str, key: str, *, if_match: str | None = None,
        version_id: str | None = None, options: WriteOptions = NO_OPTIONS, replace: bool = False,
    ) -> ObjectFacts:  # fmt: skip
        """As the protocol says."""
        wanted: dict[str, Any] = {
            "if_match": if_match, "version_id": version_id, "options": options, "replace": replace,
        }  # fmt: skip
        return self.around("copy", bucket, key, lambda: self.client.copy(source, bucket, key, **wanted))

    def delete(self, bucket: str, key: str, *, if_match: str | None = None) -> None:
        """As the protocol says."""
        self.around("delete", bucket, key, lambda: self.client.delete(bucket, key, if_match=if_match))

    def delete_many(
        self, bucket: str, keys: Sequence[str], *, etags: Mapping[str, str] | None = None
    ) -> dict[str, Exception]:
        """As the protocol says."""
        return self.around("delete_many", bucket, "", lambda: self.client.delete_many(bucket, keys, etags=etags))

    def create_upload(self, bucket: str, key: str, options: WriteOptions = NO_OPTIONS) -> str:
        """As the protocol says."""
        return self.around("create_upload", bucket, key, lambda: self.client.create_upload(bucket, key, options))

    def upload_part(self, bucket: str, key: str, upload_id: str, number: int, body: bytes | memoryview) -> str:
        """As the protocol says."""
        return self.around(
            "upload_part", bucket, key, lambda: self.client.upload_part(bucket, key, upload_id, number, body)
        )

    def copy_part(
        self, source: tuple[str, str], start: int, stop: int, bucket: str, key: str, upload_id: str, number: int, *,
        if_match: str | None = None, version_id: str | None = None,
    ) -> str:  # fmt: skip
        """As the protocol says."""

        def copy_part() -> str:
            return self.client.copy_part(
                source, start, stop, bucket, key, upload_id, number, if_match=if_match, version_id=version_id
            )

        return self.around("copy_part", bucket, key, copy_part)

    def complete_upload(
        self, bucket: str, key: str, upload_id: str, etags: Sequence[str], options: WriteOptions = NO_OPTIONS
    ) -> str:
        """As the protocol says."""
        return self.around(
            "complete_upload",
            bucket,
            key,
            lambda: self.client.complete_upload(bucket, key, upload_id, etags, options),
        )

    def abort_upload(self, bucket: str, key: str, upload_id: str) -> None:
        """As the protocol says."""
        self.around("abort_upload", bucket, key, lambda: self.client.abort_upload(bucket, key, upload_id))

    def presign(self, operation: str, bucket: str, key: str, expires: int, **parameters: Any) -> str:
        """As the protocol says; it is no request, so it goes past `around`."""
        return self.client.presign(operation, bucket, key, expires, **parameters)

    def call(self, operation: str, *, ttl: float | None = None, **parameters: Any) -> dict[str, Any]:
        """As the protocol says; the verb is the operation's name."""
        return self.around(
            operation,
            parameters.get("Bucket", ""),
            parameters.get("Key", ""),
            lambda: self.client.call(operation, ttl=ttl, **parameters),
        )

    def many(self, check: Callable[[], object]) -> Many | None:
        """Give nothing: what goes past `around` would not be noticed."""
        del check
        return None

    def recall(self, bucket: str, key: str) -> Probe | None:
        """As the protocol says; it is no request, so it goes past `around`."""
        return self.client.recall(bucket, key)

    def forget(self, bucket: str, key: str) -> None:
        """As the protocol says; it is no request, so it goes past `around`."""
        self.client.forget(bucket, key)


class CountingClient(WrappingClient):
    """Count what is asked: `counts` by verb, `total` of all, `asked` as (verb, bucket, key) in order.

    Args:
        client: The client that does the work.
    """

    def __init__(self, client: S3Client) -> None:
        super().__init__(client)
        self.asked: list[tuple[str, str, str]] = []

    @property
    def counts(self) -> Counter[str]:
        """How often each verb was asked for."""
        return Counter(verb for verb, _, _ in self.asked)

    @property
    def total(self) -> int:
        """How often anything was asked for."""
        return len(self.asked)

    def around(self, verb: str, bucket: str, key: str, action: Callable[[], T]) -> T:
        """Count, then do it."""
        self.asked.append((verb, bucket, key))
        return action()


class Rule(NamedTuple):
    """Which verbs fail, and how.

    Args:
        verb: The verb, or `*` for all.
        error: What is raised, a new copy each time.
        key: Only for keys that begin with this.
        skip: How many of them succeed first.
        times: How many of them fail then; `None` means all.
        after: Do it first, then fail: as when the answer is lost.
    """

    verb: str
    error: Exception
    key: str = ""
    skip: int = 0
    times: int | None = None
    after: bool = False


class FailingClient(WrappingClient):
    """Fail by rules; the first rule that fits decides.

    Args:
        client: The client that does the work.
        rules: May be changed at any time.
    """

    def __init__(self, client: S3Client, rules: Sequence[Rule] = ()) -> None:
        super().__init__(client)
        self.rules = list(rules)
        self._met: Counter[int] = Counter()
        self._lock = threading.Lock()

    def around(self, verb: str, bucket: str, key: str, action: Callable[[], T]) -> T:
        """Fail where a rule says so."""
        del bucket
        for rule in self.rules:
            if rule.verb in (verb, "*") and key.startswith(rule.key):
                with self._lock:
                    met = self._met[id(rule)]
                    self._met[id(rule)] += 1
                if met >= rule.skip and (rule.times is None or met < rule.skip + rule.times):
                    if rule.after:
                        action()
                    raise copy.copy(rule.error)
        return action()


class SlowClient(WrappingClient):
    """Wait before each verb, or until `let_go` is set, as a server that does not answer.

    Args:
        client: The client that does the work.
        seconds: How long to wait; `None` means until `let_go` is set.
    """

    def __init__(self, client: S3Client, seconds: float | None = 0.05) -> None:
        super().__init__(client)
        self.seconds = seconds
        self.let_go = threading.Event()
        self.waiting = 0

    def around(self, verb: str, bucket: str, key: str, action: Callable[[], T]) -> T:
        """Wait, then do it."""
        del verb, bucket, key
        self.waiting += 1
        if self.seconds is None:
            self.let_go.wait()
        else:
            time.sleep(self.seconds)
        self.waiting -= 1
        return action()
