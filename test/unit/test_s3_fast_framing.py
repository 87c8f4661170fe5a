"""Whatever bytes a server sends: a whole answer or one of our errors, never another error, never more than was said."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfm.s3.fast.errors import WireError
from tfm.s3.fast.framing import stream_of
from tfm.s3.fast.pool import Pool
from tfm.s3.fast.wire import Address, Connection

ADDRESS = Address("http", "127.0.0.1", 1, True, 5, 5)

PIECES = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 200 OK\r\n", b"HTTP/1.1 404 Not Found\r\n", b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n", b"Content-Length: 5\r\n", b"Content-Length: 99\r\n", b"Content-Length: x\r\n",
        b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n", b"ETag: \"e\"\r\n",
        b"\r\n", b"\n", b"hello", b"5\r\nhello\r\n", b"0\r\n\r\n", b"ffffffffffff\r\n", b" folded\r\n", b"\x00\xff",
    ]
)  # fmt: skip


def receive(data: bytes, method: str, size: int) -> tuple[int, bytes] | None:
    """Read an answer from a connection on which these bytes come, and then the end; `None` for our errors."""
    ours, theirs = socket.socketpair()
    pool = Pool(ADDRESS)
    ours.settimeout(5)
    connection = Connection(ADDRESS, ours)
    try:
        theirs.sendall(data)
        theirs.close()
        head = connection.head()
        stream = stream_of(pool, connection, method, head)
        body = b"".join(iter(lambda: stream.read(size), b""))
        assert stream.at_end()
    except WireError:
        return None
    else:
        return head.status, body
    finally:
        connection.close()
        pool.close()


@settings(max_examples=400, deadline=None)
@given(
    pieces=st.lists(PIECES | st.binary(max_size=20), max_size=12),
    method=st.sampled_from(["GET", "HEAD"]),
    size=st.sampled_from([-1, 1, 7, 1000]),
)
def test_any_bytes(pieces: list[bytes], method: str, size: int) -> None:
    answer = receive(b"".join(pieces), method, size)
    if answer is not None:
        assert 200 <= answer[0] <= 999
        assert method == "GET" or answer[1] == b""


def chunked(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    """Cut bytes into chunks."""
    for cut in [*cuts, len(data)]:
        if piece := data[:cut]:
            yield b"%x\r\n%s\r\n" % (len(piece), piece)
        data = data[cut:]


@settings(max_examples=100, deadline=None)
@given(
    data=st.binary(max_size=5000),
    cuts=st.lists(st.integers(0, 1000), max_size=5),
    size=st.sampled_from([-1, 1, 100, 4096, 10_000]),
    lost=st.integers(0, 3),
)
def test_chunks_come_whole_or_not_at_all(data: bytes, cuts: list[int], size: int, lost: int) -> None:
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(chunked(data, cuts)) + b"0\r\n\r\n"
    got = receive(answer[: len(answer) - lost], "GET", size)
    assert got == ((200, data) if not lost else None)


@settings(max_examples=100, deadline=None)
@given(data=st.binary(min_size=1, max_size=5000), size=st.sampled_from([-1, 1, 100, 10_000]), share=st.floats(0, 1))
def test_a_length_is_kept(data: bytes, size: int, share: float) -> None:
    sent = data[: int(len(data) * share)]
    got = receive(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(data), sent), "GET", size)
    assert got == ((200, data) if len(sent) == len(data) else None)


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n"])
def test_an_answer_that_another_follows_ends_the_connection(head: bytes) -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(head.replace(b"OK\r\n", b"OK\r\nX: y\r\n") + b"\r\nabcHTTP/1.1 200 OK\r\n\r\n")
        theirs.shutdown(socket.SHUT_WR)
        pool = Pool(ADDRESS)
        connection = Connection(ADDRESS, ours)
        stream = stream_of(pool, connection, "GET", connection.head())
        assert stream.read(3) == b"abc"
        stream.close()
        assert connection.closed


@pytest.mark.parametrize(
    "framing", [b"Content-Length: 999999999999999", b"Transfer-Encoding: chunked", b"X: to the end of the connection"]
)
def test_an_endless_document_is_given_up(framing: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tfm.s3.fast.framing.LARGEST_DOCUMENT", 100_000)
    ours, theirs = socket.socketpair()
    ours.settimeout(5)
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1_000_000)
    with theirs:
        theirs.sendall(b"HTTP/1.1 500 X\r\n" + framing + b"\r\n\r\n")
        theirs.setblocking(False)
        theirs.send(b"2000\r\n" + b"x" * 0x2000 + b"\r\n" if b"chunked" in framing else b"x" * 150_000)
        for _ in range(20 if b"chunked" in framing else 0):
            theirs.send(b"2000\r\n" + b"x" * 0x2000 + b"\r\n")
        pool = Pool(ADDRESS)
        connection = Connection(ADDRESS, ours)
        stream = stream_of(pool, connection, "GET", connection.head())
        with pytest.raises(WireError, match="longer"):
            stream.document()
        assert connection.closed
