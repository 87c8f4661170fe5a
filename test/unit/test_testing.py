"""The public helpers for tests do what they say; S3 in memory is also in the conformance suite."""

from __future__ import annotations

import threading
import time

import pytest

from tfm.errors import S3ConnectionError, S3GenericError, S3NotFoundError
from tfm.s3.protocol import Place, S3Client, WriteOptions
from tfm.testing import CountingClient, FailingClient, FakeClock, MemoryS3, Rule, SlowClient, WrappingClient


@pytest.fixture
def memory() -> MemoryS3:
    client = MemoryS3()
    client.create_bucket("bkt")
    return client


def test_each_of_them_is_a_client(memory: MemoryS3) -> None:
    clients: list[S3Client] = [memory, WrappingClient(memory), CountingClient(memory), FailingClient(memory)]
    clients.append(SlowClient(memory, 0))
    for client in clients:
        assert client.place == Place()
        client.put("bkt", "k", b"x")
        assert client.head("bkt", "k").size == 1


def test_requests_are_counted_by_operation(memory: MemoryS3) -> None:
    memory.requests.clear()
    memory.put("bkt", "k", b"")
    memory.probe("bkt", "k")
    memory.copy(("bkt", "k"), "bkt", "k")
    assert dict(memory.requests) == {"put_object": 1, "list_objects_v2": 1, "head_object": 1, "copy_object": 1}


@pytest.mark.parametrize("page_size", [1, 2, 3, 7])
@pytest.mark.parametrize("delimiter", ["/", ""])
def test_pages_of_any_size_are_the_same_listing(page_size: int, delimiter: str) -> None:
    keys = ["a", "a/", "a/1", "a/2/x", "a0", "b-", "b/", "b/1", "b0", "c/d/e", "é/x"]
    small, large = MemoryS3(page_size=page_size), MemoryS3()
    for client in (small, large):
        client.create_bucket("bkt")
        for key in keys:
            client.put("bkt", key, b"")
    for prefix in ("", "a", "a/", "b", "zz"):
        wanted = next(large.pages("bkt", prefix, delimiter=delimiter))
        pages = list(small.pages("bkt", prefix, delimiter=delimiter))
        assert [facts.key for page in pages for facts in page.objects] == [facts.key for facts in wanted.objects]
        assert [each for page in pages for each in page.prefixes] == wanted.prefixes
        assert all(len(page.objects) + len(page.prefixes) <= page_size for page in pages)
        assert all(page.objects or page.prefixes for page in pages) or not (wanted.objects or wanted.prefixes)


def test_time_is_the_clocks_in_whole_seconds() -> None:
    clock = FakeClock(1000.7)
    client = MemoryS3(clock=clock)
    client.create_bucket("bkt")
    client.put("bkt", "k", b"")
    assert client.head("bkt", "k").mtime == 1000.0
    clock.advance(5)
    client.copy(("bkt", "k"), "bkt", "k")
    assert client.head("bkt", "k").mtime == 1005.0


def test_an_upload_that_is_gone(memory: MemoryS3) -> None:
    upload = memory.create_upload("bkt", "k")
    etag = memory.upload_part("bkt", "k", upload, 1, b"x")
    assert memory.call("list_multipart_uploads", Bucket="bkt")["Uploads"] == [{"Key": "k", "UploadId": upload}]
    memory.abort_upload("bkt", "k", upload)
    for ask in (
        lambda: memory.upload_part("bkt", "k", upload, 1, b"x"),
        lambda: memory.complete_upload("bkt", "k", upload, [etag]),
    ):
        with pytest.raises(S3NotFoundError) as caught:
            ask()
        assert caught.value.code == "NoSuchUpload"


@pytest.mark.parametrize("number", [0, 10_001])
def test_there_are_ten_thousand_parts(memory: MemoryS3, number: int) -> None:
    upload = memory.create_upload("bkt", "k")
    with pytest.raises(S3GenericError):
        memory.upload_part("bkt", "k", upload, number, b"x")
    with pytest.raises(S3GenericError):
        memory.complete_upload("bkt", "k", upload, [])


def test_a_part_comes_from_inside_its_source(memory: MemoryS3) -> None:
    memory.put("bkt", "source", b"0123")
    upload = memory.create_upload("bkt", "k")
    with pytest.raises(S3GenericError):
        memory.copy_part(("bkt", "source"), 0, 5, "bkt", "k", upload, 1)


def test_a_condition_on_what_is_not_there(memory: MemoryS3) -> None:
    with pytest.raises(S3NotFoundError):
        memory.put("bkt", "k", b"", WriteOptions(if_match='"x"'))
    with pytest.raises(S3GenericError):
        memory.put("bkt", "", b"")


def test_counting(memory: MemoryS3) -> None:
    client = CountingClient(memory)
    for number in range(3):
        client.put("bkt", str(number), b"")
    memory._page_size = 1
    assert len(list(client.pages("bkt"))) == 3
    client.call("get_bucket_versioning", Bucket="bkt")
    client.forget("bkt", "k")
    assert dict(client.counts) == {"put": 3, "pages": 3, "get_bucket_versioning": 1}
    assert client.total == 7
    assert client.asked[0] == ("put", "bkt", "0")


def test_failing_by_rule(memory: MemoryS3) -> None:
    error = S3ConnectionError("down")
    client = FailingClient(memory, [Rule("put", error, key="bad/", skip=1, times=2)])
    client.put("bkt", "good", b"")
    client.put("bkt", "bad/1", b"")
    for _ in range(2):
        with pytest.raises(S3ConnectionError) as caught:
            client.put("bkt", "bad/2", b"")
        assert caught.value is not error
    client.put("bkt", "bad/3", b"")
    assert [facts.key for facts in next(client.pages("bkt", delimiter="")).objects] == ["bad/1", "bad/3", "good"]


def test_failing_after_the_deed(memory: MemoryS3) -> None:
    client = FailingClient(memory, [Rule("*", S3ConnectionError("lost"), after=True)])
    with pytest.raises(S3ConnectionError):
        client.put("bkt", "k", b"x")
    assert memory.head("bkt", "k").size == 1


def test_slow_and_never(memory: MemoryS3) -> None:
    begin = time.monotonic()
    SlowClient(memory, 0.05).put("bkt", "k", b"")
    assert time.monotonic() - begin >= 0.05
    never = SlowClient(memory, None)
    thread = threading.Thread(target=never.list_buckets)
    thread.start()
    while not never.waiting:
        time.sleep(0.001)
    assert thread.is_alive()
    never.let_go.set()
    thread.join(10)
    assert not thread.is_alive()
