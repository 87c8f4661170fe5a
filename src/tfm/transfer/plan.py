"""Which way one object goes: the cheapest that the two storages allow; pure, so it can be asked without doing it."""

from __future__ import annotations

from typing import Literal, NamedTuple

from tfm.info import Capabilities, FileInfo
from tfm.path import Path

Method = Literal["rename", "link", "clone", "server_copy", "server_multipart", "upload", "download", "stream"]

COPY_LIMIT = 5 * 1024**3
"""The largest object that one CopyObject takes, in bytes.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
"""


class Side(NamedTuple):
    """What a plan needs to know of a storage.

    Args:
        on_disk: Whether the operating system itself can open its paths.
        capabilities: What it can do.
    """

    on_disk: bool
    capabilities: Capabilities


def on_disk(path: Path) -> bool:
    """Whether the operating system itself can open the path.

    Its scheme says so. Whether it speaks `os.PathLike` does not: inside `tfm.dropin` every path does.

    Args:
        path: Any path.
    """
    return not path.scheme


def side(path: Path) -> Side:
    """Give what a plan needs to know of a path's storage.

    Args:
        path: Any path.
    """
    return Side(on_disk(path), path.capabilities)


def plan(info: FileInfo, source: Path, target: Path, *, move: bool = False) -> Method:
    """Choose the way for one object between two paths.

    Args:
        info: What the source is, links not followed.
        source: Where it is.
        target: Where it shall be.
        move: Whether the source shall be gone afterwards.
    """
    return choose(info, side(source), side(target), same_storage=source.same_storage(target), move=move)


def choose(info: FileInfo, source: Side, target: Side, *, same_storage: bool, move: bool = False) -> Method:
    """Choose the way for one object between two storages.

    Args:
        info: What the source is, links not followed.
        source: The storage it comes from.
        target: The storage it goes to.
        same_storage: Whether both are one device, or one place that copies by itself.
        move: Whether the source shall be gone afterwards.
    """
    if source.on_disk and target.on_disk:
        if move and same_storage:
            return "rename"
        return "link" if info.link else "clone"
    if source.on_disk:
        return "upload"
    if target.on_disk:
        return "download"
    if same_storage and source.capabilities.server_copy:
        return "server_multipart" if (info.size or 0) > COPY_LIMIT else "server_copy"
    return "stream"
