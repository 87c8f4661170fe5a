"""Run the steps of the gate, a line for each, and give the output of those that failed."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sys.executable).parent
FAST_TESTS = ("test/architecture", "test/docs")


def steps(fast: bool) -> dict[str, list[str]]:
    """Give each step's name and command.

    Args:
        fast: Leave out the tests that take time.
    """
    return {
        "format": [str(PROGRAMS / "ruff"), "format", "--check"],
        "lint": [str(PROGRAMS / "ruff"), "check"],
        "types": [str(PROGRAMS / "mypy")],
        "layers": [str(PROGRAMS / "lint-imports")],
        "tests": [str(ROOT / "tools" / "test"), "--python", sys.executable, "-q", *(FAST_TESTS if fast else ())],
    }


def run(name: str, command: list[str]) -> bool:
    """Run one step and print its line; give whether it passed.

    Args:
        name: What the line begins with.
        command: The program and its arguments.
    """
    started = time.monotonic()
    result = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    said = result.stdout.decode(errors="replace").strip()
    passed = result.returncode == 0
    if not passed:
        print(said)
    last = said.splitlines()[-1].strip("= ") if said else ""
    print(f"{name:8} {'ok' if passed else 'FAILED':7} {time.monotonic() - started:6.1f} s  {last}", flush=True)
    return passed


def main() -> int:
    """Run every step, also after one that failed; give 1 if one failed."""
    parser = argparse.ArgumentParser(prog="tools/check", description="The one gate of the project.")
    parser.add_argument("--fast", action="store_true", help="only the tests of the architecture and the documentation")
    chosen = parser.parse_args()
    failed = [name for name, command in steps(chosen.fast).items() if not run(name, command)]
    print(f"gate: {', '.join(failed)} FAILED" if failed else "gate: ok")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
