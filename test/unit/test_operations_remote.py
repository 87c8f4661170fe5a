"""What a worker does with a batch, and that one which is carried twice ends as one that was carried once."""

import pickle

import pytest

from tfm import Path, __version__
from tfm.errors import RefusedError, S3ConnectionError
from tfm.operations.placing import Place
from tfm.operations.remote import Batch, Fate, carry, packed
from tfm.s3.places import use_client
from tfm.testing import MemoryS3
from tfm.testing.wrappers import FailingClient, Rule
from tfm.transfer.errors import SourceChangedError, TransferError

TO = Path("s3://b/to")


@pytest.fixture
def memory():
    client = MemoryS3()
    for bucket in ("a", "b"):
        client.create_bucket(bucket)
    for number in range(5):
        client.put("a", f"{number}", b"bytes %d" % number)
    use_client("", client)
    return client


def places(there=None):
    rows = [info for page in Path("s3://a").scan() for info in page]
    return [Place(Path("s3://a") / info.name, info, TO / info.name, there) for info in rows]


def carried(given):
    return carry(__version__, packed(Batch(given)))


def stored(memory):
    keys = [facts.key for page in memory.pages("b", delimiter="") for facts in page.objects]
    return {key: memory.get("b", key).read() for key in keys}


EXPECTED = {f"to/{number}": b"bytes %d" % number for number in range(5)}


def test_a_batch_is_carried_and_told_file_by_file(memory):
    given = places()
    assert carried(given) == [Fate("done", 7, place.info.etag) for place in given]
    assert stored(memory) == EXPECTED


def test_a_batch_that_is_carried_twice_ends_the_same(memory):
    given = places()
    first = carried(given)
    assert carried(given) == first
    memory.delete("b", "to/3")  # as when the first worker died half-way
    assert carried(given) == first
    assert stored(memory) == EXPECTED


def test_a_batch_that_overwrites_is_carried_twice_too(memory):
    memory.put("b", "to/2", b"older")
    there = TO.child("2").facts()
    given = [place._replace(there=there if place.target.name == "2" else None) for place in places()]
    first = carried(given)
    assert carried(given) == first
    assert {fate.status for fate in first} == {"done"}
    assert stored(memory) == EXPECTED


def test_another_file_at_the_target_is_told_and_left_alone(memory):
    given = places()
    memory.put("b", "to/1", b"a stranger's")
    memory.put("b", "to/2", b"bytes 2")
    memory.put("b", "to/3", b"bytes X")
    statuses = [fate.status for fate in carried(given)]
    assert statuses == ["done", "changed", "done", "changed", "done"]
    assert stored(memory) == EXPECTED | {"to/1": b"a stranger's", "to/3": b"bytes X"}


def test_the_same_bytes_that_are_described_otherwise_are_not_the_copy(memory):
    given = places()
    TO.child("2").write_bytes(b"bytes 2", metadata={"owner": "somebody else"})
    assert carried(given)[2] == Fate("changed")


def test_a_target_that_changed_or_went_since_it_was_seen_is_told(memory):
    memory.put("b", "to/0", b"seen")
    there = TO.child("0").facts()
    memory.put("b", "to/0", b"changed since")
    assert carried(places(there)[:1]) == [Fate("changed")]
    assert stored(memory) == {"to/0": b"changed since"}
    memory.delete("b", "to/0")
    assert carried(places(there)[:1]) == [Fate("changed")]


def test_a_source_that_changed_or_went_fails_by_name(memory):
    given = places()
    memory.put("a", "1", b"another")
    memory.delete("a", "2")
    fates = carried(given)
    assert [fate.status for fate in fates] == ["done", "failed", "failed", "done", "done"]
    assert "s3://a/2" in fates[2].reason
    assert "(worker " in fates[2].reason
    assert stored(memory).keys() == {"to/0", "to/3", "to/4"}


def test_a_source_that_changed_is_no_proof_of_its_copy(memory):
    given = places()
    carried(given)
    memory.put("a", "1", b"another")
    fate = carried(given)[1]
    assert fate.status == "failed"
    assert "changed" in fate.reason
    assert stored(memory) == EXPECTED


def test_what_ends_the_whole_batch_is_the_failure_of_each(memory):
    use_client("", FailingClient(memory, [Rule("copy", S3ConnectionError("nobody answers"))]))
    fates = carried(places())
    assert {fate.status for fate in fates} == {"failed"}
    assert all("nobody answers" in fate.reason for fate in fates)


def test_objects_with_other_etags_are_proved_by_reading(memory, monkeypatch):
    # Two places, whose objects nobody can compare by their ETags.
    from tfm.operations import contents

    monkeypatch.setattr(contents, "same_contents", lambda *given: None)
    given = places()
    first = carried(given)
    memory.put("b", "to/3", b"bytes X")
    assert carried(given) == [*first[:3], Fate("changed"), first[4]]


def test_another_version_of_tfm_is_refused_before_anything_is_read():
    with pytest.raises(RefusedError, match=f"runs tfm {__version__}, and this job was made by tfm 0.0.1"):
        carry("0.0.1", b"no pickle at all")


@pytest.mark.parametrize("kind", [TransferError, SourceChangedError])
def test_errors_travel(kind):
    error = pickle.loads(pickle.dumps(kind("it changed: copy it again")))
    assert (type(error), str(error), error.errno) == (kind, str(kind("it changed: copy it again")), 5)
