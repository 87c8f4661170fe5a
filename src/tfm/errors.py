"""The exception tree: every error of tfm is one of these and also the matching `OSError`.

The names of the S3 branch are the ones that scripts already catch: `S3AuthError`, `S3NotFoundError`,
`S3RateLimitError` and `S3GenericError`, all of them `S3BaseError`.
"""

from __future__ import annotations

import errno
import io
from typing import Any


class TfmError(Exception):
    """Base of every error that tfm raises by itself."""


class InvalidPathError(TfmError, ValueError):
    """The text cannot be a path: it says which part is wrong and what a right one looks like."""


class RefusedError(TfmError, ValueError):
    """What was asked for is refused, and nothing was done: says what, why, and what to do instead."""


class UnsupportedOperation(TfmError, io.UnsupportedOperation, NotImplementedError):
    """This storage has no such operation, and nothing was done."""


class SettingsError(TfmError, OSError):
    """The settings are wrong: names the file or variable, the key, and why.

    Args:
        message: One sentence.
        filename: The settings file; empty when it is a variable of the environment.
    """

    def __init__(self, message: str, filename: str = "") -> None:
        super().__init__(errno.EINVAL, message, filename or None)

    def __str__(self) -> str:
        return str(self.strerror)

    def __reduce__(self) -> Any:
        return type(self), (self.strerror, self.filename or "")


class S3BaseError(TfmError, OSError):
    """An S3 request failed; `errno` and `filename` are those of the matching built-in error.

    Args:
        message: One sentence that names the thing, why, and what to do.
        code: The error code of the server, such as `NoSuchKey`, or the name of the client's exception.
        bucket: The bucket of the request, or an empty string.
        key: The key of the request, or an empty string.
        request_id: The request id that the server gave, or an empty string.
        status: The HTTP status, or 0 when there was no answer.
    """

    default_errno = errno.EIO

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        bucket: str = "",
        key: str = "",
        request_id: str = "",
        status: int = 0,
        filename: str | None = None,
    ) -> None:
        super().__init__(self.default_errno, message, filename)
        self.code = code
        self.bucket = bucket
        self.key = key
        self.request_id = request_id
        self.status = status

    def __str__(self) -> str:
        return str(self.strerror)  # the sentence names the path itself

    def __reduce__(self) -> Any:
        facts = {name: getattr(self, name) for name in ("code", "bucket", "key", "request_id", "status")}
        return _rebuild, (type(self), self.strerror, self.filename, facts)


def _rebuild(kind: type[S3BaseError], message: str, filename: str | None, facts: dict[str, Any]) -> S3BaseError:
    return kind(message, filename=filename, **facts)


class S3AuthError(S3BaseError, PermissionError):
    """No credentials, wrong or expired credentials, or no permission for this request."""

    default_errno = errno.EACCES


class S3NotFoundError(S3BaseError, FileNotFoundError):
    """The bucket, the object, the version or the upload does not exist."""

    default_errno = errno.ENOENT


class S3ExistsError(S3BaseError, FileExistsError):
    """The object or bucket exists already, or somebody else wrote it first."""

    default_errno = errno.EEXIST


class S3ChangedError(S3BaseError):
    """The object is no longer the one that was opened: its ETag changed in between."""

    default_errno = errno.ESTALE


class S3NotEmptyError(S3BaseError):
    """The directory or bucket is not empty."""

    default_errno = errno.ENOTEMPTY


class S3IsADirectoryError(S3BaseError, IsADirectoryError):
    """A file was needed and the path is a directory."""

    default_errno = errno.EISDIR


class S3NotADirectoryError(S3BaseError, NotADirectoryError):
    """A directory was needed and the path is a file."""

    default_errno = errno.ENOTDIR


class S3RateLimitError(S3BaseError, BlockingIOError):
    """The server asks for fewer requests, and all retries were used up."""

    default_errno = errno.EBUSY


class S3TimeoutError(S3BaseError, TimeoutError):
    """The server did not answer in time."""

    default_errno = errno.ETIMEDOUT


class S3ConnectionError(S3BaseError, ConnectionError):
    """The server could not be reached, or the connection broke."""

    default_errno = errno.ECONNREFUSED


class S3GenericError(S3BaseError):
    """Any other answer of the server."""
