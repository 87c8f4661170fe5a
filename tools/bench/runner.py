"""The run: cases one after another, and in each the peers taking turns, round by round."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.cases import Case
from bench.commands import command, variables
from bench.measuring import Measurement, measure
from bench.peers import Peer
from bench.scene import Scene
from bench.server import BenchFailure

PATIENCE = 3.0
"""Seconds from which on a peer is measured once: its time is so long that noise doesn't matter."""


@dataclass
class Series:
    """What one peer took for one case.

    Args:
        runs: Each time.
        failures: What went wrong; after the second time it is not tried again.
    """

    runs: list[Measurement] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def median(self, name: str) -> float:
        """Give the median of one figure over the runs.

        Args:
            name: A field of `Measurement`.
        """
        return statistics.median(float(getattr(run, name)) for run in self.runs)

    @property
    def requests(self) -> int:
        """How many requests the run of the median asked for."""
        return int(statistics.median_low(sum(run.requests.values()) for run in self.runs))


@dataclass
class Outcome:
    """What came of one case at one latency.

    Args:
        case: The case.
        latency: Milliseconds added to each request.
        minimum: The least number of requests that it takes; 0 where that says nothing.
        peers: By name of the peer, in the order in which they were asked for.
    """

    case: Case
    latency: int
    minimum: int
    peers: dict[str, Series] = field(default_factory=dict)


class Runner:
    """Measures.

    Args:
        scene: The scene.
        program: What measures one command.
        peers: Who takes part, by name.
        rounds: How often each is measured.
        seconds: When this time is over, each is measured once only.
    """

    def __init__(self, scene: Scene, program: Path, peers: dict[str, Peer], rounds: int, seconds: float) -> None:
        self._scene = scene
        self._program = program
        self._peers = peers
        self._rounds = rounds
        self._end = time.monotonic() + seconds
        self._rehearsed: set[tuple[str, str]] = set()

    def run(self, case: Case, latency: int) -> Outcome:
        """Measure one case at one latency.

        Args:
            case: The case.
            latency: Milliseconds added to each request.
        """
        outcome = Outcome(case, latency, case.minimum(self._scene))
        wanted = case.near if latency == 0 and case.near is not None else case.peers
        outcome.peers = {name: Series() for name in wanted if name in self._peers}
        self._scene.server.control(latency=0, keep=0)
        for number in range(self._rounds * case.rounds):
            late = time.monotonic() > self._end
            for name, series in outcome.peers.items():
                slow = bool(series.runs) and series.runs[0].process > PATIENCE
                if len(series.failures) > 1 or (number and series.runs and (late or slow)):
                    continue
                self._once(case, latency, self._peers[name], series)
        return outcome

    def _once(self, case: Case, latency: int, peer: Peer, series: Series) -> None:
        try:
            self._rehearse(case, peer)
            task = case.prepare(self._scene)
            self._scene.server.control(latency=latency)
            given = {**self._scene.variables(tls=case.tls), **variables(peer)}
            measured, result = measure(command(peer, case, task), self._scene.server, given, self._program)
            self._scene.server.control(latency=0)
            wrong = case.check(self._scene, peer.name, result)
        except BenchFailure as failure:
            wrong = str(failure)
        else:
            if not wrong:
                series.runs.append(measured)
        if wrong:
            series.failures.append(wrong)
            print(f"bench: {case.name}, {latency} ms, {peer.name}: {wrong}", file=sys.stderr, flush=True)

    def _rehearse(self, case: Case, peer: Peer) -> None:
        """Do shorter work once, whose result is checked more closely than that of what is timed."""
        if (case.name, peer.name) in self._rehearsed:
            return
        self._rehearsed.add((case.name, peer.name))
        task = case.rehearse(self._scene)
        if task is None:
            return
        given = {**self._scene.variables(tls=case.tls), **variables(peer)}
        measure(command(peer, case, task), self._scene.server, given, self._program)
        wrong = case.check_rehearsal(self._scene)
        if wrong:
            raise BenchFailure(wrong)


def chosen(cases: Sequence[Case], names: Sequence[str]) -> list[Case]:
    """Give the cases of some names, or of names that begin so; all of them for no names.

    Args:
        cases: All cases.
        names: The names.

    Raises:
        BenchFailure: One fits no case.
    """
    for name in names:
        if not any(case.name.startswith(name) for case in cases):
            there_are = ", ".join(case.name for case in cases)
            raise BenchFailure(f"there is no case {name!r}; there are {there_are}.")
    return [case for case in cases if not names or any(case.name.startswith(name) for name in names)]
