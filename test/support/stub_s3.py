"""A small HTTP server that answers as a test says: for what a real server does only on bad days."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Request(NamedTuple):
    """What came."""

    method: str
    path: str
    headers: Message
    """Names in any case; a missing one gives `None`."""
    body: bytes = b""


class Reply(NamedTuple):
    """What goes back; status 0 hangs up without a word.

    With a `length` the server hangs up afterwards, which it does not announce; another one than the body's own makes a
    body that breaks off.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = {}
    length: int | None = None


class StubS3:
    """Serve on a free loopback port; `requests` are what came.

    Args:
        answer: Gives the reply to a request.
    """

    def __init__(self, answer: Callable[[Request], Reply]) -> None:
        self.requests: list[Request] = []
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                request = Request(self.command, self.path, self.headers, body)
                stub.requests.append(request)
                reply = answer(request)
                if not reply.status:
                    self.close_connection = True
                    return
                if "Date" in reply.headers:
                    self.send_response_only(reply.status)
                else:
                    self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in reply.headers:
                    self.send_header("Content-Length", str(len(reply.body) if reply.length is None else reply.length))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(reply.body)
                self.close_connection = reply.length is not None

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = serve  # noqa: N815

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def endpoint(self) -> str:
        """The URL."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> StubS3:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


def refusal(status: int, code: str, message: str = "refused", **headers: str) -> Reply:
    """Make the reply with which S3 refuses a request; `_` in the name of a header stands for `-`."""
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    known = {"Content-Type": "application/xml", "x-amz-request-id": "REQ1"}
    return Reply(status, error_body(code, message), {**known, **more})


@contextmanager
def silent_server() -> Iterator[str]:
    """Run a server that takes every connection and never says a word; gives its URL."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


def error_body(code: str, message: str = "", more: str = "") -> bytes:
    """Write an error document as S3 does."""
    text = f"<Error><Code>{code}</Code><Message>{message}</Message>{more}<RequestId>REQ1</RequestId></Error>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()
