"""What every test gets: no way to the real AWS, a clean client pool and cache, and an S3 server of its own worker."""

from __future__ import annotations

import contextlib
import functools
import os
import pickle
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader
from capabilities import CAPABILITIES, lacks
from servers import RUNNING, VARIABLE, Server, as_told, empty, told

from tfm.demo.server import EmbeddedS3

pytest_plugins = ["tfm.testing.fixtures"]

NOWHERE = "http://127.0.0.1:9"
"""An endpoint where nothing listens: a test that forgot its server is refused at once."""


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Ask the extra servers what they can't do; the workers get the answers by the environment."""
    config.addinivalue_line("markers", "needs(*capabilities): what a server must be able to do for this case")
    servers = told(os.environ.get(VARIABLE, ""))
    if servers and not hasattr(config, "workerinput"):
        servers = [Server(each.name, each.endpoint, each.key, each.secret, lacks(each)) for each in servers]
        os.environ[VARIABLE] = as_told(servers)
    config.stash[RUNNING] = {server.name: server for server in servers}


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say what each server can't do, at the end of the run."""
    for server in config.stash[RUNNING].values():
        can = len(CAPABILITIES) - len(server.lacks)
        terminalreporter.section(f"{server.name} can do {can} of {len(CAPABILITIES)}")
        for name, instead in server.lacks.items():
            terminalreporter.write_line(f"{server.name} lacks {name}: {instead}.")


@pytest.fixture(scope="session", autouse=True)
def _no_way_out(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Point every AWS setting at nothing, and HOME at an empty directory, for the whole run."""
    home = tmp_path_factory.mktemp("home")
    nothing = home / "empty"
    nothing.touch()
    with pytest.MonkeyPatch.context() as patch:
        for name in [*os.environ]:
            if name.startswith(("AWS_", "BOTO_", "TFM_", "XDG_")) or name.lower().endswith("_proxy"):
                patch.delenv(name)
        settings = {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": NOWHERE,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": str(nothing),
            "AWS_SHARED_CREDENTIALS_FILE": str(nothing),
            "HOME": str(home),
        }
        for name, value in settings.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session", autouse=True)
def _models_are_read_once() -> Iterator[None]:
    """Parse botocore's models once for all the clients of this worker, which is half the time that one takes.

    Each client gets a copy, since moto changes its own.
    """
    read = JSONFileLoader.load_file
    known: dict[str, bytes] = {}

    def load(loader: JSONFileLoader, path: str) -> Any:
        if path not in known:
            known[path] = pickle.dumps(read(loader, path))
        return pickle.loads(known[path])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", load)
        yield


@pytest.fixture(scope="session")
def _moto(_no_way_out: None) -> Iterator[Server]:
    with EmbeddedS3.start() as server:
        yield Server("moto", server.endpoint)


@pytest.fixture
def s3_server(_moto: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The S3 server of this worker, one for all its tests, and the environment under which every client uses it."""
    for name, value in _moto.environment().items():
        monkeypatch.setenv(name, value)
    return _moto


@pytest.fixture(scope="session")
def plain_client(_no_way_out: None) -> Iterator[Callable[[Server], Any]]:
    """Gives the one plain boto3 client of a server: making one takes as long as a test."""
    with contextlib.ExitStack() as made:

        @functools.cache
        def client(server: Server) -> Any:
            return made.enter_context(contextlib.closing(server.client()))

        yield client


@pytest.fixture
def s3(s3_server: Server, plain_client: Callable[[Server], Any]) -> Any:
    """A plain boto3 client of the server: the independent means by which a test sets up and verifies."""
    return plain_client(s3_server)


@pytest.fixture
def bucket(s3: Any) -> Iterator[str]:
    """The name of a new, empty bucket, made by plain boto3 and removed with all that is in it."""
    name = f"test-{uuid.uuid4().hex[:16]}"
    s3.create_bucket(Bucket=name)
    yield name
    empty(s3, name)
    s3.delete_bucket(Bucket=name)


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return Path(__file__).resolve().parent.parent
