"""What the installed botocore makes of an environment: the judge of what the fast engine finds without it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from tfm.s3.client import Boto3Client
from tfm.s3.fast.access import Access
from tfm.s3.protocol import Place

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
KEPT = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "SYSTEMROOT")


class Found(NamedTuple):
    """What both sides have to agree on."""

    plain: str
    dotted: str
    region: str
    access_key: str
    secret_key: str
    token: str | None
    attempts: int
    checksums: bool
    compares: bool
    verify: Any


@contextlib.contextmanager
def home(path: Path, variables: Mapping[str, str], config: str = "", credentials: str = "") -> Iterator[None]:
    """Be a user whose home and variables hold just this; nothing leads to the metadata of a machine in a cloud.

    Args:
        path: An empty directory, or the home of before.
        variables: The environment.
        config: What is in `~/.aws/config`; no file when empty.
        credentials: What is in `~/.aws/credentials`.
    """
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    (path / ".aws").mkdir(exist_ok=True)
    for name, text in (("config", config), ("credentials", credentials)):
        file = path / ".aws" / name
        file.unlink(missing_ok=True)
        if text:
            file.write_bytes(text.encode("utf-8", "surrogateescape"))
    basics = {"HOME": str(path), "USERPROFILE": str(path), "AWS_EC2_METADATA_DISABLED": "true"}
    with mock.patch.dict(os.environ, {**kept, **basics, **variables}, clear=True):
        yield


def judged(place: Place) -> Found:
    """Ask botocore, by the requests that it is about to send.

    Args:
        place: The place.
    """
    client = Boto3Client(place).sdk()
    requests: list[Any] = []

    def keep(request: Any, **_: Any) -> Any:
        from botocore.awsrequest import AWSResponse

        requests.append(request)
        return AWSResponse(request.url, 404, {}, mock.Mock(stream=lambda **_: iter(())))

    client.meta.events.register("before-send.s3", keep)
    for bucket in ("plain", "dot.ted"):
        with contextlib.suppress(client.exceptions.ClientError):
            client.head_object(Bucket=bucket, Key="key")
    signed = _text(requests[0].headers["Authorization"]).partition("Credential=")[2].partition(",")[0].split("/")
    config, session = client.meta.config, client._endpoint.http_session
    mode, most = config.retries["mode"], config.retries.get("total_max_attempts")
    from botocore.httpsession import get_cert_path

    return Found(
        *(request.url for request in requests),
        region=signed[2],
        access_key=signed[0],
        secret_key=client._request_signer._credentials.get_frozen_credentials().secret_key,
        token=_text(requests[0].headers.get("X-Amz-Security-Token")),
        attempts=most or {"legacy": 5, "standard": 3}[mode],
        checksums=config.request_checksum_calculation == "when_supported",
        compares=config.response_checksum_validation == "when_supported",
        verify=get_cert_path(session._verify) if requests[0].url.startswith("https") else None,
    )


def _text(value: Any) -> Any:
    return value.decode("ascii") if isinstance(value, bytes) else value


def told(access: Access) -> Found:
    """Put what the fast engine found into the same words.

    Args:
        access: How it would reach the place.
    """
    credentials = access.credentials()
    assert credentials is not None
    scheme, _, host = access.endpoint.partition("://")
    ip = host.partition(":")[0].replace(".", "").isdigit()
    plain = f"{scheme}://plain.{host}/key" if access.virtual and not ip else f"{access.endpoint}/plain/key"
    dots = access.virtual and not ip and scheme == "http"
    dotted = f"{scheme}://dot.ted.{host}/key" if dots else f"{access.endpoint}/dot.ted/key"
    verify = access.verify if scheme == "https" else None
    more = (access.attempts, access.checksums, access.compares, verify)
    return Found(plain, dotted, access.region, *credentials, *more)
