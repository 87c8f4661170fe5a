"""`Sender`: one request after another, the base of everything that speaks the S3 client protocol by itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from tfm.errors import S3AuthError, S3BaseError
from tfm.s3.errors import refusal, uri_of
from tfm.s3.protocol import Body, Checksum, ObjectFacts, Place
from tfm.s3.shapes import Condition, is_read


class Sender(ABC):
    """How a request goes out, and what may not; the subclass says how it is sent."""

    @property
    @abstractmethod
    def place(self) -> Place:
        """The place that the client speaks to."""

    @abstractmethod
    def _send(
        self, operation: str, bucket: str = "", key: str = "", condition: Condition = "", **parameters: Any
    ) -> dict[str, Any]:
        """Send one request; gives boto3's answer, with the `Page` of a listing, or raises an error of tfm."""

    @abstractmethod
    def _knows(self, operation: str) -> bool:
        """Tell whether there is an operation of this name."""

    def _takes(self, operation: str, parameter: str) -> bool:
        """Tell whether an operation has a parameter of this name, which older versions of boto3 may not know."""
        del operation, parameter
        return True

    @abstractmethod
    def _region(self) -> str | None:
        """Give the region that requests are signed for."""

    @abstractmethod
    def _body(self, stream: Any, facts: ObjectFacts, bucket: str, checksum: Checksum | None = None) -> Body:
        """Wrap the stream of an answer, or none for an empty body."""

    def _check_writable(self, operation: str, bucket: str, key: str) -> None:
        """Refuse a write to a read-only place before it is sent."""
        if self.place.read_only and not is_read(operation):
            where = uri_of(self.place.name, bucket, key)
            raise S3AuthError(
                f"{where}: the place {self.place.name!r} is read-only, so nothing was sent; use one that may write.",
                code="ReadOnlyPlace",
                bucket=bucket,
                key=key,
                filename=where,
            )

    def _refused(self, code: str, operation: str, bucket: str, key: str = "") -> S3BaseError:
        """Make the error of what the server said in other words."""
        return refusal({"Error": {"Code": code}}, operation, bucket, key, place=self.place.name)
