"""What tfm wants to reach, as ratios inside one run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from bench.runner import Outcome, Series

MIB = 1 << 20
IMPORT_SECONDS = 0.015
PEAK = 64 * MIB
REQUESTS = 2.5


class Target(NamedTuple):
    """One ratio, or one limit.

    Args:
        case: The case.
        latency: Milliseconds added to each request.
        against: Who it is compared with.
        wanted: The ratio, peer over tfm; or the limit.
        kind: `time`, `cpu`, or one of the limits in `LIMITS`.
        ours: Which way of using tfm.
    """

    case: str
    latency: int
    against: str
    wanted: float
    kind: str = "time"
    ours: str = "tfm"


class Verdict(NamedTuple):
    """What came of one target.

    Args:
        target: The target.
        reached: What was measured.
        good: Whether that is enough.
    """

    target: Target
    reached: float
    good: bool


def _lists() -> Iterable[Target]:
    for shape in ("flat", "tree", "dates"):
        for against, wanted in (("s5cmd", 6), ("obstore", 5), ("boto3", 12)):
            yield Target(f"list-{shape}", 30, against, wanted)
        yield Target(f"list-{shape}", 30, "", REQUESTS, "requests")


TARGETS: Sequence[Target] = (
    *_lists(),
    Target("directory", 30, "s5cmd", 1),
    Target("directory", 30, "obstore", 1),
    Target("get-small", 30, "s5cmd", 1.7),
    Target("get-small", 30, "s5cmd", 1 / 0.7, "cpu"),
    Target("put-small", 30, "s5cmd", 1.3),
    Target("put-small", 30, "s5cmd", 1 / 0.7, "cpu"),
    Target("delete", 30, "s5cmd", 1.3),
    Target("copy", 30, "s5cmd", 1.2),
    *(Target(f"verb-{verb}", 0, "boto3", 4, "cpu", "tfm client") for verb in ("head", "get", "put", "copy", "list")),
    Target("verb-delete", 0, "boto3", 4, "cpu", "tfm client"),
    Target("get-large", 0, "s5cmd", 1.3),
    Target("put-large", 0, "s5cmd", 2),
    Target("get-large", 0, "", PEAK, "peak"),
    Target("put-large", 0, "", PEAK, "peak"),
    Target("start", 0, "boto3", 2.5),
    Target("import", 0, "python", IMPORT_SECONDS, "more"),
    Target("local-small", 0, "cp", 1),
    Target("local-small", 0, "shutil", 1),
    Target("local-large", 0, "cp", 1),
    Target("local-large", 0, "shutil", 1),
)

LIMITS: dict[str, Callable[[Outcome, Series, Series | None], float]] = {
    "requests": lambda outcome, ours, _: ours.requests / outcome.minimum,
    "peak": lambda _, ours, __: ours.median("peak"),
    "more": lambda _, ours, other: ours.median("seconds") - other.median("seconds") if other else 0,
}
"""What must not be above its limit."""


def verdicts(outcomes: Sequence[Outcome]) -> list[Verdict]:
    """Compare what was measured with the targets; what was not measured is left out.

    Args:
        outcomes: What was measured.
    """
    return [verdict for target in TARGETS for outcome in outcomes if (verdict := _judge(target, outcome)) is not None]


def _judge(target: Target, outcome: Outcome) -> Verdict | None:
    if (outcome.case.name, outcome.latency) != (target.case, target.latency):
        return None
    ours, other = outcome.peers.get(target.ours), outcome.peers.get(target.against)
    if ours is None or not ours.runs or (target.against and (other is None or not other.runs)):
        return None
    if target.kind in LIMITS:
        reached = LIMITS[target.kind](outcome, ours, other)
        return Verdict(target, reached, reached <= target.wanted)
    assert other is not None
    figure = {"time": "seconds", "cpu": "cpu"}[target.kind]
    reached = other.median(figure) / ours.median(figure)
    return Verdict(target, reached, reached >= target.wanted)


def describe(verdict: Verdict) -> tuple[str, str, str]:
    """Say what was wanted, how much of it, and what was reached.

    Args:
        verdict: The verdict.
    """
    target = verdict.target
    latency = f", {target.latency} ms" if target.latency else ""
    where = f"{target.case}{latency}"
    if target.kind == "requests":
        return f"{where}: requests over the minimum", f"≤ {target.wanted:.1f}", f"{verdict.reached:.2f}"
    if target.kind == "peak":
        return f"{where}: peak memory", f"≤ {target.wanted / MIB:.0f} MiB", f"{verdict.reached / MIB:.0f} MiB"
    if target.kind == "more":
        milliseconds = f"{verdict.reached * 1000:.1f} ms"
        return f"{where}: more than {target.against} alone", f"≤ {target.wanted * 1000:.0f} ms", milliseconds
    ours = "" if target.ours == "tfm" else f", {target.ours}"
    what = "less CPU than" if target.kind == "cpu" else "faster than"
    return f"{where}{ours}: {what} {target.against}", f"{target.wanted:.1f}×", f"{verdict.reached:.2f}×"
