from __future__ import annotations

import errno
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path as LocalPath
from time import monotonic

import pytest
from support.pilots import names, running

from tfm import Path
from tfm.app import actions, commands
from tfm.app.actions import Action
from tfm.info import FileInfo
from tfm.local import LocalPathImpl

commands.load()


@pytest.fixture
def tree(tmp_path: LocalPath) -> LocalPath:
    for name in ("a/deep", "b"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("one.txt", "two.csv", ".dot", "a/in.txt"):
        (tmp_path / name).write_text(name)
    return tmp_path


async def test_entering_and_leaving_directories(tree: LocalPath) -> None:
    async with running(tree, tree) as driver:
        assert names(driver.left) == ["a", "b", "one.txt", "two.csv"]
        await driver.keys("l")
        await driver.listed()
        assert driver.left.path == Path(tree / "a")
        assert names(driver.left) == ["deep", "in.txt"]
        await driver.keys("h")
        await driver.listed()
        assert driver.left.model.cursor.name == "a"
        await driver.keys("j", "l")
        await driver.listed()
        assert driver.left.path == Path(tree / "b")
        await driver.keys("H")
        await driver.listed()
        assert driver.left.path == Path(tree)
        assert driver.left.model.cursor.name == "b"
        await driver.keys("L")
        await driver.listed()
        assert driver.left.path == Path(tree / "b")
        assert names(driver.right) == ["a", "b", "one.txt", "two.csv"]


async def test_hidden_filter_find_and_order(tree: LocalPath) -> None:
    async with running(tree, tree) as driver:
        await driver.keys("full_stop")
        assert ".dot" in names(driver.left)
        await driver.keys("f")
        await driver.type("csv")
        assert names(driver.left) == ["two.csv"]
        await driver.keys("enter")
        assert driver.left.view.has_focus
        await driver.keys("escape")
        assert len(driver.left.model) == 5
        await driver.keys("slash", *"two", "enter")
        assert driver.left.model.cursor.name == "two.csv"
        await driver.keys("comma", "n", "comma", "r", "comma", "r")
        await driver.until(lambda: driver.left.model.sort.reverse)
        assert names(driver.left) == ["b", "a", "two.csv", "one.txt", ".dot"]
        assert driver.left.model.cursor.name == "two.csv"


async def test_selection_by_keys_pattern_and_mouse(tree: LocalPath) -> None:
    async with running(tree, tree) as driver:
        model = driver.left.model
        await driver.keys("space", "space")
        assert [name for name, _ in model.selection] == ["a", "b"]
        await driver.keys("asterisk")
        assert [entry.name for entry in model.chosen()] == ["one.txt", "two.csv"]
        await driver.keys("escape")
        assert not model.selection
        await driver.keys("plus")
        await driver.type("*.csv")
        await driver.keys("enter")
        assert [name for name, _ in model.selection] == ["two.csv"]
        await driver.pilot.click(driver.left.view, offset=(5, 2))
        assert model.cursor.name == "one.txt"
        await driver.pilot.double_click(driver.left.view, offset=(5, 0))
        await driver.listed()
        assert driver.left.path == Path(tree / "a")


async def test_a_refresh_keeps_cursor_selection_and_filter(tree: LocalPath) -> None:
    async with running(tree, tree) as driver:
        await driver.at("one.txt")
        await driver.keys("space")
        await driver.at("two.csv")
        (tree / "new.txt").touch()
        (tree / "a2").mkdir()
        await driver.keys("ctrl+r")
        await driver.listed()
        assert names(driver.left) == ["a", "a2", "b", "new.txt", "one.txt", "two.csv"]
        assert driver.left.model.cursor.name == "two.csv"
        assert [name for name, _ in driver.left.model.selection] == ["one.txt"]


async def test_a_directory_that_is_deleted_under_the_pane_is_told_and_left_upwards(tree: LocalPath) -> None:
    async with running(tree / "a", tree) as driver:
        shutil.rmtree(tree / "a")
        await driver.keys("ctrl+r")
        await driver.listed()
        assert "is not there" in driver.left.problem
        assert "h goes up" in driver.texts("#left .pane-notice")
        assert names(driver.left) == []
        await driver.keys("h")
        await driver.listed()
        assert names(driver.left) == ["b", "one.txt", "two.csv"]


async def test_no_permission_is_said_in_the_pane(tree: LocalPath, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> Iterator[list[FileInfo]]:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    async with running(tree, tree) as driver:
        monkeypatch.setattr(LocalPathImpl, "scan", refuse)
        await driver.keys("l")
        await driver.listed()
        assert driver.left.problem == f"You have no permission for {tree / 'a'}."
        assert names(driver.right) == ["a", "b", "one.txt", "two.csv"]


async def test_no_credentials_is_said_in_the_pane(tree: LocalPath, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    async with running("s3://bucket", tree) as driver:
        assert "credentials" in driver.left.problem
        assert driver.left.problem.endswith(".")


async def test_a_missing_bucket_is_said_in_the_pane_and_can_be_tried_again(tree: LocalPath, s3) -> None:
    async with running("s3://bucket-to-come", tree) as driver:
        assert "does not exist" in driver.left.problem
        s3.create_bucket(Bucket="bucket-to-come")
        s3.put_object(Bucket="bucket-to-come", Key="x")
        await driver.keys("ctrl+r")
        await driver.listed()
        assert names(driver.left) == ["x"]
        assert not driver.left.problem
        await driver.keys("h")
        await driver.listed()
        assert driver.left.model.cursor.name == "bucket-to-come"
        s3.delete_object(Bucket="bucket-to-come", Key="x")
        s3.delete_bucket(Bucket="bucket-to-come")


async def test_a_server_that_never_answers_holds_up_nothing_else(
    tree: LocalPath, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{deaf.getsockname()[1]}")
        async with running(tree, "s3://bucket", wait=False) as driver:
            await driver.until(lambda: driver.left.listing is None)
            start = monotonic()
            await driver.keys("space", "l")
            await driver.until(lambda: driver.left.path == Path(tree / "b") and driver.left.listing is None)
            assert monotonic() - start < 5
            await driver.until(lambda: "Waiting for s3://bucket" in driver.texts("#right .pane-notice"))
            await driver.keys("tab", "escape")
            assert driver.right.listing is None
            assert "stopped" in driver.texts("#right .pane-status")
            await driver.keys("h")
            assert driver.right.path == Path("s3://")
            assert driver.right.listing is not None


async def test_an_error_in_an_action_is_shown_and_the_app_goes_on(tree: LocalPath) -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError("of all things")

    async with running(tree, tree) as driver:
        driver.main.run(Action("broken", "Broken", "App", (), fail))
        await driver.until(lambda: "of all things" in driver.texts("Toast"))
        await driver.keys("j")
        assert driver.left.model.cursor.name == "b"


async def test_names_are_shown_safely_and_used_truly(tree: LocalPath) -> None:
    odd = os.fsencode(tree) + b"/b/bad\xff\nname"
    os.mkdir(odd)
    os.mkdir(odd + b"/inner")
    async with running(tree / "b", tree) as driver:
        assert "bad\ufffd␊name/" in driver.shown()
        await driver.keys("l")
        await driver.listed()
        assert names(driver.left) == ["inner"]


async def test_the_smallest_screen_shows_names_in_both_panes_and_a_dialog_fits(tree: LocalPath) -> None:
    async with running(tree, tree, (40, 12)) as driver:
        assert driver.shown().count("one.txt") == 2
        await driver.keys("d")
        await driver.pilot.pause()
        assert "final" in driver.shown()
        assert "Delete (y)" in driver.shown()
        await driver.keys("escape")
        await driver.at("one.txt")
        await driver.keys("C")
        await driver.pilot.pause()
        assert "Cancel" in driver.shown()
        await driver.keys("escape")
        assert driver.main.is_current


async def test_panes_swap_and_one_can_be_alone(tree: LocalPath) -> None:
    async with running(tree / "a", tree / "b") as driver:
        await driver.keys("ctrl+w", "x")
        assert (driver.left.path, driver.right.path) == (Path(tree / "b"), Path(tree / "a"))
        assert driver.main.active is driver.right
        await driver.keys("ctrl+w", "o")
        assert driver.right.size.width == 100
        await driver.keys("tab")
        assert driver.left.size.width == 100
        await driver.keys("ctrl+w", "equals_sign")
        assert (driver.left.size.width, driver.right.outer_size.width) == (50, 50)


async def test_chords_show_what_may_follow(tree: LocalPath) -> None:
    async with running(tree, tree) as driver:
        await driver.keys("g")
        await driver.until(lambda: "To the home directory" in driver.texts("ChordHint"))
        await driver.keys("slash")
        await driver.listed()
        assert driver.left.path == Path("/")
        assert not driver.pilot.app.screen.query_one("ChordHint").display


async def test_going_to_a_typed_path_says_what_is_wrong_with_it(tree: LocalPath) -> None:
    async with running(tree, tree) as driver:
        await driver.keys("g", "space", "ctrl+u")
        await driver.type("s3:/b")
        await driver.keys("enter")
        assert "write s3://b" in driver.texts("#dialog-error")
        await driver.keys("ctrl+u", *"a", "enter")
        await driver.listed()
        assert driver.left.path == Path(tree / "a")


async def test_the_palette_runs_any_action(tree: LocalPath) -> None:
    assert "quit" in {each.name for each in actions.actions("files")}
    async with running(tree, tree) as driver:
        await driver.keys("ctrl+p")
        await driver.type("swap")
        await driver.pilot.pause(0.5)
        await driver.keys("enter")
        await driver.until(lambda: driver.main.active is driver.right)
