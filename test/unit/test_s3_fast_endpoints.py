"""Where S3 is: ordinary regions, servers of one's own, and the certificates that botocore trusts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from botocore.httpsession import where
from botocore.session import Session

from tfm.s3.fast.access import StepAside
from tfm.s3.fast.endpoints import own_endpoint, regional_endpoint, trusted_certificates


def test_every_region_that_botocore_knows() -> None:
    session = Session()
    for partition in session.get_available_partitions():
        for region in session.get_available_regions("s3", partition):
            if partition == "aws":
                assert regional_endpoint(region) == f"https://s3.{region}.amazonaws.com"
            else:
                with pytest.raises(StepAside):
                    regional_endpoint(region)


def test_the_global_endpoint_is_of_one_region() -> None:
    assert regional_endpoint("us-east-1", legacy=True) == "https://s3.amazonaws.com"
    assert regional_endpoint("us-east-2", legacy=True) == "https://s3.us-east-2.amazonaws.com"


@pytest.mark.parametrize(
    "region", ["", "us", "us-east-1.evil.example", "us-east-1/", "US-EAST-1", "eu-wést-1", "x-y-1"]
)
def test_no_region(region: str) -> None:
    with pytest.raises(StepAside):
        regional_endpoint(region)


@pytest.mark.parametrize("url", ["http://localhost", "http://127.0.0.1:9000", "https://s3.example.com:443"])
def test_a_server(url: str) -> None:
    assert own_endpoint(url) == own_endpoint(url + "/") == url


@pytest.mark.parametrize(
    "url",
    [
        "", "h", "ftp://h", "http://", "http://h:", "http://h:0", "http://h:09", "http://h:65536", "http://h:x",
        "http://u@h", "http://h/x", "http://h?x", "http://h#x", "http://[::1]:9000", "http://H", "http://a_b",
        "http://a..b", "http://-a", "http://" + "a" * 64, "http://h ", "https://bucket.s3.amazonaws.com",
        "https://s3.cn-north-1.amazonaws.com.cn", "https://s3.dualstack.us-east-1.api.aws",
    ],
)  # fmt: skip
def test_more_than_a_server(url: str) -> None:
    with pytest.raises(StepAside):
        own_endpoint(url)


def test_buckets_in_hosts() -> None:
    assert own_endpoint("https://s3.example.com", virtual=True) == "https://s3.example.com"
    for url in ("http://s3.example.com", "https://127.0.0.1"):
        with pytest.raises(StepAside, match="buckets"):
            own_endpoint(url, virtual=True)


def test_certificates_are_botocores(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert trusted_certificates() == where()
    monkeypatch.delitem(sys.modules, "certifi", raising=False)
    assert trusted_certificates() == where()
    package = tmp_path / "certifi"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(StepAside):
        trusted_certificates()
