"""Which entries go together, and what becomes of those that can't."""

import gc
import threading
import time

import pytest
from together import TogetherS3

from tfm import Path
from tfm.bulk import LARGEST_READ, LARGEST_WRITE
from tfm.errors import S3AuthError, S3ExistsError, S3GenericError, S3RateLimitError
from tfm.info import FileInfo
from tfm.operations import Conflict, Decision, JobState, copy, move, smallfiles
from tfm.operations.ledger import Entry
from tfm.operations.scheduler import MOST_AHEAD
from tfm.s3.cache import S3Cache
from tfm.s3.caching import CachingClient
from tfm.s3.places import use_client, width_at

BUCKET = Path("s3://b")


@pytest.fixture
def memory():
    client = TogetherS3()
    client.create_bucket("b")
    use_client("", CachingClient(client, S3Cache()))
    return client


@pytest.fixture
def here(tmp_path):
    (tmp_path / "d").mkdir()
    for number in range(20):
        (tmp_path / "d" / f"f{number}").write_bytes(b"%d" % number)
    return Path(tmp_path)


def stored(memory, prefix=""):
    return {
        facts.key: memory.get("b", facts.key).read()
        for page in memory.pages("b", prefix, delimiter="")
        for facts in page.objects
    }


def fill(memory, prefix="d"):
    for number in range(20):
        memory.put("b", f"{prefix}/f{number}", b"%d" % number)


def finish(job, state=JobState.DONE):
    job.start()
    assert job.wait(30)
    assert job.state is state, job.report
    return job


EXPECTED = {f"d/f{number}": b"%d" % number for number in range(20)}


def on_disk(top):
    return {f"{top.name}/{path.name}": path.read_bytes() for path in top.iterdir()}


def test_files_go_up_together(memory, here):
    job = finish(copy([here / "d"], BUCKET))
    assert stored(memory) == EXPECTED
    assert len(memory.asked) == 20
    assert job.progress.files_done == 21
    assert job.progress.bytes_done == sum(map(len, EXPECTED.values()))
    assert memory.closed == 1


def test_objects_come_down_together_with_their_times(memory, here):
    fill(memory)
    finish(copy([BUCKET / "d"], here / "to"))
    assert on_disk(here / "to" / "d") == EXPECTED
    assert len(memory.asked) == 20
    info = (BUCKET / "d" / "f1").facts()
    assert (here / "to" / "d" / "f1").stat().st_mtime == info.mtime


def test_objects_are_copied_together_inside_a_place(memory):
    fill(memory)
    memory.put("b", "d/encrypted", b"e")
    finish(copy([BUCKET / "d"], BUCKET / "to"))
    assert stored(memory, "to/") == {f"to/{name}": data for name, data in {**EXPECTED, "d/encrypted": b"e"}.items()}
    assert len(memory.asked) == 21


def test_what_is_large_goes_alone(memory, here):
    (here / "d" / "large").write_bytes(b"x" * (LARGEST_WRITE + 1))
    finish(copy([here / "d"], BUCKET))
    assert "d/large" not in memory.asked
    assert len(stored(memory)["d/large"]) == LARGEST_WRITE + 1
    memory.put("b", "d/larger", b"x" * (LARGEST_READ + 1))
    memory.asked.clear()
    finish(copy([BUCKET / "d"], here / "to"))
    assert "d/larger" not in memory.asked
    assert "d/large" in memory.asked
    assert (here / "to" / "d" / "larger").stat().st_size == LARGEST_READ + 1


@pytest.mark.parametrize("way", ["up", "down", "inside"])
def test_what_is_in_the_way_is_asked_about_and_the_rest_goes_on(memory, here, way):
    fill(memory)
    source, into = {"up": (here, BUCKET / "to"), "down": (BUCKET, here / "to"), "inside": (BUCKET, BUCKET / "to")}[way]
    (into / "d").mkdir(parents=True)
    (into / "d" / "f7").write_bytes(b"old")
    job = copy([source / "d"], into)
    asked = threading.Event()
    job.start(lambda event: asked.set(), only=("asked",))
    assert asked.wait(10)
    (question,) = job.questions
    assert question.target == into / "d" / "f7"
    assert question.target_info.size == 3
    job.answer(question, Decision.OVERWRITE)
    assert job.wait(10)
    assert job.state is JobState.DONE
    assert (into / "d" / "f7").read_bytes() == b"7"
    assert len(list((into / "d").iterdir())) == 20


@pytest.mark.parametrize("way", ["up", "down"])
def test_what_appears_meanwhile_is_not_overwritten(memory, here, way):
    fill(memory)
    source, into = (here, BUCKET / "to") if way == "up" else (BUCKET, here / "to")
    memory.before["f7"] = lambda: (into / "d" / "f7").write_bytes(b"theirs")
    job = finish(copy([source / "d"], into, conflict=Conflict.SKIP))
    assert (into / "d" / "f7").read_bytes() == b"theirs"
    assert job.progress.skipped == 1


def test_an_object_that_is_another_one_by_now_is_read_anew(memory, here):
    fill(memory)
    memory.before["f7"] = lambda: memory.put("b", "d/f7", b"newer")
    finish(copy([BUCKET / "d"], here / "to"))
    assert (here / "to" / "d" / "f7").read_bytes() == b"newer"


def test_a_server_without_conditions_on_copies_is_copied_on_alone(memory):
    fill(memory)
    memory.refuses["f7"] = S3GenericError("no such condition", code="NotImplemented", status=501)
    finish(copy([BUCKET / "d"], BUCKET / "to"))
    assert len(stored(memory, "to/")) == 20


def test_who_is_asked_to_slow_down_does_and_tries_again(memory, here):
    memory.refuses["f7"] = S3RateLimitError("slow down")
    before = width_at("").limit
    finish(copy([here / "d"], BUCKET))
    assert stored(memory) == EXPECTED
    assert width_at("").limit == before // 2


def test_a_refusal_is_reported_by_name(memory, here):
    memory.refuses["f7"] = S3AuthError("You may not.")
    job = finish(copy([here / "d"], BUCKET), JobState.FAILED)
    assert [outcome.source.name for outcome in job.report if outcome.status == "failed"] == ["f7", "d"]
    assert len(stored(memory)) == 19


def test_a_file_that_vanishes_is_reported_by_name(memory, here, monkeypatch):
    real = here.__class__.scan

    def vanishing(self, **more):
        for page in real(self, **more):
            (here / "d" / "f7").unlink()
            yield page

    monkeypatch.setattr(here.__class__, "scan", vanishing)
    job = finish(copy([here / "d"], BUCKET), JobState.FAILED)
    assert [outcome.source.name for outcome in job.report if outcome.status == "failed"] == ["f7", "d"]


@pytest.mark.parametrize("way", ["down", "inside"])
def test_moved_objects_go_when_their_copies_are_there(memory, here, way):
    fill(memory)
    into = here / "to" if way == "down" else BUCKET / "to"
    memory.before["f9"] = lambda: memory.put("b", "d/f3", b"newer")
    job = finish(move([BUCKET / "d"], into), JobState.FAILED)
    assert stored(memory, "d/") == {"d/f3": b"newer"}
    assert memory.requests["delete_objects"] == 1
    assert len(list((into / "d").iterdir())) == 20
    assert "changed while it was moved" in job.report[0].reason


def test_moved_files_go_when_their_copies_were_looked_at_once_more(memory, here):
    one, other, *_, last = [path.name for path in (here / "d").iterdir()]  # the first two are there before the last

    def meddle():
        (here / "d" / one).write_bytes(b"newer")
        memory.put("b", f"d/{other}", b"theirs")

    memory.before[last] = meddle
    job = finish(move([here / "d"], BUCKET), JobState.FAILED)
    assert len(memory.asked) == 20
    assert memory.requests["list_objects_v2"] == 3  # what is there before, what is there now, and for the marker
    assert on_disk(here / "d") == {f"d/{one}": b"newer", f"d/{other}": EXPECTED[f"d/{other}"]}
    reasons = {outcome.source.name: outcome.reason for outcome in job.report}
    assert "changed while it was moved" in reasons[one]
    assert "somebody else wrote it" in reasons[other]
    assert stored(memory) == EXPECTED | {f"d/{other}": b"theirs"}


def test_a_cancel_drops_what_is_on_its_way(memory, here):
    job = copy([here / "d"], BUCKET)
    memory.before["f5"] = job.cancel
    job.start()
    assert job.wait(10)
    assert job.state is JobState.CANCELLED
    assert 0 < len(stored(memory)) < 20
    assert {outcome.status for outcome in job.report} == {"cancelled"}
    assert memory.closed == 1


def test_two_names_of_one_object_are_never_mixed_up(memory):
    fill(memory)
    use_client("other", CachingClient(memory, S3Cache()))
    finish(copy([BUCKET / "d"], Path("s3://other@b"), conflict=Conflict.OVERWRITE), JobState.FAILED)
    assert stored(memory) == EXPECTED


def test_a_refused_conflict_of_an_existing_object_is_not_lost(memory, here):
    memory.refuses["f7"] = S3ExistsError("exists already")
    finish(copy([here / "d"], BUCKET))
    assert stored(memory) == EXPECTED


def test_a_slow_disk_is_written_by_several_threads(memory, here, monkeypatch):
    fill(memory)
    threads, real = set(), smallfiles.write_small

    def slow(target, data, seconds, mark):
        threads.add(threading.get_ident())
        time.sleep(0.06)
        real(target, data, seconds, mark)

    monkeypatch.setattr(smallfiles, "write_small", slow)
    finish(copy([BUCKET / "d"], here / "to"))
    assert on_disk(here / "to" / "d") == EXPECTED
    assert len(threads) > 1


def test_a_slow_disk_that_is_full_is_reported_by_name(memory, here, monkeypatch):
    fill(memory)

    def full(target, data, seconds, mark):
        time.sleep(0.06)
        raise OSError(28, "No space left on device", target)

    monkeypatch.setattr(smallfiles, "write_small", full)
    job = finish(copy([BUCKET / "d"], here / "to"), JobState.FAILED)
    assert [outcome.status for outcome in job.report].count("failed") == 21
    assert "No space left" in job.report[0].reason


@pytest.mark.parametrize("together", [True, False])
def test_a_job_holds_no_more_entries_than_are_under_way(memory, tmp_path, monkeypatch, together):
    count, counts = 3000, []
    for number in range(count):
        memory.put("b", f"many/{number}", b"x")
    if not together:
        monkeypatch.setattr(TogetherS3, "many", lambda self, check: None)
    real = memory.copy

    def counted(source, *given, **more):
        if source[1].endswith("99"):
            counts.append(sum(type(each) is Entry for each in gc.get_objects()))
        return real(source, *given, **more)

    monkeypatch.setattr(memory, "copy", counted)
    job = finish(copy([(BUCKET / "many", FileInfo("many", "directory"))], BUCKET / "to"))
    assert job.progress.files_done == count + 1
    assert len(counts) == 30
    assert max(counts) < MOST_AHEAD + 300
    assert job.ledger.report()[0].bytes == count
