"""Jobs that are handed to an executor: in batches, settled by what is seen from here, and by name when it fails."""

import threading
from concurrent.futures import Executor, Future, ThreadPoolExecutor

import pytest
from jobs import finish, statuses, until

from tfm import Path
from tfm.errors import RefusedError
from tfm.operations import Conflict, Decision, GuardError, JobState, copy, move, run_plan, sync, sync_plan
from tfm.operations import handing as handing_module
from tfm.operations.journal import Journal, Standing
from tfm.operations.remote import Fate
from tfm.operations.resuming import resume
from tfm.operations.syncplan import record_of
from tfm.s3.places import use_client
from tfm.testing import CountingClient, MemoryS3

COUNT = 40
FROM, TO = Path("s3://a/d"), Path("s3://b/to")
SOURCE = {f"d/{number:02}": b"bytes %d" % number for number in range(COUNT)}
EXPECTED = {f"to/{key}": data for key, data in SOURCE.items()}


@pytest.fixture
def memory():
    client = MemoryS3()
    for bucket in ("a", "b"):
        client.create_bucket(bucket)
    for key, data in SOURCE.items():
        client.put("a", key, data)
    use_client("", client)
    return client


@pytest.fixture
def pool():
    with ThreadPoolExecutor(3) as made:
        yield made


def stored(memory, bucket="b"):
    keys = [facts.key for page in memory.pages(bucket, delimiter="") for facts in page.objects]
    return {key: memory.get(bucket, key).read() for key in keys}


class Held(Executor):
    """Keeps what it is given until it is told to run it."""

    def __init__(self, *, answer=None):
        self.calls = []
        self.answer = answer

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        self.calls.append((future, fn, args))
        return future

    def run(self):
        while self.calls:
            future, fn, args = self.calls.pop(0)
            if future.set_running_or_notify_cancel():
                future.set_result(fn(*args))


def test_a_copy(memory, pool):
    events = []
    job = finish(copy([FROM], TO, executor=pool), events)
    assert job.state is JobState.DONE
    assert stored(memory) == EXPECTED
    assert stored(memory, "a") == SOURCE
    assert job.progress.files_done == COUNT + 1
    assert job.progress.bytes_done == sum(map(len, SOURCE.values()))
    assert sum(event.kind == "done" for event in events) == COUNT + 1


def test_a_move_deletes_here_what_was_copied_there(memory, pool):
    job = finish(move([FROM], TO, executor=pool))
    assert job.state is JobState.DONE
    assert stored(memory) == EXPECTED
    assert stored(memory, "a") == {}
    assert memory.requests["delete_objects"] == 1


def test_a_sync_and_a_plan(memory, pool, tmp_path):
    memory.put("b", "to/03", b"older")
    job = finish(sync(FROM, TO, executor=pool))
    assert job.state is JobState.DONE
    expected = {key.replace("d/", "to/"): data for key, data in SOURCE.items()}
    assert stored(memory) == expected
    memory.put("a", "d/04", b"newer, and longer")
    memory.put("b", "to/gone", b"")
    plan = sync_plan(FROM, TO, delete=True)
    import json

    (tmp_path / "plan").write_text("".join(json.dumps(record_of(row, plan.tops)) + "\n" for row in plan))
    job = finish(run_plan(Path(tmp_path / "plan"), executor=pool))
    assert job.state is JobState.DONE
    assert stored(memory) == expected | {"to/04": b"newer, and longer"}


def test_what_is_there_is_asked_about_here(memory, pool):
    memory.put("b", "to/d/05", b"theirs")
    memory.put("b", "to/d/06", b"theirs too")
    job = copy([FROM], TO, executor=pool)
    job.start()
    until(lambda: len(job.questions) == 2)
    until(lambda: len(stored(memory)) == COUNT)
    first, second = sorted(job.questions, key=lambda each: each.source.name)
    job.answer(first, Decision.OVERWRITE)
    until(lambda: stored(memory)["to/d/05"] == SOURCE["d/05"])  # it isn't held back by the other question
    job.answer(second, Decision.KEEP_BOTH)
    assert job.wait(10)
    assert job.state is JobState.DONE
    assert stored(memory) == EXPECTED | {"to/d/06": b"theirs too", "to/d/06 (1)": SOURCE["d/06"]}


@pytest.mark.parametrize("rule", [Conflict.OVERWRITE, Conflict.SKIP, Conflict.KEEP_BOTH])
def test_what_came_meanwhile_is_decided_by_the_rule(memory, rule):
    held = Held()
    job = copy([FROM], TO, executor=held, conflict=rule)
    job.start()
    until(lambda: job.progress.listing_done)
    memory.put("b", "to/d/00", b"came meanwhile")
    while not job.wait(0.01):
        held.run()
    assert job.state is JobState.DONE
    theirs = {"to/d/00": b"came meanwhile"}
    both = theirs | {"to/d/00 (1)": SOURCE["d/00"]}
    more = {Conflict.OVERWRITE: {}, Conflict.SKIP: theirs, Conflict.KEEP_BOTH: both}
    assert stored(memory) == EXPECTED | more[rule]


def test_a_name_that_was_free_to_keep_both_is_not_overwritten(memory):
    memory.put("b", "to/d/00", b"theirs")
    held = Held()
    job = copy([FROM], TO, executor=held, conflict=Conflict.KEEP_BOTH)
    job.start()
    until(lambda: job.progress.listing_done)
    memory.put("b", "to/d/00 (1)", b"taken meanwhile")
    while not job.wait(0.01):
        held.run()
    assert job.state is JobState.DONE
    kept = {"to/d/00": b"theirs", "to/d/00 (1)": b"taken meanwhile", "to/d/00 (2)": SOURCE["d/00"]}
    assert stored(memory) == EXPECTED | kept


def test_a_sync_leaves_alone_what_changed_since_it_was_listed(memory):
    memory.put("b", "to/01", b"older")
    held = Held()
    job = sync(FROM, TO, executor=held)
    job.start()
    until(lambda: job.progress.listing_done)
    memory.put("b", "to/00", b"came meanwhile")
    memory.put("b", "to/01", b"changed meanwhile")
    while not job.wait(0.01):
        held.run()
    assert job.state is JobState.FAILED
    assert {name: status for name, status in statuses(job).items() if status == "failed"} == {
        "00": "failed",
        "01": "failed",
        "d": "failed",
    }
    assert stored(memory)["to/00"] == b"came meanwhile"
    assert stored(memory)["to/01"] == b"changed meanwhile"


class Liar(Executor):
    """Says that everything is done, and does nothing."""

    def submit(self, fn, /, *args, **kwargs):
        import pickle

        future = Future()
        batch = pickle.loads(args[1])
        future.set_result([Fate("done", place.info.size or 0, place.info.etag or "") for place in batch.places])
        return future


@pytest.mark.parametrize("what", [copy, move])
def test_what_is_not_seen_from_here_is_not_done(memory, what):
    job = finish(what([FROM], TO, executor=Liar()))
    assert job.state is JobState.FAILED
    assert stored(memory, "a") == SOURCE  # above all, no source has gone
    failed = [outcome for outcome in job.report if outcome.status == "failed" and outcome.source != FROM]
    assert len(failed) == COUNT
    assert "is not there" in failed[0].reason


class Elsewhere(Executor):
    """Finds something else at every target, as a worker does to which the same name means another storage."""

    def submit(self, fn, /, *args, **kwargs):
        import pickle

        future = Future()
        future.set_result([Fate("changed") for _ in pickle.loads(args[1]).places])
        return future


def test_a_worker_that_reaches_another_storage_is_found_out(memory):
    job = finish(copy([FROM], TO, executor=Elsewhere(), conflict=Conflict.OVERWRITE))
    assert job.state is JobState.FAILED
    assert "reaches the same storage" in next(each.reason for each in job.report if each.source.name == "00")
    assert not any(stored(memory).values())


class Broken(Executor):
    """Raises, at once or later, or drops what it was given."""

    def __init__(self, how):
        self.how = how

    def submit(self, fn, /, *args, **kwargs):
        if self.how == "at once":
            raise RuntimeError("the pool is shut down")
        future = Future()
        if self.how == "dropped":
            future.cancel()
            future.set_running_or_notify_cancel()
        elif self.how == "too few":
            future.set_result([])
        else:
            future.set_exception(RuntimeError("the worker was killed"))
        return future


@pytest.mark.parametrize(
    ("how", "why"),
    [("later", "was killed"), ("dropped", "(the executor dropped it)"), ("too few", "shorter")],
)
def test_a_batch_that_nobody_carries_fails_by_name(memory, how, why):
    job = finish(move([FROM], TO, executor=Broken(how)))
    assert job.state is JobState.FAILED
    failed = [outcome for outcome in job.report if outcome.status == "failed" and outcome.source != FROM]
    assert {outcome.source.name for outcome in failed} == {key.removeprefix("d/") for key in SOURCE}
    assert all(why in outcome.reason and "then repeat" in outcome.reason for outcome in failed)
    assert stored(memory, "a") == SOURCE


@pytest.mark.parametrize("make", [move, sync])
def test_an_executor_that_takes_nothing_more_ends_the_job(memory, make):
    for number in range(5000):
        memory.put("a", f"d/more/{number}", b"")
    job = finish(
        make(FROM, TO, executor=Broken("at once")) if make is sync else make([FROM], TO, executor=Broken("at once"))
    )
    assert job.state is JobState.FAILED
    reasons = [outcome.reason for outcome in job.report]
    assert any("The workers take nothing more (the pool is shut down)" in reason for reason in reasons)
    assert any("no worker told what became of it (the pool is shut down)" in reason for reason in reasons)
    assert len(reasons) < 2000
    assert len(stored(memory, "a")) == 5000 + COUNT


def test_a_cancel_calls_back_what_is_not_begun(memory):
    held = Held()
    job = copy([FROM], TO, executor=held)
    job.start()
    until(lambda: job.progress.listing_done)
    futures = [future for future, _, _ in held.calls]
    job.cancel()
    assert job.wait(10)
    assert job.state is JobState.CANCELLED
    assert futures
    assert all(future.cancelled() for future in futures)
    held.run()
    assert not any(stored(memory).values())


def test_a_move_that_was_cancelled_deletes_nothing_that_comes_back_late(memory):
    held = Held()
    job = move([FROM], TO, executor=held)
    job.start()
    until(lambda: job.progress.listing_done)
    future, carry, given = held.calls[0]
    assert future.set_running_or_notify_cancel()  # this one is at work already
    job.cancel()
    assert job.wait(10)
    future.set_result(carry(*given))
    assert stored(memory, "a") == SOURCE
    assert len(stored(memory)) == 1


def test_few_files_are_spread_and_many_make_full_batches(memory, monkeypatch):
    monkeypatch.setattr(handing_module, "LARGEST", 4)
    sizes = []

    class Counting(ThreadPoolExecutor):
        def submit(self, fn, /, *args, **kwargs):
            future = super().submit(fn, *args, **kwargs)
            future.add_done_callback(lambda done: sizes.append(len(done.result())))
            return future

    with Counting(3) as pool:
        finish(copy([FROM], TO, executor=pool))
    assert sum(sizes) == COUNT
    assert max(sizes) <= 4
    assert sizes[0] == 1
    assert stored(memory) == EXPECTED


def test_a_batch_has_its_limit_of_bytes(memory, monkeypatch):
    monkeypatch.setattr(handing_module, "BYTES", 10)
    monkeypatch.setattr(handing_module, "SHARE", 1)
    held = Held()
    job = copy([FROM], TO, executor=held)
    job.start()
    until(lambda: job.progress.listing_done and len(held.calls) >= COUNT // 2)
    job.cancel()
    assert job.wait(10)


def test_no_more_is_handed_out_than_may_be(memory, monkeypatch):
    monkeypatch.setattr(handing_module, "MOST_ELSEWHERE", 5)
    held = Held()
    job = copy([FROM], TO, executor=held)
    job.start()
    until(lambda: len(held.calls) >= 2)
    threading.Event().wait(0.2)
    assert job.elsewhere.count == 5
    while not job.wait(0.01):
        held.run()
    assert stored(memory) == EXPECTED


def test_requests_of_a_copy_that_is_handed_out(memory, pool):
    for number in range(COUNT, 2000):
        memory.put("a", f"d/{number:04}", b"x")
    counting = CountingClient(memory)
    use_client("", counting)
    finish(copy([FROM], TO, executor=pool))
    assert counting.counts["copy"] == 2000
    assert counting.counts["head"] == 0
    # Two for the listing of the sources, and two looks at each batch that came back: by its worker and from here.
    assert counting.counts["pages"] + counting.counts["probe"] < 200


def test_the_number_at_once_goes_with_the_batch(memory):
    import pickle

    held = Held()
    job = copy([FROM], TO, executor=held)
    job.limit(3)
    job.start()
    until(lambda: held.calls)
    assert pickle.loads(held.calls[0][2][1]).at_once == 3
    job.cancel()
    assert job.wait(10)
    with pytest.raises(RefusedError, match="how fast the others are"):
        copy([FROM], TO, executor=held).limit(rate=10)


def test_a_disk_of_this_machine_is_refused(memory, pool, tmp_path):
    here = Path(tmp_path)
    for make in (
        lambda: copy([FROM], here, executor=pool),
        lambda: move([here / "x"], TO, executor=pool),
        lambda: sync(here, TO, executor=pool),
    ):
        with pytest.raises(GuardError, match="on a disk of this machine"):
            make()


def test_a_job_in_the_journal_is_handed_out_and_taken_up(memory, pool, tmp_path):
    journal = Journal(tmp_path)
    held = Held()
    job = move([FROM], TO, executor=held, journal=journal)
    job.start()
    until(lambda: job.progress.listing_done)
    _, carry, given = held.calls[0]
    carry(*given)  # copied, and the answer never came
    job.cancel(keep=True)
    assert job.wait(10)
    (known,) = journal.jobs()
    assert known.standing is Standing.INTERRUPTED
    again = finish(resume(known.number, journal, executor=pool))
    assert again.state is JobState.DONE
    assert stored(memory) == EXPECTED
    assert stored(memory, "a") == {}
    journal.close()
