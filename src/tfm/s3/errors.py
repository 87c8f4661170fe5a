"""The one table from what S3 or botocore says to the errors of tfm; by names, so that it imports nothing of botocore.

Three look-ups, first hit wins: the server's error code, the HTTP status, the class names of a client-side exception.
Server texts are quoted only after everything that could be a secret is cut out of them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any

from tfm.errors import (
    S3AuthError,
    S3BaseError,
    S3ChangedError,
    S3ConnectionError,
    S3ExistsError,
    S3GenericError,
    S3NotEmptyError,
    S3NotFoundError,
    S3RateLimitError,
    S3TimeoutError,
)
from tfm.s3.httpdates import date_of
from tfm.s3.shapes import Condition

Row = tuple[type[S3BaseError], str]

_SIGN_IN = "run `aws configure`, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose a profile by AWS_PROFILE"
_EXPIRED = "the credentials have expired: get new ones, for example by `aws sso login`"
_CLOCK = "this machine's clock differs from the server's by more than 15 minutes: set the clock right, then try again"
_BUSY = "the server asks for fewer requests and kept asking after all retries: wait a little, then try again"
_REGION = "the bucket is in another region than the one used: set AWS_DEFAULT_REGION, or `region` in the profile"

_CODE_ROWS: dict[Row, tuple[str, ...]] = {
    (S3NotFoundError, "the bucket does not exist: check its name and the place it is in"): (
        "NoSuchBucket", "NoSuchAccessPoint", "NoSuchMultiRegionAccessPoint", "NoSuchOutpost"),
    (S3NotFoundError, "there is no such object"): ("NoSuchKey", "NoSuchVersion", "404", "NotFound"),
    (S3NotFoundError, "there is no such upload: it was completed or aborted before"): ("NoSuchUpload",),
    (S3NotFoundError, "the bucket or object has no such setting"): (
        "NoSuchAnnotation", "NoSuchBucketPolicy", "NoSuchCORSConfiguration", "NoSuchConfiguration",
        "NoSuchLifecycleConfiguration", "NoSuchObjectLockConfiguration", "NoSuchPublicAccessBlockConfiguration",
        "NoSuchTagSet", "NoSuchTagSetError", "NoSuchWebsiteConfiguration", "ObjectLockConfigurationNotFoundError",
        "OwnershipControlsNotFoundError", "ReplicationConfigurationNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError"),
    (S3AuthError, "access denied: these credentials have no permission for {operation}"): (
        "AccessDenied", "AllAccessDisabled", "AccountProblem", "CrossLocationLoggingProhibited", "Forbidden", "403",
        "NotSignedUp", "UnauthorizedAccess", "UnauthorizedAccessError", "AccessDeniedException", "401", "Unauthorized",
        "InvalidPayer", "KMS.AccessDeniedException"),
    (S3AuthError, "the server does not know these credentials: check the access key, the profile and the endpoint"): (
        "InvalidAccessKeyId", "InvalidSecurity", "InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure",
        "MissingSecurityHeader", "CredentialsNotSupported"),
    (S3AuthError, "the signature is wrong: check that the secret key is whole and belongs to the access key"): (
        "SignatureDoesNotMatch", "InvalidSignature", "InvalidSignatureException", "IncompleteSignature"),
    (S3AuthError, _EXPIRED): (
        "ExpiredToken", "ExpiredTokenException", "InvalidToken", "TokenRefreshRequired", "RequestExpired"),
    (S3AuthError, _CLOCK): ("RequestTimeTooSkewed", "RequestInTheFuture"),
    (S3AuthError, _REGION): ("AuthorizationHeaderMalformed", "IllegalLocationConstraintException"),
    (S3GenericError, _REGION): (
        "PermanentRedirect", "Redirect", "TemporaryRedirect", "301", "302", "307", "308", "InvalidLocationConstraint",
        "AuthorizationQueryParametersError"),
    (S3GenericError, "the object is archived: restore it, then try again"): (
        "InvalidObjectState", "ObjectNotInActiveTierError"),
    (S3GenericError, "the object is in the active tier already: nothing is to be restored"): (
        "ObjectAlreadyInActiveTierError", "RestoreAlreadyInProgress"),
    (S3ExistsError, "a bucket of this name exists already, here or in another account: choose another name"): (
        "BucketAlreadyExists", "BucketAlreadyOwnedByYou"),
    (S3NotEmptyError, "the bucket is not empty: delete what is in it first, old versions and unfinished uploads too"): (
        "BucketNotEmpty",),
    (S3RateLimitError, _BUSY): (
        "SlowDown", "ServiceUnavailable", "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled",
        "RequestThrottledException", "TooManyRequests", "TooManyRequestsException", "TransactionInProgressException",
        "RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException", "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException", "EC2ThrottledException", "429", "503", "Busy",
        "KMS.ThrottlingException"),
    (S3RateLimitError, "another operation on it is still running: wait a little, then try again"): (
        "OperationAborted",),
    (S3TimeoutError, "the server did not get or give an answer in time: try again"): (
        "RequestTimeout", "RequestTimeoutException", "GatewayTimeout", "408", "504"),
    (S3ConnectionError, "a gateway on the way to the server failed: try again"): ("BadGateway", "502"),
    (S3ConnectionError, "it broke once without an answer, and may have worked: look before you repeat it"): (
        "OutcomeUnknown",),
    (S3ChangedError, "the object changed in between: read it again, then repeat"): (
        "PreconditionFailed", "ConditionalRequestConflict", "412", "IdempotencyParameterMismatch"),
    (S3GenericError, "a part is missing or differs from what was sent: upload the object again"): (
        "InvalidPart", "InvalidPartOrder", "BadDigest", "XAmzContentSHA256Mismatch", "IncompleteBody",
        "XAmzContentChecksumMismatch", "InvalidDigest", "InvalidWriteOffset"),
    (S3GenericError, "it is larger, smaller or more than S3 allows"): (
        "EntityTooLarge", "EntityTooSmall", "TooManyParts", "KeyTooLongError", "MetadataTooLarge", "TooManyBuckets",
        "MaxMessageLengthExceeded", "RequestHeaderSectionTooLarge", "AnnotationLimitExceeded", "AnnotationNameTooLong"),
    (S3GenericError, "the range lies outside the object"): ("InvalidRange", "416"),
    (S3GenericError, "the server sends the whole object where a part was asked for: read it in one go"): (
        "RangeIgnored",),
    (S3GenericError, "S3 does not take such a name"): (
        "InvalidBucketName", "InvalidURI", "InvalidPrefix", "InvalidAnnotationName", "InvalidAccessPoint"),
    (S3GenericError, "this server has no such operation, or not for this bucket or object"): (
        "NotImplemented", "MethodNotAllowed", "405", "501", "UnsupportedOperation", "UnsupportedMediaType",
        "UnsupportedArgument", "XNotImplemented"),
    (S3GenericError, "the server failed, also after all retries: try again later"): (
        "InternalError", "500", "InternalFailure"),
    (S3GenericError, "the server refuses the request"): (
        "400", "409", "BadRequest", "InvalidRequest", "InvalidArgument", "MalformedXML", "MalformedPolicy",
        "MalformedPOSTRequest", "InvalidBucketState", "InvalidStorageClass", "InvalidTag",
        "InvalidEncryptionAlgorithmError", "EncryptionTypeMismatch", "MissingContentLength", "MissingRequestBodyError",
        "UnexpectedContent",
        "AmbiguousGrantByEmailAddress", "AccessControlListNotSupported", "InvalidBucketAclWithObjectOwnership",
        "KMS.DisabledException", "KMS.InvalidKeyUsageException", "KMS.KMSInvalidStateException",
        "KMS.NotFoundException", "KMS.InvalidStateException"),
    (S3GenericError, "the server's answer is not a listing: check that the endpoint is an S3 server"): (
        "MalformedListing",),
}  # fmt: skip

_EXCEPTION_ROWS: dict[Row, tuple[str, ...]] = {
    (S3AuthError, f"no credentials were found: {_SIGN_IN}, or run `aws sso login`"): (
        "NoCredentialsError", "NoAuthTokenError", "UnknownCredentialError", "UnknownTokenProviderError"),
    (S3AuthError, f"the credentials are not complete ({{reason}}): {_SIGN_IN}"): ("PartialCredentialsError",),
    (S3AuthError, "{reason}: choose one that is in the AWS config file by AWS_PROFILE, or run `aws configure`"): (
        "ProfileNotFound",),
    (S3AuthError, "the sign-in has expired or is missing ({reason}): run `aws sso login` or `aws login`"): (
        "SSOError", "TokenRetrievalError", "LoginError", "RefreshWithMFAUnsupportedError",
        "PendingAuthorizationExpiredError"),
    (S3AuthError, f"the credentials can't be had ({{reason}}): {_SIGN_IN}, or run `aws sso login`"): (
        "CredentialRetrievalError", "MetadataRetrievalError", "InvalidIMDSEndpointError",
        "InvalidIMDSEndpointModeError"),
    (S3AuthError, "the AWS configuration is wrong ({reason}): correct the AWS config file"): (
        "ConfigParseError", "ConfigNotFound", "InvalidConfigError", "InfiniteLoopConfigError"),
    (S3TimeoutError, "{server} did not answer in time: check the network and the endpoint, then try again"): (
        "ReadTimeoutError", "ConnectTimeoutError", "TimeoutError"),
    (S3ConnectionError, "no secure connection to {server} ({reason}): check its certificate and AWS_CA_BUNDLE"): (
        "SSLError",),
    (S3ConnectionError, "the proxy can't be reached: check HTTP_PROXY and HTTPS_PROXY"): (
        "ProxyConnectionError", "ProxyError", "InvalidProxiesConfigError"),
    (S3ConnectionError, "{server} can't be reached: check the network and AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL"): (
        "EndpointConnectionError", "ConnectionError"),
    (S3ConnectionError, "the connection to {server} broke before all bytes came: try again"): (
        "ConnectionClosedError", "ResponseStreamingError", "IncompleteReadError", "HTTPClientError", "ProtocolError",
        "HTTPError", "IncompleteRead"),
    (S3ConnectionError, "the system refuses the connection ({reason})"): ("OSError",),
    (S3RateLimitError, _BUSY): ("CapacityNotAvailableError",),
    (S3GenericError, _REGION): ("RecursionError",),
    (S3GenericError, "the bytes that came differ from their checksum: try again"): (
        "ChecksumError", "FlexibleChecksumError", "AwsChunkedWrapperError"),
    (S3GenericError, "the region is wrong or missing ({reason}): set AWS_DEFAULT_REGION, or `region` in the profile"): (
        "NoRegionError", "InvalidRegionError", "UnknownRegionError", "ServiceNotInRegionError",
        "BaseEndpointResolverError", "EndpointVariantError", "UnknownEndpointError", "UnknownFIPSEndpointError"),
    (S3GenericError, "the AWS settings can't be used ({reason}): correct the environment or the AWS config file"): (
        "InvalidRetryConfigurationError", "InvalidS3AddressingStyleError", "UnsupportedS3ConfigurationError",
        "InvalidS3UsEast1RegionalEndpointConfigError", "InvalidSTSRegionalEndpointsConfigError", "InvalidDefaultsMode",
        "InvalidEndpointConfigurationError", "InvalidEndpointDiscoveryConfigurationError", "InvalidChecksumConfigError",
        "UnsupportedS3ControlConfigurationError", "UnknownSignatureVersionError", "UnsupportedSignatureVersionError",
        "EndpointProviderError"),
    (S3GenericError, "S3 can't take this bucket, key or parameter ({reason})"): (
        "ParamValidationError", "ValidationError", "MissingParametersError", "InvalidDNSNameError",
        "InvalidHostLabelError", "UnsupportedS3ArnError", "UnsupportedS3ControlArnError",
        "UnsupportedOutpostResourceError",
        "UnsupportedS3AccesspointConfigurationError", "UnseekableStreamError", "ValueError"),
    (S3GenericError, "the S3 library can't do this ({reason}): check the versions of boto3 and botocore"): (
        "BotoCoreError", "Boto3Error", "ClientError", "UndefinedModelAttributeError", "DataNotFoundError",
        "UnknownServiceStyle", "PaginationError", "OperationNotPageableError", "WaiterError", "WaiterConfigError",
        "InvalidExpressionError",
        "UnknownClientMethodError", "StubResponseError", "MD5UnavailableError", "MissingDependencyException",
        "UnsupportedServiceProtocolsError", "ResourceLoadException", "NoVersionFound", "UnknownAPIVersionError",
        "ResourceNotExistsError", "RetriesExceededError", "S3TransferFailedError", "S3UploadFailedError",
        "DynamoDBOperationNotSupportedError", "DynamoDBNeedsConditionError", "DynamoDBNeedsKeyConditionError",
        "InvalidCrtTransferConfigError", "ApiVersionNotFoundError", "EventStreamError",
        "UnsupportedTLSVersionWarning", "ImminentRemovalWarning", "PythonDeprecationWarning"),
}  # fmt: skip

CODES: dict[str, Row] = {name: row for row, names in _CODE_ROWS.items() for name in names}
"""Error code, or HTTP status as text, to the class and the sentence."""

EXCEPTIONS: dict[str, Row] = {name: row for row, names in _EXCEPTION_ROWS.items() for name in names}
"""Class name of a client-side exception, or of one of its bases, to the class and the sentence."""

_QUOTING = {S3GenericError, S3AuthError}
"""Errors whose sentence is followed by the server's own words: there the server knows best."""

_SECRETS = (
    (re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{8,}"), "…"),
    (re.compile(r"(?i)((?:X-Amz-[A-Za-z-]+|Signature|AWSAccessKeyId|token|secret[\w-]*)\s*[=:]\s*)[^\s&,;)]+"), r"\1…"),
    (re.compile(r"//[^/@\s]+@"), "//…@"),
    (re.compile(r"(?<![A-Za-z0-9+/=:.-])[A-Za-z0-9+/]{40,}={0,2}(?![A-Za-z0-9+/=.-])"), "…"),
    (re.compile(r"(?s)value: .*?(?=, (?:type|valid)\b)"), "value: …"),
)


def uri_of(place: str, bucket: str, key: str) -> str:
    """Write the URI of a bucket or key, for messages and for `filename`.

    Args:
        place: The name of the place; empty for the default one.
        bucket: The bucket; empty for the list of buckets.
        key: The key; the slash at the end of a directory's marker is left out.
    """
    at = f"{place}@" if place else ""
    return f"s3://{at}{bucket}" + (f"/{key}".removesuffix("/") if key else "")


def of_key(error: S3BaseError, place: str, bucket: str, key: str) -> S3BaseError:
    """Let an error of a listing name the key that was asked about, unless it is the bucket that is wrong.

    Args:
        error: Of the listing; it is changed.
        place: The name of the place.
        bucket: The bucket.
        key: The key.
    """
    whole, asked = uri_of(place, bucket, ""), uri_of(place, bucket, key)
    text = str(error.strerror)
    if error.code != "NoSuchBucket" and text.startswith(f"{whole}:"):
        error.strerror = asked + text[len(whole) :]
    error.key, error.filename = key, asked
    return error


def redact(text: str) -> str:
    """Cut out of a text what could be an access key, a signature, a token or a password.

    Args:
        text: What a server or a library said.
    """
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return " ".join(text.split())[:500]


def translate(
    error: BaseException, operation: str, bucket: str = "", key: str = "", *, place: str = "", condition: Condition = ""
) -> S3BaseError:
    """Make tfm's error of whatever an S3 request raised; the caller raises it `from` the original.

    Args:
        error: The exception of botocore, boto3, urllib3 or the system, or an error of tfm, which is only filled in.
        operation: The operation's name, such as `head_object`.
        bucket: The bucket of the request.
        key: The key of the request.
        place: The name of the place, for the URI.
        condition: The condition of the request, which decides what a 412 means.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    """
    response = getattr(error, "response", None)
    if isinstance(response, Mapping) and "Error" in response:
        return refusal(response, operation, bucket, key, place=place, condition=condition)
    inside = getattr(error, "kwargs", {}).get("error")
    if isinstance(inside, RecursionError):
        error = inside  # when the loop ends while a request is on its way, botocore calls it an error of HTTP
    where = uri_of(place, bucket, key)
    if isinstance(error, S3BaseError):
        if error.filename:
            return error
        sentence, kind, code = str(error.strerror), type(error), error.code
    else:
        kind, sentence = _of_exception(type(error))
        reason = redact(str(error)).rstrip(".")
        sentence = sentence.format(operation=operation, reason=reason, server=_server_of(error)) + "."
        code = type(error).__name__
    return kind(f"{where}: {sentence}", code=code, bucket=bucket, key=key, filename=where)


def refusal(
    response: Mapping[str, Any], operation: str, bucket: str = "", key: str = "", *, place: str = "",
    condition: Condition = "",
) -> S3BaseError:  # fmt: skip
    """Make tfm's error of a server's answer.

    Args:
        response: `Error` with `Code` and `Message`, and `ResponseMetadata`, as botocore gives them.
        operation: The operation's name, such as `head_object`.
        bucket: The bucket of the request.
        key: The key of the request.
        place: The name of the place, for the URI.
        condition: The condition of the request, which decides what a 412 means.
    """
    meta = response.get("ResponseMetadata", {})
    status, code = int(meta.get("HTTPStatusCode", 0)), str(response["Error"].get("Code", ""))
    if code in ("400", "403", "Forbidden", "BadRequest") and _skewed(meta.get("HTTPHeaders", {}).get("date", "")):
        code = "RequestTimeTooSkewed"  # the answer to a HEAD has no body, so that its code says nothing
    failed = str(response["Error"].get("Condition", "")).lower()
    if failed:  # AWS names the condition that failed, when there was more than one
        condition = "none" if failed == "if-none-match" else "match"
    kind, sentence = _of_code(code, status, condition)
    sentence = sentence.format(operation=operation)
    if quoted := redact(str(response["Error"].get("Message", ""))).rstrip(".") if kind in _QUOTING else "":
        sentence += f" (server: {quoted})"
    where = uri_of(place, bucket, key)
    request_id = str(meta.get("RequestId", ""))
    return kind(
        f"{where}: {sentence}.", code=code, status=status, request_id=request_id, bucket=bucket, key=key, filename=where
    )


def _of_code(code: str, status: int, condition: Condition) -> Row:
    row = CODES.get(code) or CODES.get(str(status)) or CODES["500" if status >= 500 else "400"]
    conflict = row[0] is S3ChangedError or (status == 409 and (code == "409" or code not in CODES))
    if condition == "none" and conflict:
        return S3ExistsError, "it exists already, or somebody else wrote it first"
    return CODES["412"] if condition == "match" and conflict else row


def _of_exception(kind: type[BaseException]) -> Row:
    for base in kind.__mro__:
        if base.__name__ in EXCEPTIONS:
            return EXCEPTIONS[base.__name__]
    return EXCEPTIONS["BotoCoreError"]


def _server_of(error: BaseException) -> str:
    """Name the host and port that a client-side exception is about, without user or query."""
    url = str(getattr(error, "kwargs", {}).get("endpoint_url", ""))
    host = url.partition("://")[2].partition("/")[0].partition("?")[0].rpartition("@")[2]
    return f"the server {host}" if host else "the server"


def _skewed(date: str) -> bool:
    """Tell whether the server's `Date` is more than 15 minutes away from this machine's clock, S3's own limit."""
    try:
        return abs(date_of(date).timestamp() - time.time()) > 15 * 60
    except ValueError:
        return False
