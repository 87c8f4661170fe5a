"""Places: one client each for the whole process, one cache, and a clear word about a place that is none."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

import tfm
from tfm.errors import S3AuthError, SettingsError
from tfm.s3 import places
from tfm.s3.cache import S3Cache
from tfm.s3.caching import CachingClient
from tfm.s3.protocol import Place
from tfm.testing import MemoryS3


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    file = tmp_path / "config"
    file.write_text("[profile minio]\nregion = eu-west-1\nendpoint_url = http://127.0.0.1:9\n[profile work]\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    return file


def test_the_default_place_is_the_environments() -> None:
    assert places.place() == Place()
    assert places.place("") == Place(name="", profile=None)


def test_a_named_place_is_a_profile(config: Path) -> None:
    assert places.place("minio") == Place(name="minio", profile="minio")
    assert places.client_for("minio").place.name == "minio"


def test_an_unknown_place_names_the_known_ones(config: Path) -> None:
    words = r"no AWS profile is named 'nope'.*minio, work.*aws configure --profile nope"
    with pytest.raises(S3AuthError, match=words) as caught:
        places.client_for("nope")
    assert (caught.value.filename, caught.value.code) == ("s3://nope@", "ProfileNotFound")
    config.write_text("")
    with pytest.raises(S3AuthError, match="there are none"):
        places.place("nope")


def test_one_client_for_each_place(config: Path) -> None:
    assert places.client_for() is places.client_for("")
    assert places.client_for("minio") is places.client_for("minio")
    assert places.client_for("minio") is not places.client_for("work")
    assert isinstance(places.client_for(), CachingClient)


def test_threads_get_the_same_client() -> None:
    found = set()
    barrier = threading.Barrier(8)

    def work() -> None:
        barrier.wait(10)
        found.add(id(places.client_for()))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(found) == 1


def test_another_client_in_a_place_until_reset() -> None:
    before = places.client_for()
    places.get_s3_cache().put("head", "b", "k", 1)
    memory = MemoryS3()
    places.use_client("", memory)
    assert places.client_for() is memory
    assert places.get_s3_cache().get("head", "b", "k") is None
    places.use_client("any-name", memory)
    assert places.client_for("any-name") is memory
    places.reset()
    assert places.client_for() is not memory
    assert places.client_for() is not before


def test_after_reset_the_environment_counts_anew(
    s3_server: object, s3: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    places.client_for().list_buckets()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    places.client_for().list_buckets()
    places.reset()
    with pytest.raises(S3AuthError, match="no credentials"):
        places.client_for().list_buckets()


def test_reset_counts_from_nothing() -> None:
    cache = places.get_s3_cache()
    cache.put("head", "b", "k", 1)
    cache.get("head", "b", "k")
    cache.get("head", "b", "l")
    places.reset()
    assert places.get_s3_cache() is not cache
    stats = places.get_s3_cache_stats()
    assert (stats["total_entries"], stats["hits"], stats["misses"]) == (0, 0, 0)


def test_the_public_functions_of_the_cache() -> None:
    tfm.configure_s3_cache(ttl=120, max_entries=2000)
    stats = tfm.get_s3_cache_stats()
    assert (stats["default_ttl"], stats["max_entries"], stats["max_bytes"]) == (120, 2000, 64 * 1024 * 1024)
    cache = tfm.get_s3_cache()
    assert isinstance(cache, S3Cache)
    cache.put("head", "b", "k", 1)
    tfm.clear_s3_cache()
    assert cache.get("head", "b", "k") is None
    with pytest.raises(ValueError, match="-1"):
        tfm.configure_s3_cache(ttl=-1)
    places.reset()
    assert tfm.get_s3_cache_stats()["default_ttl"] == 60


def test_paths_share_the_cache_and_writes_are_seen(bucket: str) -> None:
    path = tfm.Path(f"s3://{bucket}/d/k")
    assert not path.exists()
    misses = tfm.get_s3_cache_stats()["misses"]
    assert not tfm.Path(f"s3://{bucket}/d/k").exists()
    assert tfm.get_s3_cache_stats()["misses"] == misses
    path.write_bytes(b"x")
    assert tfm.Path(f"s3://{bucket}/d/k").exists()
    assert tfm.Path(f"s3://{bucket}/d").is_dir()
    with tfm.fresh():
        assert path.exists()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_process_begins_anew(bucket: str) -> None:
    places.client_for().put(bucket, "k", b"x")
    memory = MemoryS3()
    places.use_client("given", memory)
    parents = places.client_for(), places.get_s3_cache()
    holding = threading.Event()
    done = threading.Event()

    def hold() -> None:
        with places._lock, parents[1]._lock:
            holding.set()
            done.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    holding.wait(10)
    child = os.fork()
    if child == 0:
        try:
            client = places.client_for()
            good = client is not parents[0] and places.get_s3_cache() is not parents[1]
            good = good and client.head(bucket, "k").size == 1 and places.client_for("given") is memory
        finally:
            os._exit(0 if good else 1)
    done.set()
    thread.join(10)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert places.client_for() is parents[0]


def test_who_sends_the_requests(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TFM_S3_ENGINE", raising=False)
    file = tmp_path / "config.toml"
    monkeypatch.setenv("TFM_CONFIG", str(file))
    assert places.engine_of() == "auto"
    file.write_text('[s3]\nengine = "boto3"\n[places.own]\nengine = "auto"\n[places.other]\nregion = "x"\n')
    names = ("", "own", "other", "nobody")
    assert [places.engine_of(name) for name in names] == ["boto3", "auto", "boto3", "boto3"]
    for engine in ("auto", "boto3"):
        monkeypatch.setenv("TFM_S3_ENGINE", engine)
        assert [places.engine_of(name) for name in names] == [engine] * 4
    for wrong in ("", "fast"):
        monkeypatch.setenv("TFM_S3_ENGINE", wrong)
        for name in names:
            with pytest.raises(SettingsError, match="TFM_S3_ENGINE: it must be one of auto, boto3"):
                places.engine_of(name)


def test_a_broken_file_leaves_the_default_place_to_boto3(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TFM_S3_ENGINE", raising=False)
    file = tmp_path / "config.toml"
    file.write_text("[s3\nengine = 'auto'")
    monkeypatch.setenv("TFM_CONFIG", str(file))
    assert places.engine_of() == "boto3"
    with pytest.raises(SettingsError, match="not valid TOML"):
        places.engine_of("own")
    monkeypatch.setenv("TFM_S3_ENGINE", "auto")
    assert places.engine_of() == "auto"
