"""The planner, as a table."""

import pytest

from tfm import Path
from tfm.info import Capabilities, FileInfo
from tfm.transfer.plan import COPY_LIMIT, Side, choose, plan

DISK = Side(True, Capabilities(links=True, permissions=True, times=True, atomic_rename=True))
S3 = Side(False, Capabilities(server_copy=True))
OTHER = Side(False, Capabilities())

FILE = FileInfo("x", "file", size=10)
HUGE = FileInfo("x", "file", size=COPY_LIMIT + 1)
LINK = FileInfo("x", "file", size=10, link=True)
UNKNOWN = FileInfo("x", "file")


@pytest.mark.parametrize(
    ("info", "source", "target", "same", "move", "method"),
    [
        (FILE, DISK, DISK, True, True, "rename"),
        (LINK, DISK, DISK, True, True, "rename"),
        (FILE, DISK, DISK, False, True, "clone"),
        (FILE, DISK, DISK, True, False, "clone"),
        (LINK, DISK, DISK, False, True, "link"),
        (LINK, DISK, DISK, True, False, "link"),
        (FILE, DISK, S3, False, False, "upload"),
        (LINK, DISK, S3, False, True, "upload"),
        (FILE, S3, DISK, False, True, "download"),
        (FILE, S3, S3, True, False, "server_copy"),
        (FILE, S3, S3, True, True, "server_copy"),
        (UNKNOWN, S3, S3, True, False, "server_copy"),
        (HUGE, S3, S3, True, False, "server_multipart"),
        (HUGE, S3, S3, False, False, "stream"),
        (FILE, S3, S3, False, True, "stream"),
        (FILE, OTHER, OTHER, True, False, "stream"),
        (FILE, OTHER, S3, False, False, "stream"),
    ],
)
def test_the_cheapest_way_is_chosen(info, source, target, same, move, method):
    assert choose(info, source, target, same_storage=same, move=move) == method


def test_an_object_of_exactly_the_limit_needs_one_request():
    assert choose(HUGE._replace(size=COPY_LIMIT), S3, S3, same_storage=True) == "server_copy"


def test_two_real_paths_can_be_asked(tmp_path):
    (tmp_path / "a").write_bytes(b"a")
    source = Path(tmp_path / "a")
    assert plan(FILE, source, Path(tmp_path / "b"), move=True) == "rename"
    assert plan(FILE, source, Path(tmp_path / "b")) == "clone"
