"""How a place is reached, read from the environment and the AWS files alone: botocore is not even imported.

To import botocore, build a client and load its rules takes five times what all else takes in a fresh process, and
nearly everybody has two keys and a region. What is not known here to be the same in every botocore raises `StepAside`:
then botocore is asked.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from tfm.s3.client import ATTEMPTS, CONNECT_SECONDS, READ_SECONDS
from tfm.s3.fast.access import Access, Credentials, StepAside
from tfm.s3.fast.endpoints import own_endpoint, regional_endpoint, trusted_certificates
from tfm.s3.fast.profiles import Values, named_files
from tfm.s3.protocol import Place

_VARIABLES = """
ACCESS_KEY_ID SECRET_ACCESS_KEY SESSION_TOKEN SECURITY_TOKEN PROFILE DEFAULT_PROFILE CONFIG_FILE SHARED_CREDENTIALS_FILE
REGION DEFAULT_REGION ENDPOINT_URL ENDPOINT_URL_S3 IGNORE_CONFIGURED_ENDPOINT_URLS MAX_ATTEMPTS RETRY_MODE CA_BUNDLE
REQUEST_CHECKSUM_CALCULATION RESPONSE_CHECKSUM_VALIDATION S3_US_EAST_1_REGIONAL_ENDPOINT USE_DUALSTACK_ENDPOINT
USE_FIPS_ENDPOINT DEFAULTS_MODE STS_REGIONAL_ENDPOINTS
ACCOUNT_ID DEFAULT_OUTPUT OUTPUT PAGER SDK_LOAD_CONFIG EXECUTION_ENV EC2_METADATA_DISABLED S3_USE_ARN_REGION
CONTAINER_CREDENTIALS_RELATIVE_URI CONTAINER_CREDENTIALS_FULL_URI CONTAINER_AUTHORIZATION_TOKEN
"""  # the last two lines change nothing for a client of S3 that has keys
VARIABLES = frozenset(f"AWS_{name}" for name in _VARIABLES.split())
"""The variables that are read here, or are known not to matter."""
HARMLESS = ("AWS_CLI_", "AWS_LAMBDA_", "AWS_XRAY_", "AWS_ENDPOINT_URL_")
"""How variables begin that are for the command line, the functions' runtime, tracing and other services."""

_KEYS = """
region output aws_access_key_id aws_secret_access_key aws_session_token aws_security_token aws_account_id s3 services
endpoint_url ignore_configured_endpoint_urls retry_mode max_attempts ca_bundle request_checksum_calculation
response_checksum_validation s3_us_east_1_regional_endpoint use_dualstack_endpoint use_fips_endpoint defaults_mode
sts_regional_endpoints
"""
KEYS = frozenset(_KEYS.split())
"""What a profile may say; roles, single sign-on, processes and everything unknown are botocore's."""

_S3_KEYS = """
addressing_style us_east_1_regional_endpoint use_accelerate_endpoint use_dualstack_endpoint signature_version
payload_signing_enabled
max_concurrent_requests max_queue_size multipart_threshold multipart_chunksize max_bandwidth
"""  # the last line is the command line's
S3_KEYS = frozenset(_S3_KEYS.split())
"""What the `s3` block of a profile may say."""


class _Said:
    """What the environment and the profile say, the environment first.

    Args:
        environ: The variables.
        values: The profile's.
    """

    def __init__(self, environ: Mapping[str, str], values: Values) -> None:
        self._environ = environ
        self.values = values
        block = values.get("s3", {})
        self.s3 = block if isinstance(block, dict) else {"": block}

    def text(self, name: str, default: str = "") -> str:
        """Give a setting by its key in a profile; nobody can mean an empty one, so that is left to botocore."""
        said = self._environ.get(f"AWS_{name.upper()}", self.values.get(name, default))
        if not isinstance(said, str) or (not said and said is not default):
            raise StepAside(f"{name} is set, but not to a text")
        return said

    def off(self, name: str, value: str | None = None) -> None:
        """Step aside unless a switch is off."""
        if (self.text(name, "false") if value is None else value).lower() != "false":
            raise StepAside(f"{name} is not off")


def slim_access(place: Place) -> Access:
    """Find how a place is reached.

    Args:
        place: The place.

    Raises:
        StepAside: Somebody who knows more has to be asked.

    Source: https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
    """
    environ = os.environ
    _check_environment(environ)
    name = place.profile or _profile_name(environ)
    said, services, stored = _profile(environ, name)
    lines = any(isinstance(value, str) and "\n" in value for value in said.values.values())
    if lines or set(said.values) - KEYS or set(said.s3) - S3_KEYS:
        raise StepAside("the profile says more than keys and where to go")
    endpoint = place.endpoint or _endpoint(said, services, environ, place)
    region = _region(place, said, environ)
    verify = environ.get("AWS_CA_BUNDLE", said.values.get("ca_bundle", environ.get("REQUESTS_CA_BUNDLE", True)))
    if not verify or isinstance(verify, dict):
        raise StepAside("the certificates to trust are set to nothing")
    addressing = place.addressing if place.addressing != "auto" else said.s3.get("addressing_style", "auto")
    if addressing not in ("auto", "path", "virtual"):
        raise StepAside("the addressing style is none that is known")
    _check_switches(said)
    credentials = None if place.anonymous else _credentials(environ, place, stored)
    legacy = _legacy(said)
    if endpoint:
        where = own_endpoint(endpoint, region, virtual=addressing == "virtual")
    elif region or legacy:
        where = regional_endpoint(region or "us-east-1", legacy=legacy)
    else:
        raise StepAside("there is no region")
    return Access(
        endpoint=where,
        region=region or "us-east-1",
        virtual=addressing == "virtual" or (addressing == "auto" and not endpoint),
        credentials=lambda: credentials,
        regional=None if endpoint else regional_endpoint,
        verify=trusted_certificates() if verify is True and where.startswith("https:") else verify,
        attempts=_attempts(said),
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        checksums=_checksums(said, "request_checksum_calculation"),
        compares=_checksums(said, "response_checksum_validation"),
    )


def _check_environment(environ: Mapping[str, str]) -> None:
    """Step aside when a variable may matter that is not known here, or for a proxy."""
    for name in environ:
        unknown = name.startswith("AWS_") and name not in VARIABLES and not name.startswith(HARMLESS)
        if unknown or (name.startswith("BOTOCORE_") and name != "BOTOCORE_TCP_KEEPALIVE"):
            raise StepAside(f"{name} is set")
        if name.lower().endswith("_proxy") and name.lower() != "no_proxy" and environ[name]:
            raise StepAside(f"{name} is set")
    if sys.platform in ("darwin", "win32"):  # the system may have a proxy of its own
        from urllib.request import getproxies

        if getproxies():
            raise StepAside("the system has a proxy")
    if os.path.isdir(os.path.expanduser(os.path.join("~", ".aws", "models"))):
        raise StepAside("~/.aws/models may change what S3 is")


def _profile_name(environ: Mapping[str, str]) -> str | None:
    """Give the profile that the environment names; botocores may not agree on which variable goes first."""
    names = {environ[name] for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE") if name in environ}
    if len(names) > 1 or "" in names:
        raise StepAside("AWS_PROFILE and AWS_DEFAULT_PROFILE say different things, or nothing")
    return names.pop() if names else None


def _profile(environ: Mapping[str, str], name: str | None) -> tuple[_Said, dict[str, Values], list[Values]]:
    """Give a profile's settings, the services' sections, and where its keys may be: credentials go before config."""
    profiles, services, stored = named_files()
    if name is not None and name not in profiles and name not in stored:
        raise StepAside("there is no such profile")
    name = name or "default"
    places = [stored.get(name, {}), profiles.get(name, {})]
    return _Said(environ, {**places[1], **places[0]}), services, places


def _endpoint(said: _Said, services: dict[str, Values], environ: Mapping[str, str], place: Place) -> str:
    """Find an endpoint that is configured; a place with a profile of its own takes it from there first."""
    ignored = said.text("ignore_configured_endpoint_urls", "false").lower()
    if ignored not in ("true", "false"):
        raise StepAside("ignore_configured_endpoint_urls is neither true nor false")
    service = said.values.get("services")
    block: str | dict[str, str] = {}
    if service is not None:
        if not isinstance(service, str) or service not in services:
            raise StepAside("the profile names services that are not there")
        block = services[service].get("s3", {})
    general = said.values.get("endpoint_url", "")
    if not isinstance(block, dict) or not isinstance(general, str):
        raise StepAside("an endpoint is not a text")
    of_profile = block.get("endpoint_url", "") or general
    if place.profile is not None and of_profile:
        return of_profile
    if ignored == "true":
        return ""
    return environ.get("AWS_ENDPOINT_URL_S3", "") or environ.get("AWS_ENDPOINT_URL", "") or of_profile


def _region(place: Place, said: _Said, environ: Mapping[str, str]) -> str:
    """Find the region; `AWS_REGION`, which botocore does not read so far, must agree."""
    of_profile = said.values.get("region", "")
    first = place.region or (of_profile if place.profile is not None else "")
    region = first or environ.get("AWS_DEFAULT_REGION", of_profile)
    given = (region, environ.get("AWS_DEFAULT_REGION", "-"), said.values.get("region", "-"))
    if not isinstance(region, str) or "" in given[1:]:
        raise StepAside("the region is set to nothing")
    if environ.get("AWS_REGION", region) != region and not first:
        raise StepAside("AWS_REGION is not the region that botocore takes")
    return region


def _check_switches(said: _Said) -> None:
    """Step aside for what is switched on and not done here."""
    said.off("use_dualstack_endpoint")
    said.off("use_fips_endpoint")
    for name in ("use_accelerate_endpoint", "use_dualstack_endpoint", "payload_signing_enabled"):
        said.off(name, said.s3.get(name, "false"))
    if said.s3.get("signature_version", "s3v4") != "s3v4":
        raise StepAside("another signature is set")
    if said.text("defaults_mode", "legacy") != "legacy":
        raise StepAside("defaults_mode is set")
    if said.text("sts_regional_endpoints", "regional") not in ("regional", "legacy"):
        raise StepAside("sts_regional_endpoints is wrong")


def _legacy(said: _Said) -> bool:
    """Tell whether us-east-1 is reached at the global endpoint, as it is unless somebody says otherwise."""
    value = said.text("s3_us_east_1_regional_endpoint", said.s3.get("us_east_1_regional_endpoint", "legacy"))
    if value not in ("legacy", "regional"):
        raise StepAside("s3_us_east_1_regional_endpoint is wrong")
    return value == "legacy"


def _attempts(said: _Said) -> int:
    """Count how often a request is sent; who sets nothing gets what the botocore client of tfm gets."""
    mode, most = said.text("retry_mode", "unset"), said.text("max_attempts", "unset")
    if mode not in ("unset", "standard", "legacy"):
        raise StepAside("retry_mode is another one")
    if most == "unset":
        return 5 if mode == "legacy" else ATTEMPTS
    if not (most.isascii() and most.isdigit()) or most.startswith("0"):
        raise StepAside("max_attempts is no number from 1")
    return int(most)


def _checksums(said: _Said, name: str) -> bool:
    value = said.text(name, "when_supported").lower()
    if value not in ("when_supported", "when_required"):
        raise StepAside(f"{name} is wrong")
    return value == "when_supported"


def _credentials(environ: Mapping[str, str], place: Place, stored: list[Values]) -> Credentials:
    """Find two keys: in the environment, unless the place has a profile of its own, else in the profile."""
    if environ.get("AWS_ACCESS_KEY_ID") and place.profile is None:
        token: object = environ.get("AWS_SECURITY_TOKEN") or environ.get("AWS_SESSION_TOKEN")
        return _checked(environ["AWS_ACCESS_KEY_ID"], environ.get("AWS_SECRET_ACCESS_KEY"), token)
    values = next((each for each in stored if "aws_access_key_id" in each), {})
    token = values.get("aws_security_token", values.get("aws_session_token"))
    return _checked(values.get("aws_access_key_id"), values.get("aws_secret_access_key"), token)


def _checked(access_key: object, secret_key: object, token: object) -> Credentials:
    for each in (access_key, secret_key) if token is None else (access_key, secret_key, token):
        if not isinstance(each, str) or not each.isascii() or not each.isprintable() or not each or " " in each:
            raise StepAside("there are no two plain keys")
    return Credentials(str(access_key), str(secret_key), None if token is None else str(token))
