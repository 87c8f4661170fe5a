"""Run the shared tests on real S3 servers too: `tools/test --servers [pytest arguments]`.

MiniStack and SeaweedFS are installed into an environment of their own (`.envs/servers-3.11`, exactly what
tools/servers.lock lists), started on free ports of the loopback interface, and stopped afterwards, also after a
failure, Ctrl-C, or when this program is killed. What they write lies below `.envs` and is removed; their logs stay in
`.envs/servers`. Without a path among the arguments the tests are those of test/conformance.

`TFM_TEST_SERVERS` tells the tests about the servers: `name=http://key:secret@127.0.0.1:port`, separated by spaces. Set
by hand, with `tools/test`, it runs them on any other server that may be filled with rubbish.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / ".envs"
HOST = "127.0.0.1"
KEY, SECRET = "demo", "demo-secret"
START_SECONDS = 60
STOP_SECONDS = 20
ATTEMPTS = 3


class ServerFailure(Exception):
    """A server cannot be had; the text is one sentence that says why and what to do."""


def free_ports(number: int) -> list[int]:
    """Find free ports of the loopback interface.

    Args:
        number: How many.
    """
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.create_server((HOST, 0))) for _ in range(number)]
        return [each.getsockname()[1] for each in sockets]


class RealServer:
    """An S3 server in a process of its own; a subclass says how it is started.

    Args:
        programs: The directory of the programs of the environment of servers.
        data: An empty directory for all that it writes.
    """

    name = ""
    ports_needed = 1

    def __init__(self, programs: Path, data: Path) -> None:
        self.programs = programs
        self.data = data
        self.ports = free_ports(self.ports_needed)
        self.log = ENVIRONMENTS / "servers" / f"{self.name}.log"

    @property
    def url(self) -> str:
        """Where it listens, with the keys that it takes."""
        return f"http://{KEY}:{SECRET}@{HOST}:{self.ports[0]}"

    def command(self) -> list[str]:
        """Give the program and its arguments."""
        raise NotImplementedError

    def variables(self) -> dict[str, str]:
        """Give what it needs in its environment."""
        return {}

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Start it, wait until it takes an object, and stop it in the end.

        Raises:
            ServerFailure: It ended, or took too long.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TFM_"))}
        with self.log.open("wb") as log:
            guard = subprocess.Popen(
                [sys.executable, str(ROOT / "tools" / "guard.py"), *self.command()],
                env={**kept, "HOME": str(self.data), "TMPDIR": str(self.data), **self.variables()},
                cwd=self.data,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for pytest, which still needs the server to clean up
            )
        try:
            self._wait(guard)
            yield
        finally:
            self._stop(guard)

    def _wait(self, guard: subprocess.Popen[bytes]) -> None:
        """Wait until an object can be written and read."""
        quick = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1})
        client = boto3.client(
            "s3", endpoint_url=f"http://{HOST}:{self.ports[0]}", region_name="us-east-1", config=quick,
            aws_access_key_id=KEY, aws_secret_access_key=SECRET,
        )  # fmt: skip
        end = time.monotonic() + START_SECONDS
        said = ""
        while guard.poll() is None and time.monotonic() < end:
            try:
                self._write_and_remove(client)
                return
            except (BotoCoreError, ClientError) as error:
                said = f", and last said: {error}"
                time.sleep(0.2)
        what = "ended" if guard.poll() is not None else f"takes no object after {START_SECONDS} s"
        raise ServerFailure(f"{self.name} {what}{said}; see {os.path.relpath(self.log, ROOT)}.")

    @staticmethod
    def _write_and_remove(client: Any) -> None:
        name = "is-it-there"
        with contextlib.suppress(client.exceptions.BucketAlreadyOwnedByYou, client.exceptions.BucketAlreadyExists):
            client.create_bucket(Bucket=name)
        client.put_object(Bucket=name, Key="k", Body=b"x")
        client.delete_object(Bucket=name, Key="k")
        client.delete_bucket(Bucket=name)

    def _stop(self, guard: subprocess.Popen[bytes]) -> None:
        assert guard.stdin is not None
        guard.stdin.close()
        try:
            guard.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            guard.kill()
            guard.wait()


class MiniStack(RealServer):
    """MiniStack: AWS in Python, young.

    Source: https://pypi.org/project/ministack/
    """

    name = "ministack"

    def command(self) -> list[str]:
        """Give the program and its arguments."""
        return [str(self.programs / "ministack")]

    def variables(self) -> dict[str, str]:
        """Give what it needs in its environment: it listens on every interface unless told otherwise."""
        return {
            "BIND_HOST": HOST, "GATEWAY_PORT": str(self.ports[0]), "SERVICES": "s3", "LOG_LEVEL": "WARNING",
            "PERSIST_STATE": "0", "STATE_DIR": str(self.data), "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
        }  # fmt: skip


class SeaweedFS(RealServer):
    """SeaweedFS: a production server on a tree of directories, which is no flat space of keys.

    Source: https://github.com/seaweedfs/seaweedfs/wiki/Amazon-S3-API
    """

    name = "seaweedfs"
    ports_needed = 8

    def command(self) -> list[str]:
        """Give the program and its arguments."""
        identity = {"name": "tests", "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin"]}
        settings = self.data / "s3.json"
        settings.write_text(json.dumps({"identities": [identity]}))
        names = ("s3", "master", "volume", "filer")
        ports = [f"-{name}.port={port}" for name, port in zip(names, self.ports[:4], strict=True)]
        ports += [f"-{name}.port.grpc={port}" for name, port in zip(names, self.ports[4:], strict=True)]
        return [
            str(self.programs / "weed"), "server", f"-dir={self.data}", f"-ip={HOST}", f"-ip.bind={HOST}",
            f"-s3.ip.bind={HOST}", *ports, "-filer", "-s3", f"-s3.config={settings}", "-master.telemetry=false",
            "-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.autoCreateBucket=false",
            "-s3.allowDeleteBucketNotEmpty=false", "-master.volumeSizeLimitMB=64", "-volume.max=0",
            "-volume.preStopSeconds=0",
        ]  # fmt: skip

    def variables(self) -> dict[str, str]:
        """Give what it needs in its environment: without a key it refuses to encrypt."""
        return {"WEED_S3_SSE_KEY": SECRET}

    def _stop(self, guard: subprocess.Popen[bytes]) -> None:
        super()._stop(guard)
        # Its sockets are named by its ports, always in /tmp, and it leaves some behind.
        for port in self.ports:
            for socket_file in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                socket_file.unlink(missing_ok=True)


SERVERS: tuple[type[RealServer], ...] = (MiniStack, SeaweedFS)


def first_that_runs(kind: type[RealServer], programs: Path, data: Path, running: contextlib.ExitStack) -> RealServer:
    """Start a server; once more on other ports if it ended, since a port may have been taken meanwhile.

    Args:
        kind: Which server.
        programs: The directory of its program.
        data: An empty directory for all that it writes.
        running: What stops it.
    """
    for _ in range(ATTEMPTS - 1):
        server = kind(programs, data)
        with contextlib.suppress(ServerFailure):
            running.enter_context(server.running())
            return server
    server = kind(programs, data)
    running.enter_context(server.running())
    return server


@contextlib.contextmanager
def started(kind: type[RealServer], programs: Path) -> Iterator[RealServer]:
    """Start a server on data of its own, and stop it and remove them in the end.

    Args:
        kind: Which server.
        programs: The directory of its program.
    """
    (ENVIRONMENTS / "tmp").mkdir(parents=True, exist_ok=True)
    data = Path(tempfile.mkdtemp(prefix=f"{kind.name}-", dir=ENVIRONMENTS / "tmp"))
    try:
        with contextlib.ExitStack() as running:
            yield first_that_runs(kind, programs, data, running)
    finally:
        shutil.rmtree(data, ignore_errors=True)


def programs_of_servers() -> Path:
    """Make the environment of the servers, and give the directory of its programs."""
    made = subprocess.run(
        [sys.executable, "-B", str(ROOT / "tools" / "environment.py"), "--servers"],
        stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if made.returncode != 0:
        raise ServerFailure("the environment of the servers could not be made.")
    return Path(made.stdout.strip()).parent


def run_pytest(arguments: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run pytest to its end, also when Ctrl-C was pressed; give its exit code.

    Args:
        arguments: What follows `tools/test --servers`.
        variables: What it finds in its environment.
    """
    paths = [one for one in arguments if not one.startswith("-") and (ROOT / one.partition("::")[0]).exists()]
    command = [sys.executable, "-m", "pytest", "-n", "2", *arguments, *([] if paths else ["test/conformance"])]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    process = subprocess.Popen(command, cwd=ROOT, env={**kept, **variables})
    try:
        return process.wait()
    except KeyboardInterrupt:  # pytest has got it too, and cleans up
        return process.wait()
    except SystemExit:
        process.terminate()
        process.wait()
        raise


def main() -> int:
    """Start the servers, run the tests, stop the servers; give pytest's exit code."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        with contextlib.ExitStack() as running:
            programs = programs_of_servers()
            begun = time.monotonic()
            servers = [running.enter_context(started(kind, programs)) for kind in SERVERS]
            names = ", ".join(server.name for server in servers)
            print(f"tfm: {names} run after {time.monotonic() - begun:.1f} s.", file=sys.stderr, flush=True)
            told = " ".join(f"{server.name}={server.url}" for server in servers)
            return run_pytest(sys.argv[1:], {"TFM_TEST_SERVERS": told})
    except ServerFailure as failure:
        print(f"tfm: {failure}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
