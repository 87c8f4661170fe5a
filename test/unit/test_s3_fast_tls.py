"""The fast client over TLS: whose certificates it trusts, and what it then leaves unsigned."""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from stub_s3 import Reply, StubS3

from tfm.errors import S3ConnectionError
from tfm.s3.client import Boto3Client
from tfm.s3.fast.access import Access, Credentials
from tfm.s3.fast.client import FastClient
from tfm.s3.fast.wire import Connection

DATED = {"Last-Modified": "Fri, 02 Jan 2026 03:04:05 GMT", "ETag": '"e"'}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 that vouches for itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return file


@pytest.fixture
def secure(certificate: Path) -> Iterator[StubS3]:
    """A stub server that speaks TLS."""
    stub = StubS3(lambda request: Reply(200, b"x" * 200_000 if request.method == "GET" else b"", DATED))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    stub._server.socket = context.wrap_socket(stub._server.socket, server_side=True, do_handshake_on_connect=False)
    with stub:
        yield stub


def client_of(stub: StubS3, verify: bool | str, host: str = "127.0.0.1", **more: bool) -> FastClient:
    endpoint = f"https://{host}:{stub.endpoint.rpartition(':')[2]}"
    access = Access(endpoint, "us-east-1", False, lambda: Credentials("test", "test"), verify=verify, attempts=1)
    return FastClient(Boto3Client(), lambda: access._replace(**more))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_only_who_is_trusted_is_talked_to(
    secure: StubS3, certificate: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for verify in (True, str(tmp_path)):
        with pytest.raises(S3ConnectionError, match=r"certificate and AWS_CA_BUNDLE"):
            client_of(secure, verify).head("bucket", "k")
    with pytest.raises(S3ConnectionError, match="certificate"):
        client_of(secure, str(certificate), "localhost").head("bucket", "k")
    assert secure.requests == []
    assert client_of(secure, str(certificate)).head("bucket", "k").etag == '"e"'
    assert client_of(secure, False).head("bucket", "k").etag == '"e"'
    capsys.readouterr()  # the server tells of each that hung up


def test_bodies_are_not_signed_where_tls_and_a_checksum_protect_them(secure: StubS3, certificate: Path) -> None:
    client = client_of(secure, str(certificate))
    client.put("bucket", "k", b"body")
    client.upload_part("bucket", "k", "u", 1, memoryview(b"x" * 3_000_000))
    for request in secure.requests:
        assert request.headers["x-amz-content-sha256"] == "UNSIGNED-PAYLOAD"
        assert request.headers["x-amz-checksum-crc32"]
    assert secure.requests[1].body == b"x" * 3_000_000
    secure.requests.clear()
    client_of(secure, str(certificate), checksums=False).put("bucket", "k", b"body")
    assert secure.requests[0].headers["x-amz-content-sha256"] == hashlib.sha256(b"body").hexdigest()
    assert secure.requests[0].headers["x-amz-checksum-crc32"] is None


def test_bytes_come_whole_and_connections_are_kept(secure: StubS3, certificate: Path) -> None:
    client = client_of(secure, str(certificate))
    for size in (-1, 1000, 65_536):
        body = client.get("bucket", "k")
        assert b"".join(iter(lambda: body.read(size), b"")) == b"x" * 200_000  # noqa: B023 (it is used up at once)
    buffer = bytearray(300_000)
    assert client.get("bucket", "k").readinto(buffer) == 200_000
    assert len(client._reach()._routes.to("bucket").pool._idle) == 1


def test_many_at_once_wait_for_answers_and_not_for_what_tls_says_before(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server of TLS 1.3 sends tickets after the handshake, which are no answer."""
    stub = StubS3(lambda request: (time.sleep(0.05), Reply(200, request.path.encode(), DATED))[1])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    stub._server.socket = context.wrap_socket(stub._server.socket, server_side=True, do_handshake_on_connect=False)
    told: dict[str, bytes] = {}
    waited: list[bool] = []
    gather = Connection.gather
    monkeypatch.setattr(Connection, "gather", lambda self: (waited.append(gather(self)), waited[-1])[1])
    with stub:
        many = client_of(stub, str(certificate)).many(lambda: None)
        assert many is not None
        for number in range(40):
            key = f"k{number}"
            many.get("bucket", key, lambda data, _, key=key: told.update({key: data}), pytest.fail)  # type: ignore[misc]
        many.drain()
        many.close(OSError("over"))
    assert told == {f"k{number}": b"/bucket/k%d" % number for number in range(40)}
    assert waited.count(True) >= 40, "an answer may come in pieces"
    assert False in waited
