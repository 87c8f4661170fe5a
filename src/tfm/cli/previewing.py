"""What a verb would do, printed instead of done."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from tfm.cli.console import Console
from tfm.cli.exits import Exit
from tfm.operations import Step
from tfm.wording import bytes_text, count_text


def add_dry_run(parser: argparse.ArgumentParser) -> None:
    """Add the option.

    Args:
        parser: A verb's.
    """
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")


def show_steps(steps: Iterable[Step], console: Console) -> Exit:
    """Print what would be done, and the sum.

    Args:
        steps: All of it.
        console: Where it is printed.
    """
    count = size = 0
    for step in steps:
        done = step.action not in ("ask", "skip", "refuse")
        count += done and step.action != "directory"
        size += step.bytes if done else 0
        console.failures += step.action == "refuse"
        arrow = "" if step.target is None else f" -> {step.target}"
        reason = f"  ({step.reason})" if step.reason and step.reason != "missing" else ""
        console.show(
            f"{step.action} {step.source}{arrow}{reason}",
            {
                "action": step.action,
                "source": str(step.source),
                "target": None if step.target is None else str(step.target),
                "bytes": step.bytes,
                "reason": step.reason or None,
            },
        )
    if not console.as_json:
        console.show(f"{count_text(count, 'entry', 'entries')}, {bytes_text(size)}; nothing was done", {})
    return console.exit()
