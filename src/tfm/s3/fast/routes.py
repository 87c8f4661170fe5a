"""Where the requests of a bucket go: the server, the name of the host, and the region that they are signed for."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from tfm.s3.fast.access import Access, StepAside
from tfm.s3.fast.pool import Pool
from tfm.s3.fast.wire import Address

_IN_A_HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9]")
_PORTS = {"http": 80, "https": 443}
KEPT = 10_000
"""Buckets whose routes are remembered."""
SERVERS_KEPT = 32
"""Servers to which connections are kept; where a bucket is part of the host's name, each is one."""


class Route(NamedTuple):
    """The way to one bucket.

    Args:
        pool: The connections to its server.
        host: The header.
        path: What stands before a key's slash.
        region: What requests are signed for.
        secure: Whether TLS protects what is sent.
    """

    pool: Pool
    host: str
    path: str
    region: str
    secure: bool


class Routes:
    """The ways to all buckets of a place, and where those are that turned out to be elsewhere.

    Args:
        access: How the place is reached.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._known: dict[str, Route] = {}
        self._pools: dict[tuple[str, str, int], Pool] = {}
        self._lock = threading.Lock()

    def to(self, bucket: str) -> Route:
        """Give the way to a bucket."""
        route = self._known.get(bucket)
        if route is None:
            route = self._learn(bucket, self._access.endpoint, self._access.region)
        return route

    def moved(self, bucket: str, region: str) -> None:
        """Remember that a bucket is in another region.

        Raises:
            StepAside: Where that region's server is, is not known here.
        """
        regional: Callable[[str], str] | None = self._access.regional
        self._learn(bucket, self._access.endpoint if regional is None else regional(region), region)

    def _learn(self, bucket: str, endpoint: str, region: str) -> Route:
        parts = urlsplit(endpoint)
        if parts.scheme not in _PORTS or not parts.hostname or parts.query or "@" in parts.netloc:
            raise StepAside(f"an endpoint of a special kind: {parts.scheme}://{parts.hostname}")
        host, port = parts.hostname, parts.port or _PORTS[parts.scheme]
        path = quote(parts.path.rstrip("/"), safe="/~%")
        secure = parts.scheme == "https"
        if self._access.virtual and _IN_A_HOST.fullmatch(bucket):
            host = f"{bucket}.{host}"
        else:
            path = f"{path}/{bucket}"
        shown = f"[{host}]" if ":" in host else host
        if port != _PORTS[parts.scheme]:
            shown = f"{shown}:{port}"
        with self._lock:
            if len(self._known) >= KEPT:
                self._known = {}
            route = Route(self._pool(parts.scheme, host, port), shown, path, region, secure)
            self._known[bucket] = route
            return route

    def _pool(self, scheme: str, host: str, port: int) -> Pool:
        pool = self._pools.get((scheme, host, port))
        if pool is None:
            while len(self._pools) >= SERVERS_KEPT:
                oldest = self._pools.pop(next(iter(self._pools)))
                self._known = {name: route for name, route in self._known.items() if route.pool is not oldest}
                oldest.close()  # what is in use is closed when it is given back, and nobody has the pool any more
            access = self._access
            address = Address(scheme, host, port, access.verify, access.connect_timeout, access.read_timeout)
            pool = self._pools[scheme, host, port] = Pool(address)
        return pool
