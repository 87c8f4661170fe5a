"""`--cluster`: jobs whose bytes the workers of a Dask cluster move, each a process of its own on loopback."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from dask_cluster import DaskCluster
from servers import Server, empty

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")


@pytest.fixture(scope="module")
def cluster(_moto: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with DaskCluster(tmp_path_factory.mktemp("cluster"), _moto.environment()) as running:
        yield running


class Buckets:
    """Two buckets, filled and seen by plain boto3."""

    def __init__(self, client: Any, name: str) -> None:
        self.client = client
        self.source, self.target = name, f"{name}-target"
        client.create_bucket(Bucket=self.target)

    def fill(self, count: int) -> dict[str, str]:
        """Put objects into the source; gives their ETags by key, which are the MD5 of their bytes."""
        objects = {f"data/{number % 7}/{number:05}": b"the bytes of %d" % number for number in range(count)}
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda key: self.client.put_object(Bucket=self.source, Key=key, Body=objects[key]), objects))
        return {key: f'"{hashlib.md5(data).hexdigest()}"' for key, data in objects.items()}

    def listed(self, bucket: str) -> dict[str, str]:
        """Every object's ETag, by key; markers of directories are none."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        rows = [row for page in pages for row in page.get("Contents", [])]
        return {row["Key"]: row["ETag"] for row in rows if not row["Key"].endswith("/")}


@pytest.fixture
def buckets(s3: Any, bucket: str) -> Iterator[Buckets]:
    made = Buckets(s3, bucket)
    yield made
    empty(s3, made.target)
    s3.delete_bucket(Bucket=made.target)


def tfm(*arguments: str, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tfm", *arguments],
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=100)
    return process.returncode, out, err


def half_way(buckets: Buckets, process: subprocess.Popen[str], count: int) -> None:
    """Wait until some of it is done."""
    end = time.monotonic() + 60
    while len(buckets.listed(buckets.target)) < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize(("verb", "count"), [("cp", 2000), ("mv", 400)])
def test_nothing_is_lost_when_a_worker_is_killed(verb: str, count: int, cluster: DaskCluster, buckets: Buckets) -> None:
    expected = buckets.fill(count)
    process = tfm(verb, "-r", "--cluster", cluster.address, f"s3://{buckets.source}/data", f"s3://{buckets.target}/")
    half_way(buckets, process, count // 2)
    cluster.kill()
    assert ended(process) == (0, "", "")
    assert buckets.listed(buckets.target) == expected
    assert buckets.listed(buckets.source) == (expected if verb == "cp" else {})
    cluster.add()


def test_a_sync(cluster: DaskCluster, buckets: Buckets) -> None:
    expected = buckets.fill(60)
    buckets.client.put_object(Bucket=buckets.target, Key="data/0/00000", Body=b"older")
    buckets.client.put_object(Bucket=buckets.target, Key="data/gone", Body=b"")
    trees = (f"s3://{buckets.source}/data", f"s3://{buckets.target}/data")
    assert ended(tfm("sync", "--delete", "--cluster", cluster.address, *trees)) == (0, "", "")
    assert buckets.listed(buckets.target) == expected


def test_ctrl_c_stops_within_a_batch(cluster: DaskCluster, buckets: Buckets) -> None:
    expected = buckets.fill(800)
    arguments = ("-r", "--cluster", cluster.address, f"s3://{buckets.source}/data", f"s3://{buckets.target}/")
    process = tfm("cp", *arguments)
    half_way(buckets, process, 100)
    process.send_signal(signal.SIGINT)
    code, _, err = ended(process)
    assert code == 130
    assert "Stopped" in err
    assert "Traceback" not in err
    before, now = -1, 0
    while before != now:  # what is begun is ended, and nothing else is begun
        time.sleep(1)
        before, now = now, len(buckets.listed(buckets.target))
    found = buckets.listed(buckets.target)
    assert len(found) < 800
    assert found.items() <= expected.items()
    assert ended(tfm("cp", "--conflict", "size-differs", *arguments))[0] == 0
    assert buckets.listed(buckets.target) == expected


def test_a_worker_that_does_not_know_the_place_says_so(
    cluster: DaskCluster, buckets: Buckets, s3_server: Server, tmp_path: Path
) -> None:
    buckets.fill(3)
    (tmp_path / "config").write_text(f"[profile only-here]\nregion = us-east-1\nendpoint_url = {s3_server.endpoint}\n")
    (tmp_path / "credentials").write_text("[only-here]\naws_access_key_id = demo\naws_secret_access_key = demo\n")
    source, target = f"s3://only-here@{buckets.source}/data", f"s3://only-here@{buckets.target}/"
    files = {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials")}
    code, _, err = ended(tfm("cp", "-r", "--cluster", cluster.address, source, target, **files))
    assert code == 1
    lines = [line for line in err.splitlines() if "no AWS profile is named 'only-here'" in line]
    assert len(lines) == 3
    assert all("(worker " in line for line in lines)
    assert buckets.listed(buckets.target) == {}


def test_what_can_not_be_handed_out_is_refused(cluster: DaskCluster, buckets: Buckets, tmp_path: Path) -> None:
    buckets.fill(1)
    source = f"s3://{buckets.source}/data"
    for arguments, why in (
        (("cp", "-r", source, str(tmp_path)), "on a disk of this machine"),
        (("cp", "-r", "--limit-rate", "1M", source, f"s3://{buckets.target}/"), "how fast the others are"),
        (("cp", "-", f"s3://{buckets.target}/x"), "With -"),
    ):
        code, _, err = ended(tfm(arguments[0], "--cluster", cluster.address, *arguments[1:]))
        assert (code, why in err) == (2, True), err
    assert not list(tmp_path.iterdir())


def test_a_worker_of_another_version_is_refused(
    s3_server: Server, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (tmp_path / "sitecustomize.py").write_text("import tfm\ntfm.__version__ = '99.1'\n")
    with DaskCluster(tmp_path_factory.mktemp("other"), s3_server.environment(), workers=0) as other:
        code, _, err = ended(tfm("cp", "-r", "--cluster", other.address, "s3://a/b", "s3://c/"))
        assert (code, "has no workers" in err) == (2, True), err
        other.add(PYTHONPATH=str(tmp_path))
        code, _, err = ended(tfm("cp", "-r", "--cluster", other.address, "s3://a/b", "s3://c/"))
    assert (code, "runs tfm 99.1" in err) == (2, True), err


def test_an_address_at_which_no_scheduler_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    from tfm.operations import cluster as module

    monkeypatch.setattr(module, "PATIENCE", 0.2)
    for address, why in (
        ("tcp://127.0.0.1:9", "No scheduler answers"),
        ("127.0.0.1", "is no address"),
        ("s3://bucket", "is no address"),
        ("tls://127.0.0.1:9", "needs certificates"),
    ):
        with pytest.raises(module.ClusterError, match=why), module.cluster(address):
            pass


def test_without_the_extra_it_says_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from tfm.operations.cluster import ClusterError
    from tfm.operations.cluster import cluster as entered

    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match="pip install distributed"), entered("tcp://127.0.0.1:9"):
        pass
