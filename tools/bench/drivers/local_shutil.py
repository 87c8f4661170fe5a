"""shutil, on local files."""

from __future__ import annotations

import shutil
from pathlib import Path

from bench.drivers.harness import Result, Task, run


def local(task: Task) -> Result:
    """Copy a local directory, or file, into another directory."""
    source = Path(task.file)
    target = Path(task.directory) / source.name
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy2(source, target)
    return {}


if __name__ == "__main__":
    run({"local": local})
