"""The TLS settings of connections: the same certificates as botocore trusts."""

from __future__ import annotations

import os
import ssl

from tfm.s3.fast.endpoints import trusted_certificates


def context(verify: bool | str) -> ssl.SSLContext:
    """Make the settings of connections, TLS 1.2 at least.

    Args:
        verify: Whether certificates are checked, or the file or directory of those that are trusted.

    Source: https://docs.python.org/3/library/ssl.html#ssl.SSLContext
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.set_alpn_protocols(["http/1.1"])
    if verify is False:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
        return made
    trusted = trusted_certificates() if verify is True else verify
    if os.path.isdir(trusted):
        made.load_verify_locations(capath=trusted)
    else:
        made.load_verify_locations(cafile=trusted)
    return made
