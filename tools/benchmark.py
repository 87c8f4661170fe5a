"""Measure tfm beside its peers: see tools/bench/run."""

from __future__ import annotations

import argparse
import datetime
import signal
import sys
from collections.abc import Sequence

from bench.cases import CASES, Case
from bench.measuring import machine
from bench.peers import PEERS, install, own_version
from bench.report import PAGE, measured_part, plain, rows, targets_table, title, write_page
from bench.runner import Outcome, Runner, chosen
from bench.scene import FULL, QUICK, Scene
from bench.server import BUILT, ROOT, BenchFailure, Server, build, certificate

MINUTES = 9.0
ROUNDS = 3


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="tools/bench/run", description="Measure tfm beside its peers, on an S3 server that the bench brings."
    )
    parser.add_argument("case", nargs="*", help="cases, or how their names begin; all of them by default")
    parser.add_argument("--rounds", type=int, default=0, help=f"how often each is measured ({ROUNDS}; quick: 1)")
    parser.add_argument("--peers", default="", help="who takes part, separated by commas; all of them by default")
    parser.add_argument("--latency", type=int, default=None, help="only this latency, in milliseconds")
    parser.add_argument("--quick", action="store_true", help="less of everything, fewer peers, once")
    parser.add_argument(
        "--minutes", type=float, default=MINUTES, help=f"after that each is measured once ({MINUTES:.0f})"
    )
    parser.add_argument("--write", action="store_true", help="write the page also after a part of the cases")
    parser.add_argument("--list", action="store_true", help="name cases and peers, and do nothing")
    return parser.parse_args()


def participants(given: argparse.Namespace, cases: Sequence[Case]) -> list[str]:
    """Name the peers that are wanted.

    Args:
        given: The command line.
        cases: What is measured.

    Raises:
        BenchFailure: There is no such peer.
    """
    wanted = [name for name in given.peers.split(",") if name]
    unknown = [name for name in wanted if name not in PEERS]
    if unknown:
        raise BenchFailure(f"there is no peer {unknown[0]!r}; there are {', '.join(PEERS)}.")
    if not wanted and given.quick:
        wanted = ["tfm", "tfm client", "boto3", "obstore", "s5cmd", "python", "cp", "shutil"]
    return [
        name
        for name in PEERS
        if (not wanted or name in wanted) and any(name in {*case.peers, *(case.near or ())} for case in cases)
    ]


def install_all(names: Sequence[str]) -> dict[str, str]:
    """Install the peers, and give the version of each that could be.

    Args:
        names: Who is wanted.
    """
    versions = {}
    for name in names:
        try:
            found = install(PEERS[name])
        except BenchFailure as failure:
            print(f"bench: {failure}", file=sys.stderr)
            continue
        versions[name] = ", ".join(f"{package} {number}" for package, number in found.items())
        if name.startswith("tfm"):
            versions[name] = own_version()
    return versions


def measure_all(given: argparse.Namespace, cases: Sequence[Case], versions: dict[str, str]) -> list[Outcome]:
    """Measure the cases, and print the table of each as soon as it is there.

    Args:
        given: The command line.
        cases: What is measured.
        versions: By name of those who take part.
    """
    programs = build()
    chain = certificate(BUILT / "tls") if programs.tls else None
    if chain is None:
        print("bench: without OpenSSL (apt install libssl-dev openssl) there is no https.", file=sys.stderr)
        cases = [case for case in cases if not case.tls]
    rounds = given.rounds or (1 if given.quick else ROUNDS)
    outcomes = []
    with Server(programs, chain) as server:
        scene = Scene.make(server, QUICK if given.quick else FULL, chain[0] if chain else None)
        try:
            runner = Runner(
                scene, programs.measure, {name: PEERS[name] for name in versions}, rounds, given.minutes * 60
            )
            for case in cases:
                for latency in case.latencies:
                    if given.latency is not None and latency != given.latency:
                        continue
                    outcome = runner.run(case, latency)
                    if not outcome.peers:
                        continue
                    outcomes.append(outcome)
                    print(f"\n{title(outcome)}\n{plain(rows(outcome))}", flush=True)
        finally:
            scene.remove()
    return outcomes


def main() -> int:
    """Measure, print, and write the page; give 2 when that can't be done."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    given = arguments()
    try:
        cases = chosen(CASES, given.case)
        if given.list:
            print("cases: " + ", ".join(case.name for case in cases) + "\npeers: " + ", ".join(PEERS))
            return 0
        versions = install_all(participants(given, cases))
        told = {name: version for name, version in versions.items() if version}
        print("\n".join(f"{name}: {version}" for name, version in told.items()), flush=True)
        outcomes = measure_all(given, cases, versions)
    except (BenchFailure, OSError) as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    targets = targets_table(outcomes)
    if targets:
        print(f"\n{plain(targets)}")
    if given.quick:
        print("\nThe targets are meant for a full run: in a quick one there is less to do, and starting weighs more.")
    whole = not (given.case or given.peers or given.quick or given.latency is not None)
    if whole or given.write:
        day = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
        write_page(measured_part(outcomes, machine(), versions, day))
        print(f"\nbench: wrote {PAGE.relative_to(ROOT)}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
