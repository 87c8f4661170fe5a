"""Whether what is at a target is the copy that was to be made: proved by what storages tell, or by reading."""

from __future__ import annotations

from tfm.info import FileInfo
from tfm.operations.contents import surely_same
from tfm.operations.placing import Place
from tfm.operations.syncplan import version_of
from tfm.path import Path
from tfm.s3.attributes import S3Attributes
from tfm.transfer.errors import SourceChangedError


def is_copy(place: Place, there: FileInfo) -> bool:
    """Tell whether a target has the bytes and the description of its source, whoever put them there.

    ETags and checksums tell for nothing; where they don't, both are read.

    Args:
        place: The source and the target.
        there: What is at the target now.

    Raises:
        SourceChangedError: The source is not what was to be copied.
        OSError: One of them can't be asked or read.
    """
    source, info, target, _ = place
    source.refresh()
    if version_of(source.facts()) != version_of(info):
        raise SourceChangedError(f"{str(source)!r} changed since it was listed: copy it again when it rests.")
    if there.size != info.size:
        return False
    return surely_same(source, info, target, there) and _alike(source, target)


def _alike(source: Path, target: Path) -> bool:
    """Whether both are described in the same way, where a storage describes its files."""
    if not (isinstance(source, S3Attributes) and isinstance(target, S3Attributes)):
        return True
    return source.described_as(target)
