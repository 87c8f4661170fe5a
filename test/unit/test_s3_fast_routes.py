"""Where requests of a bucket go: compared with botocore's endpoint rules, and what is left to them."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tfm.s3.client import Boto3Client
from tfm.s3.fast import routes
from tfm.s3.fast.access import Access, Credentials, StepAside
from tfm.s3.fast.routes import Routes
from tfm.s3.protocol import Place


def access(endpoint: str, *, virtual: bool = False, region: str = "us-east-1") -> Access:
    return Access(endpoint, region, virtual, lambda: Credentials("a", "b"))


@pytest.mark.parametrize(
    ("endpoint", "virtual", "host", "path", "port"),
    [
        ("https://s3.eu-west-1.amazonaws.com", True, "bucket.s3.eu-west-1.amazonaws.com", "", 443),
        ("https://s3.eu-west-1.amazonaws.com", False, "s3.eu-west-1.amazonaws.com", "/bucket", 443),
        ("https://storage.example.org:443/", False, "storage.example.org", "/bucket", 443),
        ("http://localhost:9000", False, "localhost:9000", "/bucket", 9000),
        ("http://[::1]:9000", False, "[::1]:9000", "/bucket", 9000),
        ("http://[::1]", False, "[::1]", "/bucket", 80),
        ("https://example.org/s3/", False, "example.org", "/s3/bucket", 443),
        ("https://example.org/s3", True, "bucket.example.org", "/s3", 443),
    ],
)
def test_hosts_and_paths(endpoint: str, virtual: bool, host: str, path: str, port: int) -> None:
    route = Routes(access(endpoint, virtual=virtual)).to("bucket")
    assert (route.host, route.path, route.pool.address.port) == (host, path, port)
    assert route.pool.address.host == host.partition(":")[0] if "[" not in host else "::1"
    assert route.secure == endpoint.startswith("https")


NAMES = ["bucket", "my-bucket-1", "a.b.c", "Upper", "under_score", "abc", "1bucket", "bucket-", "x" * 63, "192.168.0.1"]


@pytest.mark.parametrize("bucket", NAMES)
@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
def test_buckets_go_where_botocore_sends_them(monkeypatch: pytest.MonkeyPatch, bucket: str, region: str) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    boto3 = Boto3Client(Place("p", region=region))
    url, _ = boto3.endpoint_of(bucket, "")
    service = "https://s3.amazonaws.com" if region == "us-east-1" else f"https://s3.{region}.amazonaws.com"
    route = Routes(access(service, virtual=True, region=region)).to(bucket)
    assert f"https://{route.host}{route.path}" == url
    assert urlsplit(url).hostname == route.pool.address.host
    boto3.sdk().close()


@pytest.mark.parametrize(
    "endpoint", ["ftp://example.org", "example.org", "https://", "https://user:password@example.org", "https://x/?a=b"]
)
def test_odd_endpoints_are_left_to_botocore(endpoint: str) -> None:
    with pytest.raises(StepAside) as caught:
        Routes(access(endpoint)).to("bucket")
    assert "password" not in str(caught.value)


def test_buckets_of_one_server_share_its_connections() -> None:
    found = Routes(access("http://localhost:9000"))
    assert found.to("one").pool is found.to("two").pool
    apart = Routes(access("http://localhost:9000", virtual=True))
    assert apart.to("one").pool is not apart.to("two").pool


def test_many_buckets_do_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "KEPT", 10)
    monkeypatch.setattr(routes, "SERVERS_KEPT", 5)
    found = Routes(access("http://localhost:9000", virtual=True))
    for number in range(100):
        found.to(f"bucket-{number}")
    assert len(found._known) <= 10
    assert list(found._pools) == [("http", f"bucket-{number}.localhost", 9000) for number in range(95, 100)]
    assert {route.pool for route in found._known.values()} <= set(found._pools.values())
    shared = Routes(access("http://localhost:9000"))
    for number in range(100):
        shared.to(f"bucket-{number}")
    assert len(shared._known) <= 10
