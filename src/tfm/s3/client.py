"""`Boto3Client`: the S3 client protocol on boto3, which is imported here and nowhere else, on first use."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Mapping
from typing import Any

from tfm.errors import S3GenericError
from tfm.s3.errors import translate
from tfm.s3.listing import parse_listing
from tfm.s3.protocol import Checksum, ObjectFacts, Place
from tfm.s3.shapes import Condition
from tfm.s3.verbs import Verbs

CONNECT_SECONDS = 5
READ_SECONDS = 60
ATTEMPTS = 3
POOL_SIZE = 64
_NOT_SENT = ("EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError", "SSLError")


@functools.cache
def _foreign() -> tuple[type[BaseException], ...]:
    """Name every error that boto3 and what it stands on can raise on us."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError
    from urllib3.exceptions import HTTPError

    # RecursionError: botocore looks for a bucket's region without end when a server redirects but does not say where.
    return BotoCoreError, ClientError, Boto3Error, HTTPError, OSError, RecursionError, ValueError


def _connect(place: Place) -> Any:
    """Make a boto3 client with a session of its own; the user's own retry settings are left alone.

    Source: https://botocore.amazonaws.com/v1/documentation/api/latest/reference/config.html
    """
    import boto3.session
    import botocore
    import botocore.session
    from botocore.config import Config

    core = botocore.session.Session(profile=place.profile)
    options: dict[str, Any] = {
        "connect_timeout": CONNECT_SECONDS,
        "read_timeout": READ_SECONDS,
        "max_pool_connections": POOL_SIZE,
        "tcp_keepalive": True,
        "user_agent_extra": "tfm",
    }
    profile = core.get_scoped_config()
    if not any(name in profile or f"AWS_{name.upper()}" in os.environ for name in ("retry_mode", "max_attempts")):
        options["retries"] = {"mode": "standard", "total_max_attempts": ATTEMPTS}
    if place.anonymous:
        options["signature_version"] = botocore.UNSIGNED
    if place.addressing != "auto":
        options["s3"] = {"addressing_style": place.addressing}
    session = boto3.session.Session(botocore_session=core)
    region, endpoint = _settings(core, place)
    made = session.client("s3", region_name=region, endpoint_url=endpoint, config=Config(**options))
    made.meta.events.register_first("choose-signer.s3", _sign_by_version_4)
    made.meta.events.register("before-parse.s3.ListObjectsV2", _take_listing)
    made.meta.events.register_first("needs-retry.s3", _note_unclear)
    return made


def profiles() -> list[str]:
    """Name the profiles of the shared AWS configuration, sorted.

    Source: https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
    """
    import botocore.session

    try:
        return sorted(botocore.session.Session().available_profiles)
    except _foreign() as error:
        raise translate(error, "profiles") from error


def _settings(core: Any, place: Place) -> tuple[str | None, str | None]:
    """Find region and endpoint: the place's own, then its profile's, before any variable of the environment.

    Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
    """
    if place.profile is None:
        return place.region, place.endpoint
    profile = core.get_scoped_config()
    services = core.full_config.get("services", {}).get(profile.get("services"), {}).get("s3", {})
    endpoint = place.endpoint or services.get("endpoint_url") or profile.get("endpoint_url")
    return place.region or profile.get("region"), endpoint


def _take_listing(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    """Parse a listing before botocore does, and leave it a body that costs nothing.

    What is no whole listing is left to botocore, which tries again after a broken answer or an error in a 200.
    """
    if response_dict["status_code"] != 200:
        return
    try:
        customized_response_dict["Page"] = parse_listing(response_dict["body"])
    except S3GenericError:
        return
    response_dict["body"] = b"<ListBucketResult/>"


def _note_unclear(request_dict: Any, response: Any, caught_exception: Any, operation: Any, **_: Any) -> None:
    """Name it when a write's condition is found untrue after an attempt whose answer got lost: that may have worked.

    Neither "it exists already" nor success would be known to be right.
    """
    context, headers = request_dict["context"], request_dict["headers"]
    if response is None:
        if type(caught_exception).__name__ not in _NOT_SENT:
            context["tfm_unclear"] = True
        return
    status, parsed = response[0].status_code, response[1]
    if status in (500, 502, 504):
        context["tfm_unclear"] = True
    elif context.get("tfm_unclear") and request_dict["method"] not in ("GET", "HEAD") and "Error" in parsed:
        conditional = "If-Match" in headers or "If-None-Match" in headers
        gone = operation.name == "CompleteMultipartUpload" and parsed["Error"].get("Code") == "NoSuchUpload"
        if gone or (conditional and status in (409, 412)):
            parsed["Error"]["Code"] = "OutcomeUnknown"


def _has_parameter(meta: Any, operation: str, parameter: str) -> bool:
    """Tell whether the model of an operation has a parameter, such as `IfMatch` or `Delete.Objects.ETag`."""
    shape = meta.service_model.operation_model(meta.method_to_api_mapping[operation]).input_shape
    for name in parameter.split("."):
        shape = getattr(shape, "member", shape)  # of a list
        shape = getattr(shape, "members", {}).get(name)
    return shape is not None


def _sign_by_version_4(signature_version: Any, **_: Any) -> str | None:
    """Choose the signature of a presigned URL: version 4, which every region takes, where boto3 would take version 2.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
    """
    return "s3v4-query" if signature_version in ("v4-query", "s3v4-query", "s3-query") else None


class _StreamedBody:
    """The open body of a GET, whose errors are tfm's own; the last bytes are given when the checksum is right."""

    def __init__(self, stream: Any, facts: ObjectFacts, where: tuple[str, str], checksum: Checksum | None) -> None:
        self.facts = facts
        self._checksum = checksum
        self._stream = stream
        self._where = where
        self._left = facts.size

    def take_checksum(self) -> Checksum | None:
        return self._checksum  # and botocore compares all the same

    def read(self, size: int = -1) -> bytes:
        if self._stream is None or size == 0:
            return b""
        place, bucket = self._where
        try:
            data = bytes(self._stream.read(None if size < 0 else size))
            self._left -= len(data)
            if data and not self._left:
                self._stream.read(1)  # only the read that finds the end makes botocore compare the checksum
            return data
        except _foreign() as error:
            raise translate(error, "get_object", bucket, self.facts.key, place=place) from error

    def readinto(self, buffer: bytearray | memoryview) -> int:
        with memoryview(buffer) as whole, whole.cast("B") as view:
            data = self.read(len(view))
            view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()


class Boto3Client(Verbs):
    """The S3 client protocol by boto3: one session, one connection pool, retries and redirects by botocore.

    Args:
        place: Which credentials, endpoint and region to use; nothing is opened or read before the first request.

    Source: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/s3.html
    """

    def __init__(self, place: Place | None = None) -> None:
        self._place = place or Place()
        self._lock = threading.Lock()
        self._made: Any = None

    @property
    def place(self) -> Place:
        """The place that the client speaks to."""
        return self._place

    def _boto3(self) -> Any:
        """Make the boto3 client on first use; raises botocore's errors."""
        if self._made is None:
            with self._lock:
                if self._made is None:
                    self._made = _connect(self._place)
        return self._made

    def sdk(self) -> Any:
        """Give the boto3 client, which is made on first use; errors are tfm's own."""
        try:
            return self._boto3()
        except _foreign() as error:
            raise translate(error, "client", place=self._place.name) from error

    def frozen_credentials(self) -> tuple[str, str, str | None]:
        """Give the credentials that are good now: key, secret and token, renewed by botocore when it is time."""
        signer = self.sdk()._request_signer
        try:
            frozen = signer._credentials.get_frozen_credentials()
        except _foreign() as error:
            raise translate(error, "credentials", place=self._place.name) from error
        return frozen.access_key, frozen.secret_key, frozen.token

    def endpoint_of(self, bucket: str, region: str) -> tuple[str, Mapping[str, Any]]:
        """Ask botocore's endpoint rules where requests of a bucket go; gives the URL and how they are signed.

        Args:
            bucket: The bucket.
            region: The region that it is in; empty for the client's own.

        Source: https://smithy.io/2.0/additional-specs/rules-engine/index.html
        """
        made = self.sdk()
        rules = made._ruleset_resolver
        context = {"client_config": made.meta.config, "auth_type": None}
        operation = made.meta.service_model.operation_model("HeadObject")
        own = {"Region": region} if region else {}
        try:
            asked = rules._get_provider_params(operation, {"Bucket": bucket, "Key": "k"}, context)
            found = rules._provider.resolve_endpoint(**{**asked, **own})
        except _foreign() as error:
            raise translate(error, "endpoint", bucket, place=self._place.name) from error
        return found.url, found.properties

    def _send(
        self, operation: str, bucket: str = "", key: str = "", condition: Condition = "", **parameters: Any
    ) -> dict[str, Any]:
        """Send one request and translate what goes wrong."""
        self._check_writable(operation, bucket, key)
        if bucket:
            parameters["Bucket"] = bucket
        if key:
            parameters["Key"] = key
        if isinstance(parameters.get("Body"), bytearray | memoryview):
            parameters["Body"] = bytes(parameters["Body"])  # boto3 takes no views
        if self._place.requester_pays and self._takes(operation, "RequestPayer"):
            parameters.setdefault("RequestPayer", "requester")
        try:
            answer: dict[str, Any] = getattr(self._boto3(), operation)(**parameters)
        except _foreign() as error:
            raise translate(error, operation, bucket, key, place=self._place.name, condition=condition) from error
        return answer

    def _knows(self, operation: str) -> bool:
        try:
            return operation in self._boto3().meta.method_to_api_mapping
        except _foreign() as error:
            raise translate(error, operation, place=self._place.name) from error

    def _takes(self, operation: str, parameter: str) -> bool:
        try:
            return _has_parameter(self._boto3().meta, operation, parameter)
        except _foreign() as error:
            raise translate(error, operation, place=self._place.name) from error

    def presign(self, operation: str, bucket: str, key: str, expires: int, **parameters: Any) -> str:
        """Sign a request for somebody without credentials; gives its URL, and sends nothing.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html
        """
        self._check_writable(operation, bucket, key)
        asked = {"Bucket": bucket, "Key": key, **parameters}
        if self._place.requester_pays:
            asked["RequestPayer"] = "requester"
        try:
            return str(self._boto3().generate_presigned_url(operation, Params=asked, ExpiresIn=expires))
        except _foreign() as error:
            raise translate(error, operation, bucket, key, place=self._place.name) from error

    def _region(self) -> str | None:
        try:
            region: str | None = self._boto3().meta.region_name
        except _foreign() as error:
            raise translate(error, "create_bucket", place=self._place.name) from error
        return region

    def _body(self, stream: Any, facts: ObjectFacts, bucket: str, checksum: Checksum | None = None) -> _StreamedBody:
        return _StreamedBody(stream, facts, (self._place.name, bucket), checksum)
