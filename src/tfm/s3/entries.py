"""From pages of a listing to the entries of a directory: markers, and objects and prefixes of one name. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import repeat
from operator import itemgetter

from tfm.info import FileInfo
from tfm.s3.objects import Objects, keys_of
from tfm.s3.protocol import ObjectFacts, Page, Probe

_made = partial(tuple.__new__, FileInfo)
_NONE = repeat(None)


def file_info(name: str, facts: ObjectFacts) -> FileInfo:
    """Make the entry of an object.

    Args:
        name: The last segment of its key.
        facts: What S3 tells of it.
    """
    _, size, mtime, etag, storage_class, version_id, content_type, metadata, _, _ = facts
    told = dict(metadata) if metadata is not None else None
    return _made((name, "file", size, mtime, 0, False, etag or None, storage_class, version_id, content_type, told))


def file_infos(names: Sequence[str], objects: Sequence[ObjectFacts]) -> Iterable[FileInfo]:
    """Make the entries of many objects: a listing has a hundred thousand of them.

    Args:
        names: The last segments of their keys.
        objects: Of a page.
    """
    if not isinstance(objects, Objects):
        return map(file_info, names, objects)
    etags = [etag or None for etag in objects.etags] if "" in objects.etags else objects.etags
    columns = (names, repeat("file"), objects.sizes, objects.times, repeat(0), repeat(False), etags, objects.classes)
    return map(_made, zip(*columns, _NONE, _NONE, _NONE, strict=False))


def probed_info(name: str, probe: Probe) -> FileInfo | None:
    """Make the entry of a name that was probed, or `None` when nothing bears it.

    Args:
        name: The last segment.
        probe: What bears the name.
    """
    if probe.facts is None:
        return FileInfo(name, "directory") if probe.below else None
    info = file_info(name, probe.facts)
    return info._replace(kind="both") if probe.below else info


def directory_page(page: Page, prefix: str) -> list[FileInfo]:
    """Make the entries of a page of a delimited listing, in the byte order of their keys.

    An object and a prefix of one name are two entries; the directory's own marker is none.

    Args:
        page: With delimiter `/`.
        prefix: The directory's prefix, with its slash.
    """
    cut = len(prefix)
    keys = keys_of(page.objects)
    infos = file_infos([key[cut:] for key in keys], page.objects)
    rows = [(key, info) for key, info in zip(keys, infos, strict=True) if key != prefix]
    rows += [(key, FileInfo(key[cut:-1], "directory")) for key in page.prefixes]
    rows.sort(key=itemgetter(0))
    return [info for _, info in rows]


def tree_page(page: Page, prefix: str) -> list[tuple[str, FileInfo]]:
    """Give the entries of a page of a flat listing by their relative names; a marker is the directory that it marks.

    Args:
        page: Without delimiter.
        prefix: The directory's prefix, with its slash.
    """
    cut = len(prefix)
    below = [key[cut:] for key in keys_of(page.objects)]
    names = [each[each.rfind("/") + 1 :] for each in below]
    rows = list(zip(below, file_infos(names, page.objects), strict=True))
    return [_marked(*row) for row in rows if row[0]] if "" in names else rows


def _marked(names: str, info: FileInfo) -> tuple[str, FileInfo]:
    """Make a marker the entry of the directory that it marks; anything else stays as it is."""
    if not names.endswith("/"):
        return names, info
    names = names[:-1]
    # The size is told only of a marker that holds bytes, so that nobody drops them with the directory.
    return names, FileInfo(names.rpartition("/")[2], "directory", info.size or None, info.mtime)
