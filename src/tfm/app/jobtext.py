"""Jobs in words and bars: how far one is, and what became of it. Pure."""

from __future__ import annotations

from tfm.operations import Job, JobState
from tfm.wording import bytes_text, count_text, duration_text


def summary(job: Job) -> str:
    """What became of a job, in one sentence.

    Args:
        job: One that ended.
    """
    counts = {"done": 0, "skipped": 0, "failed": 0, "cancelled": 0}
    for outcome in job.report:
        counts[outcome.status] += 1
    parts = [f"{count_text(job.progress.files_done, 'entry', 'entries')} done"]
    size = sum(outcome.bytes for outcome in job.report if outcome.status == "done")
    if size:
        parts[0] += f", {bytes_text(size)}"
    parts += [f"{counts[each]:,} {each}" for each in ("skipped", "failed") if counts[each]]
    if counts["cancelled"] or job.state is JobState.CANCELLED:
        parts.append("cancelled, and what was done stays done")
    return "; ".join(parts) + "."


def fraction(job: Job) -> float | None:
    """How much of a job is done, from 0 to 1; `None` while it is still being counted.

    Args:
        job: A job.
    """
    now = job.progress
    if not now.listing_done:
        return None
    if now.bytes_found:
        return min(1.0, now.bytes_done / now.bytes_found)
    return min(1.0, now.files_done / now.files_found) if now.files_found else None


def progress_text(job: Job) -> str:
    """How far a job is: entries, bytes, speed and the time that is left.

    Args:
        job: A job.
    """
    now = job.progress
    more = "" if now.listing_done else "+"
    parts = [f"{now.files_done:,} of {now.files_found:,}{more} entries"]
    if now.bytes_found:
        parts.append(f"{bytes_text(now.bytes_done)} of {bytes_text(now.bytes_found)}{more}")
    if now.speed:
        parts.append(f"{bytes_text(int(now.speed))}/s")
    if now.eta is not None and now.listing_done:
        parts.append(f"{duration_text(now.eta)} left")
    if now.failed:
        parts.append(f"{now.failed:,} failed")
    return " · ".join(parts)


def bar(done: float | None, width: int) -> str:
    """A bar of plain characters, right without colours too.

    Args:
        done: From 0 to 1; `None` for an empty one.
        width: Cells.
    """
    full = round((done or 0.0) * width)
    return "█" * full + "░" * (width - full)
