"""The tables: on the terminal while it runs, and in docs/reference/performance.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.peers import PEERS
from bench.runner import Outcome, Series
from bench.server import ROOT
from bench.targets import describe, verdicts

PAGE = ROOT / "docs" / "reference" / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
MIB = 1 << 20
COLUMNS = ("", "seconds", "× tfm", "CPU", "process", "peak MiB", "requests", "connections", "runs")


def rows(outcome: Outcome) -> list[tuple[str, ...]]:
    """Give the rows of a case's table, the columns' names first.

    Args:
        outcome: What was measured.
    """
    ours = outcome.peers.get("tfm")
    base = ours.median("seconds") if ours and ours.runs else 0.0
    return [COLUMNS, *(_row(name, series, base) for name, series in outcome.peers.items())]


def _row(name: str, series: Series, base: float) -> tuple[str, ...]:
    if not series.runs:
        return (name, "failed", *[""] * (len(COLUMNS) - 2))
    seconds = series.median("seconds")
    return (
        name,
        number(seconds),
        f"{seconds / base:.2f}" if base else "",
        number(series.median("cpu")),
        number(series.median("process")),
        f"{series.median('peak') / MIB:.0f}",
        f"{series.requests:,}",
        f"{series.median('connections'):.0f}",
        str(len(series.runs)),
    )


def number(seconds: float) -> str:
    """Give seconds with three digits that mean something.

    Args:
        seconds: The time.
    """
    return f"{seconds:.1f}" if seconds >= 10 else f"{seconds:.2f}" if seconds >= 1 else f"{seconds:.3f}"


def title(outcome: Outcome) -> str:
    """Name a case and its latency.

    Args:
        outcome: What was measured.
    """
    latency = f", {outcome.latency} ms" if len(outcome.case.latencies) > 1 else ""
    least = f"; at least {outcome.minimum:,} requests" if outcome.minimum > 1 else ""
    return f"{outcome.case.name}{latency}: {outcome.case.title}{least}"


def plain(table: Sequence[Sequence[str]]) -> str:
    """Give a table for a terminal: the first column to the left, the others to the right.

    Args:
        table: Its rows.
    """
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        ).rstrip()
        for row in table
    )


def markdown(table: Sequence[Sequence[str]]) -> str:
    """Give a table for a page.

    Args:
        table: Its rows.
    """
    lines = ["| " + " | ".join(row) + " |" for row in table]
    lines.insert(1, "|---|" + "---:|" * (len(table[0]) - 1))
    return "\n".join(lines)


def targets_table(outcomes: Sequence[Outcome]) -> list[tuple[str, ...]]:
    """Give the table of targets that were measured; empty when there are none.

    Args:
        outcomes: What was measured.
    """
    found = verdicts(outcomes)
    lines = [(*describe(verdict), "yes" if verdict.good else "**no**") for verdict in found]
    return [("target", "wanted", "measured", "reached"), *lines] if lines else []


def measured_part(
    outcomes: Sequence[Outcome], machine: Mapping[str, str], versions: Mapping[str, str], day: str
) -> str:
    """Give what stands between the markers of the page.

    Args:
        outcomes: What was measured.
        machine: On what kind of machine.
        versions: Of what was measured, by name of the peer.
        day: When.
    """
    kind = f"{machine['cores']} cores, {machine['memory']}, {machine['system']}, Python {machine['python']}"
    parts = [f"Measured on {day} with {kind}.", "", "| | version | used by |", "|---|---|---|"]
    for name, peer in PEERS.items():
        if any(name in outcome.peers for outcome in outcomes):
            parts.append(f"| {name} | {versions.get(name, '')} | {peer.about} |")
    targets = targets_table(outcomes)
    if targets:
        parts += ["", "### Targets", "", markdown(targets)]
    for outcome in outcomes:
        parts += ["", f"### {title(outcome)}", "", markdown(rows(outcome))]
        failures = [f"{name}: {why}." for name, series in outcome.peers.items() for why in series.failures]
        parts += ["", *failures] if failures else []
    return "\n".join(parts)


def put_into(page: str, part: str) -> str:
    """Replace what stands between the markers.

    Args:
        page: The text of the page.
        part: What stands there from now on.

    Raises:
        ValueError: The page has no such markers.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no markers {BEGIN} and {END}.")
    return f"{before}{BEGIN}\n\n{part}\n\n{END}{after}"


def write_page(part: str, page: Path = PAGE) -> None:
    """Write the measured part into the page.

    Args:
        part: The part.
        page: The page.
    """
    page.write_text(put_into(page.read_text(), part))
