"""AWS Signature Version 4 for S3, in request headers."""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping

ALGORITHM = "AWS4-HMAC-SHA256"

UNSIGNED = "UNSIGNED-PAYLOAD"
"""What stands for the hash of a body that TLS and a checksum protect instead."""

_NOT_SIGNED = frozenset({"expect", "transfer-encoding", "user-agent", "content-length", "connection"})
_KEYS_KEPT = 64


class Keys:
    """The keys that sign; that of a day is made once. Threads may share it.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, str], bytes] = {}

    def key(self, secret: str, region: str, day: str) -> bytes:
        """Give the key of a day; the others are forgotten when they have become many.

        Args:
            secret: Of the credentials.
            region: Of the bucket.
            day: Such as `20260102`.
        """
        key = self._kept.get((secret, region, day))
        if key is None:
            key = f"AWS4{secret}".encode()
            for part in (day, region, "s3", "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            if len(self._kept) >= _KEYS_KEPT:
                self._kept = {}
            self._kept[secret, region, day] = key
        return key


def stamp_of(now: float) -> str:
    """Write a time as a signature has it, such as `20260102T030405Z`.

    Args:
        now: Seconds since the epoch.
    """
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(int(now)))


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
