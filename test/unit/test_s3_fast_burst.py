"""Many small requests from one thread: each is answered once, and what goes wrong is mended or told."""

import socket
import threading
import time
import zlib
from base64 import b64encode
from collections import Counter

import pytest
from stub_s3 import Reply, StubS3, error_body, silent_server

from tfm.errors import S3AuthError, S3ConnectionError, S3ExistsError, S3NotFoundError
from tfm.s3.cache import S3Cache
from tfm.s3.caching import CachingClient
from tfm.s3.client import Boto3Client
from tfm.s3.fast import retrying
from tfm.s3.fast.client import FastClient
from tfm.s3.fast.finding import find_access
from tfm.s3.places import width_at
from tfm.s3.protocol import NO_OPTIONS, Place, WriteOptions

NEW = WriteOptions(if_none_match=True)


class Told:
    """What the calls were told."""

    def __init__(self):
        self.done, self.failed = {}, {}

    def get(self, many, key):
        assert many.get("bucket", key, lambda *told: self.done.update({key: told}), self._fails(key))

    def put(self, many, key, body=b"x", options=NO_OPTIONS):
        assert many.put("bucket", key, body, options, lambda etag: self.done.update({key: etag}), self._fails(key))

    def _fails(self, key):
        return lambda error: self.failed.update({key: error})


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(retrying, "delay", lambda *_: 0.0)


@pytest.fixture
def serve(monkeypatch):
    """Gives a client of a server that answers as a test says."""
    stubs = []

    def begin(answer, **place):
        stub = StubS3(answer)
        stub.__enter__()
        stubs.append(stub)
        return reach(monkeypatch, stub.endpoint, **place), stub

    yield begin
    for stub in stubs:
        stub.__exit__()


def reach(monkeypatch, endpoint, **place):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
    behind = Boto3Client(Place(**place))
    return FastClient(behind, lambda: find_access(behind.place, behind))


def never():
    """Let everything wait as long as it likes."""


def body_of(path):
    return path.rpartition("/")[2].encode() * 50


def echo(request):
    if request.method == "GET":
        return Reply(200, body_of(request.path), {"ETag": f'"{request.path}"'})
    return Reply(200, b"", {"ETag": '"written"'})


def run(client, act):
    many, told = client.many(never), Told()
    act(many, told)
    many.drain()
    many.close(OSError("over"))
    assert width_at("")._claimed == 0
    return told


def test_each_request_gets_its_own_answer(serve):
    client, stub = serve(echo)
    told = run(client, lambda many, told: [told.get(many, f"k{number}") for number in range(300)])
    assert told.failed == {}
    assert told.done == {f"k{number}": (b"k%d" % number * 50, f'"/bucket/k{number}"') for number in range(300)}
    assert len(stub.requests) == 300


def test_requests_are_on_their_way_together(serve):
    under_way, most, lock = [0], [0], threading.Lock()

    def slow(request):
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        time.sleep(0.05)
        with lock:
            under_way[0] -= 1
        return echo(request)

    client, _ = serve(slow)
    begun = time.monotonic()
    told = run(client, lambda many, told: [told.get(many, f"k{number}") for number in range(64)])
    assert len(told.done) == 64
    assert most[0] >= 8
    assert time.monotonic() - begun < 64 * 0.05 / 2


@pytest.mark.parametrize(
    "first",
    [
        Reply(500, error_body("InternalError")),
        Reply(503, error_body("SlowDown")),
        Reply(0),
        Reply(200, b"half", {"ETag": '"e"'}, length=400),
        Reply(200, b"wrong", {"ETag": '"e"', "x-amz-checksum-crc32": "AAAAAA=="}),
    ],
)
def test_what_fails_once_is_sent_again(serve, first):
    seen = Counter()

    def answer(request):
        seen[request.path] += 1
        return first if request.path.endswith("7") and seen[request.path] == 1 else echo(request)

    client, _ = serve(answer)
    told = run(client, lambda many, told: [told.get(many, f"k{number}") for number in range(60)])
    assert told.failed == {}
    assert {key: data for key, (data, _) in told.done.items()} == {f"k{n}": b"k%d" % n * 50 for n in range(60)}
    assert sum(seen.values()) == 66


def test_a_checksum_that_is_right_is_no_reason_to_ask_again(serve):
    def answer(request):
        digest = b64encode(zlib.crc32(body_of(request.path)).to_bytes(4, "big")).decode()
        return echo(request)._replace(headers={"ETag": '"e"', "x-amz-checksum-crc32": digest})

    client, stub = serve(answer)
    assert len(run(client, lambda many, told: [told.get(many, f"k{number}") for number in range(20)]).done) == 20
    assert len(stub.requests) == 20


def test_a_server_that_closes_each_connection_is_served_all_the_same(serve):
    client, stub = serve(lambda request: echo(request)._replace(headers={"ETag": '"e"', "Connection": "close"}))
    assert len(run(client, lambda many, told: [told.get(many, f"k{number}") for number in range(50)]).done) == 50
    assert len(stub.requests) == 50


def test_refusals_are_told_as_the_client_tells_them(serve):
    answers = {
        "gone": Reply(404, error_body("NoSuchKey")),
        "secret": Reply(403, error_body("AccessDenied")),
        "taken": Reply(412, error_body("PreconditionFailed")),
    }
    client, _ = serve(lambda request: answers.get(request.path.rpartition("/")[2]) or echo(request))

    def act(many, told):
        told.get(many, "gone")
        told.get(many, "secret")
        told.put(many, "taken", options=NEW)
        told.put(many, "fine", options=NEW)

    told = run(client, act)
    assert {key: type(error) for key, error in told.failed.items()} == {
        "gone": S3NotFoundError, "secret": S3AuthError, "taken": S3ExistsError,
    }  # fmt: skip
    assert told.done == {"fine": '"written"'}


def test_a_write_of_which_nobody_knows_is_not_told_as_a_conflict(serve):
    seen = Counter()

    def answer(request):
        seen[request.path] += 1
        return Reply(0) if seen[request.path] == 1 else Reply(412, error_body("PreconditionFailed"))

    client, _ = serve(answer)
    told = run(client, lambda many, told: told.put(many, "k", options=NEW))
    assert told.done == {}
    assert not isinstance(told.failed["k"], FileExistsError)
    assert told.failed["k"].code == "OutcomeUnknown"


def test_what_a_call_raises_is_told_to_the_other(serve):
    client, _ = serve(echo)
    failed = []

    def act(many, told):
        assert many.get("bucket", "k", lambda *_: 1 // 0, failed.append)

    run(client, act)
    assert [type(error) for error in failed] == [ZeroDivisionError]


def test_a_server_that_cannot_be_reached(monkeypatch):
    client = reach(monkeypatch, "http://127.0.0.1:9")
    told = run(client, lambda many, told: [told.get(many, f"k{number}") for number in range(3)])
    assert {type(error) for error in told.failed.values()} == {S3ConnectionError}
    assert len(told.failed) == 3


def test_whoever_waits_can_be_called_off(monkeypatch):
    with silent_server() as url:
        client = reach(monkeypatch, url)
        begun = time.monotonic()

        def check():
            if time.monotonic() - begun > 0.3:
                raise KeyboardInterrupt

        many, told = client.many(check), Told()
        told.get(many, "k")
        with pytest.raises(KeyboardInterrupt):
            many.drain()
        assert time.monotonic() - begun < 5
        reason = OSError("over")
        many.close(reason)
        assert told.failed == {"k": reason}
        assert width_at("")._claimed == 0


def test_an_answer_that_does_not_come_in_time_is_not_waited_for(serve):
    seen = Counter()

    def answer(request):
        seen[request.path] += 1
        if seen[request.path] == 1:
            time.sleep(1.5)
        return echo(request)

    client, _ = serve(answer)
    many, told = client.many(never), Told()
    told.get(many, "k")
    (burst,) = many._bursts.values()
    burst._pool.address = burst._pool.address._replace(read_timeout=0.2)
    begun = time.monotonic()
    many.drain()
    many.close(OSError("over"))
    assert told.done["k"][0] == b"k" * 50
    assert time.monotonic() - begun < 1.4


def test_an_answer_that_comes_slowly_holds_up_nobody(serve, monkeypatch):
    """A server that sends the first half of one answer, and the rest when the others are done."""
    others_done = threading.Event()

    def speak(connected):
        with connected:
            while b"\r\n\r\n" in (head := connected.recv(10_000)):
                body = b"%05d" % len(head) * 2
                said = b'HTTP/1.1 200 OK\r\nETag: "e"\r\nContent-Length: %d\r\n\r\n%b' % (len(body), body)
                if b"/slow " in head:
                    for piece in (said[:20], said[20:-5]):
                        connected.sendall(piece)
                        time.sleep(0.05)
                    assert others_done.wait(10)
                    said = said[-5:]
                connected.sendall(said)

    def listen(listener):
        for _ in range(100):
            try:
                threading.Thread(target=speak, args=[listener.accept()[0]], daemon=True).start()
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        threading.Thread(target=listen, args=[listener], daemon=True).start()
        client = reach(monkeypatch, f"http://127.0.0.1:{listener.getsockname()[1]}")
        many, told = client.many(never), Told()

        def check_others():
            if len(told.done) == 50:
                others_done.set()

        many._check = check_others
        for number in range(51):
            told.get(many, "slow" if not number else f"k{number}")
        many.drain()
        many.close(OSError("over"))
        assert others_done.is_set()
    assert len(told.done) == 51
    assert list(told.done)[-1] == "slow"
    assert not told.failed


def test_an_address_of_the_server_that_does_not_answer_is_passed_over(serve):
    client, _ = serve(lambda request: (time.sleep(0.02), echo(request))[1])
    client.head("bucket", "k")
    (pool,) = client._dispatcher._routes._pools.values()
    (peer,) = pool._peers
    pool._peers = [(*peer[:3], ("127.0.0.1", 9)), peer]
    told = run(client, lambda many, told: [told.get(many, f"k{number}") for number in range(60)])
    assert len(told.done) == 60
    assert not told.failed
    assert width_at("")._claimed == 0


def test_a_read_only_place_takes_nothing_in_bulk(serve):
    client, stub = serve(echo, read_only=True)
    assert client.many(never) is None
    assert stub.requests == []


def test_buckets_of_a_special_kind_are_left_to_botocore(serve):
    client, stub = serve(echo)
    many = client.many(never)
    assert not many.get("zone--x-s3", "k", print, print)
    many.close(OSError("over"))
    assert stub.requests == []


def test_connections_are_given_back_for_the_client_to_use(serve):
    client, _ = serve(echo)
    run(client, lambda many, told: [told.get(many, f"k{number}") for number in range(20)])
    (pool,) = client._dispatcher._routes._pools.values()
    idle = len(pool._idle)
    assert idle >= 1
    client.head("bucket", "k")
    assert len(pool._idle) == idle


def test_what_is_written_is_forgotten_before_it_is_told(serve):
    client, stub = serve(echo)
    cached = CachingClient(client, S3Cache())
    cached.head("bucket", "k")
    asked = len(stub.requests)
    cached.head("bucket", "k")
    assert len(stub.requests) == asked
    seen = []
    many = cached.many(never)
    assert many.put("bucket", "k", b"x", NO_OPTIONS, lambda _: seen.append(cached.head("bucket", "k")), print)
    many.drain()
    many.close(OSError("over"))
    assert len(seen) == 1
    assert len(stub.requests) == asked + 2
