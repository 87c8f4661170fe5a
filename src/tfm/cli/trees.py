"""Everything below a directory, the same on every storage: directories that S3 only implies are given too."""

from __future__ import annotations

from collections.abc import Iterator

from tfm.globbing import ancestors
from tfm.info import FileInfo
from tfm.path import Path


def entries(top: Path) -> Iterator[tuple[str, FileInfo]]:
    """Give everything below a directory as relative names and what they are, parents before children.

    Args:
        top: The directory.

    Raises:
        OSError: It can't be listed.
    """
    if top.capabilities.needs_directories:
        for page in top.scan_tree():
            yield from page
        return
    last: set[str] = set()
    for page in top.scan_tree():
        for names, info in page:
            above = list(ancestors(names))
            for directory in sorted(set(above) - last):
                yield directory, FileInfo(directory.rpartition("/")[2], "directory")
            last = set(above)
            if info.is_dir() and not info.is_file():
                if names in last:
                    continue
                last.add(names)
            yield names, info


def below(top: Path, names: str) -> Path:
    """Give the path of a relative name.

    Args:
        top: The directory.
        names: With slashes between.
    """
    for name in names.split("/"):
        top = top.child(name)
    return top
