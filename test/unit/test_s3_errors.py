"""Whatever S3, boto3 or the system says becomes one of tfm's errors, on purpose, in words, and without a secret."""

from __future__ import annotations

import email.utils
import errno
import inspect
import pickle
import time
from typing import Any

import boto3.exceptions
import botocore.exceptions
import botocore.session
import pytest
import urllib3.exceptions
from botocore.exceptions import ClientError

from tfm import errors as tree
from tfm.errors import S3BaseError, S3ConnectionError, S3GenericError
from tfm.s3.errors import CODES, EXCEPTIONS, redact, refusal, translate, uri_of

LAST_RESORTS = {"BotoCoreError", "Boto3Error", "ClientError", "HTTPClientError", "HTTPError", "OSError", "ValueError"}


def of_server(code: str, status: int, message: str = "", **more: Any) -> ClientError:
    meta = {"HTTPStatusCode": status, "RequestId": "REQ1", "HTTPHeaders": {}, **more}
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": meta}, "HeadObject")


def every_exception() -> list[type[Exception]]:
    return [
        each
        for module in (botocore.exceptions, boto3.exceptions)
        for each in vars(module).values()
        if inspect.isclass(each) and issubclass(each, Exception) and each.__module__ == module.__name__
    ]


def make(kind: type[Exception]) -> Exception:
    return kind.__new__(kind, "something")  # whatever its own __init__ asks for


def test_every_exception_of_the_libraries_has_a_row_of_its_own() -> None:
    assert len(every_exception()) > 100
    chance = []
    for kind in every_exception():
        hit = next(base.__name__ for base in kind.__mro__ if base.__name__ in EXCEPTIONS)
        if hit in LAST_RESORTS and hit != kind.__name__ and not issubclass(kind, Warning):
            chance.append(kind.__name__)
    assert chance == []


def test_no_row_names_what_does_not_exist() -> None:
    known = {kind.__name__ for kind in every_exception()} | {"OSError", "ValueError", "TimeoutError", "RecursionError"}
    known |= {name for name in vars(urllib3.exceptions) if not name.startswith("_")}
    versions = {
        "PendingAuthorizationExpiredError",
        "InvalidCrtTransferConfigError",
        "UnknownTokenProviderError",
        "LoginError",
    }
    assert set(EXCEPTIONS) - known - versions == set()  # not every version of botocore has them


@pytest.mark.parametrize("kind", every_exception(), ids=lambda kind: kind.__name__)
def test_nothing_of_botocore_escapes(kind: type[Exception]) -> None:
    if issubclass(kind, Warning):
        return
    error = translate(make(kind), "head_object", "bucket", "dir/key", place="minio")
    assert isinstance(error, S3BaseError)
    assert isinstance(error, OSError)
    assert (error.bucket, error.key, error.filename) == ("bucket", "dir/key", "s3://minio@bucket/dir/key")
    assert error.strerror.startswith("s3://minio@bucket/dir/key: ")
    assert error.strerror.endswith(".")
    assert error.errno in errno.errorcode
    assert error.code


def test_every_error_of_the_service_model_has_a_row() -> None:
    shapes = botocore.session.get_session().get_service_model("s3").error_shapes
    assert len(shapes) > 10
    assert {shape.name for shape in shapes} - set(CODES) == set()
    for shape in shapes:
        status = shape.metadata.get("error", {}).get("httpStatusCode", 400)
        error = refusal({"Error": {"Code": shape.name}, "ResponseMetadata": {"HTTPStatusCode": status}}, "x", "b", "k")
        assert type(error) is CODES[shape.name][0]


@pytest.mark.parametrize(
    ("code", "status", "kind", "builtin"),
    [
        ("NoSuchBucket", 404, tree.S3NotFoundError, FileNotFoundError),
        ("NoSuchKey", 404, tree.S3NotFoundError, FileNotFoundError),
        ("404", 404, tree.S3NotFoundError, FileNotFoundError),
        ("NoSuchUpload", 404, tree.S3NotFoundError, FileNotFoundError),
        ("AccessDenied", 403, tree.S3AuthError, PermissionError),
        ("403", 403, tree.S3AuthError, PermissionError),
        ("InvalidAccessKeyId", 403, tree.S3AuthError, PermissionError),
        ("SignatureDoesNotMatch", 403, tree.S3AuthError, PermissionError),
        ("ExpiredToken", 400, tree.S3AuthError, PermissionError),
        ("RequestTimeTooSkewed", 403, tree.S3AuthError, PermissionError),
        ("SlowDown", 503, tree.S3RateLimitError, BlockingIOError),
        ("503", 503, tree.S3RateLimitError, BlockingIOError),
        ("BucketNotEmpty", 409, tree.S3NotEmptyError, OSError),
        ("BucketAlreadyExists", 409, tree.S3ExistsError, FileExistsError),
        ("RequestTimeout", 400, tree.S3TimeoutError, TimeoutError),
        ("InternalError", 500, tree.S3GenericError, OSError),
        ("InvalidObjectState", 403, tree.S3GenericError, OSError),
        ("PermanentRedirect", 301, tree.S3GenericError, OSError),
        ("BadGateway", 502, tree.S3ConnectionError, ConnectionError),
        ("NeverSeen", 403, tree.S3AuthError, PermissionError),
        ("NeverSeen", 404, tree.S3NotFoundError, FileNotFoundError),
        ("NeverSeen", 418, tree.S3GenericError, OSError),
        ("NeverSeen", 599, tree.S3GenericError, OSError),
        ("", 0, tree.S3GenericError, OSError),
    ],
)
def test_codes_and_statuses(code: str, status: int, kind: type[S3BaseError], builtin: type[OSError]) -> None:
    error = translate(of_server(code, status), "get_object", "b", "k")
    assert type(error) is kind
    assert isinstance(error, builtin)
    assert (error.code, error.status, error.request_id) == (code, status, "REQ1")


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (
            botocore.exceptions.NoCredentialsError(),
            tree.S3AuthError,
            ["aws configure", "AWS_ACCESS_KEY_ID", "AWS_PROFILE"],
        ),
        (
            botocore.exceptions.PartialCredentialsError(provider="env", cred_var="y"),
            tree.S3AuthError,
            ["env", "AWS_SEC"],
        ),
        (botocore.exceptions.ProfileNotFound(profile="nope"), tree.S3AuthError, ["nope", "AWS_PROFILE"]),
        (botocore.exceptions.UnauthorizedSSOTokenError(), tree.S3AuthError, ["aws sso login"]),
        (of_server("ExpiredToken", 400), tree.S3AuthError, ["expired", "aws sso login"]),
        (of_server("RequestTimeTooSkewed", 403), tree.S3AuthError, ["clock"]),
        (
            botocore.exceptions.EndpointConnectionError(endpoint_url="http://x"),
            tree.S3ConnectionError,
            ["AWS_ENDPOINT_URL"],
        ),
        (botocore.exceptions.ReadTimeoutError(endpoint_url="http://x"), tree.S3TimeoutError, ["did not answer"]),
        (botocore.exceptions.ConnectTimeoutError(endpoint_url="http://x"), tree.S3TimeoutError, ["did not answer"]),
        (botocore.exceptions.IncompleteReadError(actual_bytes=1, expected_bytes=2), tree.S3ConnectionError, ["broke"]),
        (urllib3.exceptions.ProtocolError("x"), tree.S3ConnectionError, ["broke"]),
        (ConnectionResetError(104, "reset"), tree.S3ConnectionError, []),
        (OSError(24, "Too many open files"), tree.S3ConnectionError, ["Too many open files"]),
        (ValueError("Invalid endpoint: nonsense"), tree.S3GenericError, ["Invalid endpoint: nonsense"]),
        (botocore.exceptions.InvalidRegionError(region_name="a b"), tree.S3GenericError, ["AWS_DEFAULT_REGION"]),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_the_sentence_says_what_to_do(error: Exception, kind: type[S3BaseError], words: list[str]) -> None:
    translated = translate(error, "get_object", "b", "k")
    assert type(translated) is kind
    for word in words:
        assert word in translated.strerror


def test_what_a_failed_condition_means() -> None:
    for code, status in (("PreconditionFailed", 412), ("412", 412), ("ConditionalRequestConflict", 409), ("409", 409)):
        error = of_server(code, status)
        assert type(translate(error, "put_object", "b", "k", condition="none")) is tree.S3ExistsError
        assert type(translate(error, "put_object", "b", "k", condition="match")) is tree.S3ChangedError
    assert type(translate(of_server("Odd", 409), "put_object", condition="none")) is tree.S3ExistsError
    assert type(translate(of_server("OperationAborted", 409), "x", condition="none")) is tree.S3RateLimitError


def test_a_skewed_clock_is_found_where_the_answer_has_no_body() -> None:
    far, near = (email.utils.formatdate(time.time() + away) for away in (4000, 60))
    skewed = translate(of_server("403", 403, HTTPHeaders={"date": far}), "head_object", "b", "k")
    assert skewed.code == "RequestTimeTooSkewed"
    assert "clock" in skewed.strerror
    for date in (near, "no date"):
        plain = translate(of_server("403", 403, HTTPHeaders={"date": date}), "head_object", "b", "k")
        assert plain.code == "403"


def test_an_error_of_tfm_is_only_filled_in() -> None:
    bare = tree.S3TimeoutError("too late", code="Slow")
    filled = translate(bare, "x", "b", "k")
    assert type(filled) is tree.S3TimeoutError
    assert (filled.code, filled.filename, filled.strerror) == ("Slow", "s3://b/k", "s3://b/k: too late")
    assert translate(filled, "x", "other", "other") is filled


SECRETS = {
    "access key": ("the key AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
    "session key": ("the key ASIAIOSFODNN7EXAMPLE,", "ASIAIOSFODNN7EXAMPLE"),
    "secret": ("wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYabc", "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYabc"),
    "signature": ("https://h/?X-Amz-Signature=fe5f80f77d5fa3be", "fe5f80f77d5fa3be"),
    "token": ("x-amz-security-token: FwoGZXIvYXdzEXAMPLE", "FwoGZXIvYXdzEXAMPLE"),
    "password": ("http://user:pa55word@host/", "pa55word"),
    "credential": ("Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/s3/aws4_request", "AKIAIOSFODNN7EXAMPLE"),
}


@pytest.mark.parametrize(("text", "secret"), SECRETS.values(), ids=SECRETS)
def test_no_secret_is_ever_in_a_message(text: str, secret: str) -> None:
    for error in (
        of_server("AccessDenied", 403, f"not with {text} you don't"),
        of_server("NeverSeen", 400, text),
        botocore.exceptions.CredentialRetrievalError(provider="x", error_msg=text),
        botocore.exceptions.SSLError(endpoint_url=text, error=text),
        ValueError(text),
    ):
        translated = translate(error, "get_object", "b", "k")
        shown = str(translated) + repr(translated) + str(translated.args) + str(translated.__dict__)
        assert secret not in shown


def test_values_of_parameters_are_not_repeated() -> None:
    report = (
        "Invalid type for parameter SSECustomerKey, value: hunter2, type: <class 'int'>, valid types: <class 'str'>"
    )
    error = translate(botocore.exceptions.ParamValidationError(report=report), "put_object", "b", "k")
    assert "hunter2" not in str(error)
    assert "SSECustomerKey" in str(error)


def test_redact_leaves_plain_words_alone() -> None:
    text = "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: s3:GetObject"
    assert redact(text) == text
    assert len(redact("word " * 1000)) <= 500
    assert "\n" not in redact("a\nb")


def test_uris() -> None:
    assert uri_of("", "", "") == "s3://"
    assert uri_of("", "b", "") == "s3://b"
    assert uri_of("p", "b", "k/") == "s3://p@b/k"
    assert uri_of("", "b", "a//b") == "s3://b/a//b"


def test_errors_pickle() -> None:
    error = translate(of_server("SlowDown", 503), "get_object", "b", "k")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert (str(again), again.code, again.status, again.request_id) == (str(error), "SlowDown", 503, "REQ1")


def test_a_loop_of_redirects_is_told_wherever_it_ends() -> None:
    for error in (RecursionError(), botocore.exceptions.HTTPClientError(error=RecursionError())):
        told = translate(error, "list_objects_v2", "bucket")
        assert type(told) is S3GenericError
        assert "AWS_DEFAULT_REGION" in str(told)
    broken = translate(botocore.exceptions.HTTPClientError(error=OSError()), "list_objects_v2", "bucket")
    assert type(broken) is S3ConnectionError
