"""How a place is found: without botocore where that is plain; left to it when somebody hooked it; told in the log."""

from __future__ import annotations

import logging
from pathlib import Path
from unittest import mock

import moto
import pytest
from awsjudge import KEYS, home

from tfm.s3.client import Boto3Client
from tfm.s3.fast.access import StepAside
from tfm.s3.fast.client import FastClient
from tfm.s3.fast.finding import find_access
from tfm.s3.protocol import Place

SEND = "botocore.httpsession.URLLib3Session.send"


@pytest.fixture(autouse=True)
def _log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "tfm.s3.fast")


def test_plain_places_need_no_client(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    boto3 = mock.Mock(Boto3Client)
    with home(tmp_path, KEYS):
        access = find_access(Place(), boto3)
    assert access.endpoint == "https://s3.amazonaws.com"
    assert access.credentials() == (KEYS["AWS_ACCESS_KEY_ID"], KEYS["AWS_SECRET_ACCESS_KEY"], None)
    assert boto3.mock_calls == []
    assert caplog.text == ""


def test_others_are_asked_of_botocore(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with home(tmp_path, {**KEYS, "AWS_DEFAULT_REGION": "cn-north-1"}):
        assert find_access(Place(), Boto3Client()).endpoint == "https://s3.cn-north-1.amazonaws.com.cn"
    assert caplog.messages == [
        "botocore is asked how the place '' is reached: the region is none of AWS's ordinary ones"
    ]


def test_the_log_says_why_and_no_secret(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    variables = {**KEYS, "AWS_SESSION_TOKEN": "t0ken", "HTTPS_PROXY": "http://me:passw0rd@127.0.0.1:3128"}
    with home(tmp_path, variables), pytest.raises(StepAside):
        find_access(Place("own"), Boto3Client(Place("own")))
    assert caplog.messages == [
        "botocore is asked how the place 'own' is reached: HTTPS_PROXY is set",
        "the fast engine leaves the place 'own' to botocore: there is a proxy",
    ]
    assert not any(secret in caplog.text for secret in (*KEYS.values(), "t0ken", "passw0rd"))


def test_a_mock_that_is_there_already(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with home(tmp_path, KEYS), moto.mock_aws(), pytest.raises(StepAside):
        find_access(Place(), Boto3Client())
    assert "moto" in caplog.text


def test_a_mock_that_comes_and_goes(tmp_path: Path) -> None:
    with home(tmp_path, KEYS):
        access = find_access(Place(), Boto3Client())
        before = access.credentials()
        with mock.patch(SEND), pytest.raises(StepAside):
            access.credentials()
        with moto.mock_aws(), pytest.raises(StepAside):
            access.credentials()
        assert access.credentials() == before


def test_an_open_place_notices_mocks_too(tmp_path: Path) -> None:
    place = Place("open", anonymous=True)
    with home(tmp_path, {}):
        access = find_access(place, Boto3Client(place))
        assert access.credentials() is None
        with moto.mock_aws(), pytest.raises(StepAside):
            access.credentials()


def test_a_mock_that_comes_later_gets_the_requests(tmp_path: Path) -> None:
    with home(tmp_path, KEYS):
        plain = Boto3Client()
        client = FastClient(plain, lambda: find_access(Place(), plain))
        assert client._takes("put_object", "IfMatch")  # the fast engine has found its way to AWS
        for _ in range(2):
            with moto.mock_aws():
                client.create_bucket("bucket")
                client.put("bucket", "key", b"bytes")
                assert client.get("bucket", "key").read() == b"bytes"
                assert [facts.key for page in client.pages("bucket") for facts in page.objects] == ["key"]
        assert client._reach() is client._reach()
