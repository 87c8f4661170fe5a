"""What the fast engine must know to reach a place: where, who and how. Found by `tfm.s3.fast.finding`."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Credentials(NamedTuple):
    """What requests are signed with.

    Args:
        access_key: Its id.
        secret_key: The secret; never printed.
        token: The session token, of credentials that expire.
    """

    access_key: str
    secret_key: str
    token: str | None = None

    def __repr__(self) -> str:
        return "Credentials(...)"


class Access(NamedTuple):
    """How a place is reached.

    Args:
        endpoint: The service's URL without a bucket, such as `https://s3.eu-west-1.amazonaws.com`.
        region: What requests are signed for, until a bucket turns out to be elsewhere.
        virtual: Whether a bucket goes into the host's name, where its own name allows that; one with a dot never does.
        credentials: Asked before each request, so it is cheap: gives the credentials that are good now, or `None` to
            send the request unsigned. Raises `StepAside` when this request is botocore's: somebody hooked botocore
            since (`mock_aws`), or the credentials can't be renewed, which botocore tells in its own words.
        regional: Gives the endpoint of another region, or raises `StepAside`; `None` where the endpoint is a server's
            own and stays.
        verify: Whether certificates are checked, or the file or directory of those that are trusted.
        attempts: How often a request is sent at most.
        connect_timeout: Seconds.
        read_timeout: Seconds.
        checksums: Whether uploads carry a checksum also where S3 does not ask for it (`when_supported`).
        compares: Whether downloads are compared with their checksum, where they have one (`when_supported`).
        user_agent: The header.

    Source: https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
    """

    endpoint: str
    region: str
    virtual: bool
    credentials: Callable[[], Credentials | None]
    regional: Callable[[str], str] | None = None
    verify: bool | str = True
    attempts: int = 3
    connect_timeout: float = 5
    read_timeout: float = 60
    checksums: bool = True
    compares: bool = True
    user_agent: str = "tfm"


class StepAside(Exception):
    """This place, or this one request, needs what the fast engine does not do; says what."""
