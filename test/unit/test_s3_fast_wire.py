"""Connections against a server that speaks byte by byte as a test says: heads, bodies, ends, and those in between."""

from __future__ import annotations

import functools
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tfm.s3.fast import pool as pools
from tfm.s3.fast import wire
from tfm.s3.fast.errors import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
    SSLError,
    WireError,
)
from tfm.s3.fast.framing import Stream, stream_of
from tfm.s3.fast.heads import parse_head, write_head
from tfm.s3.fast.pool import Pool
from tfm.s3.fast.wire import Address, Connection

Speak = Callable[[socket.socket], None]
REQUEST = write_head("GET", "/", {"host": "h"})


@contextmanager
def server(*speakers: Speak) -> Iterator[Pool]:
    """Listen, and let one speaker after the other have a connection; gives a pool of connections to it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run() -> None:
            for speak in speakers:
                try:
                    connected, _ = listener.accept()
                    with connected:
                        speak(connected)
                except OSError:
                    pass  # the test hung up first

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        pool = Pool(Address("http", "127.0.0.1", listener.getsockname()[1], True, 5, 5))
        yield pool
        pool.close()


def saying(*pieces: bytes, hold: float = 0.0) -> Speak:
    """Read a request, say something in pieces, then hang up after a while."""

    def speak(connected: socket.socket) -> None:
        connected.recv(100_000)
        for piece in pieces:
            connected.sendall(piece)
            time.sleep(0.01)
        time.sleep(hold)

    return speak


def ask(pool: Pool, method: str = "GET") -> tuple[int, Stream, Connection]:
    connection = pool.take()
    try:
        head = connection.exchange(REQUEST, b"", ask_first=False)
        return head.status, stream_of(pool, connection, method, head), connection
    except WireError:
        connection.close()
        raise


# Heads


def test_a_head_is_parsed() -> None:
    head = parse_head(
        b"HTTP/1.1 206 Partial Content\r\nContent-Length:5\r\nETag: \"a\" \r\nX-Amz-Meta-Name:\t v: w\r\n"
        b"Vary: a\r\nVary: b\r\nLong: one\r\n two\r\nEmpty:\r\nLatin: \xfc"
    )  # fmt: skip
    assert (head.status, head.old) == (206, False)
    assert head.headers == {
        "content-length": "5", "etag": '"a"', "x-amz-meta-Name": "v: w", "vary": "a, b", "long": "one two",
        "empty": "", "latin": "ü",
    }  # fmt: skip
    assert parse_head(b"HTTP/1.0 404").old


@pytest.mark.parametrize(
    "data", [b"", b"SSH-2.0-OpenSSH", b"HTTP/2 200", b"HTTP/1.1 abc", b"HTTP/1.1 200 OK\r\nno colon", b"HTTP/1.1200 OK"]
)
def test_what_is_no_head_is_an_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"HTTP|colon"):
        parse_head(data)


@pytest.mark.parametrize("cut", [1, 5, 17, 40])
def test_a_head_in_pieces(cut: int) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    with server(saying(answer[:cut], answer[cut:])) as pool:
        status, stream, _ = ask(pool)
        assert (status, stream.read()) == (200, b"hello")


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\n",
    ],
)
def test_what_came_before_a_body_broke_is_given_and_then_it_is_told(answer: bytes) -> None:
    with server(saying(answer)) as pool:
        stream = ask(pool)[1]
        assert stream.read_until_broken(10) == b"hello"
        for again in (
            stream.read,
            lambda: stream.read_until_broken(1),
            lambda: stream.readinto(memoryview(bytearray(1))),
        ):
            with pytest.raises(ConnectionClosedError):
                again()


def test_answers_in_between_are_passed_over() -> None:
    with server(saying(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\n", OK)) as pool:
        assert ask(pool)[1].read() == b"ok"


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def test_a_head_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "LARGEST_HEAD", 1000)
    with (
        server(saying(b"HTTP/1.1 200 OK\r\nA: " + b"x" * 5000, hold=1)) as pool,
        pytest.raises(ConnectionClosedError, match="no end"),
    ):
        ask(pool)


# Bodies


def chunks(*pieces: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x;note=1\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\nEnd: 1\r\n\r\n"


FRAMED = {
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world",
    "chunks": chunks(b"hello", b" ", b"world"),
    "end": b"HTTP/1.1 200 OK\r\n\r\nhello world",
    "old": b"HTTP/1.0 200 OK\r\nContent-Length: 11\r\n\r\nhello world",
    "closing": b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 11\r\n\r\nhello world",
}


@pytest.mark.parametrize("framing", FRAMED)
@pytest.mark.parametrize("size", [-1, 1, 3, 11, 100])
def test_bodies_end_where_they_end(framing: str, size: int) -> None:
    answer = FRAMED[framing]
    for cut in (len(answer), len(answer) // 2):
        with server(saying(answer[:cut], answer[cut:])) as pool:
            stream = ask(pool)[1]
            assert b"".join(iter(functools.partial(stream.read, size), b"")) == b"hello world"
            assert stream.at_end()
            assert bool(pool._idle) == (framing in ("length", "chunks"))
            stream.close()


@pytest.mark.parametrize("framing", FRAMED)
def test_bodies_go_into_buffers(framing: str) -> None:
    with server(saying(FRAMED[framing][:50], FRAMED[framing][50:])) as pool:
        stream = ask(pool)[1]
        buffer = bytearray(20)
        view = memoryview(buffer)
        assert stream.readinto(view[:5]) == 5
        assert stream.readinto(view[5:]) == 6
        assert stream.readinto(view) == 0
        assert buffer[:11] == b"hello world"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhello",
        chunks(b"hello", b"world")[:-12],
        chunks(b"hello")[:-2],
        chunks(b"hello").replace(b"5;", b"4;"),
        chunks(b"hello").replace(b"5;", b"zz;"),
        chunks(b"hello").replace(b"5;", b"-5;"),
        chunks(b"hello").replace(b"5;", b";"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 20_000,
    ],
)
def test_bodies_that_break_off_never_look_whole(answer: bytes) -> None:
    with server(saying(answer)) as pool:
        stream = ask(pool)[1]
        with pytest.raises(ConnectionClosedError):
            b"".join(iter(lambda: stream.read(3), b""))
        assert not pool._idle


@pytest.mark.parametrize(
    "header", [b"Content-Length: -1", b"Content-Length: 1_0", b"Content-Length: ", b"Transfer-Encoding: gzip, chunked"]
)
def test_lengths_that_are_none(header: bytes) -> None:
    with server(saying(b"HTTP/1.1 200 OK\r\n%s\r\n\r\n0123456789" % header)) as pool, pytest.raises(WireError):
        ask(pool)


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_answers_without_a_body(method: str, status: int) -> None:
    with server(saying(b"HTTP/1.1 %d X\r\nContent-Length: 1000\r\n\r\n" % status)) as pool:
        stream = ask(pool, method)[1]
        assert stream.read() == b""
        assert len(pool._idle) == 1


def test_bytes_that_nobody_asked_for_end_a_connection() -> None:
    with server(saying(OK + OK)) as pool:
        assert ask(pool)[1].read() == b"ok"
        assert not pool._idle


def test_a_body_that_is_left_unread() -> None:
    with server(saying(OK), saying(OK[:-2] + b"o")) as pool:
        stream = ask(pool)[1]
        stream.close()
        assert len(pool._idle) == 1, "all of it had come: the connection is as good as new"
        pool.close()
        stream = ask(pool)[1]
        stream.close()
        stream.close()
        assert not pool._idle
        assert stream.read() == b""


# What is sent


def test_a_large_body_is_asked_about_first() -> None:
    got: list[bytes] = []

    def willing(connected: socket.socket) -> None:
        got.append(connected.recv(100_000))
        connected.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        got.append(connected.recv(100_000))
        connected.sendall(OK)

    def refusing(connected: socket.socket) -> None:
        got.append(connected.recv(100_000))
        connected.sendall(b"HTTP/1.1 301 X\r\nContent-Length: 0\r\n\r\n")
        got.append(connected.recv(100_000))

    with server(willing, refusing) as pool:
        connection = pool.take()
        head = connection.exchange(REQUEST, b"body", ask_first=True)
        assert (head.status, got) == (200, [REQUEST, b"body"])
        connection.close()
        connection = pool.take()
        head = connection.exchange(REQUEST, b"body", ask_first=True)
        assert head.status == 301
        stream_of(pool, connection, "PUT", head).read()
        assert not pool._idle, "the server may still wait for the body"
    assert got[2:3] == [REQUEST]
    assert b"body" not in got[2:]


def test_a_server_that_does_not_say_whether_it_wants_a_body_gets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "CONTINUE_SECONDS", 0.05)

    def mute(connected: socket.socket) -> None:
        connected.recv(100_000)
        assert connected.recv(100_000) == b"body"
        connected.sendall(OK)

    with server(mute) as pool:
        assert pool.take().exchange(REQUEST, b"body", ask_first=True).status == 200


def test_a_refusal_in_the_middle_of_a_body_is_heard() -> None:
    body = b"x" * 20_000_000

    def refuse(connected: socket.socket) -> None:
        connected.recv(1000)
        connected.sendall(b"HTTP/1.1 403 X\r\nContent-Length: 2\r\n\r\nno")
        connected.shutdown(socket.SHUT_WR)
        time.sleep(0.1)  # then it closes with bytes unread, which resets the connection

    with server(refuse) as pool:
        connection = pool.take()
        head = connection.exchange(REQUEST, body, ask_first=False)
        assert head.status == 403
        assert stream_of(pool, connection, "PUT", head).read() == b"no"
        assert not pool._idle


# Keeping and dropping


def test_a_closed_connection_is_noticed_or_told_as_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    with server(saying(OK), saying(OK)) as pool:
        pool._names.update("ab")  # its answers have names, so that it is trusted for a moment
        ask(pool)[1].read()
        time.sleep(0.1)
        with pytest.raises(ConnectionClosedError) as caught:
            ask(pool)
        assert caught.value.stale
        monkeypatch.setattr(wire, "TRUSTED_SECONDS", 0.0)
        ask(pool)[1].read()
        assert len(pool._idle) == 1
    with server(saying(OK), saying(OK)) as pool:
        ask(pool)[1].read()
        time.sleep(0.1)
        assert ask(pool)[1].read() == b"ok"


def test_an_answer_that_comes_twice_is_not_taken_for_the_next() -> None:
    def named(name: str) -> bytes:
        return OK.replace(b"\r\n", b"\r\nx-amz-request-id: %s\r\n" % name.encode(), 1)

    def late(connected: socket.socket) -> None:
        for answers in (named("one"), named("two"), named("two"), named("three")):
            connected.recv(65536)
            connected.sendall(answers)

    with server(late) as pool:
        ask(pool)[1].read()
        ask(pool)[1].read()
        with pytest.raises(ConnectionClosedError, match="twice") as caught:
            ask(pool)
        assert not caught.value.stale


def test_a_server_that_names_all_its_answers_alike_is_not_suspected() -> None:
    alike = OK.replace(b"\r\n", b"\r\nx-amz-request-id: REQ1\r\n", 1)

    def serve(connected: socket.socket) -> None:
        for _ in range(4):
            connected.recv(65536)
            connected.sendall(alike)

    with server(serve) as pool:
        assert [ask(pool)[1].read() for _ in range(4)] == [b"ok"] * 4


def test_a_new_connection_that_closes_is_not_stale() -> None:
    with server(lambda connected: None) as pool, pytest.raises(ConnectionClosedError) as caught:
        ask(pool)
    assert not caught.value.stale


def test_few_idle_connections_are_kept_and_none_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    held = threading.Event()

    def wait(connected: socket.socket) -> None:
        held.wait(10)

    with server(*[wait] * 5) as pool:
        monkeypatch.setattr(pools, "IDLE_KEPT", 2)
        connections = [pool.take() for _ in range(4)]
        for each in connections:
            pool.give(each)
        assert list(pool._idle) == connections[2:]
        assert [each.closed for each in connections] == [True, True, False, False]
        assert pool.take() is connections[3], "the one that was used last"
        pool.give(connections[3])
        monkeypatch.setattr(pools, "IDLE_SECONDS", -1.0)
        pool.give(pool.take())
        assert not pool._idle
        held.set()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_does_not_talk_on_its_parents_connections() -> None:
    with server(saying(OK, hold=0.5), saying(OK)) as pool:
        ask(pool)[1].read()
        assert len(pool._idle) == 1
        child = os.fork()
        if not child:
            ended = 1
            try:
                fresh = pool.take()
                ended = 0 if not fresh.used and not pool._idle else 2
            finally:
                os._exit(ended)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert len(pool._idle) == 1


# No answer, no connection


def test_nobody_says_anything() -> None:
    with server(saying(hold=1)) as pool:
        pool.address = pool.address._replace(read_timeout=0.1)
        with pytest.raises(ReadTimeoutError) as caught:
            ask(pool)
        assert caught.value.sent


def test_nobody_listens() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        for host in ("127.0.0.1", "no-such-host.invalid", "a" * 70 + ".invalid"):
            with pytest.raises(EndpointConnectionError) as caught:
                Pool(Address("http", host, port, True, 5, 5)).take()
            assert not caught.value.sent


def test_a_server_that_is_too_busy_to_connect() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        pool = Pool(Address("http", "127.0.0.1", port, True, 0.1, 5))
        with pytest.raises(ConnectTimeoutError):
            [pool.take() for _ in range(10)]


def test_plain_http_where_tls_is_expected() -> None:
    with server(saying(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as pool:
        secure = Pool(pool.address._replace(scheme="https"))
        with pytest.raises(SSLError):
            secure.take()


def test_tls_settings_check_certificates() -> None:
    from tfm.s3.fast.endpoints import trusted_certificates
    from tfm.s3.fast.tls import context

    assert context(True).verify_mode == ssl.CERT_REQUIRED
    assert context(True).check_hostname
    assert context(False).verify_mode == ssl.CERT_NONE
    assert trusted_certificates().endswith("cacert.pem")
    assert context(trusted_certificates()).cert_store_stats()["x509_ca"] > 50
    assert context(os.path.dirname(trusted_certificates())).check_hostname
    with pytest.raises(OSError, match=r"[Nn]o such file"):
        context("/nowhere/at-all.pem")
