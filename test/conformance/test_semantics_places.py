"""The rules of docs/semantics.md on places: by name, from settings, variables and profiles, with one client each."""

from __future__ import annotations

import logging
import multiprocessing
import os
import pickle
import threading
from collections.abc import Callable, Iterator
from pathlib import Path as LocalPath
from typing import Any

import pytest
from moto import mock_aws
from stub_s3 import Reply, Request, StubS3, error_body

from tfm import Path
from tfm.errors import S3AuthError, S3BaseError, SettingsError
from tfm.s3.places import client_for, place, reset
from tfm.s3.protocol import Place

LISTING = b'<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>'
SECRETS = ("AKIAFAKEFAKEFAKEFAKE", "fakeSecretfakeSecretfakeSecretfakeSecret", "fakeToken" * 20)


@pytest.fixture
def settings(tmp_path: LocalPath, monkeypatch: pytest.MonkeyPatch) -> LocalPath:
    """The settings file; not written yet."""
    file = tmp_path / "config.toml"
    file.touch()
    monkeypatch.setenv("TFM_CONFIG", str(file))
    return file


@pytest.fixture
def profiles(tmp_path: LocalPath, monkeypatch: pytest.MonkeyPatch) -> LocalPath:
    """The AWS config file; not written yet."""
    file = tmp_path / "aws-config"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    return file


@pytest.fixture
def stub() -> Iterator[StubS3]:
    """A server whose every bucket is empty."""
    with StubS3(lambda _: Reply(200, LISTING)) as server:
        yield server


def test_where_places_come_from(
    settings: LocalPath, profiles: LocalPath, stub: StubS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A place is a table of the settings, variables of the environment, or the AWS profile of its name."""
    settings.write_text(
        f'[places.own]\nendpoint = "{stub.endpoint}"\nregion = "eu-west-1"\naddressing = "path"\n'
        "[places.both]\nread_only = true\n"
    )
    keys = "aws_access_key_id = {0}\naws_secret_access_key = s\n"
    profiles.write_text(
        f"[profile both]\nregion = eu-west-2\nendpoint_url = {stub.endpoint}\n{keys.format('ofboth')}"
        f"[profile alone]\nregion = eu-west-3\nservices = mine\n{keys.format('ofalone')}"
        f"[services mine]\ns3 =\n  endpoint_url = {stub.endpoint}\n"
    )
    monkeypatch.setenv("TFM_PLACE_VARIABLE_ENDPOINT", stub.endpoint)
    monkeypatch.setenv("TFM_PLACE_VARIABLE_REGION", "eu-north-1")
    assert place("own") == Place("own", None, stub.endpoint, "eu-west-1", "path")
    assert place("both") == Place("both", "both", read_only=True)
    assert place("alone") == Place("alone", "alone")
    expected = {
        "own": "test/{}/eu-west-1",
        "both": "ofboth/{}/eu-west-2",
        "alone": "ofalone/{}/eu-west-3",
        "variable": "test/{}/eu-north-1",
    }
    for name, credential in expected.items():
        assert list(Path(f"s3://{name}@bucket").iterdir()) == []
        signed = stub.requests[-1].headers["Authorization"].partition("Credential=")[2].split("/")
        assert "/".join([signed[0], "{}", signed[2]]) == credential
        assert stub.requests[-1].path.startswith("/bucket?")
    with pytest.raises(S3AuthError, match=r"'nope'.*alone, both, own, variable"):
        Path("s3://nope@bucket").exists()


def test_a_wrong_setting_is_never_false(settings: LocalPath) -> None:
    """A mistake in the settings is one sentence at the first named place, and no place without a name minds it."""
    settings.write_text("[places.own]\nendpoint = 1\n")
    for question in (Path("s3://own@b/k").exists, Path("s3://other@b/k").is_file):
        with pytest.raises(SettingsError, match=r"config.toml: \[places.own\] endpoint: it must be text"):
            question()
    assert client_for().place == Place()
    settings.write_text("[places.own]\nregion = 'x'\n")
    reset()
    assert place("own").region == "x"


@pytest.mark.parametrize("engine", ["auto", "boto3"])
def test_who_sends_the_requests(engine: str, stub: StubS3, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are the same and answered the same, sent by tfm itself or by boto3 with `TFM_S3_ENGINE=boto3`."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", stub.endpoint)
    monkeypatch.setenv("TFM_S3_ENGINE", engine)
    path = Path("s3://bucket/key")
    assert not path.exists()
    assert list(path.parent.iterdir()) == []
    path.write_bytes(b"bytes")
    asked = [(request.method, sorted(request.path.partition("?")[2].split("&"))) for request in stub.requests]
    probe = ["delimiter=%2F", "encoding-type=url", "list-type=2", "max-keys=100", "prefix=key"]
    assert asked[0] == ("GET", probe)
    assert (asked[-1][0], stub.requests[-1].body) == ("PUT", b"bytes")
    agents = {request.headers["User-Agent"].partition("/")[0] for request in stub.requests}
    assert agents == {"tfm" if engine == "auto" else "Boto3"}
    monkeypatch.setenv("TFM_S3_ENGINE", "curl")
    reset()
    with pytest.raises(SettingsError, match="TFM_S3_ENGINE: it must be one of auto, boto3"):
        path.exists()


def test_hooks_of_botocore(profiles: LocalPath, monkeypatch: pytest.MonkeyPatch) -> None:
    """What hooks botocore, as moto's `mock_aws`, gets every request while it does, also if it begins later."""
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    profiles.write_text("[default]\ns3 =\n  addressing_style = path\n")
    with StubS3(lambda _: Reply(200, LISTING)) as stub:
        monkeypatch.setattr("tfm.s3.fast.slim.regional_endpoint", lambda region, **_: stub.endpoint)
        path = Path("s3://bucket/key")
        monkeypatch.setattr("tfm.s3.fast.slim.trusted_certificates", lambda: True)
        assert not path.exists()
        assert len(stub.requests) == 1
        for _ in range(2):
            with mock_aws():
                path.parent.mkdir()
                path.write_bytes(b"mocked")
                assert path.read_bytes() == b"mocked"
        assert len(stub.requests) == 1
        path.refresh()
        assert not path.exists()
        assert len(stub.requests) == 2


def test_read_only_places(settings: LocalPath, stub: StubS3) -> None:
    """A read-only place refuses every write before it is sent."""
    settings.write_text(f'[places.own]\nendpoint = "{stub.endpoint}"\nread_only = true\n')
    path: Any = Path("s3://own@bucket/key")
    writes: tuple[Callable[[], Any], ...] = (
        lambda: path.write_bytes(b"x"),
        path.unlink,
        path.touch,
        lambda: path.set_tags({"a": "b"}),
        lambda: path.presign("PUT"),
        lambda: (path.parent / "new").mkdir(),
        lambda: Path("s3://own@newbucket").mkdir(),
        lambda: path.parent.delete_below(["a"]),
    )
    for write in writes:
        with pytest.raises((S3AuthError, FileNotFoundError), match=r"read-only|there is no such object"):
            write()
    assert {request.method for request in stub.requests} <= {"GET", "HEAD"}
    with pytest.raises(S3AuthError, match=r"s3://own@bucket/key: the place 'own' is read-only"):
        path.write_bytes(b"x")
    assert "X-Amz-Signature" in path.presign()


def test_anonymous_and_requester_pays(settings: LocalPath, stub: StubS3, monkeypatch: pytest.MonkeyPatch) -> None:
    """An anonymous place signs nothing, and one that pays for requests says so in each."""
    settings.write_text(
        f'[places.public]\nendpoint = "{stub.endpoint}"\nanonymous = true\n'
        f'[places.payer]\nendpoint = "{stub.endpoint}"\nrequester_pays = true\n'
    )
    payer: Any = Path("s3://payer@bucket")
    assert list(payer.iterdir()) == []
    assert stub.requests[-1].headers["x-amz-request-payer"] == "requester"
    (payer / "k").write_bytes(b"x")
    assert stub.requests[-1].headers["x-amz-request-payer"] == "requester"
    client_for("payer").head("bucket", "k")
    assert stub.requests[-1].headers["x-amz-request-payer"] == "requester"
    assert "x-amz-request-payer" in (payer / "k").presign()  # as a header that whoever uses it must send
    client_for("payer").list_buckets()  # has no such header
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    public: Any = Path("s3://public@bucket")
    assert list(public.iterdir()) == []
    assert stub.requests[-1].headers["Authorization"] is None
    assert stub.requests[-1].headers["x-amz-request-payer"] is None
    with pytest.raises(NotImplementedError, match="anonymous"):
        (public / "k").presign()


def test_region_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket in another region is found by itself, once: later requests go there at once."""

    def answer(request: Request) -> Reply:
        if "/eu-central-1/s3/" in request.headers["Authorization"]:
            return Reply(200, b"" if request.method == "HEAD" else LISTING)
        return Reply(301, error_body("PermanentRedirect"), {"x-amz-bucket-region": "eu-central-1"})

    with StubS3(answer) as stub:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", stub.endpoint)
        bucket = Path("s3://far")
        assert list(bucket.iterdir()) == []
        assert len(stub.requests) == 2
        for name in ("a", "b"):
            (bucket / name).write_bytes(b"x")
        assert list((bucket / "c").parent.iterdir()) == []
        assert len(stub.requests) == 5
        assert list(Path("s3://farther").iterdir()) == []
        assert len(stub.requests) == 7


def _read_in_child(uri: str) -> bytes:
    return Path(uri).read_bytes()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_one_client_for_each_place(s3: Any, bucket: str) -> None:
    """A place has one client, made when first needed; threads share it, and a child process makes its own."""
    path = Path(f"s3://{bucket}/k")
    path.write_bytes(b"bytes")
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append((client_for(), path.read_bytes()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert {id(client) for client, _ in found} == {id(client_for())}
    assert [data for _, data in found] == [b"bytes"] * 8
    for way in ("fork", "spawn"):
        with multiprocessing.get_context(way).Pool(2) as pool:
            assert pool.map(_read_in_child, [str(path)] * 4) == [b"bytes"] * 4
    assert path.read_bytes() == b"bytes"


def test_no_secrets(
    stub: StubS3, settings: LocalPath, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """No credential is in a repr, a pickle, a log or an error."""
    settings.write_text(f'[places.own]\nendpoint = "{stub.endpoint}"\n')
    for name, secret in zip(("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"), SECRETS, strict=True):
        monkeypatch.setenv(f"AWS_{name}", secret)
    said: list[str] = []
    # The server's own words may quote the request.
    message = f"AWSAccessKeyId={SECRETS[0]} token {SECRETS[2]}: Signature of {SECRETS[1]}"
    with (
        caplog.at_level(logging.DEBUG, "tfm"),
        StubS3(lambda request: Reply(403, error_body("SignatureDoesNotMatch", message))) as refusing,
    ):
        path: Any = Path("s3://own@bucket/key")
        list(path.parent.iterdir())
        client = client_for("own")
        said += [repr(path), repr(client), repr(client.place), repr(vars(client)), str(pickle.dumps(path))]
        with path.open("wb") as stream:
            said.append(repr(stream))
        monkeypatch.setenv("TFM_PLACE_REFUSED_ENDPOINT", refusing.endpoint)
        reset()
        for ask in (Path("s3://refused@bucket/key").exists, Path("s3://refused@bucket/key").read_bytes):
            with pytest.raises(S3BaseError) as caught:
                ask()
            said += [str(caught.value), repr(caught.value), repr(vars(caught.value)), str(pickle.dumps(caught.value))]
    said += [record.getMessage() for record in caplog.records if record.name.startswith("tfm")]
    assert any(record.name.startswith("tfm") for record in caplog.records)
    for text in said:
        assert not [secret for secret in SECRETS if secret in text], text
    assert os.environ["AWS_SESSION_TOKEN"] in stub.requests[-1].headers["X-Amz-Security-Token"]
