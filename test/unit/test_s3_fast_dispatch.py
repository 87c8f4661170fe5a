"""What the fast client sends again, elsewhere or by another clock, what it leaves to boto3, and what it never does."""

from __future__ import annotations

import email.utils
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from stub_s3 import Reply, Request, StubS3, error_body

from tfm.errors import (
    S3AuthError,
    S3ChangedError,
    S3ConnectionError,
    S3ExistsError,
    S3GenericError,
    S3NotFoundError,
    S3RateLimitError,
)
from tfm.s3.client import Boto3Client
from tfm.s3.fast import dispatch, retrying
from tfm.s3.fast.access import Access, Credentials, StepAside
from tfm.s3.fast.client import FastClient
from tfm.s3.protocol import Place, WriteOptions

DATED = {"Last-Modified": "Fri, 02 Jan 2026 03:04:05 GMT", "ETag": '"e"'}
LISTING = b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
GONE = Reply(0)
NEW = WriteOptions(if_none_match=True)
Serve = Callable[..., tuple[FastClient, StubS3]]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Start a stub server, and make a fast client of it with a boto3 client behind; retries are made at once."""
    monkeypatch.setattr("tfm.s3.fast.retrying.delay", lambda *_: 0)
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    started: list[StubS3] = []

    def start(*replies: Reply | Callable[[Request], Reply], **access: Any) -> tuple[FastClient, StubS3]:
        left = list(replies)

        def answer(request: Request) -> Reply:
            reply = left.pop(0) if len(left) > 1 else left[0]
            return reply(request) if callable(reply) else reply

        stub = StubS3(answer)
        started.append(stub.__enter__())
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", stub.endpoint)
        reached = Access(stub.endpoint, "us-east-1", False, lambda: Credentials("test", "test"))._replace(**access)
        return FastClient(Boto3Client(), lambda: reached), stub

    yield start
    for stub in started:
        stub.__exit__()


def from_us(stub: StubS3) -> list[str]:
    """The methods of the requests that boto3 did not send."""
    return [each.method for each in stub.requests if "Boto3" not in each.headers["user-agent"]]


# Sent again


@pytest.mark.parametrize(
    "failure",
    [
        GONE, Reply(500), Reply(502, b"<html>"), Reply(503, error_body("SlowDown")), Reply(504), Reply(429), Reply(408),
        Reply(400, error_body("RequestTimeout")), Reply(200, b"half", DATED, length=10),
    ],
    ids=lambda reply: f"{reply.status}-{reply.body[:10]!r}",
)  # fmt: skip
def test_what_fails_in_passing_is_sent_again(serve: Serve, failure: Reply) -> None:
    client, stub = serve(failure, failure, Reply(200, LISTING))
    assert list(client.pages("bucket")) != []
    assert from_us(stub) == ["GET"] * 3


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 411, 412, 501])
def test_what_fails_for_good_is_sent_once(serve: Serve, status: int) -> None:
    client, stub = serve(Reply(status, error_body("AccessDenied")))
    with pytest.raises(OSError):
        client.get("bucket", "k")
    assert from_us(stub) == ["GET"]


@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_attempts_are_counted(serve: Serve, attempts: int) -> None:
    client, stub = serve(GONE, attempts=attempts)
    with pytest.raises(S3ConnectionError, match="broke"):
        client.head("bucket", "k")
    assert len(stub.requests) == attempts


def test_who_fails_all_the_time_is_asked_less(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "CAPACITY", 20)
    client, stub = serve(Reply(500))
    for requests in (2, 1, 1):
        stub.requests.clear()
        with pytest.raises(S3GenericError):
            client.head("bucket", "k")
        assert len(stub.requests) == requests


def test_an_error_inside_a_success_is_one(serve: Serve) -> None:
    failed = Reply(200, error_body("InternalError", "We failed."))
    made = Reply(200, b"\n\n <?xml version='1.0'?><CopyObjectResult><ETag>\"e\"</ETag></CopyObjectResult>")
    client, stub = serve(failed, made)
    assert client.copy(("bucket", "a"), "bucket", "b").etag == '"e"'
    assert len(stub.requests) == 2


@pytest.mark.parametrize(
    "verb",
    [
        lambda client: client.copy(("bucket", "a"), "bucket", "b"),
        lambda client: client.copy_part(("bucket", "a"), 0, 1, "bucket", "b", "u", 1),
        lambda client: client.delete_many("bucket", ["k"]),
    ],
)
def test_errors_inside_successes_are_told(serve: Serve, verb: Callable[[FastClient], Any]) -> None:
    client, stub = serve(Reply(200, error_body("InternalError", "We failed.")))
    with pytest.raises(S3GenericError, match="server failed"):
        verb(client)
    assert len(stub.requests) == 3


def test_half_an_answer_is_none(serve: Serve) -> None:
    client, stub = serve(Reply(200, b"<CopyObjectResult><ETag>"))
    with pytest.raises(S3ConnectionError):
        client.copy(("bucket", "a"), "bucket", "b")
    assert len(stub.requests) == 3
    client, stub = serve(Reply(200, b"<html></html>"))
    with pytest.raises(S3ConnectionError):
        client.delete_many("bucket", ["k"])


# Connections that were closed meanwhile


def test_a_connection_that_was_closed_meanwhile_costs_no_attempt(serve: Serve) -> None:
    client, stub = serve(Reply(200, b"", DATED, length=0), attempts=1)
    for number in range(5):
        client.head("bucket", "k")
        client.put("bucket", "k", b"%d" % number)
        time.sleep(0.02)  # so that the end of the connection has come
    assert [request.body for request in stub.requests if request.method == "PUT"] == [b"0", b"1", b"2", b"3", b"4"]


# Conditions whose outcome is not known


@pytest.mark.parametrize("lost", [GONE, Reply(500), Reply(504)])
@pytest.mark.parametrize(
    "verb",
    [
        lambda client: client.put("bucket", "k", b"ours", NEW),
        lambda client: client.put("bucket", "k", b"ours", WriteOptions(if_match='"old"')),
        lambda client: client.copy(("bucket", "a"), "bucket", "k", options=NEW),
        lambda client: client.complete_upload("bucket", "k", "u", ['"e"'], NEW),
    ],
)
def test_a_conditional_write_of_unknown_outcome_is_told_as_that(
    serve: Serve, lost: Reply, verb: Callable[[FastClient], Any]
) -> None:
    client, stub = serve(lost, Reply(412, error_body("PreconditionFailed")))
    with pytest.raises(S3ConnectionError, match="may have worked") as caught:
        verb(client)
    assert caught.value.code == "OutcomeUnknown"
    assert len(stub.requests) == 2


def test_a_conditional_write_that_certainly_failed_is_told_as_that(serve: Serve) -> None:
    taken = Reply(412, error_body("PreconditionFailed"))
    for before in ([], [Reply(503, error_body("SlowDown"))]):
        client, _ = serve(*before, taken)
        with pytest.raises(S3ExistsError):
            client.put("bucket", "k", b"ours", NEW)
        client, _ = serve(*before, taken)
        with pytest.raises(S3ChangedError):
            client.put("bucket", "k", b"ours", WriteOptions(if_match='"old"'))
    client, _ = serve(GONE, Reply(200, b"", DATED))
    assert client.put("bucket", "k", b"ours", NEW).etag == '"e"'


def test_an_upload_that_may_be_complete_is_not_told_as_gone(serve: Serve) -> None:
    gone = Reply(404, error_body("NoSuchUpload"))
    client, _ = serve(GONE, gone)
    with pytest.raises(S3ConnectionError, match="may have worked"):
        client.complete_upload("bucket", "k", "u", ['"e"'])
    client, _ = serve(gone)
    with pytest.raises(S3NotFoundError, match="upload"):
        client.complete_upload("bucket", "k", "u", ['"e"'])
    client, _ = serve(GONE, gone)
    client.abort_upload("bucket", "k", "u")


def test_a_copy_whose_source_changed_is_no_riddle(serve: Serve) -> None:
    client, _ = serve(GONE, Reply(412, error_body("PreconditionFailed")))
    with pytest.raises(S3ChangedError):
        client.copy(("bucket", "a"), "bucket", "b", if_match='"e"')


# Regions


def test_another_region_has_another_endpoint_which_is_remembered(serve: Serve) -> None:
    there, at_there = serve(lambda request: Reply(200, b"", DATED))
    moved = Reply(301, b"", {"x-amz-bucket-region": "eu-west-3"})
    asked: list[str] = []

    def regional(region: str) -> str:
        asked.append(region)
        return at_there.endpoint

    here, at_here = serve(moved, regional=regional)
    for _ in range(3):
        here.head("bucket", "k")
    here.put("bucket", "k", b"x")
    assert (asked, len(at_here.requests), len(at_there.requests)) == (["eu-west-3"], 1, 4)
    assert all("/eu-west-3/s3/" in request.headers["authorization"] for request in at_there.requests)
    here.put("other", "k", b"x")
    assert len(at_here.requests) == 2, "each bucket has a region of its own"
    assert there.place == Place()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, error_body("AuthorizationHeaderMalformed", "", "<Region>eu-west-3</Region>")),
        (307, error_body("TemporaryRedirect", "", "<Region>eu-west-3</Region>")),
        (301, error_body("PermanentRedirect", "", "<Region>eu-west-3</Region>")),
    ],
)
def test_a_region_in_the_document(serve: Serve, status: int, body: bytes) -> None:
    client, stub = serve(Reply(status, body), Reply(200, b"", DATED))
    client.put("bucket", "k", b"x")
    assert [request.body for request in stub.requests] == [b"x", b"x"]
    assert "/eu-west-3/s3/" in stub.requests[1].headers["authorization"]


def test_a_large_body_to_the_wrong_region_is_not_sent_there(serve: Serve) -> None:
    moved = Reply(307, b"", {"x-amz-bucket-region": "eu-west-3", "Connection": "close"})
    body = b"x" * dispatch.ASKED_FIRST
    client, stub = serve(moved, Reply(200, b"", DATED))
    client.put("bucket", "k", body)
    assert stub.requests[-1].headers["expect"] == "100-continue"
    client.put("bucket", "k", body)
    assert stub.requests[-1].headers["expect"] is None, "it takes what is written by now"


@pytest.mark.parametrize("region", ["", "evil.example.org/", "../x", "123", "a b", "-a"])
def test_a_region_that_is_none_is_not_followed(serve: Serve, region: str) -> None:
    def regional(region: str) -> str:
        raise AssertionError(region)

    client, stub = serve(
        Reply(301, error_body("PermanentRedirect", "", f"<Region>{region}</Region>")), regional=regional
    )
    with pytest.raises(S3GenericError, match="region"):
        client.get("bucket", "k")
    assert from_us(stub) == ["GET"]
    assert len(stub.requests) > 1, "boto3 knows how to look for it"


def test_a_redirect_is_followed_once(serve: Serve) -> None:
    regions = iter(f"eu-west-{number}" for number in range(100))
    client, stub = serve(lambda _: Reply(301, b"", {"x-amz-bucket-region": next(regions)}))
    with pytest.raises(S3GenericError, match="region"):
        client.head("bucket", "k")
    assert len(stub.requests) == 2


# Clocks


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_a_wrong_clock_is_made_up_for(serve: Serve, method: str) -> None:
    late = time.time() + 7200
    right = time.strftime("%Y%m%dT%H", time.gmtime(late))

    def answer(request: Request) -> Reply:
        if request.headers["x-amz-date"].startswith(right):
            return Reply(200, b"", DATED)
        far = {"Date": email.utils.formatdate(late, usegmt=True)}
        return Reply(403, b"" if method == "HEAD" else error_body("RequestTimeTooSkewed"), far)

    client, stub = serve(answer, attempts=1)
    for _ in range(2):
        client.head("bucket", "k") if method == "HEAD" else client.get("bucket", "k").close()
    assert len(stub.requests) == 3, "the first twice; then the time is known"


def test_a_refusal_by_the_right_time_is_not_the_clocks(serve: Serve) -> None:
    far = {"Date": email.utils.formatdate(time.time() + 7200, usegmt=True)}
    client, stub = serve(Reply(403, b"", far))
    with pytest.raises(S3AuthError, match="denied"):
        client.head("bucket", "k")
    assert len(stub.requests) == 2
    client, stub = serve(Reply(403, b"", {"Date": email.utils.formatdate(usegmt=True)}))
    with pytest.raises(S3AuthError, match="denied"):
        client.head("bucket", "k")
    assert len(stub.requests) == 1


# What is left to boto3


def test_who_steps_aside_is_boto3(serve: Serve) -> None:
    client, stub = serve(Reply(200, b"", DATED))
    asked: list[int] = []

    def find() -> Access:
        asked.append(1)
        raise StepAside("a place of a special kind")

    aside = FastClient(Boto3Client(), find)
    assert (aside.head("bucket", "k").etag, aside.get("bucket", "k").read()) == ('"e"', b"")
    assert (from_us(stub), len(asked)) == ([], 1)
    assert aside._takes("put_object", "IfMatch")
    assert not aside._takes("put_object", "NoSuchParameter")

    def expired() -> Credentials:
        raise StepAside("they can't be renewed")

    client, stub = serve(Reply(200, b"", DATED), credentials=expired)
    assert client.head("bucket", "k").etag == '"e"'
    assert (from_us(stub), len(stub.requests)) == ([], 1)


@pytest.mark.parametrize(
    "odd", [Credentials("AKID\n", "s"), Credentials("AKID", "s", "to\r\nken"), Credentials("AK\u00a0ID", "s")]
)
def test_credentials_that_no_header_can_hold_are_not_sent(serve: Serve, odd: Credentials) -> None:
    client, stub = serve(Reply(200, b"", DATED), credentials=lambda: odd)
    client.head("bucket", "k")
    assert (from_us(stub), len(stub.requests)) == ([], 1)


def test_what_is_rare_is_boto3s(serve: Serve) -> None:
    client, stub = serve(Reply(200, b"<VersioningConfiguration/>"))
    assert client.call("get_bucket_versioning", Bucket="bucket") is not None
    assert "X-Amz-Signature" in client.presign("get_object", "bucket", "k", 60)
    assert (from_us(stub), len(stub.requests)) == ([], 1)
    with pytest.raises(ValueError, match="no operation"):
        client.call("make_coffee")


def test_a_read_only_place_sends_no_write(serve: Serve) -> None:
    _, stub = serve(Reply(200, b"", DATED))
    access = Access(stub.endpoint, "us-east-1", False, lambda: None)
    client = FastClient(Boto3Client(Place("p", read_only=True)), lambda: access)
    for write in (
        lambda: client.put("bucket", "k", b""), lambda: client.delete("bucket", "k"),
        lambda: client.create_upload("bucket", "k"), lambda: client.copy(("bucket", "a"), "bucket", "k"),
    ):  # fmt: skip
        with pytest.raises(S3AuthError, match="read-only"):
            write()
    assert stub.requests == []
    client.head("bucket", "k")
    assert "authorization" not in stub.requests[0].headers


# Many at once


def test_many_threads_share_few_connections_and_one_search(serve: Serve) -> None:
    _, stub = serve(lambda request: Reply(200, request.path.encode(), DATED))
    found: list[int] = []

    def find() -> Access:
        found.append(threading.get_ident())
        time.sleep(0.05)
        return Access(stub.endpoint, "us-east-1", False, lambda: Credentials("test", "test"))

    client = FastClient(Boto3Client(), find)
    keys = [f"k{number}" for number in range(600)]
    with ThreadPoolExecutor(64) as executor:
        assert list(executor.map(lambda key: client.get("bucket", key).read(), keys)) == [
            f"/bucket/{key}".encode() for key in keys
        ]
    dispatcher = client._reach()
    assert len(found) == 1
    assert 1 <= len(dispatcher._routes.to("bucket").pool._idle) <= 64


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_and_its_parent_get_their_own_answers(serve: Serve) -> None:
    client, _ = serve(lambda request: Reply(200, request.path.encode(), DATED))
    client.get("bucket", "before").read()
    children = []
    for number in range(3):
        child = os.fork()
        if not child:
            ended = 1
            try:
                right = all(
                    client.get("bucket", f"{number}-{each}").read() == f"/bucket/{number}-{each}".encode()
                    for each in range(20)
                )
                ended = 0 if right else 2
            finally:
                os._exit(ended)
        children.append(child)
    for each in range(20):
        assert client.get("bucket", f"parent-{each}").read() == f"/bucket/parent-{each}".encode()
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0, 0]


# How long one waits


@pytest.mark.parametrize(("kind", "first"), [("throttled", 1.0), ("transient", 0.05)])
def test_waits_double_and_have_an_end(monkeypatch: pytest.MonkeyPatch, kind: retrying.Kind, first: float) -> None:
    monkeypatch.setattr("random.random", lambda: 1.0)
    assert [retrying.delay(kind, attempt, None) for attempt in (1, 2, 3)] == [first, first * 2, first * 4]
    assert retrying.delay(kind, 50, None) == 20
    assert retrying.delay(kind, 1, "300") == max(first, 0.3)
    assert retrying.delay(kind, 1, "3600000") == first + 5
    assert retrying.delay(kind, 1, "soon") == first
    monkeypatch.setattr("random.random", lambda: 0.0)
    assert retrying.delay(kind, 3, None) == 0


def test_success_pays_back() -> None:
    quota = retrying.Quota()
    spent = 0
    while quota.spend("throttled"):
        spent += 1
    assert spent == retrying.CAPACITY // 5
    quota.repay("transient")
    assert quota.spend("transient")
    assert not quota.spend("throttled")
    for _ in range(5):
        quota.repay(None)
    assert quota.spend("throttled")
    for _ in range(1000):
        quota.repay("transient")
    assert quota._left == retrying.CAPACITY


def test_a_server_that_asks_for_less_is_named(serve: Serve) -> None:
    client, _ = serve(Reply(503, error_body("SlowDown")))
    with pytest.raises(S3RateLimitError):
        client.put("bucket", "k", b"")
