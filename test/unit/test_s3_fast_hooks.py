"""Who hooked botocore: mocks, tracing and tests are noticed before each request, and nothing else is."""

from __future__ import annotations

import functools
import subprocess
import sys
from typing import Any
from unittest import mock

import boto3
import botocore
import moto
import pytest
from botocore import handlers
from botocore.client import BaseClient

from tfm.s3.client import Boto3Client
from tfm.s3.fast.hooks import foreign, handlers_of, hooked
from tfm.s3.protocol import Place


def test_nobody() -> None:
    assert hooked() == ""
    client = Boto3Client(Place(region="eu-west-1")).sdk()
    assert hooked() == ""
    found = list(handlers_of(client.meta.events))
    assert len(found) > 100
    assert [name for name in map(foreign, found) if name] == []


def test_moto_counts_while_it_is_active() -> None:
    with moto.mock_aws():
        assert "moto" in hooked()
        with moto.mock_aws():
            assert hooked()
        assert hooked()
    assert hooked() == ""


@pytest.mark.parametrize(
    "target",
    [
        "botocore.client.BaseClient._make_api_call",
        "botocore.client.BaseClient",
        "botocore.endpoint.Endpoint._send",
        "botocore.endpoint.Endpoint.make_request",
        "botocore.httpsession.URLLib3Session.send",
        "botocore.session.Session.create_client",
        "botocore.session.Session.get_credentials",
        "botocore.awsrequest.AWSHTTPSConnection",
        "boto3.session.Session.client",
        "urllib3.connectionpool.HTTPConnectionPool.urlopen",
    ],
)
def test_a_mock_in_the_place_of_a_method(target: str) -> None:
    assert hooked() == ""
    with mock.patch(target):
        assert "is replaced" in hooked()
    assert hooked() == ""


def test_a_tracer_that_looks_like_what_it_wraps(monkeypatch: pytest.MonkeyPatch) -> None:
    original = BaseClient._make_api_call

    @functools.wraps(original)
    def traced(self: Any, *args: Any) -> Any:
        return original(self, *args)

    assert traced.__module__ == "botocore.client"
    monkeypatch.setattr(BaseClient, "_make_api_call", traced)
    assert hooked() == "BaseClient._make_api_call of botocore.client is replaced"


@pytest.mark.parametrize("handler", [lambda **_: None, mock.Mock(), type("Own", (), {"see": print})().see])
def test_a_handler_for_every_new_client(handler: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "BUILTIN_HANDLERS", [*handlers.BUILTIN_HANDLERS, ("before-send", handler)])
    assert hooked().endswith("handles events of botocore")


def test_an_initializer_of_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore, "_INITIALIZERS", [print])
    assert "initializer" in hooked()


def test_a_handler_of_one_client() -> None:
    client = boto3.client("s3", region_name="eu-west-1")

    def seen(**_: Any) -> None:
        """Look at a request."""

    client.meta.events.register("before-send.s3.*", seen)
    names = [name for name in map(foreign, handlers_of(client.meta.events)) if name]
    assert names == ["test_s3_fast_hooks handles events of botocore"]


def test_what_is_imported_later_is_looked_at() -> None:
    code = (
        "from tfm.s3.fast.hooks import hooked; from unittest import mock; assert not hooked();"
        "import botocore.client; assert not hooked();"
        "patch = mock.patch('botocore.client.BaseClient._make_api_call'); patch.start(); assert hooked();"
        "patch.stop(); import boto3.session; assert not hooked();"
        "patch = mock.patch('boto3.session.Session.client'); patch.start(); print(hooked())"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "Session.client of boto3.session is replaced\n"


def test_nothing_is_imported_and_waiting_tracers_are_told() -> None:
    code = (
        "import sys, types; from tfm.s3.fast.hooks import hooked; print(repr(hooked()));"
        "sys.modules['ddtrace'] = types.ModuleType('ddtrace'); print(hooked()); print('botocore' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines() == ["''", "ddtrace waits for botocore to be imported", "False"]
