"""Show what many and large objects take: see tools/scale."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.scene import SMALL
from bench.server import BUILT, ROOT, BenchFailure, Server, build

OBJECTS = 1_000_000
SMALL_FILES = 100_000
GIB = 1 << 30
LARGE = 100 * GIB
MIB = 1 << 20
MOST = 300 * MIB
"""Memory that a process may have at its peak, whatever there is to do."""
HELD = {"copy": ("scale",), "copy-again": ("scale", "copies"), "delete": ("scale",), "compare": ("scale", "copies"),
        "sync": ("scale",), "down": ("scale",)}  # fmt: skip
"""Which buckets are full when a case begins; the other one is empty."""
CASES = ("copy", "copy-again", "delete", "compare", "sync", "up", "down", "large")


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="tools/scale", description="Show what many and large objects take.")
    parser.add_argument("case", nargs="*", help=f"which: {', '.join(CASES)}; all of them by default")
    parser.add_argument("--objects", type=int, default=OBJECTS, help=f"objects of a tree ({OBJECTS:,})")
    parser.add_argument("--files", type=int, default=SMALL_FILES, help=f"small files up and down ({SMALL_FILES:,})")
    parser.add_argument("--shape", default="tree", help="of the keys: tree, flat, dates, uuid, skew or alone (tree)")
    parser.add_argument("--gib", type=int, default=LARGE // GIB, help=f"of the large object ({LARGE // GIB})")
    given = parser.parse_args()
    if unknown := sorted(set(given.case) - set(CASES)):
        parser.error(f"there is no case {unknown[0]!r}; there are {', '.join(CASES)}.")
    return given


def prepare(server: Server, given: argparse.Namespace, case: str, directory: Path) -> None:
    """Fill the buckets, or a directory.

    Args:
        server: The running server.
        given: The command line.
        case: What comes next.
        directory: Where files are, or are to be.
    """
    small = case in ("up", "down")
    for bucket in ("scale", "copies"):
        server.control(clear=bucket)
        if bucket in HELD.get(case, ()):
            count, shape = (given.files, "flat") if small else (given.objects, given.shape)
            server.control(fill=bucket, shape=shape, count=count, size=SMALL, prefix="data/")
    if case == "up":
        for number in range(given.files):
            (directory / f"file-{number:08d}.bin").write_bytes(bytes(SMALL))


def measured(server: Server, given: argparse.Namespace, case: str, directory: Path) -> dict[str, Any]:
    """Do a case in a process of its own, and give what it and the server tell.

    Args:
        server: The running server.
        given: The command line.
        case: Which.
        directory: Where files are, or are to be.

    Raises:
        BenchFailure: It failed.
    """
    task = {"directory": str(directory), "bytes": given.gib * GIB}
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    variables = {
        **kept, "PYTHONPATH": str(ROOT / "src"), "HOME": str(directory), "TFM_CONFIG": "", "NO_PROXY": "*",
        "AWS_ACCESS_KEY_ID": "scale", "AWS_SECRET_ACCESS_KEY": "scale", "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_S3": server.endpoint, "AWS_EC2_METADATA_DISABLED": "true",
    }  # fmt: skip
    server.control(reset=1)
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "scaled_jobs.py"), case, json.dumps(task)],
        env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise BenchFailure(f"{case} failed: {done.stderr.strip()[-1000:]}")
    told = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(told, dict)
    counted = server.control()
    return {**told, "requests": counted["requests"], "before": counted["lists_before"]}


def row(case: str, told: dict[str, Any]) -> str:
    """Say what a case took, in a line.

    Args:
        case: Which.
        told: What was measured.
    """
    speed = told["objects"] / told["seconds"]
    text = (
        f"{case:11} {told['objects']:>9,} in {told['seconds']:7.1f} s ({speed:9,.0f}/s), {told['peak'] / MIB:4.0f} MiB"
    )
    if told.get("first") is not None:
        text += f"; first after {told['first']:.2f} s, listed after {told['listed']:.1f} s"
    lists = told["requests"].get("list", 0)
    if lists and case != "compare":
        text += f"; first request after {told['before']:,} of {lists:,} pages"
    more = [f"{count:,} {name}" for name, count in told["requests"].items()]
    more += [f"{told[name]:,} {name}" for name in ("parts up", "ranges down", "parts copied") if name in told]
    return f"{text}\n{'':11} {', '.join(more)}"


def faults(case: str, told: dict[str, Any]) -> list[str]:
    """Say what is not as it should be.

    Args:
        case: Which.
        told: What was measured.
    """
    found = []
    if told["peak"] > MOST:
        found.append(f"{case} took {told['peak'] / MIB:.0f} MiB, more than {MOST / MIB:.0f} MiB.")
    lists = told["requests"].get("list", 0)
    if case in ("copy", "delete", "sync", "down") and lists > 10 and told["before"] >= lists // 2:
        found.append(f"{case} did nothing before {told['before']:,} of {lists:,} pages were listed.")
    return found


def main() -> int:
    """Show every case; give 1 when one is not as it should be, 2 when it can't be done."""
    given = arguments()
    wrong: list[str] = []
    BUILT.mkdir(parents=True, exist_ok=True)
    try:
        with Server(build()) as server:
            for case in given.case or CASES:
                directory = Path(tempfile.mkdtemp(prefix="scale-", dir=BUILT))
                try:
                    prepare(server, given, case, directory)
                    told = measured(server, given, case, directory)
                finally:
                    shutil.rmtree(directory, ignore_errors=True)
                print(row(case, told), flush=True)
                wrong += faults(case, told)
    except BenchFailure as failure:
        print(f"scale: {failure}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    for sentence in wrong:
        print(f"scale: {sentence}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
