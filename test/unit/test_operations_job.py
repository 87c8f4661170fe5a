"""A job as seen by whoever started it."""

import threading
import time

import pytest

from tfm import Path
from tfm.operations import Conflict, Decision, Job, JobState, copy, delete, treecopy
from tfm.operations import job as job_module
from tfm.operations.ledger import Entry
from tfm.operations.scheduler import LARGE
from tfm.transfer import source as source_module
from tfm.width import Width


@pytest.fixture
def here(tmp_path):
    (tmp_path / "from" / "d").mkdir(parents=True)
    (tmp_path / "to").mkdir()
    for number in range(10):
        (tmp_path / "from" / "d" / f"f{number}").write_bytes(b"x" * number)
    return Path(tmp_path)


def finish(job, listener=None):
    job.start(listener)
    assert job.wait(30)
    return job


def until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def test_a_job_does_nothing_before_it_starts(here):
    job = copy([here / "from" / "d"], here / "to")
    assert job.state is JobState.QUEUED
    assert not job.wait(0)
    assert list((here / "to").iterdir()) == []


def test_a_job_starts_once(here):
    job = finish(copy([here / "from" / "d"], here / "to"))
    with pytest.raises(RuntimeError):
        job.start()


def test_the_figures_of_a_finished_job(here):
    job = finish(copy([here / "from" / "d"], here / "to"))
    assert job.state is JobState.DONE
    progress = job.progress
    assert (progress.files_found, progress.files_done) == (11, 11)
    assert (progress.bytes_found, progress.bytes_done) == (45, 45)
    assert progress.listing_done
    assert [(outcome.status, outcome.bytes) for outcome in job.report] == [("done", 45)]


def test_events_come_in_order_and_one_at_a_time(here):
    events, inside, overlaps = [], [], []

    def listener(event):
        overlaps.extend(inside)
        inside.append(event)
        time.sleep(0.001)
        events.append(event)
        inside.clear()

    finish(copy([here / "from" / "d"], here / "to"), listener)
    assert overlaps == []
    kinds = [event.kind for event in events]
    assert kinds[0] == "found"
    assert kinds[-1] == "finished"
    assert kinds.count("finished") == 1
    assert kinds.count("started") == 10
    assert kinds.count("done") == 11
    assert sum(event.count for event in events if event.kind == "found") == 11
    for path in {event.path for event in events if event.kind == "started"}:
        mine = [event.kind for event in events if event.path == path]
        assert mine == ["started", "done"]


def test_only_the_wanted_events_are_told(here):
    events = []
    job = copy([here / "from" / "d"], here / "to")
    job.start(events.append, only=("found", "finished"))
    assert job.wait(30)
    assert {event.kind for event in events} == {"found", "finished"}
    assert events[-1].kind == "finished"
    assert events[-1].progress.files_done == 11


def test_progress_is_told_at_most_ten_times_a_second(here):
    (here / "from" / "large").write_bytes(b"x" * 64 * 1024 * 1024)
    events = []
    begun = time.monotonic()
    finish(copy([here / "from" / "large"], here / "to"), events.append)
    seconds = time.monotonic() - begun
    assert 1 <= sum(event.kind == "progressed" for event in events) <= seconds * 10 + 1


def test_a_listener_that_raises_does_not_hurt_the_job(here, caplog):
    def listener(event):
        raise KeyError(event.kind)

    job = finish(copy([here / "from" / "d"], here / "to"), listener)
    assert job.state is JobState.DONE
    assert len(list((here / "to" / "d").iterdir())) == 10
    assert "listener" in caplog.text


def test_a_listener_may_cancel_its_job(here):
    job = copy([here / "from" / "d"], here / "to")
    finish(job, lambda event: job.cancel())
    assert job.state is JobState.CANCELLED


def test_a_cancelled_job_that_never_started_reports_so(here):
    job = copy([here / "from" / "d"], here / "to")
    job.cancel()
    assert job.wait(5)
    assert job.state is JobState.CANCELLED
    assert [(outcome.status, outcome.reason) for outcome in job.report] == [("cancelled", "it was not begun")]
    with pytest.raises(RuntimeError):
        job.start()


def test_a_failure_of_ours_is_reported_and_not_swallowed(here, monkeypatch):
    def broken(path):
        raise AttributeError("a mistake")

    monkeypatch.setattr(source_module.LocalSource, "__init__", lambda self, path: broken(path))
    job = finish(copy([here / "from" / "d" / "f1"], here / "to"))
    assert job.state is JobState.FAILED
    assert job.report[0].reason == "unexpected AttributeError: a mistake"


def test_a_job_that_fails_as_a_whole_says_so_of_every_source(here):
    (here / "file").write_bytes(b"")
    job = finish(copy([here / "from" / "d", here / "from" / "d" / "f1"], here / "file" / "below"))
    assert job.state is JobState.FAILED
    assert [outcome.status for outcome in job.report] == ["failed", "failed"]
    assert all("directory" in outcome.reason.lower() for outcome in job.report)


class Stalled:
    """Reads that wait, as those from a server that does not answer."""

    def __init__(self, monkeypatch):
        self.gate = threading.Event()
        self.entered = threading.Event()
        monkeypatch.setattr(source_module.kernel, "clone", self._clone)

    def _clone(self, *given):
        self.entered.set()
        self.gate.wait(60)
        raise OSError(5, "Input/output error")


def test_a_cancel_does_not_wait_for_what_hangs(here, monkeypatch):
    monkeypatch.setattr(job_module, "GRACE", 0.2)
    stalled = Stalled(monkeypatch)
    job = copy([here / "from" / "d"], here / "to")
    events = []
    job.start(events.append)
    assert stalled.entered.wait(5)
    begun = time.monotonic()
    job.cancel()
    assert job.wait(5)
    assert time.monotonic() - begun < 2
    assert job.state is JobState.CANCELLED
    assert {outcome.status for outcome in job.report} == {"cancelled"}
    before = job.report
    stalled.gate.set()  # the deadline of what hung
    until(lambda: list((here / "to" / "d").iterdir()) == [])
    assert job.report == before
    assert events[-1].kind == "finished"


@pytest.fixture
def asked(here):
    for number in (1, 2, 3):
        target = here / "to" / "d" / f"f{number}"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(b"old")
    job = copy([here / "from" / "d"], here / "to")
    events = []
    job.start(events.append)
    until(lambda: job.progress.files_done == 7 and len(job.questions) == 3)
    return job, events


def content(here, number):
    return (here / "to" / "d" / f"f{number}").read_bytes()


def test_questions_are_collected_while_everything_else_goes_on(here, asked):
    job, events = asked
    assert job.state is JobState.ASKING
    assert {question.target.name for question in job.questions} == {"f1", "f2", "f3"}
    assert [event.kind for event in events].count("asked") == 3
    assert [content(here, number) for number in (1, 2, 3)] == [b"old"] * 3
    assert content(here, 9) == b"x" * 9
    question = job.questions[0]
    assert question.target_info.size == 3
    assert question.source_info.size == int(question.source.name[1])
    job.cancel()
    assert job.wait(5)


def test_each_question_is_answered_by_itself(here, asked):
    job, _ = asked
    answers = {"f1": Decision.OVERWRITE, "f2": Decision.SKIP, "f3": Decision.KEEP_BOTH}
    for question in job.questions:
        job.answer(question, answers[question.target.name])
    assert job.wait(10)
    assert job.state is JobState.DONE
    assert content(here, 1) == b"x"
    assert content(here, 2) == b"old"
    assert content(here, 3) == b"old"
    assert (here / "to" / "d" / "f3 (1)").read_bytes() == b"xxx"
    assert job.questions == []
    assert job.progress.skipped == 1


def test_one_answer_can_hold_for_all(here, asked):
    job, _ = asked
    job.answer(job.questions[1], Decision.OVERWRITE, for_all=True)
    assert job.wait(10)
    assert [content(here, number) for number in (1, 2, 3)] == [b"x", b"xx", b"xxx"]


def test_a_question_is_answered_once(here, asked):
    job, _ = asked
    question = job.questions[0]
    job.answer(question, Decision.SKIP)
    job.answer(question, Decision.OVERWRITE)
    job.answer(job.questions[-1], Decision.SKIP, for_all=True)
    assert job.wait(10)
    assert [content(here, number) for number in (1, 2, 3)] == [b"old"] * 3


def test_a_cancel_leaves_what_was_asked_about_as_it_is(here, asked):
    job, _ = asked
    job.cancel()
    assert job.wait(10)
    assert job.state is JobState.CANCELLED
    assert job.questions == []
    assert [content(here, number) for number in (1, 2, 3)] == [b"old"] * 3


def test_questions_are_bounded(here, monkeypatch):
    monkeypatch.setattr(job_module, "MOST_QUESTIONS", 2)
    for number in range(100):
        (here / "from" / "d" / f"g{number}").touch()
    finish(copy([here / "from" / "d"], here / "to"))
    job = copy([here / "from" / "d"], here / "to", conflict=Conflict.ASK)
    job.start()
    until(lambda: len(job.questions) >= 2)
    time.sleep(0.1)
    assert len(job.questions) < 40
    assert job.state is JobState.ASKING
    job.answer(job.questions[0], Decision.SKIP, for_all=True)
    assert job.wait(10)
    assert job.progress.skipped == 110


def test_titles():
    paths = [Path("/tmp/a"), Path("/tmp/b"), Path("/tmp/c")]
    assert copy(paths, Path("s3://bucket/x")).title == "Copy 3 entries to s3://bucket/x"
    assert delete(paths[:1]).title == "Delete 1 entry"


@pytest.mark.parametrize("size", [1, LARGE])
@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_no_more_at_once_than_the_limit(size, at_once):
    lock, now, seen = threading.Lock(), [0], []

    class Many:
        title = "Many"

        def __init__(self):
            self.width = Width(first=8, most=8)

        def prepare(self, job):
            self.group = job.ledger.group(Path("/x"), None)

        def run(self, job):
            for number in range(12):
                entry = Entry(self.group, Path(f"/x/{number}"), None, size if number % 2 else 1)
                job.submit(entry, lambda entry=entry: self.step(job, entry))
            job.drain()

        def step(self, job, entry):
            with lock:
                now[0] += 1
                seen.append(now[0])
            time.sleep(0.01)
            with lock:
                now[0] -= 1
            job.ledger.done(entry, 0)

    job = Job(Many())
    job.limit(at_once)
    finish(job)
    assert max(seen) <= at_once
    assert len(seen) == 12


def test_a_file_that_appears_in_a_new_directory_is_not_replaced_without_being_asked_for(here, monkeypatch):
    real = treecopy._make

    def make(entries, tree, key, info):
        real(entries, tree, key, info)
        (here / "to" / "d" / "f3").write_bytes(b"theirs")

    monkeypatch.setattr(treecopy, "_make", make)
    job = finish(copy([here / "from" / "d"], here / "to", conflict=Conflict.SKIP))
    assert (here / "to" / "d" / "f3").read_bytes() == b"theirs"
    assert [outcome.source.name for outcome in job.report if outcome.status == "skipped"] == ["f3"]
    assert job.progress.files_done == 10
    assert sorted(path.name for path in (here / "to" / "d").iterdir()) == [f"f{number}" for number in range(10)]


def test_a_paused_job_does_nothing_more_until_it_may_go_on(here, monkeypatch):
    for number in range(10):
        (here / "from" / "d" / f"f{number}").write_bytes(b"x" * 10)
    job = copy([here / "from" / "d"], here / "to")
    job.pause()
    job.start()
    until(lambda: job.state is JobState.PAUSED)
    time.sleep(0.1)
    assert job.progress.files_done == 0
    assert not [each for each in (here / "to").rglob("*") if each.is_file()]
    job.go_on()
    assert job.wait(10)
    assert (job.state, job.progress.files_done) == (JobState.DONE, 11)


def test_a_paused_job_can_be_cancelled(here):
    job = copy([here / "from" / "d"], here / "to")
    job.pause()
    job.start()
    job.cancel()
    assert job.wait(10)
    assert job.state is JobState.CANCELLED
    job.pause()
    assert job.state is JobState.CANCELLED


def test_what_has_other_bytes_is_overwritten_and_what_has_the_same_is_not(here):
    (here / "to" / "d").mkdir()
    for name, data in (("f1", b"x"), ("f2", b"yy"), ("f3", b"longer")):
        (here / "to" / "d" / name).write_bytes(data)
    before = (here / "to" / "d" / "f1").stat().st_ino
    job = finish(copy([here / "from" / "d"], here / "to", conflict=Conflict.CHECKSUM_DIFFERS))
    assert [content(here, number) for number in (1, 2, 3)] == [b"x", b"xx", b"xxx"]
    assert (here / "to" / "d" / "f1").stat().st_ino == before
    assert [outcome.reason for outcome in job.report if outcome.status == "skipped"] == [
        "the target has the same bytes"
    ]
