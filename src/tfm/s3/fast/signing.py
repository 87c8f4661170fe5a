"""AWS Signature Version 4 for S3, in request headers."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping

from tfm.s3.fast.access import Credentials

EMPTY = hashlib.sha256().hexdigest()
"""The hash of no bytes."""

UNSIGNED = "UNSIGNED-PAYLOAD"
"""What stands for the hash of a body that TLS and a checksum protect instead."""

_NOT_SIGNED = frozenset({"expect", "transfer-encoding", "user-agent", "content-length", "connection"})
_KEYS_KEPT = 64


class Signer:
    """Sign requests; the key of a day is made once. Threads may share it.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
    """

    def __init__(self) -> None:
        self._keys: dict[tuple[str, str, str], bytes] = {}
        self._stamp = (-1, "")

    def stamp(self, now: float) -> str:
        """Write a time as a signature has it, such as `20260102T030405Z`.

        Args:
            now: Seconds since the epoch.
        """
        second, text = self._stamp  # one tuple, read and replaced as one
        if second != int(now):
            second = int(now)
            text = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(second))
            self._stamp = (second, text)
        return text

    def authorization(
        self, credentials: Credentials, region: str, method: str, path: str, query: str, headers: Mapping[str, str]
    ) -> str:
        """Give the `Authorization` header of a request.

        Args:
            credentials: Of whom.
            region: Of the bucket.
            method: Such as `GET`.
            path: As it is sent, percent-encoded.
            query: Percent-encoded, sorted by name and value, each name with its `=`.
            headers: All of the request's, in lower case, with `host`, `x-amz-date` and `x-amz-content-sha256`.
        """
        stamp = headers["x-amz-date"]
        canonical, signed = canonical_request(method, path, query, headers)
        scope = f"{stamp[:8]}/{region}/s3/aws4_request"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        key = self._keys.get((credentials.secret_key, region, stamp[:8]))
        if key is None:
            key = self._key(credentials.secret_key, region, stamp[:8])
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
        signature = hmac.digest(key, text.encode(), "sha256").hex()
        return (
            f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, "
            f"SignedHeaders={signed}, Signature={signature}"
        )

    def _key(self, secret: str, region: str, day: str) -> bytes:
        """Make the key of a day, and forget the others when they have become many."""
        key = f"AWS4{secret}".encode()
        for part in (day, region, "s3", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        if len(self._keys) >= _KEYS_KEPT:
            self._keys = {}
        self._keys[secret, region, day] = key
        return key


def canonical_request(method: str, path: str, query: str, headers: Mapping[str, str]) -> tuple[str, str]:
    """Write a request as it is signed, and the names of the headers that are.

    Args:
        method: Such as `GET`.
        path: As it is sent; S3's own rule is that nothing of it is normalised.
        query: In its canonical form.
        headers: All of the request's, in lower case.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
    """
    names, lines = [], []
    for name, value in sorted(headers.items()):
        if name not in _NOT_SIGNED:
            names.append(name)
            lines.append(f"{name}:{' '.join(value.split())}\n")
    signed = ";".join(names)
    return f"{method}\n{path}\n{query}\n{''.join(lines)}\n{signed}\n{headers['x-amz-content-sha256']}", signed
