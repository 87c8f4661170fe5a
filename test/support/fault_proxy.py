"""A proxy on loopback in front of a real S3 server, which breaks what passes it: at random, but the same each time.

It reads a request whole, decides by its own random numbers what goes wrong, and counts it; see `Fault`.
"""

from __future__ import annotations

import http.client
import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
INTERNAL = b"<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>"
HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "expect", "date", "server"})


class Fault(Enum):
    """What can go wrong with one request."""

    REFUSED = "the connection is reset before the server sees the request"
    CUT = "the connection is reset in the middle of the request's body"
    UNANSWERED = "the server does it, and the connection is reset before the answer"
    RESET = "the connection is reset in the middle of the answer"
    TRUNCATED = "the connection ends in the middle of the answer"
    STALLED = "nothing comes for longer than anybody waits"
    FAILED = "500"
    SLOW_DOWN = "503 SlowDown, and for the next requests too"
    CORRUPTED = "one bit of the answer's body is another one"
    DAMAGED = "one bit of the request's body is another one"
    DUPLICATED = "the answer comes twice"


@dataclass
class Plan:
    """What goes wrong, and how often.

    Args:
        rates: The share of requests that each fault hits.
        seed: Of the random numbers.
        stall: Seconds for which a stalled answer lets wait.
        storm: Requests that a SlowDown goes on for.
    """

    rates: Mapping[Fault, float]
    seed: int = 0
    stall: float = 3.0
    storm: int = 3
    counts: Counter[Fault] = field(default_factory=Counter)


class FaultProxy:
    """Stands in front of a server until it is closed.

    Args:
        endpoint: The server's URL.
        plan: What goes wrong.
    """

    def __init__(self, endpoint: str, plan: Plan) -> None:
        self.plan = plan
        self.requests = 0
        self.calm = False
        """Let everything pass."""
        self._upstream = urlsplit(endpoint).netloc
        self._random = random.Random(plan.seed)
        self._lock = threading.Lock()
        self._storm = 0
        self._guarded: dict[str, bool] = {}
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                proxy._pass_on(self)

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_any  # noqa: N815

            def log_message(self, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass  # a client that went away, mostly because it was meant to

        self._server = Server(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, name="fault-proxy", daemon=True).start()

    def close(self) -> None:
        """End; connections that are open end with their clients."""
        self._server.shutdown()
        self._server.server_close()

    def _choose(self, handler: BaseHTTPRequestHandler, length: int) -> Fault | None:
        with self._lock:
            self.requests += 1
            if self.calm:
                return None
            if self._storm:
                self._storm -= 1
                self.plan.counts[Fault.SLOW_DOWN] += 1
                return Fault.SLOW_DOWN
            drawn = self._random.random()
            for fault, rate in self.plan.rates.items():
                drawn -= rate
                if drawn < 0:
                    if not _applies(fault, handler, length):
                        return None
                    if fault is Fault.SLOW_DOWN:
                        self._storm = self.plan.storm
                    self.plan.counts[fault] += 1
                    return fault
        return None

    def _pass_on(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        fault = self._choose(handler, length)
        if fault is Fault.CUT:
            handler.rfile.read(self._random.randrange(length))
            _reset(handler)
            return
        body = handler.rfile.read(length)
        if fault is Fault.REFUSED:
            _reset(handler)
            return
        if fault in (Fault.FAILED, Fault.SLOW_DOWN):
            status, text = (500, INTERNAL) if fault is Fault.FAILED else (503, SLOW_DOWN)
            _answer(handler, status, {"Content-Type": "application/xml"}, text)
            return
        if fault is Fault.STALLED:
            time.sleep(self.plan.stall)
            _reset(handler)
            return
        if fault is Fault.DAMAGED:
            body = self._flipped(body)
        status, headers, data = self._ask(handler, body)
        guarded = handler.command == "GET" and self._is_guarded(handler, status, headers)
        if fault is Fault.CORRUPTED and not (data and guarded):
            self.plan.counts[fault] -= 1
            fault = None
        if fault is Fault.UNANSWERED:
            _reset(handler)
        elif fault in (Fault.RESET, Fault.TRUNCATED):
            _answer(handler, status, headers, data, broken_at=self._random.randrange(len(data) + 1))
            if fault is Fault.RESET:
                _reset(handler)
            handler.close_connection = True
        elif fault is Fault.CORRUPTED:
            _answer(handler, status, headers, self._flipped(data))
        else:
            _answer(handler, status, headers, data)
            if fault is Fault.DUPLICATED:
                _answer(handler, status, headers, data)

    def _is_guarded(self, handler: BaseHTTPRequestHandler, status: int, headers: Mapping[str, str]) -> bool:
        """Whether a checksum guards what a GET gives: a range has none, but who opened the whole object saw its one."""
        if handler.command == "GET" and status == 200:
            told = any(name.lower().startswith("x-amz-checksum-crc32") for name in headers)
            self._guarded[handler.path] = told
        return self._guarded.get(handler.path, False) and status in (200, 206)

    def _flipped(self, data: bytes) -> bytes:
        place = self._random.randrange(len(data))
        return data[:place] + bytes([data[place] ^ 1 << self._random.randrange(8)]) + data[place + 1 :]

    def _ask(self, handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(self._upstream, timeout=60)
        try:
            headers = {name: value for name, value in handler.headers.items() if name.lower() not in HOP}
            # The host is the proxy's, as it was signed: a server that checks signatures takes the name it is called by.
            connection.request(handler.command, handler.path, body=body, headers=headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()


def _applies(fault: Fault, handler: BaseHTTPRequestHandler, length: int) -> bool:
    """Whether a fault is one for a request: bytes are damaged only where a checksum guards them."""
    if fault is Fault.CUT:
        return length > 0
    if fault is Fault.CORRUPTED:
        return handler.command == "GET" and "list-type" not in handler.path
    if fault is Fault.DAMAGED:
        return handler.command == "PUT" and length > 0 and "x-amz-checksum-crc32" in handler.headers
    return fault is not Fault.TRUNCATED or handler.command != "HEAD"


def _answer(
    handler: BaseHTTPRequestHandler, status: int, headers: Mapping[str, str], data: bytes, broken_at: int | None = None
) -> None:
    handler.send_response(status)
    said = {name.lower(): value for name, value in headers.items()}
    for name, value in headers.items():
        if name.lower() not in HOP:
            handler.send_header(name, value)
    length = said.get("content-length", "0") if handler.command == "HEAD" else str(len(data))
    if status not in (204, 304):
        handler.send_header("Content-Length", length)
    handler.end_headers()
    if handler.command != "HEAD" and status not in (204, 304):
        handler.wfile.write(data if broken_at is None else data[:broken_at])
    handler.wfile.flush()


def _reset(handler: BaseHTTPRequestHandler) -> None:
    """Close so that the other side gets a reset."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    handler.connection.close()
