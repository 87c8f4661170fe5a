"""`local()`: requests, and what happens to an edit that can't go back."""

from __future__ import annotations

import os
import re
from pathlib import Path as Plain
from typing import Any

import pytest
from counting import counted

from tfm import Path
from tfm.errors import S3BaseError, S3ChangedError, S3ConnectionError, S3IsADirectoryError, S3NotFoundError
from tfm.s3.places import use_client
from tfm.testing import FailingClient, MemoryS3, Rule


@pytest.fixture(autouse=True)
def _own_directories(tmp_path: Plain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFM_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def memory() -> MemoryS3:
    client = MemoryS3()
    client.create_bucket("bkt")
    use_client("", client)
    return client


def edits(tmp_path: Plain) -> list[Plain]:
    return [path for path in (tmp_path / "state").rglob("*") if path.is_file()]


def test_one_get_and_then_one_head(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="d/f.csv", Body=b"one")
    path = Path(f"s3://{bucket}/d/f.csv")
    requests = counted("")
    with path.local() as file:
        assert file.read_bytes() == b"one"
    assert requests.take() == {"GetObject": 1}
    for _ in range(2):
        with path.local() as file:
            assert file.suffix == ".csv"
        assert requests.take() == {"HeadObject": 1}
    s3.put_object(Bucket=bucket, Key="d/f.csv", Body=b"two")
    with path.local() as file:
        assert file.read_bytes() == b"two"
    assert requests.take() == {"HeadObject": 1, "GetObject": 1}


def test_editing_keeps_type_and_metadata(s3: Any, bucket: str, tmp_path: Plain) -> None:
    s3.put_object(Bucket=bucket, Key="f.txt", Body=b"one", ContentType="text/x-odd", Metadata={"k": "v"})
    path = Path(f"s3://{bucket}/f.txt")
    requests = counted("")
    with path.local("r+") as file:
        assert file.name == "f.txt"
        file.write_bytes(b"two")
    assert requests.take() == {"GetObject": 1, "PutObject": 1}
    answer = s3.get_object(Bucket=bucket, Key="f.txt")
    assert answer["Body"].read() == b"two"
    assert answer["ContentType"] == "text/x-odd"
    assert answer["Metadata"] == {"k": "v"}
    assert edits(tmp_path) == []


def test_the_same_bytes_are_not_uploaded(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="f", Body=b"one")
    path = Path(f"s3://{bucket}/f")
    requests = counted("")
    with path.local("r+"):
        pass
    with path.local("r+") as file:
        file.write_bytes(b"one")
    with path.local("r+") as file:
        file.with_name("new").write_bytes(b"one")
        file.with_name("new").replace(file)
    assert "PutObject" not in requests.take()


def test_a_change_that_keeps_size_and_time_is_uploaded(memory: MemoryS3) -> None:
    memory.put("bkt", "f", b"one")
    with Path("s3://bkt/f").local("r+") as file:
        before = file.stat()
        file.write_bytes(b"two")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert memory.get("bkt", "f").read() == b"two"


@pytest.mark.parametrize(
    ("rule", "kind"), [(Rule("put", error=S3ConnectionError("s3://bkt/f: no connection.")), S3ConnectionError)]
)
def test_an_edit_that_cannot_go_back_is_kept(memory: MemoryS3, tmp_path: Plain, rule: Rule, kind: Any) -> None:
    memory.put("bkt", "f", b"one")
    use_client("", FailingClient(memory, [rule]))
    for mode in ("r+", "w", "x"):
        with pytest.raises(kind) as caught, Path("s3://bkt/f").local(mode) as file:
            file.write_bytes(b"edited")
        kept = re.search(r"kept in '(.+)'", str(caught.value))
        assert kept
        assert Plain(kept[1]).read_bytes() == b"edited"
    assert memory.get("bkt", "f").read() == b"one"
    assert len(edits(tmp_path)) == 3


def test_an_object_that_vanished_meanwhile(memory: MemoryS3, tmp_path: Plain) -> None:
    memory.put("bkt", "f", b"one")

    def edit() -> None:
        with Path("s3://bkt/f").local("r+") as file:
            file.write_bytes(b"edited")
            memory.delete("bkt", "f")

    with pytest.raises((S3ChangedError, S3NotFoundError), match="kept in"):
        edit()
    assert [path.read_bytes() for path in edits(tmp_path)] == [b"edited"]


def test_a_file_that_the_block_removed(memory: MemoryS3) -> None:
    memory.put("bkt", "f", b"one")
    with pytest.raises(FileNotFoundError), Path("s3://bkt/f").local("r+") as file:
        file.unlink()
    assert memory.get("bkt", "f").read() == b"one"


def test_what_is_no_object(memory: MemoryS3) -> None:
    memory.put("bkt", "d/f", b"one")
    for mode in ("r", "r+"):
        with pytest.raises(S3NotFoundError), Path("s3://bkt/missing").local(mode):
            pytest.fail("there is nothing to hand out")
        with pytest.raises(S3IsADirectoryError), Path("s3://bkt/d").local(mode):
            pytest.fail("there is nothing to hand out")
    with pytest.raises(S3IsADirectoryError):
        Path("s3://bkt").local()
    with Path("s3://bkt/d/f").local():
        pass
    memory.delete("bkt", "d/f")
    with pytest.raises(S3NotFoundError), Path("s3://bkt/d/f").local():
        pytest.fail("what is cached is no longer there")


def test_odd_names(memory: MemoryS3) -> None:
    for key in ("..", ".", "d/.", "x" * 1000, "a b#?%", "new\nline", "-rf"):
        memory.put("bkt", key, key.encode())
        path = Path("s3://bkt").child(key) if "/" not in key else Path("s3://bkt/d").child(".")
        with path.local() as file:
            assert file.read_bytes() == key.encode()
        with path.local("r+") as file:
            file.write_bytes(b"edited")
        assert memory.get("bkt", key).read() == b"edited"


def test_unknown_modes(memory: MemoryS3, tmp_path: Plain) -> None:
    for path in (Path("s3://bkt/f"), Path(str(tmp_path))):
        for mode in ("a", "rb", "", "w+"):
            with pytest.raises(ValueError, match="no mode"):
                path.local(mode)


def test_large_files_go_back_in_parts(s3: Any, bucket: str) -> None:
    data = os.urandom(9 * 1024 * 1024)
    s3.put_object(Bucket=bucket, Key="f", Body=data)
    path = Path(f"s3://{bucket}/f")
    with path.local("r+") as file, file.open("r+b") as stream:
        stream.seek(-1, os.SEEK_END)
        stream.write(b"\0")
    assert s3.get_object(Bucket=bucket, Key="f")["Body"].read() == data[:-1] + b"\0"

    def edit() -> None:
        with path.local("r+") as file:
            file.write_bytes(bytes(9 * 1024 * 1024))
            s3.put_object(Bucket=bucket, Key="f", Body=b"other")

    with pytest.raises(S3BaseError, match="kept in"):
        edit()
    assert s3.get_object(Bucket=bucket, Key="f")["Body"].read() == b"other"


def test_a_large_object_comes_by_ranges_and_goes_back_by_parts(memory: MemoryS3) -> None:
    data = os.urandom(1 << 20) * 40
    memory.put("bkt", "k", data)
    memory.requests.clear()
    with Path("s3://bkt/k").local() as file:
        assert file.read_bytes() == data
    assert memory.requests == {"get_object": 3}
    with Path("s3://bkt/k").local("r+") as file, file.open("r+b") as stream:
        stream.write(b"edited")
    assert memory.get("bkt", "k").read() == b"edited" + data[6:]
    assert memory.requests["upload_part"] == 5
    with Path("s3://bkt/k").local() as file:
        assert file.read_bytes() == b"edited" + data[6:]


def test_an_edited_file_that_is_cut_short_while_it_goes_up_is_kept(
    memory: MemoryS3, tmp_path: Plain, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.put("bkt", "k", b"old")
    monkeypatch.setattr("tfm.s3.taking.read_at", lambda descriptor, view, position: len(view) - 1)

    def edit() -> None:
        with Path("s3://bkt/k").local("r+") as file:
            file.write_bytes(b"edited")

    with pytest.raises(OSError, match="cut short"):
        edit()
    assert memory.get("bkt", "k").read() == b"old"
    assert [file.read_bytes() for file in edits(tmp_path)] == [b"edited"]
