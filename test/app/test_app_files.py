from __future__ import annotations

import os
from pathlib import Path as LocalPath
from typing import Any

import pytest
from support.pilots import names, running

from tfm import Path


@pytest.fixture
def two(tmp_path: LocalPath) -> tuple[LocalPath, LocalPath]:
    here, there = tmp_path / "here", tmp_path / "there"
    (here / "tree/below").mkdir(parents=True)
    there.mkdir()
    (here / "one.txt").write_bytes(b"one")
    (here / "tree/below/deep.txt").write_bytes(b"deep")
    return here, there


async def test_a_tree_goes_to_s3_and_back(two: tuple[LocalPath, LocalPath], s3: Any, bucket: str) -> None:
    here, there = two
    async with running(here, f"s3://{bucket}") as driver:
        await driver.keys("ctrl+a", "C")
        await driver.until(lambda: "Upload" in driver.texts("#way"))
        await driver.keys("enter")
        await driver.idle()
        stored = {each["Key"]: s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()
                  for each in s3.list_objects_v2(Bucket=bucket)["Contents"]}  # fmt: skip
        assert stored == {"one.txt": b"one", "tree/below/deep.txt": b"deep"}
        assert names(driver.right) == ["tree", "one.txt"]
        assert not driver.left.model.selection
        await driver.keys("tab", "M", "ctrl+u")
        await driver.type(str(there))
        await driver.until(lambda: "Download" in driver.texts("#way"))
        await driver.keys("enter")
        await driver.idle()
        assert (there / "tree/below/deep.txt").read_bytes() == b"deep"
        assert [each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["one.txt"]


async def test_delete_needs_more_than_enter(two: tuple[LocalPath, LocalPath]) -> None:
    here, there = two
    async with running(here, there) as driver:
        await driver.keys("d")
        assert "final" in driver.texts(".dialog-text")
        await driver.keys("enter")
        await driver.idle()
        assert (here / "tree/below/deep.txt").exists()
        await driver.keys("d", "y")
        await driver.idle()
        assert not (here / "tree").exists()
        assert (here / "one.txt").exists()
        assert names(driver.left) == ["one.txt"]


async def test_what_exists_is_asked_about_and_never_overwritten_unasked(two: tuple[LocalPath, LocalPath]) -> None:
    here, there = two
    (there / "one.txt").write_bytes(b"other")
    async with running(here, there) as driver:
        await driver.at("one.txt")
        await driver.keys("f5", "enter")
        await driver.until(lambda: "It exists already" in driver.shown())
        assert (there / "one.txt").read_bytes() == b"other"
        await driver.keys("k")
        await driver.idle()
        assert (there / "one.txt").read_bytes() == b"other"
        assert (there / "one (1).txt").read_bytes() == b"one"
        assert names(driver.right) == ["one (1).txt", "one.txt"]


async def test_rename_keeps_the_cursor_and_new_things_get_it(two: tuple[LocalPath, LocalPath]) -> None:
    here, there = two
    async with running(here, there) as driver:
        await driver.at("one.txt")
        await driver.keys("r")
        await driver.type("first")
        await driver.keys("enter")
        await driver.idle()
        await driver.until(lambda: driver.left.model.cursor.name == "first.txt")
        assert (here / "first.txt").read_bytes() == b"one"
        assert not (here / "one.txt").exists()
        await driver.keys("f7")
        await driver.type("made")
        await driver.keys("enter")
        await driver.until(lambda: driver.left.model.cursor.name == "made")
        assert (here / "made").is_dir()
        await driver.keys("a")
        await driver.type("empty.txt")
        await driver.keys("enter")
        await driver.until(lambda: driver.left.model.cursor.name == "empty.txt")
        assert (here / "empty.txt").read_bytes() == b""


async def test_making_what_exists_is_refused(two: tuple[LocalPath, LocalPath]) -> None:
    here, there = two
    async with running(here, there) as driver:
        await driver.keys("a")
        await driver.type("one.txt")
        await driver.keys("enter")
        await driver.until(lambda: "exists already" in driver.texts("Toast"))
        assert (here / "one.txt").read_bytes() == b"one"


async def test_a_refused_job_is_told_in_words(two: tuple[LocalPath, LocalPath]) -> None:
    here, _ = two
    async with running(here, here / "tree") as driver:
        await driver.keys("C", "enter")
        await driver.until(lambda: driver.texts("Toast"))
        assert not (here / "tree/tree").exists()


async def test_failures_are_listed_with_their_reason(two: tuple[LocalPath, LocalPath], bucket: str) -> None:
    here, _ = two
    (here / os.fsdecode(b"bad\xff")).touch()
    async with running(here, f"s3://{bucket}") as driver:
        await driver.keys("ctrl+a", "C", "enter")
        await driver.until(lambda: "failed" in driver.texts(".dialog-text"))
        assert "bad\ufffd" in driver.texts(".dialog-list")
        await driver.keys("enter")
        await driver.idle()
        assert names(driver.right) == ["tree", "one.txt"]


async def test_of_two_things_with_one_name_only_the_chosen_one_goes(
    two: tuple[LocalPath, LocalPath], s3: Any, bucket: str
) -> None:
    for key in ("x", "x/y", "z", "z/y"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"1")

    def keys() -> list[str]:
        return [row["Key"] for row in s3.list_objects_v2(Bucket=bucket)["Contents"]]

    async with running(f"s3://{bucket}", two[0]) as driver:
        shown = [(entry.name, entry.kind) for entry in driver.left.model]
        assert shown == [("x", "directory"), ("z", "directory"), ("x", "file"), ("z", "file")]
        await driver.keys("G", "k", "d", "y")
        await driver.until(lambda: keys() == ["x/y", "z", "z/y"])
        await driver.until(lambda: len(driver.left.model) == 3)
        await driver.keys("g", "g", "j", "d", "y")
        await driver.until(lambda: keys() == ["x/y", "z"])


async def test_an_empty_pane_says_that_there_is_nothing_to_take(two: tuple[LocalPath, LocalPath]) -> None:
    async with running(two[1], two[0]) as driver:
        for key in ("d", "f5", "f6", "r"):
            await driver.keys(key)
            await driver.until(lambda: "nothing here to take" in driver.texts("Toast"))
            assert driver.main.is_current


async def test_the_viewer_reads_a_part_and_searches_the_rest(two: tuple[LocalPath, LocalPath]) -> None:
    here, there = two
    lines = b"".join(b"line %06d\n" % number for number in range(100_000))
    (here / "long.txt").write_bytes(lines)
    async with running(here, there) as driver:
        await driver.at("long.txt")
        await driver.keys("enter")
        await driver.until(lambda: "read 256 KB of" in driver.texts(".viewer-status"))
        assert "line 000003" in driver.shown()
        await driver.keys("G")
        await driver.until(lambda: "line 099999" in driver.shown())
        assert "read 512 KB of" in driver.texts(".viewer-status")
        await driver.keys("g", "g")
        await driver.until(lambda: "line 000000" in driver.shown())
        await driver.keys("slash", *"60001", "enter")
        await driver.until(lambda: "line 060001" in driver.shown())
        await driver.keys("q")
        assert driver.main.is_current


async def test_quitting_asks_only_while_jobs_run(two: tuple[LocalPath, LocalPath]) -> None:
    here, there = two
    (there / "one.txt").write_bytes(b"other")
    async with running(here, there) as driver:
        await driver.at("one.txt")
        await driver.keys("C", "enter")
        await driver.until(lambda: "It exists already" in driver.shown())
        await driver.keys("escape", "escape")
        await driver.until(lambda: driver.main.is_current)
        await driver.keys("q")
        assert "1 job is running" in driver.texts(".dialog-text")
        await driver.keys("escape", "w")
        await driver.until(lambda: "It exists already" in driver.shown())
        await driver.keys("s")
        await driver.idle()
        assert (there / "one.txt").read_bytes() == b"other"
        await driver.keys("q")
        await driver.until(lambda: not driver.pilot.app.is_running or driver.pilot.app._exit)


async def test_an_odd_name_is_copied_truly_between_disks(two: tuple[LocalPath, LocalPath]) -> None:
    here, there = two
    name = os.fsdecode(b"odd\xff\n$(x) 'q'.txt")
    (here / name).write_bytes(b"odd")
    async with running(here, there) as driver:
        await driver.at(name)
        await driver.keys("C", "enter")
        await driver.idle()
        assert (there / name).read_bytes() == b"odd"
        assert driver.right.path.child(name) == Path(there / name)


async def test_a_name_that_cannot_be_typed_is_shown_safely_and_stays_when_not_changed(
    two: tuple[LocalPath, LocalPath],
) -> None:
    here, there = two
    name = os.fsdecode(b"bad\xff\n.txt")
    (here / name).write_bytes(b"odd")
    async with running(here, there) as driver:
        await driver.at(name)
        await driver.keys("r")
        assert driver.pilot.app.screen.query_one("#text").value == "bad\ufffd␊.txt"
        await driver.keys("enter")
        await driver.idle()
        assert (here / name).exists()
        await driver.keys("r", "home", "shift+end")
        await driver.type("good.txt")
        await driver.keys("enter")
        await driver.idle()
        assert (here / "good.txt").read_bytes() == b"odd"
        assert not (here / name).exists()
