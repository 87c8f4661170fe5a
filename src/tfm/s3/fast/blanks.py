"""Heads of requests, signed, of which all is written ahead that many requests have in common.

Of thousands of requests to one place little differs: the path and the values of some headers. What one second's
requests share is written once, as a blank, and each fills in what it has of its own.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tfm.s3.fast.access import Credentials
from tfm.s3.fast.heads import write_head
from tfm.s3.fast.signing import ALGORITHM, Keys, canonical_request, stamp_of

_PATH, _QUERY, _TARGET, _SIGNATURE = ":path", ":query", ":target", ":signature"  # no header has such a name


class Blank(NamedTuple):
    """A head with blanks, which are named as `%` wants it.

    Args:
        key: Signs.
        scope: What is signed, up to the digest of the canonical request.
        canonical: The canonical request.
        head: The head.
    """

    key: bytes
    scope: str
    canonical: str
    head: str

    def fill(self, path: str, query: str, target: str, own: dict[str, str]) -> bytes:
        """Write the head of one request.

        Args:
            path: As it is sent, percent-encoded.
            query: Percent-encoded, sorted by name and value, each name with its `=`.
            target: Path and query as they are sent.
            own: The headers that the blank was made for; what is filled in beside them stays there.
        """
        own[_PATH], own[_QUERY], own[_TARGET] = path, query, target
        canonical = self.canonical % own
        if " " in canonical:  # only a header's value can have one, and is signed without those that say nothing
            canonical = self.canonical % {name: " ".join(value.split()) for name, value in own.items()}
        text = self.scope + hashlib.sha256(canonical.encode()).hexdigest()
        own[_SIGNATURE] = hmac.digest(self.key, text.encode(), "sha256").hex()
        return (self.head % own).encode("latin-1")


class Blanks:
    """The blanks of the requests to one place; those of this second are kept. Threads may share it.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
    """

    def __init__(self) -> None:
        self._keys = Keys()
        self._kept: tuple[int, Credentials | None, dict[tuple[str, ...], Blank]] = (-1, None, {})

    def blank(
        self, credentials: Credentials, region: str, method: str, common: Mapping[str, str], own: Iterable[str],
        now: float,
    ) -> Blank:  # fmt: skip
        """Give the blank for a request.

        Args:
            credentials: Of whom.
            region: Of the bucket.
            method: Such as `GET`.
            common: The headers whose values are known, in lower case, with `host`; those of one host are always equal.
            own: The names of the request's other headers, with `x-amz-content-sha256`.
            now: Seconds since the epoch.
        """
        second, whose, blanks = self._kept  # one tuple, read and replaced as one
        if second != int(now) or whose != credentials:
            blanks = {}
            self._kept = (int(now), credentials, blanks)
        wanted = (method, region, common["host"], *own)
        found = blanks.get(wanted)
        if found is None:
            found = blanks[wanted] = self._make(credentials, region, method, common, own, stamp_of(now))
        return found

    def _make(
        self, credentials: Credentials, region: str, method: str, common: Mapping[str, str], own: Iterable[str],
        stamp: str,
    ) -> Blank:  # fmt: skip
        headers = {**common, "x-amz-date": stamp}
        if credentials.token is not None:
            headers["x-amz-security-token"] = credentials.token
        headers |= {name: _hole(name) for name in own}
        canonical, signed = canonical_request(method, _hole(_PATH), _hole(_QUERY), headers)
        scope = f"{stamp[:8]}/{region}/s3/aws4_request"
        by = f"{ALGORITHM} Credential={credentials.access_key}/{scope}"
        headers["authorization"] = f"{by}, SignedHeaders={signed}, Signature={_hole(_SIGNATURE)}"
        head = write_head(method, _hole(_TARGET), headers).decode("latin-1")
        names = (*own, _PATH, _QUERY, _TARGET, _SIGNATURE)
        key = self._keys.key(credentials.secret_key, region, stamp[:8])
        return Blank(key, f"{ALGORITHM}\n{stamp}\n{scope}\n", _template(canonical, names), _template(head, names))


def _hole(name: str) -> str:
    """Mark a place to be filled in; no text of a head has such a character."""
    return f"\0{name}\0"


def _template(text: str, names: Iterable[str]) -> str:
    """Make a template for `%` of a text with holes; a percent sign may also be part of a header's name."""
    text = text.replace("%", "%%")
    for name in names:
        text = text.replace(_hole(name.replace("%", "%%")), f"%({name})s")
    return text
