"""From pages of a listing to the entries of a directory: markers, and objects and prefixes of one name. Pure."""

from __future__ import annotations

from functools import partial
from operator import itemgetter

from tfm.info import FileInfo
from tfm.s3.protocol import ObjectFacts, Page, Probe

_made = partial(tuple.__new__, FileInfo)


def file_info(name: str, facts: ObjectFacts) -> FileInfo:
    """Make the entry of an object.

    Args:
        name: The last segment of its key.
        facts: What S3 tells of it.
    """
    _, size, mtime, etag, storage_class, version_id, content_type, metadata, _, _ = facts
    told = dict(metadata) if metadata is not None else None
    # Not by name: a listing makes a hundred thousand of these.
    return _made((name, "file", size, mtime, 0, False, etag or None, storage_class, version_id, content_type, told))


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
    rows = [(facts.key, file_info(facts.key[cut:], facts)) for facts in page.objects if facts.key != prefix]
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
    rows = []
    for facts in page.objects:
        names = facts[0][cut:]
        if names.endswith("/"):
            names = names[:-1]
            # The size is told only of a marker that holds bytes, so that nobody drops them with the directory.
            rows.append((names, FileInfo(names.rpartition("/")[2], "directory", facts.size or None, facts.mtime)))
        elif names:
            rows.append((names, file_info(names[names.rfind("/") + 1 :], facts)))
    return rows
