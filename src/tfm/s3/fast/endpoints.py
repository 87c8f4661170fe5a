"""Where S3 is: the endpoints of AWS's ordinary regions, a server's own endpoint, and which certificates are trusted."""

from __future__ import annotations

import os
import sys

from tfm.s3.fast.access import StepAside

CONTINENTS = frozenset(["us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"])
"""How the names of regions begin in the ordinary partition of AWS."""
AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")
HOST = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-.")


def regional_endpoint(region: str, *, legacy: bool = False) -> str:
    """Give the endpoint of an ordinary region.

    Args:
        region: Such as `eu-west-1`; it may come from a server's answer, so it is checked.
        legacy: Whether us-east-1 is reached at the global endpoint.

    Raises:
        StepAside: It is none of the ordinary partition's, such as one of China.

    Source: https://docs.aws.amazon.com/general/latest/gr/s3.html
    """
    parts = region.split("-")
    plain = len(parts) == 3 and parts[0] in CONTINENTS and parts[1].isalpha() and parts[2].isdigit()
    if not plain or not region.isascii() or region != region.lower():
        raise StepAside("the region is none of AWS's ordinary ones")
    return "https://s3.amazonaws.com" if legacy and region == "us-east-1" else f"https://s3.{region}.amazonaws.com"


def own_endpoint(url: str, region: str = "", *, virtual: bool = False) -> str:
    """Give the endpoint of a server that is no part of AWS, without a slash at its end.

    Args:
        url: As it is configured.
        region: What the server calls its region.
        virtual: Whether buckets become parts of the host.

    Raises:
        StepAside: It is AWS's after all, or more than scheme, host and port.
    """
    scheme, _, rest = url.partition("://")
    host, colon, port = rest.removesuffix("/").partition(":")
    labels = host.split(".")
    plain = HOST.issuperset(host) and all(0 < len(each) < 64 and each.strip("-") == each for each in labels)
    numbered = not colon or (port.isascii() and port.isdigit() and 0 < int(port) < 65536 and port[0] != "0")
    if scheme not in ("http", "https") or not plain or not numbered or len(host) > 253:
        raise StepAside("the endpoint is more than a scheme, a host and a port")
    if set(region) - HOST or "." in region or region.isdigit() or len(region) > 63 or region.strip("-") != region:
        raise StepAside("the region has no plain name")
    if region == "aws-global" or "fips" in region:
        raise StepAside("the region stands for something else")
    if virtual and (scheme == "http" or labels[-1].isdigit()):
        raise StepAside("buckets can't all become parts of that host, or otherwise than on AWS")
    if host.endswith(AWS):
        raise StepAside("the endpoint is one of AWS's own")
    return url.removesuffix("/")


def trusted_certificates() -> str:
    """Find the certificates that botocore trusts when nobody says otherwise: certifi's, else its own.

    Raises:
        StepAside: They are nowhere in sight.
    """
    loaded = sys.modules.get("certifi")
    if loaded is not None:
        return str(loaded.where())
    from importlib.util import find_spec

    for package in ("certifi", "botocore"):
        spec = find_spec(package)  # imports nothing: they are no parts of other packages
        if spec is not None:
            file = os.path.join(os.path.dirname(spec.origin or ""), "cacert.pem")
            if os.path.isfile(file):
                return file
            break
    raise StepAside("the certificates that botocore trusts are not where they should be")
