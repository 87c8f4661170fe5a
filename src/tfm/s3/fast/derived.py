"""How a place is reached, told by the boto3 client of the place, which knows every profile, sign-on and rule.

All that is used of botocore here besides its public parts is looked at with care: what isn't where this botocore should
have it raises `StepAside`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from tfm.errors import S3BaseError
from tfm.s3.client import CONNECT_SECONDS, READ_SECONDS, Boto3Client
from tfm.s3.fast.access import Access, Credentials, StepAside
from tfm.s3.fast.hooks import foreign, handlers_of

BUCKET, DOTTED = "tfm-probe", "tfm.probe"
"""Made-up buckets, to see where their requests would go; nothing is sent. A dotted one is never part of a host."""
ELSEWHERE = (AttributeError, IndexError, KeyError, LookupError, TypeError, ValueError)


def derived_access(boto3: Boto3Client) -> Access:
    """Find how a place is reached.

    Args:
        boto3: The client of the place; its boto3 client is made if it isn't yet.

    Raises:
        StepAside: This client's requests are none that can be sent by ourselves.
    """
    try:
        client = boto3.sdk()
        _check_hooks(client)
        _check_connection(client)
        endpoint, region, virtual = _route(boto3, "")
        given = client._ruleset_resolver._builtins.get("SDK::Endpoint")
        return Access(
            endpoint=endpoint,
            region=region,
            virtual=virtual,
            credentials=_credentials(boto3, client),
            regional=None if given else _Regional(boto3),
            verify=_verify(client),
            attempts=_attempts(client),
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            checksums=_checksums(client.meta.config.request_checksum_calculation),
            compares=_checksums(client.meta.config.response_checksum_validation),
        )
    except S3BaseError as error:
        raise StepAside("botocore can't make a client, and says why") from error
    except ELSEWHERE as error:
        raise StepAside(f"this botocore does not tell how it works ({type(error).__name__})") from error


def _check_hooks(client: Any) -> None:
    for handler in handlers_of(client.meta.events):
        name = foreign(handler)
        if name:
            raise StepAside(name)


def _check_connection(client: Any) -> None:
    """Step aside for proxies, certificates of our own, and what else stands between us and the server."""
    session = client._endpoint.http_session
    if session._proxy_config._proxies:
        raise StepAside("there is a proxy")
    if session._cert_file or session._key_file:
        raise StepAside("there is a client certificate")
    s3 = client.meta.config.s3 or {}
    for name in ("use_accelerate_endpoint", "payload_signing_enabled"):
        if s3.get(name):
            raise StepAside(f"{name} is on")
    for name in ("auth_scheme_preference", "sigv4a_signing_region_set"):  # older botocores don't know them
        if getattr(client.meta.config, name, None):
            raise StepAside(f"{name} is set")


def _route(boto3: Boto3Client, region: str) -> tuple[str, str, bool]:
    """Ask the endpoint rules where the requests of a bucket go, and for which region they are signed."""
    (first, properties), (second, _) = (boto3.endpoint_of(bucket, region) for bucket in (BUCKET, DOTTED))
    if set(properties) != {"authSchemes"}:
        raise StepAside("the endpoint wants more than a signature")
    (scheme,) = properties["authSchemes"]
    if scheme["name"] != "sigv4" or scheme["signingName"] != "s3" or not scheme["disableDoubleEncoding"]:
        raise StepAside("the endpoint wants another signature")
    protocol, _, host = second.removesuffix(f"/{DOTTED}").partition("://")
    endpoint = f"{protocol}://{host}"
    if second != f"{endpoint}/{DOTTED}" or not host or set(host) & set("/?#@"):
        raise StepAside("the endpoint is more than a host")
    if first not in (f"{endpoint}/{BUCKET}", f"{protocol}://{BUCKET}.{host}"):
        raise StepAside("buckets are addressed in another way")
    return endpoint, scheme["signingRegion"], not first.endswith(f"/{BUCKET}")


class _Regional:
    """The endpoints of other regions, by the same rules.

    Args:
        boto3: The client whose rules they are.
    """

    def __init__(self, boto3: Boto3Client) -> None:
        self._boto3 = boto3

    def __call__(self, region: str) -> str:
        try:
            return _route(self._boto3, region)[0]
        except (S3BaseError, *ELSEWHERE) as error:
            raise StepAside("the endpoint of the region is not known") from error


def _credentials(boto3: Boto3Client, client: Any) -> Callable[[], Credentials | None]:
    signer = client._request_signer
    version = client.meta.config.signature_version
    if boto3.place.anonymous:
        return lambda: None
    if signer._credentials is None:
        raise StepAside("botocore finds no credentials, and says so")
    if version not in ("s3v4", "v4"):
        raise StepAside("the signature is another one")
    return _Renewed(boto3)


class _Renewed:
    """The credentials that are good now, as botocore renews them.

    Args:
        boto3: The client whose they are.
    """

    def __init__(self, boto3: Boto3Client) -> None:
        self._boto3 = boto3

    def __call__(self) -> Credentials:
        try:
            return Credentials(*self._boto3.frozen_credentials())
        except S3BaseError as error:
            raise StepAside("the credentials can't be renewed, and botocore says why") from error


def _verify(client: Any) -> bool | str:
    verify = client._endpoint.http_session._verify
    if verify is True:
        return str(sys.modules["botocore.httpsession"].where())
    if not verify or not isinstance(verify, str):
        raise StepAside("certificates are checked in another way")
    return verify


def _attempts(client: Any) -> int:
    retries = client.meta.config.retries
    if retries["mode"] not in ("standard", "legacy"):
        raise StepAside(f"retry mode {retries['mode']} waits in another way")
    most = retries.get("total_max_attempts") or (5 if retries["mode"] == "legacy" else 3)
    if most < 1:
        raise StepAside("the number of attempts is none")
    return int(most)


def _checksums(value: str) -> bool:
    if value not in ("when_supported", "when_required"):
        raise StepAside("checksums are set to something else")
    return value == "when_supported"
