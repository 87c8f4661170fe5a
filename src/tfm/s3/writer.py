"""Writing an object: small ones in one PUT, large ones in parts that go up while writing goes on.

The object appears when the writer closes, complete or not at all. Memory is bounded by the parts in flight.
"""

from __future__ import annotations

import atexit
import io
import os
import weakref
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any

from tfm.daemonpool import DaemonPool
from tfm.errors import S3BaseError
from tfm.opening import warn_unclosed
from tfm.s3.protocol import NO_OPTIONS, S3Client, WriteOptions
from tfm.s3.unfinished import begin_upload, end_upload, take_up

if TYPE_CHECKING:
    from typing import Self

    from tfm.resumable import Keeper
    from tfm.whole import Moved

PART = 8 * 1024 * 1024
"""Bytes of a part; S3 wants at least 5 MiB of all but the last."""
GROWTH = 1000
"""After so many parts their size doubles, so that 10,000 parts, S3's limit, hold more than its largest object."""
IN_FLIGHT = 4
"""Parts on their way at once."""
LARGE = 16 * 1024 * 1024
"""Bytes from which a file on a disk goes up in parts."""


class S3Writer(io.BufferedIOBase):
    """The bytes of a new object.

    Args:
        client: The client of the place.
        bucket: The bucket.
        key: The key.
        name: The path's text, for `name`.
        options: Conditions and metadata of the write.

    Raises:
        S3ExistsError: On close, when `options.if_none_match` is set and the key exists.
    """

    def __init__(
        self,
        client: S3Client,
        bucket: str,
        key: str,
        name: str,
        options: WriteOptions = NO_OPTIONS,
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._key = key
        self._options = options
        self._buffer = bytearray()
        self._upload_id: str | None = None
        self._pool: DaemonPool | None = None
        self._parts: list[Future[str]] = []
        self._flying: set[Future[str]] = set()
        self._etags: list[str] = []
        self._written = 0
        self._held = 0
        self._process = 0
        self._keeper: Keeper | None = None
        self.etag = ""
        """What the object has when it is there, as far as that is known."""
        self.name = name
        self.mode = "xb" if options.if_none_match else "wb"

    def __repr__(self) -> str:
        return f"<S3Writer {self.name!r} at {self._written}>"

    def writable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """Count the bytes written so far."""
        self._check_open()
        return self._written

    def write(self, data: Any) -> int:
        """Take bytes; full parts go up at once.

        Args:
            data: Anything with the buffer protocol.

        Returns:
            Their number.
        """
        self._check_open()
        if isinstance(data, str):
            raise TypeError("a bytes-like object is required, not 'str'")
        with memoryview(data) as whole, whole.cast("B") if whole.nbytes else whole as view:
            size, done = whole.nbytes, 0
            while done < size:
                taken = min(self._part_size() - len(self._buffer), size - done)
                self._buffer += view[done : done + taken]
                self._written += taken
                done += taken
                if len(self._buffer) >= self._part_size():
                    self._send_buffer()
        return size

    def remember(self, keeper: Keeper) -> None:
        """Let a keeper know of an upload before it begins, which one it is, and when nothing is left of it.

        Args:
            keeper: Who is told.
        """
        self._keeper = keeper

    def take_file(
        self, descriptor: int, size: int, moved: Moved, keeper: Keeper | None = None, version: str = ""
    ) -> int:
        """Take bytes from the beginning of a file on a disk; only before the first `write`, and instead of it.

        Args:
            descriptor: Of the open file; its position is of no effect and stays where it is.
            size: How many bytes.
            moved: Told the bytes as they are taken, by one thread at a time; what it raises ends it.
            keeper: Told the parts of a large file as they arrive; those that it knows need not be sent.
            version: What tells this version of the file from others; only for a keeper.

        Returns:
            How many there were: fewer where the file ends sooner, and then the only thing to do is `abort`.
        """
        from tfm.s3 import taking

        self._check_open()
        if size < LARGE:
            taking.held.take(size)
            self._held += size
            self._buffer = bytearray(size)
            with memoryview(self._buffer) as view:
                self._written = taking.read_at(descriptor, view, 0)
            moved(self._written)
            return self._written
        version, there = f"{version} {taking.part_size(size)}", taking.NOTHING
        if keeper is not None:
            self.remember(keeper)
            self._upload_id, there = take_up(self._client, self._bucket, self._key, keeper, version)
            self._process = os.getpid()
        upload = (self._bucket, self._key, self._begin())
        note = keeper and partial(keeper.piece, version)
        etags = taking.send_parts(self._client, upload, descriptor, size, moved, there, note or taking.unnoted)
        self._etags = etags or []
        self._written = size if etags else 0
        return self._written

    def write_copy(self, source: tuple[str, str], start: int, stop: int, if_match: str | None = None) -> None:
        """Make bytes of another object the next part, inside the server; only before the first `write`.

        Args:
            source: Bucket and key.
            start: The first byte.
            stop: The byte behind the last one; at least 5 MiB and at most 5 GiB away.
            if_match: The ETag that the other object must have.
        """
        self._submit(partial(self._client.copy_part, source, start, stop, if_match=if_match))
        self._written += stop - start

    def replace_only(self, etag: str) -> None:
        """Let closing fail with `S3ChangedError` when the object is another one than this by then, or gone.

        Args:
            etag: With its quotes.
        """
        self._options = self._options._replace(if_match=etag)

    def close(self) -> None:
        """Finish: now the object appears. When that fails, nothing of it stays."""
        if self.closed:
            return
        try:
            if self._upload_id is None:
                with memoryview(self._buffer) as view:
                    self.etag = self._client.put(self._bucket, self._key, view, self._options).etag
            else:
                self._complete(self._upload_id)
        except BaseException as error:
            if self._keeper is not None and self._keeper.keeps(error):
                self.leave()
            else:
                self.abort()
            raise
        self._release()

    def abort(self) -> None:
        """Drop everything: nothing appears, nothing stays on the server."""
        if self.closed:
            return
        if not self._is_ours():
            self._pool = None  # its threads are in the other process, and so is the right to end the upload
            self._release()
            return
        upload_id, self._upload_id = self._upload_id, None
        if self._pool is not None:
            # A part still on its way could outlive the upload that it belongs to, so wait for those.
            wait([part for part in self._parts if not part.cancel()])
        self._release()
        if upload_id is not None:
            end_upload(self._client, self._bucket, self._key, upload_id, self._keeper)

    def leave(self) -> None:
        """Let go of everything here and leave the upload as it is: the keeper knows it."""
        if self.closed:
            return
        self._upload_id = None
        wait([part for part in self._parts if not part.cancel()])
        self._release()

    def __enter__(self) -> Self:
        self._check_open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if kind is None:
            self.close()
            return
        try:
            self.abort()
        except S3BaseError as failure:
            # The block's own error matters more; the upload that stays is told with it.
            if isinstance(error, BaseException):
                error.add_note(f"The unfinished upload of {self.name} could not be aborted: {failure}")

    def __del__(self) -> None:
        if not self.closed and hasattr(self, "_parts"):
            self._drop()

    def _drop(self) -> None:
        if self._keeper is not None:
            self.leave()
            return
        if self._is_ours():
            warn_unclosed(self)
        self.abort()

    def _is_ours(self) -> bool:
        """Whether no upload has begun, or it began in this process: a child of `fork` must neither end nor go on."""
        return self._upload_id is None or self._process == os.getpid()

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed file.")

    def _check_ours(self) -> None:
        if not self._is_ours():
            raise ValueError(f"{self.name}: its upload began in another process: go on there, or open it here anew.")

    def _part_size(self) -> int:
        return PART << (len(self._parts) // GROWTH)

    def _send_buffer(self) -> None:
        part, self._buffer = self._buffer, bytearray()
        client = self._client  # not `self`: a part on its way must not keep a dropped writer alive

        def fill(bucket: str, key: str, upload_id: str, number: int) -> str:
            return client.upload_part(bucket, key, upload_id, number, memoryview(part))

        self._submit(fill)

    def _begin(self) -> str:
        """Begin the upload, unless it has begun; gives its id."""
        self._check_ours()
        if self._upload_id is None:
            self._upload_id = begin_upload(self._client, self._bucket, self._key, self._options, self._keeper)
            self._process = os.getpid()
            _uploading.add(self)
        return self._upload_id

    def _submit(self, fill: Callable[[str, str, str, int], str]) -> None:
        """Let a part be filled in the background, once fewer than `IN_FLIGHT` are."""
        upload_id = self._begin()
        if self._pool is None:
            self._pool = DaemonPool(IN_FLIGHT, "tfm-upload")
        while len(self._flying) >= IN_FLIGHT:
            done, self._flying = wait(self._flying, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()  # a part that failed fails the writer now, not at its end
        number = len(self._parts) + 1
        future = self._pool.submit(fill, self._bucket, self._key, upload_id, number)
        self._parts.append(future)
        self._flying.add(future)

    def _complete(self, upload_id: str) -> None:
        self._check_ours()
        if self._buffer:
            self._send_buffer()
        wait(self._parts)
        if self._options.if_match is not None:
            # Not every server honours If-Match on the completion; on a GET they do, so the gap is as small as can be.
            self._client.get(self._bucket, self._key, start=0, stop=1, if_match=self._options.if_match).close()
        etags = self._etags or [future.result() for future in self._parts]
        self.etag = self._client.complete_upload(self._bucket, self._key, upload_id, etags, self._options)
        if self._keeper is not None:
            self._keeper.ended()

    def _release(self) -> None:
        _uploading.discard(self)
        self._buffer = bytearray()
        if self._held:
            from tfm.s3 import taking

            taking.held.give(self._held)
            self._held = 0
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None
        super().close()


_uploading: weakref.WeakSet[S3Writer] = weakref.WeakSet()


@atexit.register
def abort_all() -> None:
    """Abort what is open when the interpreter ends, while the threads that send its parts are still there."""
    for writer in list(_uploading):
        writer._drop()
