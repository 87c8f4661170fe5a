"""An S3 server for the demo and the tests: moto, in a child process that ends with its parent.

The child (`python -m tfm.demo.server`) writes one line to its stdout, the port that it listens on, and ends as soon as
its stdin closes. The parent holds the other end, so the child also ends when the parent is killed.
"""

from __future__ import annotations

import datetime
import importlib.util
import logging
import os
import subprocess
import sys
from types import TracebackType
from typing import Self

from tfm.demo import data
from tfm.errors import TfmError

HOST = "127.0.0.1"
STOP_SECONDS = 5
NEEDED = ("moto", "flask", "flask_cors")


class DemoError(TfmError):
    """The demo cannot start; the text says why and what to do."""


class EmbeddedS3:
    """A running S3 server of this process; use it as a context manager, or call `stop`.

    Args:
        process: The child.
        port: The port on the loopback interface that it listens on.

    Source: https://docs.getmoto.org/en/latest/docs/server_mode.html
    """

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self._process = process
        self.endpoint = f"http://{HOST}:{port}"

    @classmethod
    def start(cls, *, fill: bool = False) -> Self:
        """Start a server on a free port and wait until it answers.

        Args:
            fill: Put the sample buckets into it first.

        Raises:
            DemoError: moto is not installed, or the server ended before it could listen.
        """
        missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
        if missing:
            raise DemoError(
                f"The embedded S3 server needs {missing[0]}, which is not installed; "
                'install what the demo needs with: pip install "moto[s3]" flask flask-cors'
            )
        # -P: the directory that tfm was started in must not be searched for modules.
        command = [sys.executable, "-P", "-m", "tfm.demo.server", *(["--fill"] if fill else [])]
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            if line.startswith("port "):
                return cls(process, int(line.removeprefix("port ")))
            said.append(line.strip())
        process.communicate()
        raise DemoError(
            f"The embedded S3 server ended before it could listen: {said[-1] if said else 'it said nothing'}"
        )

    def environment(self) -> dict[str, str]:
        """Give the variables under which every AWS client, ours too, uses this server and nothing else."""
        return {
            "AWS_ACCESS_KEY_ID": "demo",
            "AWS_SECRET_ACCESS_KEY": "demo",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": HOST,
        }

    @property
    def pid(self) -> int:
        """The process id of the server."""
        return self._process.pid

    def stop(self) -> None:
        """End the server and wait for it; a second call does nothing."""
        try:
            self._process.communicate(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        except ValueError:
            pass  # The pipes are closed: it was stopped before.

    def __enter__(self) -> Self:
        """Give the running server."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server."""
        self.stop()


def fill_backend() -> int:
    """Put the sample buckets into the moto backend of this process, which is fifty times as fast as by HTTP.

    Returns:
        How many objects were made.
    """
    from moto.core.models import DEFAULT_ACCOUNT_ID
    from moto.s3.models import s3_backends

    backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    made = 0
    for bucket, objects in data.buckets().items():
        backend.create_bucket(bucket, "us-east-1")
        for sample in objects:
            key = backend.put_object(bucket, sample.key, sample.body, disable_notification=True)
            key.set_metadata({"content-type": sample.content_type})
            when = datetime.datetime.fromtimestamp(data.timestamp(sample.day), datetime.UTC)
            key.last_modified = when.replace(tzinfo=None)
            made += 1
    return made


def _allow_line_breaks() -> None:
    """Let keys hold line breaks, as they may on S3: moto's route for keys is a `.+`, which stops at one."""
    from moto.moto_server import utilities, werkzeug_app

    class AnyCharacter(utilities.RegexConverter):
        def __init__(self, url_map: object, *items: str) -> None:
            super().__init__(url_map, *items)
            self.regex = f"(?s:{self.regex})"

    werkzeug_app.RegexConverter = AnyCharacter  # type: ignore[attr-defined]


def serve(fill: bool) -> None:
    """Run the server in this process until stdin closes.

    Args:
        fill: Put the sample buckets into it before it listens.
    """
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    from moto.moto_server.threaded_moto_server import ThreadedMotoServer

    _allow_line_breaks()
    if fill:
        fill_backend()
    server = ThreadedMotoServer(HOST, 0, verbose=False)
    server.start()
    print("port", server.get_host_and_port()[1], flush=True)
    sys.stdin.read()
    # Threads that still answer somebody must not keep the process alive.
    os._exit(0)


if __name__ == "__main__":
    serve(fill="--fill" in sys.argv[1:])
