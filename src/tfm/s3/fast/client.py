"""`FastClient`: the S3 client protocol by requests of our own, with the boto3 client behind it for all that is rare."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tfm.errors import S3BaseError
from tfm.s3.errors import translate
from tfm.s3.fast.access import Access, StepAside
from tfm.s3.fast.bodies import FastBody
from tfm.s3.fast.dispatch import Dispatcher, Download
from tfm.s3.fast.requests import FORMS, write
from tfm.s3.protocol import Body, Checksum, ObjectFacts, Place
from tfm.s3.shapes import Condition
from tfm.s3.verbs import Verbs
from tfm.width import width_of

if TYPE_CHECKING:
    from tfm.s3.many import Many


class FastClient(Verbs):
    """The hot verbs by requests of our own; every other operation, parameter and place by the client behind.

    Args:
        behind: The boto3 client of the same place.
        find: Gives how the place is reached, or raises `StepAside`; asked once, before the first request.
    """

    def __init__(self, behind: Verbs, find: Callable[[], Access]) -> None:
        self._behind = behind
        self._find = find
        self._lock = threading.Lock()
        self._dispatcher: Dispatcher | None = None
        self._aside = False

    @property
    def place(self) -> Place:
        """The place that the client speaks to."""
        return self._behind.place

    def _reach(self) -> Dispatcher:
        """Find out how the place is reached, once; raises `StepAside`."""
        if self._dispatcher is not None:
            return self._dispatcher
        with self._lock:
            if self._aside:
                raise StepAside("this place is botocore's")
            if self._dispatcher is None:
                self._aside = True  # unless it is found
                self._dispatcher = Dispatcher(self._find(), self.place.name)
                self._aside = False
            return self._dispatcher

    def _send(
        self, operation: str, bucket: str = "", key: str = "", condition: Condition = "", **parameters: Any
    ) -> dict[str, Any]:
        """Send one request, and translate what goes wrong."""
        if operation in FORMS:
            self._check_writable(operation, bucket, key)
            try:
                dispatcher = self._reach()
                request = write(operation, bucket, key, parameters)
                if self.place.requester_pays and operation != "head_bucket":
                    request.headers["x-amz-request-payer"] = "requester"
                return dispatcher.send(request, key, condition)
            except StepAside:
                pass  # botocore knows what to do, or says what is wrong
        return self._behind._send(operation, bucket, key, condition, **parameters)

    def many(self, check: Callable[[], object]) -> Many | None:
        """Give what sends many small requests at once from one thread.

        Args:
            check: Called now and then while it waits; what it raises ends the waiting.
        """
        if self.place.read_only:
            return None  # each write is refused by itself
        try:
            dispatcher = self._reach()
        except StepAside:
            return None
        from tfm.s3.fast.many import FastMany

        return FastMany(self._behind, dispatcher, width_of(("s3", self.place.name)), check)

    def _body(self, stream: Any, facts: ObjectFacts, bucket: str, checksum: Checksum | None = None) -> Body:
        if stream is not None and not isinstance(stream, Download):
            return self._behind._body(stream, facts, bucket, checksum)
        download = stream or Download(None, None)
        return FastBody(*download, facts, checksum, lambda error: self._told(error, bucket, facts.key))

    def _told(self, error: Exception, bucket: str, key: str) -> S3BaseError:
        return translate(error, "get_object", bucket, key, place=self.place.name)

    def _takes(self, operation: str, parameter: str) -> bool:
        form = FORMS.get(operation)
        if form is not None and (parameter in form.takes or parameter == "Delete.Objects.ETag"):
            try:
                self._reach()
            except StepAside:
                pass
            else:
                return True
        return self._behind._takes(operation, parameter)

    def _knows(self, operation: str) -> bool:
        return self._behind._knows(operation)

    def _region(self) -> str | None:
        return self._behind._region()

    def presign(self, operation: str, bucket: str, key: str, expires: int, **parameters: Any) -> str:
        """Sign a request for somebody without credentials, by the client behind."""
        return self._behind.presign(operation, bucket, key, expires, **parameters)

    def call(self, operation: str, *, ttl: float | None = None, **parameters: Any) -> dict[str, Any]:
        """Send any other S3 operation, by the client behind."""
        return self._behind.call(operation, ttl=ttl, **parameters)
