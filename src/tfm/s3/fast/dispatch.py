"""`Dispatcher`: the requests of one place: signed, sent, and sent again where that helps."""

from __future__ import annotations

import re
import time
from typing import Any, NamedTuple

from tfm.errors import S3BaseError
from tfm.s3.errors import refusal, translate
from tfm.s3.fast import answers, retrying
from tfm.s3.fast.access import Access, Credentials, StepAside
from tfm.s3.fast.answers import BrokenAnswer
from tfm.s3.fast.blanks import Blanks
from tfm.s3.fast.checksums import Comparison, comparison, crc32, md5, sha256
from tfm.s3.fast.errors import ConnectionClosedError, WireError
from tfm.s3.fast.framing import Stream, body_of, stream_of
from tfm.s3.fast.heads import Head, write_head
from tfm.s3.fast.pool import Pool
from tfm.s3.fast.requests import Request
from tfm.s3.fast.routes import Route, Routes
from tfm.s3.fast.signing import UNSIGNED
from tfm.s3.fast.wire import Connection
from tfm.s3.httpdates import date_of
from tfm.s3.shapes import Condition
from tfm.width import width_of

ASKED_FIRST = 1024 * 1024
"""Bytes of a body before which a server is asked whether it wants it, while no write to its bucket has succeeded."""

SKEWED = 240.0
"""Seconds by which a clock must be wrong to be the reason of a refusal; S3 allows for 15 minutes."""

_REDIRECTS = frozenset({301, 302, 307, 308})
_ELSEWHERE = frozenset({"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"})
_REGION = re.compile(r"(?![0-9]+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")

Failure = dict[str, Any] | WireError | BrokenAnswer


class Download(NamedTuple):
    """The body of a GET that was not read yet.

    Args:
        stream: Of the answer.
        comparison: With the checksum of the whole object, where all of it comes and it has one.
    """

    stream: Stream | None
    comparison: Comparison | None


class Course:
    """What was done for one request that failed, so far."""

    def __init__(self) -> None:
        self.attempts = 1
        self.kind: retrying.Kind | None = None
        self.redirected = False
        self.corrected = False
        self.unclear = False

    def note(self, failure: Failure) -> None:
        """Take in how the last attempt failed: what kind of failure, and whether it may have worked all the same."""
        if isinstance(failure, dict):
            self.kind = retrying.kind_of(failure)
            self.unclear |= failure["ResponseMetadata"]["HTTPStatusCode"] in (500, 502, 504)
        else:
            self.kind = "transient"
            self.unclear |= not isinstance(failure, WireError) or failure.sent


class Dispatcher:
    """Send requests to one place; threads share it.

    Args:
        access: How the place is reached.
        name: Of the place, for the URIs in errors.
    """

    def __init__(self, access: Access, name: str) -> None:
        self._access = access
        self._name = name
        self._routes = Routes(access)
        self._blanks = Blanks()
        self._quota = retrying.Quota()
        self._offset = 0.0
        self._plain: Credentials | None = None
        self._written: set[str] = set()

    def send(self, request: Request, key: str, condition: Condition) -> dict[str, Any]:
        """Send a request until it is answered; gives boto3's answer.

        Args:
            request: What is sent.
            key: As it is, for errors.
            condition: Of the request, which decides what a 412 means.

        Raises:
            S3BaseError: It was refused, or there was no answer, also after all attempts.
            StepAside: Only botocore finds out where the bucket is, or how to sign.
        """
        outcome = self._once(request)
        if not isinstance(outcome, dict) or "Error" in outcome:
            return self._persist(request, outcome, key, condition)
        self._quota.repay(None)
        return outcome

    def _persist(self, request: Request, outcome: Failure, key: str, condition: Condition) -> dict[str, Any]:
        """Send a request that failed again, as long as that may help."""
        course = Course()
        while True:
            if isinstance(outcome, dict) and self._changed(request, outcome, course):
                wait = 0.0
            else:
                course.note(outcome)
                if course.kind == "throttled":
                    width_of(("s3", self._name)).slow_down()
                last = course.attempts >= self._access.attempts
                if course.kind is None or last or not self._quota.spend(course.kind):
                    raise self._error(request, outcome, key, condition, course) from _cause(outcome)
                headers = outcome["ResponseMetadata"]["HTTPHeaders"] if isinstance(outcome, dict) else {}
                wait = retrying.delay(course.kind, course.attempts, headers.get("x-amz-retry-after"))
                course.attempts += 1
            time.sleep(wait)
            outcome = self._once(request)
            if isinstance(outcome, dict) and "Error" not in outcome:
                self._quota.repay(course.kind)
                return outcome

    def _changed(self, request: Request, answer: dict[str, Any], course: Course) -> bool:
        """Tell whether the same request would now go elsewhere, or with another time: each once."""
        if not course.redirected and self._moved(request, answer):
            course.redirected = True
            return True
        if not course.corrected and self._corrected(request, answer):
            course.corrected = True
            return True
        return False

    def _moved(self, request: Request, answer: dict[str, Any]) -> bool:
        """Learn from an answer that the bucket is in another region."""
        error, meta = answer["Error"], answer["ResponseMetadata"]
        unnamed = meta["HTTPStatusCode"] == 400 and request.form.method == "HEAD"
        if meta["HTTPStatusCode"] not in _REDIRECTS and error["Code"] not in _ELSEWHERE and not unnamed:
            return False
        region = meta["HTTPHeaders"].get("x-amz-bucket-region") or error.get("Region") or ""
        if not _REGION.fullmatch(region) or region == self._routes.to(request.bucket).region:
            if unnamed or error["Code"] == "AuthorizationHeaderMalformed":
                return False
            raise StepAside("the bucket is elsewhere, and the answer does not say where")
        self._routes.moved(request.bucket, region)
        return True

    def _corrected(self, request: Request, answer: dict[str, Any]) -> bool:
        """Take over the server's time, when ours is the reason of a refusal."""
        meta = answer["ResponseMetadata"]
        unnamed = meta["HTTPStatusCode"] in (400, 403) and request.form.method == "HEAD"
        if answer["Error"]["Code"] not in ("RequestTimeTooSkewed", "RequestInTheFuture") and not unnamed:
            return False
        try:
            served = date_of(meta["HTTPHeaders"]["date"]).timestamp()
        except (KeyError, ValueError):
            return False
        if abs(served - time.time() - self._offset) <= SKEWED:
            return False
        self._offset = served - time.time()
        return True

    def _error(self, request: Request, outcome: Failure, key: str, condition: Condition, course: Course) -> S3BaseError:
        """Make tfm's error of the last failure."""
        if isinstance(outcome, BrokenAnswer):
            if request.operation == "list_objects_v2":
                outcome = {"Error": {"Code": "MalformedListing"}, "ResponseMetadata": {}}
            else:
                outcome = ConnectionClosedError(str(outcome), self._routes.to(request.bucket).pool.address.url)
        if isinstance(outcome, WireError):
            return translate(outcome, request.operation, request.bucket, key, place=self._name, condition=condition)
        if course.unclear and not request.repeatable and _undone(outcome):
            # An attempt whose answer never came may have made the condition untrue by itself: neither "it exists
            # already" nor success would be known to be right.
            outcome, condition = {**outcome, "Error": {"Code": "OutcomeUnknown"}}, ""
        if self._offset and "date" in outcome["ResponseMetadata"].get("HTTPHeaders", {}):
            headers = {**outcome["ResponseMetadata"]["HTTPHeaders"]}
            del headers["date"]  # it was signed by the server's time, so that the clock is not the reason
            outcome = {**outcome, "ResponseMetadata": {**outcome["ResponseMetadata"], "HTTPHeaders": headers}}
        return refusal(outcome, request.operation, request.bucket, key, place=self._name, condition=condition)

    def _once(self, request: Request) -> Failure:
        """Send a request once; gives the answer, with `Error` when it was refused, or what went wrong."""
        try:
            return self._read(request, *self._exchange(request, self._routes.to(request.bucket)))
        except (WireError, BrokenAnswer) as error:
            return error

    # A request whose answer is awaited together with those of others.

    def pool_of(self, request: Request) -> Pool:
        """Give the connections to the server that a request goes to."""
        return self._routes.to(request.bucket).pool

    def begin(self, request: Request, connection: Connection) -> None:
        """Send a small request; raises `WireError`."""
        connection.send(self._head(request, self._routes.to(request.bucket)), request.body)

    def end(self, request: Request, head: Head, connection: Connection, pool: Pool) -> Failure:
        """Read the rest of the answer to a request that was begun; of one that went well, bytes and ETag are told.

        Args:
            request: What was sent.
            head: Of the answer.
            connection: On which it was read.
            pool: Gets the connection back.
        """
        try:
            body = body_of(pool, connection, request.form.method, head)
            if head.status >= 300:
                return answers.refused(head.status, head.headers, body)
            answer = answers.outline(request.operation, head.status, head.headers, body)
            if request.operation == "get_object":
                answer["Body"] = compared(body, self._comparison(head.status, head.headers))
        except (WireError, BrokenAnswer) as error:
            return error
        if request.body:
            self._written.add(request.bucket)
        return answer

    def persist(self, request: Request, failure: Failure, key: str, condition: Condition) -> dict[str, Any]:
        """Do what `send` does after a failure, for a request that was begun; a download's body is given as bytes.

        Args:
            request: What was sent.
            failure: What came of it.
            key: As it is, for errors.
            condition: Of the request, which decides what a 412 means.
        """
        return whole(self._persist(request, failure, key, condition))

    def _read(self, request: Request, status: int, headers: dict[str, str], stream: Stream) -> dict[str, Any]:
        if request.operation == "get_object" and status < 300:
            return self._download(status, headers, stream)
        body = stream.document()
        if status >= 300:
            return answers.refused(status, headers, body)
        answer = answers.read(request.operation, status, headers, body)
        if request.body:
            self._written.add(request.bucket)
        return answer

    def _download(self, status: int, headers: dict[str, str], stream: Stream) -> dict[str, Any]:
        try:
            answer = answers.read("get_object", status, headers, b"")
        except BrokenAnswer:
            stream.close()
            raise
        answer["Body"] = Download(stream, self._comparison(status, headers))
        return answer

    def _comparison(self, status: int, headers: dict[str, str]) -> Comparison | None:
        return comparison(headers) if status == 200 and self._access.compares else None

    def _exchange(self, request: Request, route: Route) -> tuple[int, dict[str, str], Stream]:
        """Send a request on a connection that was kept open, and once more when that turns out to be closed."""
        method, body = request.form.method, request.body
        ask_first = len(body) >= ASKED_FIRST and request.bucket not in self._written
        head = self._head(request, route, ask_first=ask_first)
        pool = route.pool
        connection = pool.take()
        try:
            answer = connection.exchange(head, body, ask_first=ask_first)
        except WireError as error:
            connection.close()
            if not (error.stale and request.repeatable):
                raise
            connection = pool.connect()
            try:
                answer = connection.exchange(head, body, ask_first=ask_first)
            except BaseException:
                connection.close()
                raise
        except BaseException:
            connection.close()
            raise
        return answer.status, answer.headers, stream_of(pool, connection, method, answer)

    def _head(self, request: Request, route: Route, *, ask_first: bool = False) -> bytes:
        """Write the head of a request, signed now."""
        method = request.form.method
        path = f"{route.path}/{request.key}" if request.key else route.path or "/"
        target = f"{path}?{request.target}" if request.query else path
        own = self._headers(request)
        if ask_first:
            own["expect"] = "100-continue"
        common = {"host": route.host, "user-agent": self._access.user_agent}
        credentials: Credentials | None = self._access.credentials()
        if credentials is None:
            return write_head(method, target, {**common, **own})
        if credentials != self._plain:
            self._check_plain(credentials)
        unsigned = route.secure and request.form.streams and "x-amz-checksum-crc32" in own
        own["x-amz-content-sha256"] = UNSIGNED if unsigned else sha256(request.body)
        blank = self._blanks.blank(credentials, route.region, method, common, own, time.time() + self._offset)
        return blank.fill(path, request.query, target, own)

    def _headers(self, request: Request) -> dict[str, str]:
        """Give the headers that a request has of its own."""
        form, body = request.form, request.body
        headers = {**request.headers}
        if form.method in ("PUT", "POST"):
            headers["content-length"] = str(len(body))
        if form.checksum and (self._access.checksums or form.checksum == "always"):
            self._add_checksum(request, headers)
        if request.operation == "get_object" and self._access.compares:
            headers["x-amz-checksum-mode"] = "ENABLED"
        return headers

    def _check_plain(self, credentials: Credentials) -> None:
        """Leave to botocore what can't stand in a header, such as a key that was pasted with its line's end."""
        for text in (credentials.access_key, credentials.token or ""):
            if not (text.isascii() and text.isprintable()):
                raise StepAside("credentials that are not plain text")
        self._plain = credentials

    def _add_checksum(self, request: Request, headers: dict[str, str]) -> None:
        """Say what the body must add up to; some servers refuse a DeleteObjects without the older `Content-MD5`."""
        headers["x-amz-checksum-crc32"] = crc32(request.body)
        headers["x-amz-sdk-checksum-algorithm"] = "CRC32"
        if request.form.checksum == "always" and (digest := md5(request.body)):
            headers["content-md5"] = digest


def whole(answer: dict[str, Any]) -> dict[str, Any]:
    """Read the body of a download into the answer, and compare it with its checksum.

    Args:
        answer: Of any operation.

    Raises:
        BrokenAnswer: The bytes are not those of the checksum.
        WireError: Not all of them came.
    """
    download = answer.get("Body")
    if isinstance(download, Download):
        data = download.stream.read() if download.stream is not None else b""
        answer["Body"] = compared(data, download.comparison)
    return answer


def _undone(answer: dict[str, Any]) -> bool:
    """Tell whether an answer says that a condition does not hold (any more), or that an upload is gone."""
    return answer["ResponseMetadata"].get("HTTPStatusCode") in (409, 412) or answer["Error"]["Code"] == "NoSuchUpload"


def compared(data: bytes, comparison: Comparison | None) -> bytes:
    """Give the bytes of a whole object if they are those of its checksum.

    Args:
        data: The bytes.
        comparison: With the checksum; `None` where it has none.

    Raises:
        BrokenAnswer: They are not.
    """
    if comparison is not None:
        comparison.update(data)
        if not comparison.matches():
            raise BrokenAnswer("the bytes that came differ from their checksum")
    return data


def _cause(outcome: Failure) -> Exception | None:
    return None if isinstance(outcome, dict) else outcome
