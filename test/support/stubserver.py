"""A server on loopback that answers as a test says: S3's refusals, a server that never answers, one that hangs up."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Answer(NamedTuple):
    """What the server says."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


class Request(NamedTuple):
    """What the server was asked."""

    method: str
    path: str
    headers: dict[str, str]


def refusal(status: int, code: str, message: str = "refused", **headers: str) -> Answer:
    """Make the answer with which S3 refuses a request."""
    body = (
        f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message><RequestId>R-1</RequestId></Error>"
    )
    pairs = [("Content-Type", "application/xml"), ("x-amz-request-id", "R-1")]
    return Answer(
        status, body.encode(), tuple(pairs + [(name.replace("_", "-"), value) for name, value in headers.items()])
    )


@contextmanager
def stub_server(answer: Callable[[Request], Answer]) -> Iterator[tuple[str, list[Request]]]:
    """Run a server that answers by a function; gives its URL and the requests it has got."""
    requests: list[Request] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Request(self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
            requests.append(request)
            status, body, headers = answer(request)
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _answer  # noqa: N815 - the names that http.server looks for

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", requests
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def silent_server() -> Iterator[str]:
    """Run a server that takes every connection and never says a word; gives its URL."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()
