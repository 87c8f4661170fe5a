from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path as LocalPath

import pytest

from tfm import Path
from tfm.operations.journal import KEPT_JOBS, Journal, JournalError, Standing
from tfm.operations.record import Record, Step
from tfm.operations.request import Asked, Request

REQUEST = Request("copy", (Asked("/a", "file", "b"),), "s3://bucket/c", "ask", None, {"x": True})


@pytest.fixture
def journal(tmp_path: LocalPath) -> Journal:
    return Journal(tmp_path / "state")


def test_a_job_is_written_down_and_read_again(journal: Journal) -> None:
    number = journal.begin(REQUEST, "Copy 1 entry")
    record = Record(journal, number)
    assert [job.standing for job in journal.jobs()] == [Standing.RUNNING]
    record.end(Standing.FAILED, (3, 2, 1, 1000), ["/a: no"])
    known = Journal(journal.directory).job(number)
    assert (known.request, known.title, known.standing) == (REQUEST, "Copy 1 entry", Standing.FAILED)
    assert (known.done, known.skipped, known.failed, known.bytes, known.reasons) == (3, 2, 1, 1000, ("/a: no",))
    assert known.ended is not None
    assert known.ended >= known.created


def test_a_job_whose_process_is_gone_is_interrupted(journal: Journal) -> None:
    code = (
        "import os, sys; from tfm.operations.journal import Journal; from tfm.operations.record import Record;"
        "from tfm.operations.request import Request; journal = Journal(sys.argv[1]);"
        "record = Record(journal, journal.begin(Request('delete', ()), 'x')); os.kill(os.getpid(), 9)"
    )
    ended = subprocess.run([sys.executable, "-c", code, journal.directory], check=False)
    assert ended.returncode == -9
    assert [job.standing for job in journal.jobs()] == [Standing.INTERRUPTED]


def test_nobody_runs_a_job_twice(journal: Journal) -> None:
    number = journal.begin(REQUEST, "x")
    record = Record(journal, number)
    with pytest.raises(JournalError, match="never run twice"):
        Record(Journal(journal.directory), number, resumed=True)
    record.close()
    Record(Journal(journal.directory), number, resumed=True).close()


def test_a_step_is_known_to_the_next_process_and_only_to_it(journal: Journal, tmp_path: LocalPath) -> None:
    name = os.fsdecode(b"odd \xff name\n")
    source, target = Path(tmp_path) / name, Path("s3://bucket/x y")
    first = Record(journal, journal.begin(REQUEST, "x"))
    first.begin([Step(source, target, "5 1.0 ", replaced=True), Step(source, target, directory=True)])
    assert first.find(source) is None
    first.close()
    second = Record(Journal(journal.directory), first.number, resumed=True)
    assert second.find(source) == Step(source, target, "5 1.0 ", replaced=True)
    assert second.find(source, directory=True) == Step(source, target, directory=True)
    assert second.find(target) is None
    second.done(source)
    assert second.find(source) is not None
    second.flush()
    assert list(second.steps(done=True)) == [Step(source, target, "5 1.0 ", replaced=True, done=True)]
    assert list(second.steps(done=False)) == [Step(source, target, directory=True)]


def test_a_relative_path_is_the_same_entry_elsewhere(
    journal: Journal, tmp_path: LocalPath, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    record = Record(journal, journal.begin(REQUEST, "x"))
    record.begin([Step(Path("a"), Path("b"))])
    record.close()
    monkeypatch.chdir("/")
    again = Record(journal, record.number, resumed=True)
    assert again.find(Path(tmp_path) / "a") == Step(Path(tmp_path) / "a", Path(tmp_path) / "b")


def test_more_steps_than_are_read_at_once_come_in_order(journal: Journal) -> None:
    record = Record(journal, journal.begin(REQUEST, "x"))
    top = Path("s3://b")
    record.begin([Step(top / f"{number:05}", top / "t") for number in range(2500)])
    assert [step.source.name for step in record.steps(done=False)] == [f"{number:05}" for number in range(2500)]


def test_pieces_are_those_of_one_version(journal: Journal) -> None:
    record = Record(journal, journal.begin(REQUEST, "x"))
    keeper = record.keeper(Step(Path("/a"), Path("s3://b/a")), lambda: False)
    keeper.uploading("")
    assert keeper.known("v1").upload_id == ""
    keeper.uploading("id")
    keeper.piece("v1", 1, '"e1"')
    keeper.piece("v1", 3, '"e3"')
    known = keeper.known("v1")
    assert (known.pieces, known.upload_id) == ({1: '"e1"', 3: '"e3"'}, "id")
    assert keeper.known("v2").pieces == {}
    assert keeper.known("v1").pieces == {}
    keeper.ended()
    assert keeper.known("v1").upload_id == ""


@pytest.mark.parametrize(
    ("error", "stopping", "kept"),
    [
        (ConnectionError(), False, True),
        (TimeoutError(), False, True),
        (OSError(), False, False),
        (OSError(), True, True),
    ],
)
def test_what_a_broken_line_or_a_stop_leaves_is_kept(
    journal: Journal, error: Exception, stopping: bool, kept: bool
) -> None:
    record = Record(journal, journal.begin(REQUEST, "x"))
    assert record.keeper(Step(Path("/a"), Path("/b")), lambda: stopping).keeps(error) is kept


def test_ranges_on_a_disk_count_only_until_the_machine_is_started_anew(journal: Journal) -> None:
    record = Record(journal, journal.begin(REQUEST, "x"))
    step = Step(Path("/a"), Path("/b"))
    record.keeper(step, lambda: False).piece("disk:v", 1)
    record.keeper(Step(Path("/c"), Path("s3://b/c")), lambda: False).piece("v", 1, "e")
    record.close()
    journal.write("UPDATE jobs SET boot='another' WHERE id=?", [(record.number,)])
    again = Record(journal, record.number, resumed=True)
    assert again.keeper(step, lambda: False).known("disk:v").pieces == {}
    assert again.keeper(Step(Path("/c"), Path("s3://b/c")), lambda: False).known("v").pieces == {1: "e"}


def test_old_jobs_that_are_over_are_forgotten_and_others_are_not(journal: Journal) -> None:
    open_one = journal.begin(REQUEST, "open")
    for _ in range(KEPT_JOBS + 5):
        record = Record(journal, journal.begin(REQUEST, "x"))
        record.begin([Step(Path("/a"), Path("/b"))])
        record.end(Standing.DONE, (1, 0, 0, 0), ())
    assert next(job.number for job in journal.jobs()) == open_one
    assert len(journal.jobs()) <= KEPT_JOBS + 2
    counted = journal.read("SELECT count(DISTINCT job) FROM steps")[0][0]
    assert counted <= KEPT_JOBS + 1


def test_what_cannot_be_used_is_named(tmp_path: LocalPath) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(JournalError, match="journal of jobs can't be used"):
        Journal(tmp_path / "file" / "below")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad/jobs.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(JournalError, match=r"not a database"):
        Journal(tmp_path / "bad")
    newer = Journal(tmp_path / "newer")
    newer.close()
    with sqlite3.connect(newer.file) as database:
        database.execute("PRAGMA user_version=99")
    with pytest.raises(JournalError, match="another version of tfm"):
        Journal(tmp_path / "newer")


def test_a_job_that_is_not_there_is_said(journal: Journal) -> None:
    with pytest.raises(JournalError, match="there is no job 7"):
        journal.job(7)
