"""Whether two files have the same bytes: read on a disk, told by ETags and checksums where reading is a download."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tfm.info import FileInfo
from tfm.operations.etags import PartedMd5, candidates, parts_in
from tfm.path import Path
from tfm.s3.attributes import S3Attributes
from tfm.s3.cuts import equal
from tfm.s3.fast.checksums import Comparison, digest_of
from tfm.s3.protocol import Checksum
from tfm.transfer.plan import on_disk

CHUNK = 1024 * 1024


def same_contents(left: Path, left_info: FileInfo, right: Path, right_info: FileInfo) -> bool | None:
    """Tell whether two files of one size have the same bytes; `None` when that can't be told without a download.

    Of an object's ETag it is known how it comes about when it was uploaded in one part, or in parts whose size can be
    guessed or asked for (`HeadObject` of part 1), and not when KMS encrypts it. Where it doesn't tell, S3's own
    checksums of the whole object do, if it has one.

    Args:
        left: The one.
        left_info: What a listing told of it.
        right: The other.
        right_info: What a listing told of it.

    Raises:
        OSError: One of them can't be read or asked.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
    """
    if on_disk(left) and on_disk(right):
        return _same_bytes(left, right)
    if on_disk(right):
        left, right, right_info = right, left, left_info
    if not isinstance(right, S3Attributes):
        return None
    if on_disk(left):
        return _as_uploaded(left, right, right_info)
    if not isinstance(left, S3Attributes):
        return None
    return _same_objects(left, left_info, right, right_info)


def surely_same(left: Path, left_info: FileInfo, right: Path, right_info: FileInfo) -> bool:
    """Tell whether two files of one size have the same bytes; where nothing else does, by reading both.

    Args:
        left: The one.
        left_info: What a listing told of it.
        right: The other.
        right_info: What a listing told of it.

    Raises:
        OSError: One of them can't be read or asked.
    """
    same = same_contents(left, left_info, right, right_info)
    return _same_bytes(left, right) if same is None else same


def _same_bytes(left: Path, right: Path) -> bool:
    with left.open("rb") as one, right.open("rb") as other:
        while True:
            first, second = one.read(CHUNK), other.read(CHUNK)
            if first != second:
                return False
            if not first:
                return True


def _as_uploaded(local: Path, remote: S3Attributes, info: FileInfo) -> bool | None:
    count = parts_in(info.etag or "")
    size = info.size or 0
    certain = count == 0
    if count is not None:
        tried = [()] if count == 0 else candidates(size, count)
        if _any_etag(local, size, info.etag, tried):
            return True
        cuts = _asked(remote, size) if count else ()
        certain = len(cuts) == count
        if certain and cuts not in tried and _any_etag(local, size, info.etag, [cuts]):
            return True
    checksum = remote.checksum
    told = None if checksum is None else _matches(local, checksum)
    return False if told is None and certain and not _by_kms(remote) else told


def _asked(remote: S3Attributes, size: int) -> tuple[int, ...]:
    """Ask how large the first part is."""
    part = remote.part_size
    return equal(size, part) if part else ()


def _any_etag(local: Path, size: int, etag: str | None, ways: Sequence[Sequence[int]]) -> bool:
    """Whether a file has an ETag when it is cut in one of several ways; it is read once."""
    digests = [PartedMd5(cuts) for cuts in ways]
    read = _read(local, [digest.update for digest in digests]) if digests else 0
    return read == size and (etag or "").strip('"') in [digest.etag() for digest in digests]


def _read(local: Path, takers: Sequence[Callable[[memoryview], object]]) -> int:
    total = 0
    for data in _chunks(local):
        for take in takers:
            take(data)
        total += len(data)
    return total


def _chunks(local: Path) -> Iterator[memoryview]:
    buffer = memoryview(bytearray(CHUNK))
    with local.open("rb", buffering=0) as stream:
        file: Any = stream
        while count := file.readinto(buffer):
            yield buffer[:count]


def _matches(local: Path, checksum: Checksum) -> bool | None:
    """Compare a file with a checksum of a whole object; `None` when it is of parts, or of a kind unknown here."""
    if not checksum.whole:
        return None
    digest = digest_of(checksum.algorithm)
    if digest is None:
        return None
    found = Comparison(digest, checksum.value)
    _read(local, [found.update])
    return found.matches()


def _same_objects(left: S3Attributes, left_info: FileInfo, right: S3Attributes, right_info: FileInfo) -> bool | None:
    if left_info.etag and left_info.etag == right_info.etag:
        return True
    one, other = left.checksum, right.checksum
    if one is not None and other is not None and one.whole and other.whole and one.algorithm == other.algorithm:
        return one.value == other.value
    if parts_in(left_info.etag or "") == parts_in(right_info.etag or "") == 0:
        return None if _by_kms(left) or _by_kms(right) else False
    return None


def _by_kms(remote: S3Attributes) -> bool:
    return (remote.encryption or "").startswith("aws:kms")
