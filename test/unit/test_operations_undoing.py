from __future__ import annotations

import os
from pathlib import Path as LocalPath

import pytest

from tfm import Path
from tfm.errors import RefusedError
from tfm.operations import Conflict, Job, JobState, copy, delete, move, sync, undo
from tfm.operations.journal import Journal
from tfm.testing import MemoryS3


@pytest.fixture
def journal(tmp_path: LocalPath) -> Journal:
    return Journal(tmp_path / "state")


@pytest.fixture
def here(tmp_path: LocalPath) -> LocalPath:
    for name in ("from/d/a", "from/d/e/b", "from/d/c"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "to").mkdir()
    return tmp_path


def finish(job: Job) -> Job:
    job.start()
    assert job.wait(30)
    return job


def files(top: LocalPath) -> dict[str, bytes]:
    return {str(each.relative_to(top)): each.read_bytes() for each in top.rglob("*") if each.is_file()}


def test_a_copy_is_taken_back_with_the_directories_that_it_made(here: LocalPath, journal: Journal) -> None:
    finish(copy([Path(here / "from/d")], Path(here / "to"), journal=journal))
    assert files(here / "to")
    assert finish(undo(1, journal)).state is JobState.DONE
    assert list((here / "to").iterdir()) == []
    assert len(files(here / "from")) == 3


def test_a_copy_that_may_be_the_only_one_stays(here: LocalPath, journal: Journal) -> None:
    finish(copy([Path(here / "from/d")], Path(here / "to"), journal=journal))
    (here / "to/d/a").write_bytes(b"edited")
    os.unlink(here / "from/d/c")
    job = finish(undo(1, journal))
    assert files(here / "to") == {"d/a": b"edited", "d/c": b"from/d/c"}
    assert {outcome.source.name for outcome in job.report if outcome.status == "failed"} == {"a", "c", "to"}


def test_what_was_replaced_is_named_and_stays(here: LocalPath, journal: Journal) -> None:
    (here / "to/d").mkdir()
    (here / "to/d/a").write_bytes(b"old")
    finish(copy([Path(here / "from/d")], Path(here / "to"), conflict=Conflict.OVERWRITE, journal=journal))
    job = finish(undo(1, journal))
    assert files(here / "to") == {"d/a": b"from/d/a"}
    assert [outcome.source.name for outcome in job.report if outcome.status == "skipped"] == ["a"]


def test_a_renamed_directory_goes_back(here: LocalPath, journal: Journal) -> None:
    finish(move([Path(here / "from/d")], Path(here / "to"), journal=journal))
    assert not (here / "from/d").exists()
    assert finish(undo(1, journal)).state is JobState.DONE
    assert len(files(here / "from/d")) == 3
    assert list((here / "to").iterdir()) == []


def test_a_move_into_s3_comes_back_and_what_changed_there_stays(
    here: LocalPath, journal: Journal, tfm_memory: MemoryS3
) -> None:
    tfm_memory.create_bucket("b")
    finish(move([Path(here / "from/d")], Path("s3://b/x"), journal=journal))
    assert not (here / "from/d").exists()
    Path("s3://b/x/d/c").write_bytes(b"longer than it was")
    job = finish(undo(1, journal))
    assert files(here / "from/d") == {"a": b"from/d/a", "e/b": b"from/d/e/b"}
    assert Path("s3://b/x/d/c").read_bytes() == b"longer than it was"
    assert {outcome.source.name for outcome in job.report if outcome.status == "failed"} == {"c", "x"}


def test_a_deletion_in_a_versioned_bucket_is_taken_back_and_an_older_one_is_not(
    journal: Journal, tfm_memory: MemoryS3
) -> None:
    tfm_memory.create_bucket("b")
    tfm_memory.call("put_bucket_versioning", Bucket="b", VersioningConfiguration={"Status": "Enabled"})
    for name in ("d/a", "d/b", "d2/c"):
        tfm_memory.put("b", name, name.encode())
    finish(delete([Path("s3://b/d")], journal=journal))
    assert not Path("s3://b/d/a").exists()
    assert finish(undo(1, journal)).state is JobState.DONE
    assert [Path(f"s3://b/{name}").read_bytes() for name in ("d/a", "d/b")] == [b"d/a", b"d/b"]


def test_what_cannot_be_taken_back_is_refused(here: LocalPath, journal: Journal) -> None:
    finish(delete([Path(here / "from/d/a")], journal=journal))
    with pytest.raises(RefusedError, match="for good"):
        undo(1, journal)
    finish(sync(Path(here / "from"), Path(here / "to"), journal=journal))
    with pytest.raises(RefusedError, match="sync"):
        undo(2, journal)
