"""Removing what a job has left unfinished: part files beside their targets, and uploads that were begun."""

from __future__ import annotations

import os

from tfm.operations.record import Record, Step
from tfm.path import Path
from tfm.s3.attributes import S3Attributes
from tfm.transfer.partfile import part_name
from tfm.transfer.plan import on_disk


def sweep(record: Record) -> None:
    """Remove everything that a job has begun and not finished, and that is its own beyond doubt.

    Args:
        record: The job's page in the journal.

    Raises:
        OSError: Something could not be removed; what it is stays in the journal.
    """
    for step in record.steps(done=False):
        drop_part(step.target, record.mark)
    drop_uploads(record)


def drop_part(target: Path, mark: str) -> None:
    """Remove the unfinished file that a job has written beside a target.

    Args:
        target: The target.
        mark: The job's.
    """
    if not on_disk(target):
        return
    directory, name = os.path.split(os.fspath(target))
    try:
        os.unlink(os.path.join(directory, part_name(name, mark)))
    except (FileNotFoundError, NotADirectoryError):
        pass


def drop_uploads(record: Record, step: Step | None = None) -> None:
    """Drop the uploads that a job has begun.

    Args:
        record: The job's page in the journal.
        step: Only that of one entry, and only when it is not known which one it is; `None` for all.
    """
    journal, number = record.journal, record.number
    found = journal.read("SELECT source, target, upload, since FROM uploads WHERE job=?", number)
    for source, target, upload_id, since in found:
        if step is not None and (upload_id or source != step.key):
            continue
        path = Path(os.fsdecode(target))
        assert isinstance(path, S3Attributes)  # nothing else has uploads
        path.drop_upload(upload_id, since)
        journal.write("DELETE FROM uploads WHERE job=? AND source=?", [(number, source)])
        journal.write("DELETE FROM pieces WHERE job=? AND source=?", [(number, source)])
