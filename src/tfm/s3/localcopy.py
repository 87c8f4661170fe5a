"""`local()`: an object as a local file, for programs that take nothing else; what was edited goes back, or is kept."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import TYPE_CHECKING, NoReturn

from tfm.contentcache import CHUNK, Shelf, content_cache, suffix_of, user_directory
from tfm.errors import S3BaseError, S3NotFoundError
from tfm.path import Path
from tfm.s3.freshness import fresh
from tfm.s3.keeping import kept, new_object
from tfm.s3.protocol import NO_OPTIONS, ObjectFacts, S3Client, WriteOptions
from tfm.s3.reader import S3Reader
from tfm.s3.writer import S3Writer
from tfm.whole import untold

if TYPE_CHECKING:
    from tfm.s3.address import S3Address

MODES = ("r", "r+", "w", "x")
ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_PROFILE")
"""What else than its name decides where a place is."""


def check_mode(mode: str) -> None:
    """Raise unless `local()` knows the mode.

    Args:
        mode: One of `MODES`.

    Raises:
        ValueError: It is none.
    """
    if mode not in MODES:
        raise ValueError(f"local() has no mode {mode!r}: 'r' reads, 'r+' edits, 'w' writes anew, 'x' only if new.")


@contextmanager
def local_copy(path: S3Address, mode: str) -> Iterator[Path]:
    """Hand out a local file for an object.

    Args:
        path: The object.
        mode: `r` for a file that nobody may write, from the content cache; otherwise one whose bytes go up at the end.
    """
    if mode != "r":
        yield from _edited(path, mode)
        return
    client, bucket, key = path._file_address()
    with content_cache().shelf((*_place(client), bucket, key)) as shelf:
        yield Path(_cached(path, shelf)[0])


def _place(client: S3Client) -> tuple[str, ...]:
    place = client.place
    return (place.name, place.profile or "", place.endpoint or "", *(os.environ.get(name, "") for name in ENDPOINTS))


def _cached(path: S3Address, shelf: Shelf) -> tuple[str, ObjectFacts]:
    """Give the file of the object as it is now: one HEAD when it is kept, else one GET."""
    client, bucket, key = path._file_address()
    if shelf.versions():
        try:
            with fresh():
                facts = client.head(bucket, key, version_id=path._version_id)
        except S3NotFoundError:
            pass  # what there is instead is told by the attempt to read it
        else:
            found = shelf.find(facts.etag, facts.size)
            if found is not None:
                return found, facts
    with path.open_reader() as reader:
        assert isinstance(reader, S3Reader)
        facts = reader.facts
        return shelf.add(facts.etag, suffix_of(path.name), reader, facts.mtime), facts


def _edited(path: S3Address, mode: str) -> Iterator[Path]:
    directory = tempfile.mkdtemp(prefix=f"{path.bucket}-", dir=_edits())
    file = os.path.join(directory, _file_name(path.name))
    try:
        options = _begin(path, mode, file)
        before = None if mode in ("w", "x") else _state(file)
        yield Path(file)
    except BaseException:  # nothing is published, so there is nothing to keep
        shutil.rmtree(directory)
        raise
    if before is None or _state(file, before) != before:
        _publish(path, file, options)
    shutil.rmtree(directory)


def _edits() -> str:
    """Give the directory of what is being edited: no cache, so that what could not be uploaded outlives a cleaning."""
    directory = os.path.join(user_directory("XDG_STATE_HOME", ".local/state"), "edits")
    os.makedirs(directory, mode=0o700, exist_ok=True)
    return directory


def _file_name(name: str) -> str:
    fits = name not in (".", "..") and len(name.encode()) <= 255
    return name if fits else "file" + suffix_of(name)


def _begin(path: S3Address, mode: str, file: str) -> WriteOptions:
    """Put the file there that the block will edit; gives the conditions under which it may replace the object."""
    if mode in ("w", "x"):
        with open(file, "xb"):
            pass
        return new_object(path.key, NO_OPTIONS, if_none_match=mode == "x")
    client, bucket, key = path._file_address()
    with content_cache().shelf((*_place(client), bucket, key)) as shelf:
        cached, facts = _cached(path, shelf)
        shutil.copyfile(cached, file)
    os.utime(file, (facts.mtime, facts.mtime))
    return kept(client, bucket, facts, NO_OPTIONS)._replace(if_match=facts.etag or None)


def _state(file: str, before: tuple[tuple[int, ...], bytes] | None = None) -> tuple[tuple[int, ...], bytes]:
    """Tell what the file is: cheap facts that every write changes, and a checksum that only other bytes change."""
    state = os.stat(file)
    facts = (state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)
    if before is not None and facts == before[0]:
        return before
    checksum = blake2b()
    with open(file, "rb") as stream:
        while chunk := stream.read(CHUNK):
            checksum.update(chunk)
    digest = checksum.digest()
    return (before[0], digest) if before is not None and digest == before[1] else (facts, digest)


def _publish(path: S3Address, file: str, options: WriteOptions) -> None:
    client, bucket, key = path._file_address()
    try:
        with open(file, "rb") as source, S3Writer(client, bucket, key, str(path), options) as writer:
            size = os.fstat(source.fileno()).st_size
            if writer.take_file(source.fileno(), size, untold) < size:
                raise OSError(errno.EIO, "it was cut short while it was uploaded", file)
    except S3BaseError as error:
        _raise_kept(error, file)
    except BaseException as error:
        error.add_note(f"What was to become {path} is kept in {file!r}.")
        raise


def _raise_kept(error: S3BaseError, file: str) -> NoReturn:
    facts = {name: getattr(error, name) for name in ("code", "bucket", "key", "request_id", "status")}
    message = f"{error.strerror} The edited file is kept in {file!r}."
    raise type(error)(message, filename=error.filename, **facts) from error
