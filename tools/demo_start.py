"""Open the demo with its local folder below .demo/ of the checkout, or check the app on it."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from tfm.demo.run import run_demo

ROOT = Path(__file__).resolve().parent.parent


def own_directory() -> Path:
    """Make an empty directory for this process, and remove those of demos that were killed."""
    parent = ROOT / ".demo"
    parent.mkdir(exist_ok=True)
    for old in parent.iterdir():
        if old.name.isdigit() and not _runs(int(old.name)):
            shutil.rmtree(old, ignore_errors=True)
    own = parent / str(os.getpid())
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir()
    return own


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def main() -> int:
    """Run what was asked for; give its exit code."""
    parser = argparse.ArgumentParser(prog="tools/demo", description="The file manager on sample data.")
    parser.add_argument("--check", action="store_true", help="drive it without a terminal and verify what it did")
    chosen = parser.parse_args()
    own = own_directory()
    try:
        if chosen.check:
            from demo_check import check_demo

            return check_demo(str(own))
        return run_demo(str(own))
    finally:
        shutil.rmtree(own, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
