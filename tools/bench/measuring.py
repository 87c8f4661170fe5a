"""One measurement: a command in a process of its own, what it took, and what the server counted meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.commands import Command
from bench.drivers.harness import Result
from bench.server import BenchFailure, Server

SECONDS = 120
"""How long one command may take."""


@dataclass(frozen=True)
class Measurement:
    """What one command took.

    Args:
        seconds: Wall time of the work: by the command's own clock, or of the whole process.
        cpu: CPU seconds of the same.
        process: Wall time of the whole process.
        process_cpu: CPU seconds of the whole process.
        peak: The most memory that it held, in bytes.
        requests: What the server was asked, by kind.
        connections: How many connections were opened.
        sent: Bytes that the server sent.
        received: Bytes that it got.
    """

    seconds: float
    cpu: float
    process: float
    process_cpu: float
    peak: int
    requests: Mapping[str, int]
    connections: int
    sent: int
    received: int

    def as_json(self) -> dict[str, object]:
        """Give it as what JSON can hold."""
        return asdict(self)


def measure(
    command: Command, server: Server, variables: Mapping[str, str], program: Path
) -> tuple[Measurement, Result]:
    """Run a command and give what it took, and what it says that it saw.

    Args:
        command: The command.
        server: The server that counts.
        variables: The environment of the command.
        program: What measures; see `server/measure.c`.

    Raises:
        BenchFailure: It failed, took too long, or didn't say what it should.
    """
    with tempfile.TemporaryDirectory(prefix="tfm-bench-") as directory:
        told, said = Path(directory) / "told.json", Path(directory) / "said"
        server.control(reset=1)
        with said.open("wb") as out, tempfile.TemporaryFile() as errors:
            done = subprocess.run(
                [str(program), str(told), str(SECONDS), *command.arguments],
                env=dict(variables), stdin=subprocess.DEVNULL, stdout=out, stderr=errors, check=False, cwd=directory,
            )  # fmt: skip
            counted = server.control()
            errors.seek(0)
            complaint = errors.read().decode(errors="replace")
        if done.returncode:
            raise BenchFailure(f"what measures failed: {complaint.strip()}")
        took = json.loads(told.read_text())
        output = said.read_text(errors="replace")
    if took["exit"]:
        raise BenchFailure(_failure(took, complaint))
    cpu = took["user"] + took["system"]
    own, result = _said(command, output)
    measured = Measurement(
        seconds=own.get("seconds", took["seconds"]),
        cpu=own.get("cpu", cpu),
        process=took["seconds"],
        process_cpu=cpu,
        peak=took["peak_kib"] * 1024,
        requests=counted["requests"],
        connections=counted["connections"] - 1,  # the one that asks for the counters
        sent=counted["sent"],
        received=counted["received"],
    )
    return measured, result


def _said(command: Command, output: str) -> tuple[dict[str, float], Result]:
    if command.own_clock:
        try:
            told = json.loads(output.splitlines()[-1])
        except (IndexError, ValueError):
            raise BenchFailure(f"it didn't say what it took: {output[-200:]!r}") from None
        return {"seconds": told["seconds"], "cpu": told["cpu"]}, told["result"]
    return {}, command.read(output) if command.read else {}


def _failure(took: Mapping[str, float], complaint: str) -> str:
    if took["seconds"] >= SECONDS:
        return f"it took longer than {SECONDS} s"
    lines = [line for line in complaint.splitlines() if line.strip()] or ["it said nothing"]
    return f"it failed with {took['exit']}: {lines[-1].strip()[:300]}"


def machine() -> dict[str, str]:
    """Tell on what kind of machine this runs."""
    uname = os.uname()
    return {
        "system": f"{uname.sysname} {uname.release.partition('-')[0]}, {uname.machine}",
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "python": ".".join(map(str, sys.version_info[:3])),
    }
