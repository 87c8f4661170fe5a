"""tools/scale: what it shows is true at a small size, and what is wrong is said."""

from __future__ import annotations

import sys

import pytest

import show_scale
from bench.server import compiler
from show_scale import MIB, faults, main, row

needs_compiler = pytest.mark.skipif(compiler() is None or sys.platform != "linux", reason="there is no C compiler")


@needs_compiler
def test_a_few_of_everything(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    sizes = ["--objects", "3000", "--files", "100", "--gib", "1"]
    monkeypatch.setattr(sys, "argv", ["scale", *show_scale.CASES, *sizes])
    assert main() == 0
    said = capfd.readouterr().out
    for case in show_scale.CASES:
        assert f"\n{case}" in f"\n{said}"
    assert "3,000 copy" in said
    assert "3 delete_many" in said
    assert "100 put" in said
    assert "128 parts up, 64 ranges down" in said


def test_what_is_wrong_is_said() -> None:
    told = {
        "objects": 5, "seconds": 2.0, "peak": 400 * MIB, "before": 90, "first": 1.0, "listed": 1.5,
        "requests": {"list": 100, "copy": 5},
    }  # fmt: skip
    assert faults("copy", told) == [
        "copy took 400 MiB, more than 300 MiB.",
        "copy did nothing before 90 of 100 pages were listed.",
    ]
    assert faults("compare", {**told, "peak": MIB}) == []
    assert "first request after 90 of 100 pages" in row("copy", told)


@pytest.mark.parametrize("given", ["nothing", "--sideways"])
def test_a_wrong_argument_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], given: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["scale", given])
    with pytest.raises(SystemExit):
        main()
    assert given in capsys.readouterr().err
