"""Copy, move and delete of some of the files only, on every storage: what is left out stays, and so do directories."""

from __future__ import annotations

import os
from pathlib import Path as LocalPath

import pytest
from grounds import Ground, LocalGround
from jobs import finish, read

from tfm import Path
from tfm.info import FileInfo
from tfm.operations import Conflict, JobState, copy, delete, move

FILES = {
    "d/a.csv": b"1",
    "d/b.tmp": b"2",
    "d/sub/c.csv": b"3",
    "d/sub/d.tmp": b"4",
    "d/only/e.tmp": b"5",
    "other.csv": b"6",
}
TAKEN = {name: data for name, data in FILES.items() if name.startswith("d/") and name.endswith(".csv")}
LEFT = {name: data for name, data in FILES.items() if name not in TAKEN}


def csv(name: str, info: FileInfo) -> bool:
    assert name in ("a.csv", "b.tmp", "sub/c.csv", "sub/d.tmp", "only/e.tmp", "x.csv")
    assert info.is_file()
    return name.endswith(".csv")


@pytest.fixture
def filled(ground: Ground) -> Ground:
    for name, data in FILES.items():
        ground.put(name, data)
    return ground


@pytest.fixture
def there(tmp_path_factory: pytest.TempPathFactory) -> LocalPath:
    return tmp_path_factory.mktemp("there")


def contents(ground: Ground) -> dict[str, bytes | None]:
    return {name: ground.get(name) for name in ground.files()}


def test_copy(filled: Ground, there: LocalPath) -> None:
    job = finish(copy([filled.root / "d"], Path(there), take=csv))
    assert job.state is JobState.DONE
    assert read(there) == TAKEN  # and no directory that has nothing in it
    assert contents(filled) == FILES
    assert job.progress.files_found == job.progress.files_done == 3
    assert finish(copy([Path(there / "d")], filled.root / "back", take=csv)).state is JobState.DONE
    assert contents(filled) == {**FILES, **{f"back/{name}": data for name, data in TAKEN.items()}}


def test_copy_of_nothing(filled: Ground, there: LocalPath) -> None:
    job = finish(copy([filled.root / "d"], Path(there), take=lambda *_: False))
    assert job.state is JobState.DONE
    assert os.listdir(there) == []


def test_move(filled: Ground, there: LocalPath) -> None:
    job = finish(move([filled.root / "d"], Path(there), take=csv, conflict=Conflict.OVERWRITE))
    assert job.state is JobState.DONE
    assert read(there) == TAKEN
    assert contents(filled) == LEFT
    if isinstance(filled, LocalGround):
        assert sorted(os.listdir(filled.root / "d")) == ["b.tmp", "only", "sub"]
        moved = finish(move([Path(there / "d")], filled.root / "new", take=csv))  # never renamed as a whole
        assert moved.state is JobState.DONE
        assert read(there) == {"d/sub": None}


def test_delete(filled: Ground) -> None:
    filled.put("d/x.csv/", b"") if not isinstance(filled, LocalGround) else os.mkdir(filled.root / "d/x.csv")
    job = finish(delete([filled.root / "d"], take=csv))
    assert job.state is JobState.DONE
    assert contents(filled) == LEFT
    if isinstance(filled, LocalGround):
        assert sorted(os.listdir(filled.root / "d")) == ["b.tmp", "only", "sub", "x.csv"]
    assert finish(delete([filled.root / "other.csv"], take=lambda *_: False)).state is JobState.DONE
    assert "other.csv" not in contents(filled)  # what is named itself goes
