"""A writer that is open when its process ends, or when a process is made of its own."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import warnings

import pytest

from tfm import Path
from tfm.s3.places import use_client
from tfm.s3.writer import PART
from tfm.testing import MemoryS3

OPEN_AT_EXIT = """
import atexit
from tfm import Path
from tfm.s3.places import use_client
from tfm.testing import MemoryS3, SlowClient

memory = MemoryS3()
memory.create_bucket("b")
atexit.register(lambda: print(memory.requests["complete_multipart_upload"], memory.requests["abort_multipart_upload"]))
use_client("", SlowClient(memory, 0.2))
stream = Path("s3://b/k").open("wb")
stream.write(bytes({size}))
"""


def test_open_when_the_interpreter_ends() -> None:
    """The process ends, though parts are on their way, and aborts the upload."""
    program = OPEN_AT_EXIT.format(size=2 * PART + 1)
    command = [sys.executable, "-W", "always", "-c", program]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout.split() == ["0", "1"]
    assert "it was not written" in ended.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_open_when_the_process_forks() -> None:
    """A child of `fork` neither ends the upload nor goes on with it, and hears no warning about it."""
    memory = MemoryS3()
    memory.create_bucket("b")
    use_client("", memory)
    stream = Path("s3://b/k").open("wb")
    stream.write(bytes(PART))
    child = os.fork()
    if child == 0:
        code = 1
        try:
            use_client("", memory)
            warnings.simplefilter("error")
            with pytest.raises(ValueError, match="another process"):
                stream.write(bytes(PART))
            with pytest.raises(ValueError, match="another process"):
                stream.close()
            del stream
            gc.collect()
            code = memory.requests["abort_multipart_upload"]
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    stream.write(b"end")
    stream.close()
    assert Path("s3://b/k").read_bytes() == bytes(PART) + b"end"
