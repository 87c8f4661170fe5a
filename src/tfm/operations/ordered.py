"""Everything below a directory in the byte order of a flat listing, on any storage, so that two trees can be merged."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from typing import NamedTuple

from tfm.info import FileInfo
from tfm.path import Path
from tfm.transfer.errors import TransferError


class Listed(NamedTuple):
    """One entry of a tree.

    Args:
        key: Its relative name with slashes; that of a directory ends in one, as the key of a marker does.
        info: What it is, links not followed.
        error: Why nothing is known of it, or of what is below it.
    """

    key: str
    info: FileInfo
    error: OSError | None = None

    @property
    def directory(self) -> bool:
        """Whether it is one; a link to one is not."""
        return self.key.endswith("/")


def ordered(top: Path) -> Iterator[Listed]:
    """List everything below a directory in the order of its keys, one entry in memory at a time.

    A flat listing of S3 has this order by itself; that of another server is sorted. On a disk the names of a directory
    are sorted, each directory's with a slash behind, and gone through depth first; links are given and not followed. Of
    S3's directories those are given that have a marker.

    Args:
        top: The directory.

    Raises:
        OSError: It can't be listed itself; raised at once.
        TransferError: The storage lists in another order; raised on the way.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
    """
    if top.capabilities.needs_directories:
        path = os.fspath(top)
        return _disk(path, _names(path))
    return _keys(top, top.scan_sorted())


def _keys(top: Path, pages: Iterator[list[tuple[str, FileInfo]]]) -> Iterator[Listed]:
    last = ""
    for page in pages:
        for name, info in page:
            key = name + "/" if info.kind == "directory" else name
            if key <= last:
                raise TransferError(
                    f"{str(top)!r} is listed in no order ({key!r} came after {last!r}), so it can't be compared: "
                    "copy it instead."
                )
            last = key
            yield Listed(key, info)


def _names(directory: str) -> Iterator[str]:
    """Sort the names in a directory as a flat listing has them; only they are held, so that a million fit."""
    with os.scandir(directory) as entries:
        return iter(sorted(each.name + "/" if each.is_dir(follow_symlinks=False) else each.name for each in entries))


def _disk(top: str, names: Iterator[str]) -> Iterator[Listed]:
    levels = [("", names)]
    while levels:
        below, left = levels[-1]
        name = next(left, None)
        if name is None:
            levels.pop()
            continue
        key = below + name
        path = os.path.join(top, key.removesuffix("/"))
        try:
            info = _facts(name.removesuffix("/"), path)
            if info.is_dir(follow_symlinks=False) is not name.endswith("/"):
                raise TransferError(f"{path!r} was replaced while it was listed: list it again.")
            inside = _names(path) if name.endswith("/") else None
        except FileNotFoundError:
            continue  # deleted while the listing went on
        except OSError as error:
            yield Listed(key, FileInfo(name.removesuffix("/"), "directory" if name.endswith("/") else "other"), error)
            continue
        yield Listed(key, info)
        if inside is not None:
            levels.append((key, inside))


def _facts(name: str, path: str) -> FileInfo:
    own = os.lstat(path)
    mode = own.st_mode
    if stat.S_ISREG(mode):  # nearly all: without a path of its own
        return FileInfo(name, "file", own.st_size, own.st_mtime, mode)
    info = Path(os.path.join(".", path)).facts(follow_symlinks=False)._replace(name=name)
    return info._replace(size=None) if info.kind == "directory" and not info.link else info
