"""The demo: the app with a local folder on the left and an S3 server full of sample data on the right."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, NoReturn

from tfm.demo import data
from tfm.demo.server import DemoError, EmbeddedS3
from tfm.path import Path
from tfm.s3 import places


class DemoWorld(NamedTuple):
    """What the demo works on.

    Args:
        folder: The local folder.
        buckets: `s3://`, whose children are the sample buckets.
        server: The S3 server.
    """

    folder: Path
    buckets: Path
    server: EmbeddedS3


@contextmanager
def demo_world(directory: str | None = None) -> Iterator[DemoWorld]:
    """Make the sample data and an S3 server; on leaving, end the server and remove the folder.

    Inside, the environment of this process has no other AWS settings than the server's.

    Args:
        directory: An existing directory to make the local folder in; `None` is the system's for temporary files.

    Raises:
        DemoError: moto is not installed, or the server did not start.
    """
    with (
        EmbeddedS3.start(fill=True) as server,
        tempfile.TemporaryDirectory(prefix="tfm-demo-", dir=directory) as folder,
    ):
        data.fill_folder(folder)
        before = dict(os.environ)
        for name in before:
            if name.startswith("AWS_"):
                del os.environ[name]
        os.environ.update(server.environment())
        places.reset()
        try:
            yield DemoWorld(Path(folder), Path("s3://"), server)
        finally:
            places.reset()
            os.environ.clear()
            os.environ.update(before)


def run_demo(directory: str | None = None) -> int:
    """Open the app on the sample data, and remove the data when it ends.

    Args:
        directory: Where to make the local folder; see `demo_world`.

    Returns:
        The exit code: 0, or 2 with a sentence on stderr when the demo could not start.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        print("tfm: the demo needs a terminal, and stdin or stdout is none.", file=sys.stderr)
        return 2
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        with demo_world(directory) as world:
            from tfm.app import TfmApp

            TfmApp(world.folder, world.buckets).run()
    except DemoError as error:
        print(f"tfm: {error}", file=sys.stderr)
        return 2
    return 0


def _leave(number: int, _frame: object) -> NoReturn:
    """End by an exception, so that the folder and the server go too."""
    raise SystemExit(128 + number)
