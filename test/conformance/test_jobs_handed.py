"""Jobs that are handed to other processes, on real servers: between two places, and when one of the processes dies."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path as LocalPath
from typing import Any

import pytest
from jobs import Bucket, finish, until
from servers import Server

from tfm import Path, __version__
from tfm.operations import Conflict, JobState, copy, move
from tfm.operations.placing import Place
from tfm.operations.remote import Batch, carry, packed

LARGE = os.urandom(1024) * 12 * 1024
"""Bytes of an object that goes in parts when it goes by a worker's own hands."""


@pytest.fixture
def there(s3_server: Server, s3: Any, bucket: str) -> Bucket:
    return Bucket(s3, bucket)


@pytest.fixture
def _other(s3_server: Server, tmp_path: LocalPath, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same server as another place: nothing can be copied inside of it."""
    (tmp_path / "config").write_text(f"[profile other]\nregion = us-east-1\nendpoint_url = {s3_server.endpoint}\n")
    keys = f"aws_access_key_id = {s3_server.key}\naws_secret_access_key = {s3_server.secret}\n"
    (tmp_path / "credentials").write_text(f"[other]\n{keys}")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


@pytest.fixture
def pool() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(2, get_context("spawn")) as made:
        yield made


def fill(there: Bucket, count: int) -> dict[str, bytes]:
    tree = {f"{number % 3}/{number:03}": b"bytes %d" % number for number in range(count)}
    for name, data in tree.items():
        there.put(f"from/{name}", data)
    return {f"to/from/{name}": data for name, data in tree.items()}


def files(there: Bucket, prefix: str) -> dict[str, bytes]:
    return {key: data for key, data in there.all().items() if key.startswith(prefix) and not key.endswith("/")}


@pytest.mark.parametrize("what", [copy, move])
def test_by_other_processes(what: Any, there: Bucket, pool: ProcessPoolExecutor) -> None:
    expected = fill(there, 60)
    job = finish(what([Path(f"s3://{there.name}/from")], Path(f"s3://{there.name}/to"), executor=pool))
    assert job.state is JobState.DONE, job.report
    assert files(there, "to/") == expected
    assert len(files(there, "from/")) == (60 if what is copy else 0)


@pytest.mark.usefixtures("_other")
def test_between_two_places_with_everything_that_is_stored(there: Bucket, pool: ProcessPoolExecutor) -> None:
    there.client.put_object(
        Bucket=there.name, Key="from/large", Body=LARGE, ContentType="image/x-odd", Metadata={"owner": "me"}
    )
    there.put("from/small", b"small")
    job = finish(move([Path(f"s3://{there.name}/from")], Path(f"s3://other@{there.name}/to"), executor=pool))
    assert job.state is JobState.DONE, job.report
    assert files(there, "") == {"to/from/large": LARGE, "to/from/small": b"small"}
    told = there.client.head_object(Bucket=there.name, Key="to/from/large")
    assert (told["ContentType"], told["Metadata"]) == ("image/x-odd", {"owner": "me"})
    assert there.uploads() == []


@pytest.mark.usefixtures("_other")
def test_what_went_in_parts_is_proved_when_it_is_carried_twice(there: Bucket) -> None:
    there.put("from/large", LARGE)
    there.put("from/changed", LARGE)
    source, target = Path(f"s3://{there.name}/from"), Path(f"s3://other@{there.name}/to")
    rows = [info for page in source.scan() for info in page]
    batch = packed(Batch([Place(source / info.name, info, target / info.name, None) for info in rows]))
    first = carry(__version__, batch)
    assert [fate.status for fate in first] == ["done", "done"]
    there.put("to/changed", LARGE[:-1] + b"!")
    assert carry(__version__, batch)[1] == first[1]
    assert carry(__version__, batch)[0].status == "changed"
    assert there.get("to/changed")[-1:] == b"!"
    assert there.uploads() == []


def test_a_process_that_is_killed_loses_nothing(there: Bucket) -> None:
    expected = fill(there, 300)
    source, target = Path(f"s3://{there.name}/from"), Path(f"s3://{there.name}/to")
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        victim = pool.submit(os.getpid).result()
        job = move([source], target, executor=pool)
        job.start()
        until(lambda: len(files_listed(there, "to/")) > 20)
        os.kill(victim, signal.SIGKILL)  # a pool of processes is of no use any more then
        assert job.wait(60)
    assert job.state is JobState.FAILED
    failed = [outcome for outcome in job.report if outcome.status == "failed" and outcome.target]
    assert failed
    left = {key.removeprefix("from/") for key in files_listed(there, "from/")}
    assert left | {key.removeprefix("to/from/") for key in files_listed(there, "to/")} == {
        key.removeprefix("to/from/") for key in expected
    }
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        again = finish(move([source], target, executor=pool, conflict=Conflict.OVERWRITE))
    assert again.state is JobState.DONE, again.report
    assert files(there, "to/") == expected
    assert files(there, "from/") == {}


def files_listed(there: Bucket, prefix: str) -> list[str]:
    return [key for key in there.listed() if key.startswith(prefix) and not key.endswith("/")]
