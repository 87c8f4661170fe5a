"""What is refused before a byte moves."""

import os

import pytest

from tfm import Path
from tfm.info import FileInfo
from tfm.operations import GuardError, copy, delete, move

DIRECTORY = FileInfo("d", "directory")
FILE = FileInfo("d", "file", 1)


@pytest.fixture
def here(tmp_path):
    top = Path(tmp_path)
    (top / "d" / "below").mkdir(parents=True)
    (top / "d" / "f").write_bytes(b"f")
    (top / "f").write_bytes(b"f")
    (top / "link").symlink_to("f")
    (top / "to-d").symlink_to("d")
    os.link(top / "f", top / "d" / "hard")
    (top / "elsewhere").mkdir()
    (top / "elsewhere" / "f").symlink_to("../f")
    return top


def refuses(make, *words):
    for verb in (copy, move):
        with pytest.raises(GuardError) as caught:
            make(verb)
        for word in words:
            assert word in str(caught.value)


def test_a_file_onto_itself(here):
    refuses(lambda verb: verb([here / "f"], here), "same")


def test_a_file_onto_itself_by_another_spelling(here):
    refuses(lambda verb: verb([here / "d" / ".." / "f"], here), "same")


def test_a_file_onto_itself_by_a_link_to_its_directory(here):
    refuses(lambda verb: verb([here / "d" / "f"], here / "to-d"), "same")


def test_a_file_onto_a_hard_link_of_it(here):
    refuses(lambda verb: verb([here / "f"], here / "d", names={here / "f": "hard"}), "same")


def test_a_file_onto_a_link_to_it(here):
    refuses(lambda verb: verb([here / "f"], here / "elsewhere"), "same")


def test_a_link_onto_what_it_leads_to(here):
    refuses(lambda verb: verb([here / "elsewhere" / "f"], here), "same")


def test_a_directory_into_itself(here):
    refuses(lambda verb: verb([here / "d"], here / "d"), "into itself")


def test_a_directory_into_its_subtree(here):
    refuses(lambda verb: verb([here / "d"], here / "d" / "below" / "new"), "into itself")


def test_a_directory_into_its_subtree_by_a_link(here):
    refuses(lambda verb: verb([here / "d"], here / "to-d" / "below"), "into itself")


def test_two_sources_for_one_target(here):
    refuses(lambda verb: verb([here / "f", here / "d" / "f"], here / "new"), "both become")


def test_two_new_names_for_one_target(here):
    names = {here / "f": "x", here / "link": "x"}
    refuses(lambda verb: verb([here / "f", here / "link"], here / "new", names=names), "both become")


def test_a_target_that_is_a_file(here):
    refuses(lambda verb: verb([here / "d"], here / "f"), "not a directory")


def test_the_root_as_a_source(here):
    refuses(lambda verb: verb([Path("/")], here), "no name of its own")


def test_nothing_at_all(here):
    refuses(lambda verb: verb([], here), "nothing to do")


@pytest.mark.parametrize(
    ("source", "into"),
    [
        ("s3://bucket/a", "s3://bucket"),
        ("s3://bucket/a", "s3://bucket/a"),
        ("s3://bucket/a", "s3://bucket/a/b"),
        ("s3://bucket", "s3://bucket/a"),
        ("s3://place@bucket/a", "s3://bucket/a/b"),
    ],
)
def test_directories_of_s3_onto_or_into_themselves(source, into):
    refuses(lambda verb: verb([(Path(source), DIRECTORY)], Path(into)))


def test_an_object_may_go_into_the_directory_of_its_name():
    assert copy([(Path("s3://bucket/a"), FILE)], Path("s3://bucket/a")).title == "Copy 1 entry to s3://bucket/a"


def test_a_prefix_that_only_begins_alike_is_no_subtree():
    copy([(Path("s3://bucket/a"), DIRECTORY)], Path("s3://bucket/ab"))


def test_an_object_and_a_directory_of_one_name_may_both_go_to_s3():
    path = Path("s3://bucket/d")
    job = copy([(path, FILE), (path, DIRECTORY)], Path("s3://other"))
    assert job.title == "Copy 2 entries to s3://other"


def test_no_file_goes_among_the_buckets(here):
    refuses(lambda verb: verb([here / "f"], Path("s3://")), "choose a bucket")


def test_a_bucket_is_not_moved(here):
    with pytest.raises(GuardError, match="is a bucket"):
        move([Path("s3://bucket")], here)


@pytest.mark.parametrize("text", ["/", "s3://", "s3://place@"])
def test_a_root_is_never_deleted(text):
    with pytest.raises(GuardError, match="root of a storage"):
        delete([Path(text)])


@pytest.mark.parametrize("name", ["home", "home/user", "home/user/link-to-self/.."])
def test_home_and_what_contains_it_is_never_deleted(tmp_path, monkeypatch, name):
    home = tmp_path / "home" / "user"
    home.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    with pytest.raises(GuardError):
        delete([Path(tmp_path / name)])


def test_a_link_to_home_may_be_deleted(tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "link").symlink_to(home)
    monkeypatch.setenv("HOME", str(home))
    assert delete([Path(tmp_path / "link")]).title == "Delete 1 entry"


def test_the_current_directory_is_never_deleted(tmp_path, monkeypatch):
    (tmp_path / "d" / "e").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "d" / "e")
    for path in (tmp_path / "d", tmp_path / "d" / "e", "."):
        with pytest.raises(GuardError):
            delete([Path(path)])


def test_a_mounted_file_system_is_never_deleted():
    with pytest.raises(GuardError, match="mounted"):
        delete([Path("/proc")])
