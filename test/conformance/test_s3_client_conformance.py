"""The same cases on every S3 client: boto3 and the fast one on servers, S3 in memory; bare and with the cache."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from servers import RUNNING, Server

from tfm.errors import (
    S3AuthError,
    S3BaseError,
    S3ChangedError,
    S3ExistsError,
    S3GenericError,
    S3NotEmptyError,
    S3NotFoundError,
)
from tfm.s3.cache import S3Cache
from tfm.s3.caching import CachingClient
from tfm.s3.client import Boto3Client
from tfm.s3.fast.access import Access, Credentials
from tfm.s3.fast.client import FastClient
from tfm.s3.protocol import Place, Probe, S3Client, WriteOptions
from tfm.testing import MemoryS3, WrappingClient

MIB = 1024 * 1024


KINDS = ["moto", "moto-fast", "moto-cached", "mock_aws", "memory", "memory-cached", "memory-wrapped"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the cases on every client, also of the servers that this run is given."""
    if "client" in metafunc.fixturenames:
        extra = [name + around for name in metafunc.config.stash[RUNNING] for around in ("", "-fast", "-cached")]
        metafunc.parametrize("client", [*KINDS, *extra], indirect=True)


@pytest.fixture
def client(request: pytest.FixtureRequest, use_server: Callable[[str], Server]) -> S3Client:
    kind, _, around = request.param.partition("-")
    if kind == "memory":
        bare: S3Client = MemoryS3()
    elif kind == "mock_aws":
        request.getfixturevalue("tfm_moto")
        bare = Boto3Client()
    else:
        bare = Boto3Client()
        server = use_server(kind)
        if around == "fast":
            credentials = Credentials(server.key, server.secret)
            return FastClient(bare, lambda: Access(server.endpoint, "us-east-1", False, lambda: credentials))
    if around == "cached":
        return CachingClient(bare, S3Cache())
    return WrappingClient(bare) if around == "wrapped" else bare


@pytest.fixture
def here(client: S3Client) -> Iterator[str]:
    """A bucket of the client's own making."""
    name = f"conform-{uuid.uuid4().hex[:12]}"
    client.create_bucket(name)
    yield name
    keys = [facts.key for page in client.pages(name, delimiter="") for facts in page.objects]
    for at in range(0, len(keys), 1000):
        assert client.delete_many(name, keys[at : at + 1000]) == {}
    client.delete_bucket(name)


def md5(data: bytes) -> str:
    return f'"{hashlib.md5(data).hexdigest()}"'


def keys_of(client: S3Client, bucket: str, prefix: str = "", **more: Any) -> list[str]:
    return [facts.key for page in client.pages(bucket, prefix, **more) for facts in page.objects]


# Buckets


def test_buckets_are_made_listed_and_removed(client: S3Client, here: str) -> None:
    listed = {bucket.name: bucket.created for bucket in client.list_buckets()}
    assert listed[here] is not None
    assert listed[here] > 1_500_000_000
    client.head_bucket(here)
    with pytest.raises(S3ExistsError) as caught:
        client.create_bucket(here)
    assert caught.value.bucket == here
    client.put(here, "k", b"")
    with pytest.raises(S3NotEmptyError):
        client.delete_bucket(here)
    client.delete(here, "k")
    client.delete_bucket(here)
    with pytest.raises(S3NotFoundError) as missing:
        client.head_bucket(here)
    assert missing.value.code == "NoSuchBucket"
    assert here not in {bucket.name for bucket in client.list_buckets()}
    client.create_bucket(here)


def test_a_missing_bucket_is_named(client: S3Client) -> None:
    for ask in (
        lambda: client.probe("no-such-bucket", "k"),
        lambda: client.probe("no-such-bucket", ""),
        lambda: client.pages("no-such-bucket"),
        lambda: client.get("no-such-bucket", "k"),
        lambda: client.put("no-such-bucket", "k", b""),
        lambda: client.delete("no-such-bucket", "k"),
        lambda: client.delete_bucket("no-such-bucket"),
        lambda: client.create_upload("no-such-bucket", "k"),
    ):
        with pytest.raises(S3NotFoundError) as caught:
            ask()
        assert caught.value.code == "NoSuchBucket"
        assert caught.value.bucket == "no-such-bucket"
        assert str(caught.value.filename).startswith("s3://no-such-bucket")


# Names


def test_probe_tells_object_and_directory(client: S3Client, here: str) -> None:
    for key in ("file", "both", "both/below", "dir/below", "marked/", "dir-1", "dir.txt", "dira"):
        client.put(here, key, key.encode())
    file = client.probe(here, "file")
    assert file.facts is not None
    assert (file.facts.key, file.facts.size, file.facts.etag, file.below) == ("file", 4, md5(b"file"), False)
    both = client.probe(here, "both")
    assert both.facts is not None
    assert both.below
    assert client.probe(here, "dir") == Probe(None, True)
    assert client.probe(here, "marked") == Probe(None, True)
    assert client.probe(here, "di") == Probe(None, False)
    assert client.probe(here, "missing") == Probe(None, False)
    assert client.probe(here, "") == Probe(None, True)
    marker = client.probe(here, "marked/")
    assert marker.facts is not None
    assert not marker.below


def test_probe_looks_past_many_neighbours(client: S3Client, here: str) -> None:
    for number in range(120):
        client.put(here, f"d-{number:03}", b"")
    assert client.probe(here, "d") == Probe(None, False)
    client.put(here, "d/below", b"")
    assert client.probe(here, "d") == Probe(None, True)
    client.put(here, "d", b"x")
    found = client.probe(here, "d")
    assert found.below
    assert found.facts is not None
    client.delete(here, "d/below")
    assert not client.probe(here, "d").below


@pytest.mark.needs("flat_namespace")
def test_what_was_written_is_seen_at_once(client: S3Client, here: str) -> None:
    assert client.probe(here, "a/b/c") == Probe(None, False)
    assert client.probe(here, "a") == Probe(None, False)
    assert keys_of(client, here, "a/", delimiter="") == []
    client.put(here, "a/b/c", b"1")
    assert client.probe(here, "a") == Probe(None, True)
    assert keys_of(client, here, "a/", delimiter="") == ["a/b/c"]
    assert client.head(here, "a/b/c").size == 1
    client.put(here, "a/b/c", b"22")
    assert client.head(here, "a/b/c").size == 2
    found = client.probe(here, "a/b/c").facts
    assert found is not None
    assert found.size == 2
    client.copy((here, "a/b/c"), here, "a/d")
    assert keys_of(client, here, "a/", delimiter="") == ["a/b/c", "a/d"]
    assert client.delete_many(here, ["a/b/c", "a/d"]) == {}
    assert client.probe(here, "a") == Probe(None, False)
    with pytest.raises(S3NotFoundError):
        client.head(here, "a/b/c")


# Listings


@pytest.mark.needs("byte_order")
def test_listing_by_delimiter_and_flat(client: S3Client, here: str) -> None:
    for key in ("b", "a/1", "a/2/x", "a/2/y", "a.txt", "a/", "é/ü"):
        client.put(here, key, b"12345")
    top = list(client.pages(here))
    assert [facts.key for page in top for facts in page.objects] == ["a.txt", "b"]
    assert [prefix for page in top for prefix in page.prefixes] == ["a/", "é/"]
    assert top[-1].token is None
    below = list(client.pages(here, "a/"))
    assert [facts.key for page in below for facts in page.objects] == ["a/", "a/1"]
    assert [prefix for page in below for prefix in page.prefixes] == ["a/2/"]
    assert keys_of(client, here, delimiter="") == ["a.txt", "a/", "a/1", "a/2/x", "a/2/y", "b", "é/ü"]
    assert keys_of(client, here, "a/2", delimiter="") == ["a/2/x", "a/2/y"]
    assert keys_of(client, here, delimiter="", start_after="a/2/x") == ["a/2/y", "b", "é/ü"]
    assert keys_of(client, here, "zzz") == []
    facts = top[0].objects[0]
    assert (facts.size, facts.etag, facts.storage_class) == (5, md5(b"12345"), "STANDARD")
    assert facts.mtime > 1_500_000_000


def test_a_listing_of_many_pages_is_whole_and_can_be_left(
    client: S3Client, here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = [f"k{number:02}" for number in range(25)]
    for key in [*wanted, *(f"d{number:02}/x" for number in range(11))]:
        client.put(here, key, b"")
    with monkeypatch.context() as patch:
        patch.setattr("tfm.s3.verbs.PAGE_SIZE", 10)
        left = client.pages(here, "k", delimiter="")
        assert [facts.key for facts in next(left).objects] == wanted[:10]
        left.close()  # type: ignore[attr-defined]
        for _ in range(2):
            pages = list(client.pages(here))
            assert [len(page.objects) + len(page.prefixes) for page in pages] == [10, 10, 10, 6]
            assert [facts.key for page in pages for facts in page.objects] == wanted
            assert [prefix for page in pages for prefix in page.prefixes] == [f"d{number:02}/" for number in range(11)]
            assert [page.token is None for page in pages] == [False, False, False, True]


@pytest.mark.parametrize(
    "key",
    [
        "a b+c%20&<>\"'",
        "%2F",
        pytest.param("..", marks=pytest.mark.needs("dot_segments")),
        pytest.param(".", marks=pytest.mark.needs("dot_segments")),
        pytest.param("a//b", marks=pytest.mark.needs("empty_segments")),
        pytest.param("/a", marks=pytest.mark.needs("empty_segments")),
        "a?b#c",
        "ctl\x01\x1f",
        "tab\tx",
        "é/漢字/🙂",
        "a\u2028b",
        "~*()!",
    ],
)
def test_odd_keys_survive(client: S3Client, here: str, key: str) -> None:
    client.put(here, key, b"odd")
    assert keys_of(client, here, delimiter="") == [key]
    facts = client.probe(here, key).facts
    assert facts is not None
    assert facts.key == key
    assert client.head(here, key).size == 3
    assert client.get(here, key).read() == b"odd"
    client.copy((here, key), here, key + "2")
    assert client.delete_many(here, [key, key + "2"]) == {}
    assert keys_of(client, here, delimiter="") == []


# Reading


def test_head_and_get_tell_all(client: S3Client, here: str) -> None:
    client.put(here, "k", b"0123456789", WriteOptions(content_type="text/plain", metadata={"colour": "red"}))
    head = client.head(here, "k")
    assert (head.key, head.size, head.etag, head.content_type) == ("k", 10, md5(b"0123456789"), "text/plain")
    assert dict(head.metadata or {}) == {"colour": "red"}
    body = client.get(here, "k")
    assert body.facts == head
    assert body.read(0) == b""
    assert body.read(3) == b"012"
    assert body.read() == b"3456789"
    assert body.read() == b""
    assert body.read(5) == b""
    body.close()


@pytest.mark.parametrize(
    ("start", "stop", "wanted"),
    [(0, 4, b"0123"), (3, None, b"3456789"), (3, 4, b"3"), (9, 99, b"9"), (10, None, b""), (99, 120, b""), (4, 4, b"")],
)
def test_ranges(client: S3Client, here: str, start: int, stop: int | None, wanted: bytes) -> None:
    client.put(here, "k", b"0123456789")
    body = client.get(here, "k", start=start, stop=stop)
    assert body.read() == wanted
    assert body.facts.size == 10
    body.close()


def test_a_range_of_an_empty_object_is_empty(client: S3Client, here: str) -> None:
    client.put(here, "k", b"")
    for start, stop in ((0, None), (0, 10), (5, None)):
        body = client.get(here, "k", start=start, stop=stop)
        assert body.read() == b""
        assert body.facts.size == 0


def test_missing_objects(client: S3Client, here: str) -> None:
    with pytest.raises(S3NotFoundError) as caught:
        client.get(here, "k/x")
    assert (caught.value.code, caught.value.key, caught.value.status) == ("NoSuchKey", "k/x", 404)
    assert caught.value.filename == f"s3://{here}/k/x"
    for _ in range(2):
        with pytest.raises(S3NotFoundError) as missing:
            client.head(here, "k/x")
        assert (missing.value.bucket, missing.value.key, missing.value.status) == (here, "k/x", 404)
    with pytest.raises(S3NotFoundError) as source:
        client.copy((here, "k/x"), here, "new")
    assert source.value.key == "k/x"
    client.delete(here, "k/x")


def test_get_keeps_to_the_etag(client: S3Client, here: str) -> None:
    etag = client.put(here, "k", b"one").etag
    assert client.get(here, "k", if_match=etag).read() == b"one"
    client.put(here, "k", b"two")
    with pytest.raises(S3ChangedError):
        client.get(here, "k", if_match=etag)
    with pytest.raises(S3ChangedError):
        client.get(here, "k", start=99, if_match=etag)


# Writing


def test_conditional_writes(client: S3Client, here: str) -> None:
    new = WriteOptions(if_none_match=True)
    first = client.put(here, "k", b"one", new)
    assert (first.size, first.etag) == (3, md5(b"one"))
    with pytest.raises(S3ExistsError) as caught:
        client.put(here, "k", b"two", new)
    assert (caught.value.key, caught.value.status) == ("k", 412)
    client.put(here, "k", b"two", WriteOptions(if_match=first.etag))
    with pytest.raises(S3ChangedError):
        client.put(here, "k", b"three", WriteOptions(if_match=first.etag))
    assert client.get(here, "k").read() == b"two"


def test_bytes_can_be_a_view(client: S3Client, here: str) -> None:
    client.put(here, "k", memoryview(bytearray(b"-view-"))[1:5])
    assert client.get(here, "k").read() == b"view"


def test_copy_keeps_metadata(client: S3Client, here: str) -> None:
    client.put(here, "a", b"bytes", WriteOptions(content_type="text/css", metadata={"x": "1"}))
    copied = client.copy((here, "a"), here, "b/c")
    assert (copied.key, copied.etag, copied.size) == ("b/c", md5(b"bytes"), -1)
    head = client.head(here, "b/c")
    assert (head.content_type, dict(head.metadata or {}), head.size) == ("text/css", {"x": "1"}, 5)


def test_copy_onto_itself_changes_only_the_time(client: S3Client, here: str) -> None:
    client.put(here, "a", b"bytes", WriteOptions(content_type="text/css", metadata={"x": "1"}))
    before = client.head(here, "a")
    client.copy((here, "a"), here, "a")
    after = client.head(here, "a")
    assert after._replace(mtime=0) == before._replace(mtime=0)
    assert after.mtime >= before.mtime
    assert client.get(here, "a").read() == b"bytes"


def test_delete_many_is_exact(client: S3Client, here: str) -> None:
    for key in ("d/1", "d/2", "d2/1", "d.txt", "ctl\x02"):
        client.put(here, key, b"")
    assert client.delete_many(here, ["d/1", "d/2", "missing", "ctl\x02", "d/1"]) == {}
    assert keys_of(client, here, delimiter="") == ["d.txt", "d2/1"]
    assert client.delete_many(here, []) == {}
    with pytest.raises(ValueError, match="1000"):
        client.delete_many(here, [str(number) for number in range(1001)])


# Multipart uploads


def test_multipart_upload(client: S3Client, here: str) -> None:
    big = bytes(range(256)) * (5 * MIB // 256)
    client.put(here, "source", b"0123456789")
    options = WriteOptions(content_type="text/plain", metadata={"x": "1"})
    upload = client.create_upload(here, "d/k", options)
    etags = [client.upload_part(here, "d/k", upload, 1, memoryview(big))]
    etags.append(client.copy_part((here, "source"), 2, 5, here, "d/k", upload, 2))
    assert etags[0] == md5(big)
    assert client.probe(here, "d") == Probe(None, False)
    client.complete_upload(here, "d/k", upload, etags, options)
    assert client.probe(here, "d") == Probe(None, True)
    head = client.head(here, "d/k")
    assert (head.size, head.content_type, dict(head.metadata or {})) == (5 * MIB + 3, "text/plain", {"x": "1"})
    assert head.etag.endswith('-2"')
    assert client.get(here, "d/k", start=5 * MIB - 1).read() == b"\xff234"
    client.abort_upload(here, "d/k", upload)


def test_conditional_completion(client: S3Client, here: str) -> None:
    client.put(here, "k", b"old")
    upload = client.create_upload(here, "k")
    etag = client.upload_part(here, "k", upload, 1, b"new")
    with pytest.raises(S3ExistsError):
        client.complete_upload(here, "k", upload, [etag], WriteOptions(if_none_match=True))
    client.abort_upload(here, "k", upload)
    client.abort_upload(here, "k", upload)
    assert client.get(here, "k").read() == b"old"


@pytest.mark.needs("checked_parts")
def test_an_upload_with_wrong_parts_makes_nothing(client: S3Client, here: str) -> None:
    upload = client.create_upload(here, "k")
    client.upload_part(here, "k", upload, 1, b"x")
    with pytest.raises(S3GenericError) as caught:
        client.complete_upload(here, "k", upload, [md5(b"other")])
    assert caught.value.code == "InvalidPart"
    small = client.upload_part(here, "k", upload, 2, b"y")
    with pytest.raises(S3GenericError) as tiny:
        client.complete_upload(here, "k", upload, [md5(b"x"), small])
    assert tiny.value.code == "EntityTooSmall"
    client.abort_upload(here, "k", upload)
    assert keys_of(client, here) == []


# Everything else


def test_any_other_operation(client: S3Client, here: str) -> None:
    assert client.call("get_bucket_versioning", Bucket=here).get("Status") is None
    client.call("put_object", Bucket=here, Key="k", Body=b"x")
    listed = client.call("list_objects_v2", Bucket=here, Prefix="", Delimiter="/")
    assert [(row["Key"], row["Size"], row["ETag"]) for row in listed["Contents"]] == [("k", 1, md5(b"x"))]
    assert client.call("head_object", Bucket=here, Key="k")["ContentLength"] == 1
    body = client.call("get_object", Bucket=here, Key="k")["Body"]
    assert body.read() == b"x"
    client.call("delete_object", Bucket=here, Key="k")
    assert "Contents" not in client.call("list_objects_v2", Bucket=here, Prefix="", Delimiter="/")
    with pytest.raises(ValueError, match="no operation of S3"):
        client.call("make_coffee", Bucket=here)


def test_what_is_forgotten_is_asked_again(client: S3Client, here: str) -> None:
    client.put(here, "k", b"")
    for bucket, key in ((here, "k"), (here, ""), ("", "")):
        client.forget(bucket, key)
        assert client.probe(here, "k").facts is not None


@pytest.mark.parametrize("kind", ["boto3", "memory"])
def test_a_read_only_place_refuses_every_write(kind: str, request: pytest.FixtureRequest) -> None:
    place = Place("safe", read_only=True)
    if kind == "boto3":
        request.getfixturevalue("s3_server")
    client: S3Client = Boto3Client(place) if kind == "boto3" else MemoryS3(place)
    writes = [
        lambda: client.create_bucket("new-bucket"),
        lambda: client.delete_bucket("b"),
        lambda: client.put("b", "k", b""),
        lambda: client.copy(("b", "k"), "b", "l"),
        lambda: client.delete("b", "k"),
        lambda: client.create_upload("b", "k"),
        lambda: client.call("put_object", Bucket="b", Key="k"),
    ]
    for write in writes:
        with pytest.raises(S3AuthError, match="read-only") as caught:
            write()
        assert caught.value.filename is not None
        assert caught.value.filename.startswith("s3://safe@")
    with pytest.raises(S3AuthError, match="read-only"):
        client.delete_many("b", ["k"])
    assert "new-bucket" not in {bucket.name for bucket in client.list_buckets()}


def test_too_long_a_key_is_refused_in_words() -> None:
    client = MemoryS3()
    client.create_bucket("bbb")
    with pytest.raises(S3BaseError, match="larger, smaller or more than S3 allows"):
        client.put("bbb", "k" * 1025, b"")
