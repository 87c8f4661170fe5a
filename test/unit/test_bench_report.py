"""The bench says what it measured: medians, ratios, targets, the page; and notices results that are wrong."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bench.cases import CASES, Case, differs, digest_of_small
from bench.commands import Command, command
from bench.drivers.harness import Task
from bench.measuring import Measurement, measure
from bench.peers import PEERS, Peer, install
from bench.report import BEGIN, END, PAGE, markdown, measured_part, number, plain, put_into, rows, targets_table
from bench.runner import Outcome, Series, chosen
from bench.server import BenchFailure, Server, build, compiler
from bench.targets import TARGETS, verdicts

needs_compiler = pytest.mark.skipif(
    sys.platform != "linux" or compiler() is None, reason="the server needs Linux and a C compiler"
)


def took(seconds: float, *, cpu: float = 0.1, peak: int = 10 << 20, **requests: int) -> Measurement:
    return Measurement(seconds, cpu, seconds + 0.1, cpu + 0.1, peak, requests, 3, 1000, 10)


def case(name: str) -> Case:
    return next(each for each in CASES if each.name == name)


@pytest.fixture
def outcome() -> Outcome:
    ours = Series([took(1.0, list=150), took(3.0, list=120), took(0.5, list=100)])
    return Outcome(case("list-flat"), 30, 100, {"tfm": ours, "s5cmd": Series([took(7.0, list=100)]), "boto3": Series()})


def test_rows_hold_medians_and_ratios(outcome: Outcome) -> None:
    assert rows(outcome)[1:] == [
        ("tfm", "1.00", "1.00", "0.100", "1.10", "10", "120", "3", "3"),
        ("s5cmd", "7.00", "7.00", "0.100", "7.10", "10", "100", "3", "1"),
        ("boto3", "failed", "", "", "", "", "", "", ""),
    ]


def test_numbers() -> None:
    assert [number(seconds) for seconds in (0.0123, 0.9996, 1.234, 12.34)] == ["0.012", "1.000", "1.23", "12.3"]


def test_tables() -> None:
    table = [("", "seconds"), ("tfm", "1.0"), ("s5cmd", "10.0")]
    assert plain(table) == "       seconds\ntfm        1.0\ns5cmd     10.0"
    assert markdown(table) == "|  | seconds |\n|---|---:|\n| tfm | 1.0 |\n| s5cmd | 10.0 |"


def test_targets_are_compared(outcome: Outcome) -> None:
    reached = {(each.target.against, each.target.kind): (each.reached, each.good) for each in verdicts([outcome])}
    assert reached == {("s5cmd", "time"): (7.0, True), ("", "requests"): (1.2, True)}
    outcome.peers["tfm"].runs[:] = [took(2.0, list=300)]
    assert [each.good for each in verdicts([outcome])] == [False, False]
    assert targets_table([outcome])[1] == ("list-flat, 30 ms: faster than s5cmd", "6.0×", "3.50×", "**no**")


def test_limits_are_compared() -> None:
    peers = {"tfm": Series([took(0.04)]), "python": Series([took(0.03)])}
    (verdict,) = verdicts([Outcome(case("import"), 0, 0, peers)])
    assert verdict.good
    assert verdict.reached == pytest.approx(0.01)
    large = Outcome(case("put-large"), 0, 0, {"tfm": Series([took(1, peak=65 << 20)])})
    assert targets_table([large])[1:] == [("put-large: peak memory", "≤ 64 MiB", "65 MiB", "**no**")]


def test_every_target_can_be_measured() -> None:
    for target in TARGETS:
        its = case(target.case)
        assert target.latency in its.latencies
        who = its.near if target.latency == 0 and its.near is not None else its.peers
        assert target.ours in who
        assert target.against in {*who, ""}, target


def test_the_page_keeps_what_is_around_the_markers() -> None:
    assert put_into(f"before\n{BEGIN}\nold\n{END}\nafter", "new") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter"
    with pytest.raises(ValueError, match="no markers"):
        put_into("nothing", "new")
    assert put_into(PAGE.read_text(), "x").startswith("# Performance\n")


def test_the_measured_part(outcome: Outcome) -> None:
    outcome.peers["boto3"].failures.append("it failed with 1: no")
    kind = {"cores": "2", "memory": "4 GiB", "system": "Linux 6.1, x86_64", "python": "3.11.7"}
    part = measured_part([outcome], kind, {"tfm": "1.0", "s5cmd": "s5cmd 2.3"}, "2026-01-01")
    assert part.startswith("Measured on 2026-01-01 with 2 cores, 4 GiB, Linux 6.1, x86_64, Python 3.11.7.\n")
    for line in (
        "| s5cmd | s5cmd 2.3 | the program at its defaults: 256 workers |",
        "### list-flat, 30 ms: recursive listing, one directory; at least 100 requests",
        "boto3: it failed with 1: no.",
        "| list-flat, 30 ms: requests over the minimum | ≤ 2.5 | 1.20 | yes |",
    ):
        assert line in part.splitlines()


def test_cases_are_chosen_by_how_they_begin() -> None:
    assert [each.name for each in chosen(CASES, ["list", "delete"])] == [
        "list-flat",
        "list-tree",
        "list-dates",
        "delete",
    ]
    assert chosen(CASES, []) == [*CASES]
    with pytest.raises(BenchFailure, match="no case 'nonsense'; there are list-flat"):
        chosen(CASES, ["nonsense"])


def test_every_peer_of_a_case_has_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Peer, "program", lambda peer: f"/bin/{peer.name}")
    for each in CASES:
        for name in {*each.peers, *(each.near or ())}:
            made = command(PEERS[name], each, Task(file="f", directory="d"))
            if "-m" in made.arguments:
                module = made.arguments[made.arguments.index("-m") + 1].rpartition(".")[2]
                source = (Path(PAGE).parents[2] / "tools" / "bench" / "drivers" / f"{module}.py").read_text()
                assert f'"{made.arguments[made.arguments.index("-m") + 2]}": ' in source, (each.name, name)


def test_a_peer_without_the_work_is_said() -> None:
    with pytest.raises(BenchFailure, match="cp does not do delete"):
        command(PEERS["cp"], case("delete"), Task())


def test_listings_of_programs_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Peer, "program", lambda peer: peer.name)
    read = command(PEERS["s5cmd"], case("list-flat"), Task()).read
    assert read
    assert read("2026/01/01 00:00:00   4096  a b.txt\n2026/01/01 00:00:00      4  c\n") == {"objects": 2, "bytes": 4100}


def test_a_peer_that_cannot_be_installed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.peers.BUILT", tmp_path)
    monkeypatch.setattr("bench.peers.shutil.which", lambda _: str(tmp_path / "uv"))
    fake = tmp_path / "uv"
    fake.write_text("#!/bin/sh\necho 'error: no such package' >&2\nexit 1\n")
    fake.chmod(0o755)
    with pytest.raises(BenchFailure, match="s3fs can't be installed and is left out: error: no such package"):
        install(PEERS["s3fs"])


def test_digest_of_small_files() -> None:
    line = f"data/file-00000000.bin\t4096\t{hashlib.md5(b'x').hexdigest()}\n"
    assert digest_of_small(1, b"x")["md5"] == hashlib.md5(line.encode()).hexdigest()
    assert differs("files", 1, 2) == "files: 1 instead of 2"
    assert differs("files", 1, 1) == ""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("bench")).measure


@needs_compiler
class TestMeasuring:
    @pytest.fixture
    def server(self) -> Server:
        told = {"requests": {"get": 2}, "connections": 3, "sent": 10, "received": 20}
        return cast("Server", SimpleNamespace(control=lambda **_: told))

    def python(self, code: str, **more: Any) -> Command:
        return Command((sys.executable, "-c", code), **more)

    def test_what_a_process_takes(self, program: Path, server: Server) -> None:
        code = "import time; block = bytearray(60 << 20); block[::4096] = b'x' * 15360; time.sleep(0.2)"
        measured, result = measure(self.python(code), server, {}, program)
        assert 0.2 < measured.seconds == measured.process < 30
        assert 0 < measured.cpu < measured.process + 1
        assert 60 << 20 < measured.peak < 200 << 20
        assert (measured.requests, measured.connections, result) == ({"get": 2}, 2, {})

    def test_the_memory_of_whoever_measures_does_not_count(self, program: Path, server: Server) -> None:
        held = bytearray(100 << 20)
        held[::4096] = b"x" * 25600
        measured, _ = measure(self.python("pass"), server, {}, program)
        assert measured.peak < 60 << 20

    def test_a_process_with_a_clock_of_its_own(self, program: Path, server: Server) -> None:
        told = json.dumps({"seconds": 7.5, "cpu": 0.5, "result": {"objects": 3}})
        measured, result = measure(self.python(f"print({told!r})", own_clock=True), server, {}, program)
        assert (measured.seconds, measured.cpu, result) == (7.5, 0.5, {"objects": 3})
        assert measured.process < 7

    @pytest.mark.parametrize(
        ("code", "says"),
        [
            ("import sys; sys.exit('broken: no')", "it failed with 1: broken: no"),
            ("print('words')", "it didn't say what it took: 'words"),
            ("", "it didn't say what it took"),
        ],
    )
    def test_failures(self, program: Path, server: Server, code: str, says: str) -> None:
        with pytest.raises(BenchFailure, match=says):
            measure(self.python(code, own_clock=True), server, {}, program)

    def test_what_takes_too_long_is_ended(self, program: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bench.measuring.SECONDS", 1)
        with pytest.raises(BenchFailure, match="it took longer than 1 s"):
            measure(self.python("import time; time.sleep(60)"), server, {}, program)
