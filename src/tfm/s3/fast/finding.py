"""How a place is reached by the fast engine: from environment and files where that is plain, else as botocore says."""

from __future__ import annotations

from collections.abc import Callable

from tfm import __version__
from tfm.logs import Log
from tfm.s3.client import Boto3Client
from tfm.s3.fast.access import Access, Credentials, StepAside
from tfm.s3.fast.hooks import hooked
from tfm.s3.fast.slim import slim_access
from tfm.s3.protocol import Place

log = Log("tfm.s3.fast")


def find_access(place: Place, boto3: Boto3Client) -> Access:
    """Find how a place is reached.

    Args:
        place: The place.
        boto3: Its plain client, whose boto3 client is only made if the answer is not plain without it.

    Raises:
        StepAside: The place's requests are left to botocore: it says so itself, it was hooked, or it needs more than
            the fast engine does.
    """
    try:
        name = hooked()
        if name:
            raise StepAside(name)
        access = _find(place, boto3)
    except StepAside as aside:
        log.debug("the fast engine leaves the place %r to botocore: %s", place.name, aside)
        raise
    return access._replace(credentials=_watched(access.credentials), user_agent=f"tfm/{__version__}")


def _find(place: Place, boto3: Boto3Client) -> Access:
    try:
        return slim_access(place)
    except StepAside as aside:
        log.debug("botocore is asked how the place %r is reached: %s", place.name, aside)
    from tfm.s3.fast.derived import derived_access  # needed by few

    return derived_access(boto3)


def _watched(credentials: Callable[[], Credentials | None]) -> Callable[[], Credentials | None]:
    """Step aside as soon as, and as long as, somebody hooks botocore."""

    def watched() -> Credentials | None:
        name = hooked()
        if name:
            raise StepAside(name)
        return credentials()

    return watched
