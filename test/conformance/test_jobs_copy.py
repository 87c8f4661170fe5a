"""Copy jobs over trees: between disks, to S3, from S3 and inside S3, against ground truth."""

import os
import stat
from contextlib import contextmanager

import pytest
from jobs import finish, read, statuses, write

from tfm import Path
from tfm.errors import S3AuthError
from tfm.info import FileInfo
from tfm.operations import Conflict, JobState, copy
from tfm.s3.bulk import S3Bulk
from tfm.s3.path import S3PathImpl

MIB = 1024 * 1024
TREE = {
    "d/a.txt": b"alpha",
    "d/empty.txt": b"",
    "d/sub/b.bin": bytes(range(256)) * 40,
    "d/sub/deeper/c": b"c",
    "d/odd names/ä ö%20+#?.txt": b"odd",
    "d/nothing": None,
    "d/sub/nothing either/here": None,
}
FILE = FileInfo("", "file")
DIRECTORY = FileInfo("", "directory")


@contextmanager
def as_nobody():
    """Drop the rights of root for a while, so that permission bits count."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_tree_from_disk_to_disk(here):
    write(here / "from", TREE)
    os.chmod(here / "from" / "d" / "sub", 0o750)
    os.utime(here / "from" / "d" / "sub", (1000, 2000))
    job = finish(copy([here / "from" / "d"], here / "to"))
    assert job.state is JobState.DONE
    assert read(here / "to") == TREE == read(here / "from")
    facts = os.stat(here / "to" / "d" / "sub")
    assert (stat.S_IMODE(facts.st_mode), facts.st_mtime) == (0o750, 2000)


def test_a_tree_to_s3_and_back(here, remote, top):
    write(here / "from", TREE)
    assert finish(copy([here / "from" / "d"], top / "new" / "place")).state is JobState.DONE
    below = {"new/place/" + name: data for name, data in TREE.items()}
    stored = remote.all()
    assert {key: data for key, data in stored.items() if not key.endswith("/")} == {
        name: data for name, data in below.items() if data is not None
    }
    assert {"new/place/d/nothing/", "new/place/d/sub/nothing either/here/"} <= set(stored)
    assert finish(copy([top / "new" / "place" / "d"], here / "back")).state is JobState.DONE
    assert read(here / "back") == TREE


def test_a_tree_inside_s3(remote, top):
    for key in ("d/a", "d/sub/b", "d/sub/c/e", "d2/not this", "d.txt"):
        remote.put(key, key.encode())
    remote.put("d/marked/")
    remote.put("d/sub/")
    job = finish(copy([top / "d"], top / "copies", names={top / "d": "new"}))
    assert job.state is JobState.DONE
    assert {key: data for key, data in remote.all().items() if key.startswith("copies/")} == {
        "copies/new/a": b"d/a",
        "copies/new/marked/": b"",
        "copies/new/sub/b": b"d/sub/b",
        "copies/new/sub/c/e": b"d/sub/c/e",
    }
    assert len(remote.listed()) == 7 + 4


def test_a_directory_that_is_only_a_marker(here, remote, top):
    remote.put("empty/")
    assert finish(copy([top / "empty"], here / "to")).state is JobState.DONE
    assert read(here / "to") == {"empty": None}
    assert finish(copy([top / "empty"], top / "new")).state is JobState.DONE
    assert "new/empty/" in remote.listed()


def test_an_empty_local_directory_becomes_a_marker(here, remote, top):
    (here / "empty").mkdir()
    assert finish(copy([here / "empty"], top)).state is JobState.DONE
    assert remote.listed() == ["empty/"]


def test_a_download_has_the_time_of_the_object(here, remote, top, s3):
    remote.put("f", b"x")
    modified = s3.head_object(Bucket=remote.name, Key="f")["LastModified"].timestamp()
    finish(copy([top / "f"], here))
    assert int(os.stat(here / "f").st_mtime) == int(modified)


def test_several_sources_at_once(here, remote, top):
    write(here, {"one": b"1", "two/three": b"3"})
    remote.put("four", b"4")
    job = finish(copy([here / "one", here / "two", top / "four"], here / "to" / "new"))
    assert read(here / "to") == {"new/one": b"1", "new/two/three": b"3", "new/four": b"4"}
    assert statuses(job) == {"one": "done", "two": "done", "four": "done"}


def test_a_large_file_both_ways(here, remote, top):
    data = os.urandom(20 * MIB + 3)
    write(here, {"large": data})
    assert finish(copy([here / "large"], top)).state is JobState.DONE
    assert remote.get("large") == data
    job = finish(copy([top / "large"], here / "back"))
    assert read(here / "back") == {"large": data}
    assert job.progress.bytes_done == len(data)
    assert remote.uploads() == []


def test_directories_are_merged_and_files_asked_about(here):
    write(here, {"from/d/a": b"new", "from/d/b": b"new", "to/d/a": b"old", "to/d/c": b"other"})
    job = finish(copy([here / "from" / "d"], here / "to", conflict=Conflict.SKIP))
    assert read(here / "to") == {"d/a": b"old", "d/b": b"new", "d/c": b"other"}
    assert statuses(job) == {"a": "skipped", "d": "done"}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Conflict.SKIP, {"a.txt": b"old"}),
        (Conflict.OVERWRITE, {"a.txt": b"new!"}),
        (Conflict.SIZE_DIFFERS, {"a.txt": b"new!"}),
        (Conflict.KEEP_BOTH, {"a.txt": b"old", "a (1).txt": b"new!"}),
    ],
)
@pytest.mark.parametrize("way", ["up", "down", "inside"])
def test_a_rule_for_existing_files(here, remote, top, rule, expected, way):
    if way == "up":
        source, into = here / "a.txt", top / "to"
        write(here, {"a.txt": b"new!"})
        remote.put("to/a.txt", b"old")
    else:
        source, into = top / "a.txt", here / "to" if way == "down" else top / "to"
        remote.put("a.txt", b"new!")
        write(here, {"to/a.txt": b"old"})
        remote.put("to/a.txt", b"old")
    assert finish(copy([source], into, conflict=rule)).state is JobState.DONE
    there = read(here / "to") if way == "down" else {k[3:]: v for k, v in remote.all().items() if k.startswith("to/")}
    assert there == expected


def test_newer_files_only(here):
    write(here, {"from/d/newer": b"1", "from/d/older": b"1", "to/d/newer": b"0", "to/d/older": b"0"})
    os.utime(here / "to" / "d" / "newer", (1000, 1000))
    os.utime(here / "from" / "d" / "older", (1000, 1000))
    finish(copy([here / "from" / "d"], here / "to", conflict=Conflict.NEWER))
    assert read(here / "to") == {"d/newer": b"1", "d/older": b"0"}


def test_both_are_kept_under_the_first_free_number(here):
    write(here, {"from/a": b"new", "to/a": b"0", "to/a (1)": b"1", "to/a (2)": b"2"})
    finish(copy([here / "from" / "a"], here / "to", conflict=Conflict.KEEP_BOTH))
    assert read(here / "to") == {"a": b"0", "a (1)": b"1", "a (2)": b"2", "a (3)": b"new"}


def test_what_a_listing_remembered_does_not_decide_what_is_overwritten(here, remote, top):
    remote.put("to/other")
    assert not (top / "to" / "a").exists()
    assert [each.name for each in (top / "to").iterdir()] == ["other"]
    remote.put("to/a", b"theirs")  # behind our back
    write(here, {"a": b"ours"})
    finish(copy([here / "a"], top / "to", conflict=Conflict.SKIP))
    assert remote.get("to/a") == b"theirs"


def test_a_file_in_the_way_of_a_directory_fails_by_name(here):
    write(here, {"from/d/x": b"x", "from/e": b"e", "to/d": b"file"})
    job = finish(copy([here / "from" / "d", here / "from" / "e"], here / "to", conflict=Conflict.OVERWRITE))
    assert read(here / "to") == {"d": b"file", "e": b"e"}
    assert statuses(job) == {"d": "failed", "e": "done"}
    assert "in the way" in job.report[0].reason + job.report[1].reason


def test_a_directory_in_the_way_of_a_file_fails_by_name(here):
    write(here, {"from/d": b"file", "to/d/x": b"x"})
    job = finish(copy([here / "from" / "d"], here / "to", conflict=Conflict.OVERWRITE))
    assert read(here / "to") == {"d/x": b"x"}
    assert "directory" in job.report[0].reason


def test_a_link_in_the_way_of_a_directory_leads_nowhere_else(here):
    write(here, {"from/d/x": b"x", "victim/y": b"y"})
    (here / "to").mkdir()
    (here / "to" / "d").symlink_to(here / "victim")
    job = finish(copy([here / "from" / "d"], here / "to", conflict=Conflict.OVERWRITE))
    assert job.state is JobState.FAILED
    assert read(here / "victim") == {"y": b"y"}


def test_what_is_not_permitted_is_reported_and_the_rest_goes_on(here):
    write(here, {f"from/d/f{number}": b"x" for number in range(20)} | {"from/d/closed/inside": b"x"})
    os.chmod(here / "from" / "d" / "f7", 0)
    os.chmod(here / "from" / "d" / "closed", 0)
    for parent in [here, *list(here.parents)[:3]]:
        os.chmod(parent, 0o755)
    (here / "to").mkdir()
    os.chmod(here / "to", 0o777)
    with as_nobody():
        job = finish(copy([here / "from" / "d"], here / "to"))
    os.chmod(here / "from" / "d" / "closed", 0o755)
    assert job.state is JobState.FAILED
    failed = {outcome.source.name: outcome.reason for outcome in job.report if outcome.status == "failed"}
    assert set(failed) == {"f7", "closed", "d"}
    assert "Permission denied" in failed["f7"]
    assert failed["d"] == "2 of 23 entries failed"
    assert len([name for name in read(here / "to") if name.startswith("d/f")]) == 19


def test_links_between_disks_stay_links(here):
    write(here, {"from/d/file": b"x"})
    (here / "from" / "d" / "to-file").symlink_to("file")
    (here / "from" / "d" / "loop").symlink_to("..")
    (here / "from" / "d" / "broken").symlink_to("nowhere")
    assert finish(copy([here / "from" / "d"], here / "to")).state is JobState.DONE
    assert read(here / "to") == read(here / "from")


def test_links_to_s3_become_what_they_lead_to(here, remote, top):
    write(here, {"from/d/file": b"content"})
    (here / "from" / "d" / "to-file").symlink_to("file")
    (here / "from" / "d" / "loop").symlink_to("..")
    (here / "from" / "d" / "broken").symlink_to("nowhere")
    job = finish(copy([here / "from" / "d"], top))
    assert remote.all() == {"d/file": b"content", "d/to-file": b"content"}
    assert statuses(job) == {"loop": "skipped", "broken": "failed", "d": "failed"}
    assert "leads nowhere" in next(outcome.reason for outcome in job.report if outcome.source.name == "broken")


def test_a_link_that_was_chosen_itself_is_followed_to_s3(here, remote, top):
    write(here, {"real/a": b"a"})
    (here / "link").symlink_to("real")
    assert finish(copy([here / "link"], top)).state is JobState.DONE
    assert remote.all() == {"link/a": b"a"}


def test_special_files_fail_by_name_and_block_nobody(here, remote, top):
    write(here, {"d/file": b"x"})
    os.mkfifo(here / "d" / "pipe")
    job = finish(copy([here / "d"], top))
    assert remote.all() == {"d/file": b"x"}
    assert statuses(job)["pipe"] == "failed"
    assert statuses(finish(copy([here / "d"], here / "to")))["pipe"] == "failed"


def test_a_name_that_is_no_unicode_fails_by_name_on_s3(here, remote, top):
    write(here, {"d/fine": b"x", "d/" + os.fsdecode(b"caf\xe9"): b"y"})
    job = finish(copy([here / "d"], top))
    assert remote.listed() == ["d/fine"]
    reason = next(outcome.reason for outcome in job.report if outcome.source.name != "d")
    assert "not valid Unicode" in reason
    assert finish(copy([here / "d"], here / "to")).state is JobState.DONE
    assert os.fsencode(here / "to" / "d") + b"/caf\xe9" in [
        os.path.join(os.fsencode(here / "to" / "d"), name) for name in os.listdir(os.fsencode(here / "to" / "d"))
    ]


@pytest.mark.needs("empty_segments", "dot_segments", "long_names")
def test_keys_that_a_disk_cannot_hold_fail_by_name(here, remote, top):
    keys = ["d/fine", "d//slashes", "d/../up", "d/./dot", "d/sub/..", "d/" + "n" * 300, "d/sub/fine"]
    for key in keys:
        remote.put(key, b"x")
    job = finish(copy([top / "d"], here / "to"))
    assert read(here) == {"to/d/fine": b"x", "to/d/sub/fine": b"x"}
    failed = {str(outcome.source) for outcome in job.report if outcome.status == "failed"}
    assert failed == {f"{top}/{key}" for key in keys if "fine" not in key} | {f"{top}/d"}


@pytest.mark.needs("empty_segments", "dot_segments")
def test_odd_keys_stay_as_they_are_inside_s3(remote, top):
    keys = ["d/fine", "d//slashes", "d/../up", "d/./dot", "d/a%20b", "d/ä", "d/sub/.."]
    for key in keys:
        remote.put(key, key.encode())
    assert finish(copy([top / "d"], top / "to")).state is JobState.DONE
    assert {key for key in remote.listed() if key.startswith("to/")} == {"to/" + key for key in keys}


def test_an_object_and_a_prefix_of_one_name(here, remote, top):
    remote.put("t/d", b"object")
    remote.put("t/d/x", b"below")
    assert finish(copy([top / "t"], top / "copy")).state is JobState.DONE
    assert remote.get("copy/t/d") == b"object"
    assert remote.get("copy/t/d/x") == b"below"
    job = finish(copy([top / "t"], here / "to"))
    assert job.state is JobState.FAILED
    assert read(here / "to") in ({"t/d": b"object"}, {"t/d/x": b"below"})
    reason = next(outcome.reason for outcome in job.report if outcome.source.name != "t")
    assert "in the way" in reason


def test_one_of_two_entries_of_one_name_can_be_chosen(here, remote, top):
    remote.put("d", b"object")
    remote.put("d/x", b"below")
    assert finish(copy([(top / "d", FILE)], here / "file")).state is JobState.DONE
    assert read(here / "file") == {"d": b"object"}
    assert finish(copy([(top / "d", DIRECTORY)], here / "dir")).state is JobState.DONE
    assert read(here / "dir") == {"d/x": b"below"}


def test_a_missing_source_fails_by_name(here, top):
    write(here, {"there": b"x"})
    job = finish(copy([here / "missing", top / "gone", here / "there"], here / "to"))
    assert [outcome.status for outcome in job.report] == ["failed", "failed", "done"]
    assert read(here / "to") == {"there": b"x"}


def test_a_missing_bucket_fails_the_job_and_is_not_made(here, s3):
    write(here, {"a": b"x"})
    job = finish(copy([here / "a"], Path("s3://no-such-bucket-here/below")))
    assert job.state is JobState.FAILED
    assert "no-such-bucket-here" in job.report[0].reason
    assert "no-such-bucket-here" not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]


def test_an_object_is_no_directory_to_copy_into(here, remote, top):
    remote.put("file", b"x")
    write(here, {"a": b"x"})
    job = finish(copy([here / "a"], top / "file"))
    assert job.state is JobState.FAILED
    assert "not a directory" in job.report[0].reason
    assert remote.listed() == ["file"]


def test_the_upload_of_a_file_that_changes_fails_and_nothing_appears(here, remote, top):
    write(here, {"a": b"x" * 3 * MIB})
    seen = []

    def listener(event):
        if event.kind == "progressed" and not seen:
            seen.append(event)
            with open(here / "a", "ab") as stream:
                stream.write(b"more")

    job = copy([here / "a"], top)
    job.start(listener)
    assert job.wait(30)
    assert seen
    assert "written to while it was copied" in job.report[0].reason
    assert remote.listed() == []


def test_an_upload_that_the_server_refuses_is_reported(here, top, remote, monkeypatch):
    write(here, {"d/a": b"x", "d/b": b"y"})
    real = S3PathImpl.open_writer

    def refusing(self, action="w"):
        if self.name == "a":
            raise S3AuthError(f"You may not write {self}.", code="AccessDenied")
        return real(self, action)

    together = S3Bulk.write

    def refusing_together(self, path, data, overwrite, done, failed):
        if path.name != "a":
            return together(self, path, data, overwrite, done, failed)
        failed(S3AuthError(f"You may not write {path}.", code="AccessDenied"))
        return True

    monkeypatch.setattr(S3PathImpl, "open_writer", refusing)
    monkeypatch.setattr(S3Bulk, "write", refusing_together)
    job = finish(copy([here / "d"], top))
    assert remote.all() == {"d/b": b"y"}
    assert statuses(job) == {"a": "failed", "d": "failed"}


def test_an_object_seen_through_two_places_is_one_object(remote, top, monkeypatch, s3_server):
    from tfm.s3 import places

    places.use_client("other", places.client_for(""))
    remote.put("a", b"precious")
    other = Path(f"s3://other@{remote.name}/a")
    job = finish(copy([top / "a"], other.parent, conflict=Conflict.OVERWRITE))
    assert job.state is JobState.FAILED
    assert "same" in job.report[0].reason
    assert remote.all() == {"a": b"precious"}
