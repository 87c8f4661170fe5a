"""Opening a file of any storage as the built-in `open` does, on a raw reader and a part-by-part writer.

A block that raises must not publish what it wrote so far, so both layers of a written file pass the news down:
leaving `with` by an exception, or being dropped without `close`, aborts.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from types import MappingProxyType, TracebackType
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Self

    from tfm.path import Path


NO_OPTIONS: Mapping[str, Any] = MappingProxyType({})


class AbortableTextIO(io.TextIOWrapper):
    """Text over a writer that can `abort`."""

    def tell(self) -> int:
        """Tell the position; where it can't be gone back to, it is the number of bytes."""
        if self.seekable():
            return super().tell()
        self.flush()
        writer: Any = self.buffer
        count: int = writer.tell()
        return count

    def abort(self) -> None:
        """Drop what was written: nothing appears."""
        writer: Any = self.buffer
        writer.abort()
        super().close()

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def __enter__(self) -> Self:
        return self

    def __del__(self) -> None:
        try:
            closed = self.closed
        except ValueError:  # it was never made: the encoding is unknown
            return
        if not closed:
            warn_unclosed(self)
            self.abort()


def warn_unclosed(stream: object) -> None:
    """Say that a written file was dropped without `close`, and that nothing of it was kept.

    Args:
        stream: The file.
    """
    warnings.warn(f"unclosed file {stream!r}: it was not written", ResourceWarning, stacklevel=3, source=stream)


def check_mode(mode: str) -> tuple[str, bool]:
    """Take a mode apart as the built-in `open` does.

    Args:
        mode: Such as `r`, `wb` or `xt`.

    Returns:
        The action (`r`, `w`, `x` or `a`, with `+` behind it when it also goes the other way), and whether it is binary.

    Raises:
        ValueError: The mode is none.

    Source: https://docs.python.org/3/library/functions.html#open
    """
    if not isinstance(mode, str):
        raise TypeError(f"open() argument 'mode' must be str, not {type(mode).__name__}")
    actions = [letter for letter in "rwxa" if letter in mode]
    if set(mode) - set("rwxabt+") or len(set(mode)) != len(mode):
        raise ValueError(f"invalid mode: {mode!r}")
    if "b" in mode and "t" in mode:
        raise ValueError("can't have text and binary mode at once")
    if len(actions) != 1:
        raise ValueError("must have exactly one of create/read/write/append mode")
    return actions[0] + ("+" if "+" in mode else ""), "b" in mode


def open_path(
    path: Path, mode: str, buffering: int, encoding: str | None, errors: str | None, newline: str | None,
    options: Mapping[str, Any] = NO_OPTIONS,
) -> IO[Any]:  # fmt: skip
    """Open a file of a storage that has a reader and a writer.

    Args:
        path: The file.
        mode: As for the built-in `open`.
        buffering: As for the built-in `open`.
        encoding: Of text.
        errors: Of text.
        newline: Of text.
        options: What the storage is to keep with the file; only for one that is written.
    """
    action, binary = check_mode(mode)
    if options and action == "r":
        raise ValueError(f"reading doesn't take {', '.join(options)}: that is stored when a file is written")
    if binary:
        for name, value in (("encoding", encoding), ("errors", errors), ("newline", newline)):
            if value is not None:
                raise ValueError(f"binary mode doesn't take an {name} argument")
        opened: IO[Any] = _open_binary(path, action, buffering, options)
        return opened
    if buffering == 0:
        raise ValueError("can't have unbuffered text I/O")
    stream = _open_binary(path, action, -1 if buffering == 1 else buffering, options)
    wrapper = io.TextIOWrapper if action == "r" else AbortableTextIO
    try:
        text = wrapper(stream, encoding, errors, newline, line_buffering=buffering == 1)
    except BaseException:
        stream.close() if action == "r" else stream.abort()
        raise
    text.mode = mode  # type: ignore[misc]  # as the built-in `open` sets it
    return text


def _open_binary(path: Path, action: str, buffering: int, options: Mapping[str, Any]) -> Any:
    if action == "r":
        reader: Any = path.open_reader()
        if buffering == 0:
            return reader
        return io.BufferedReader(reader, buffering if buffering > 1 else io.DEFAULT_BUFFER_SIZE)
    return path.open_editor(action, **options) if "+" in action else path.open_writer(action, **options)
