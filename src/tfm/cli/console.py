"""What a verb prints: lines for people or JSON for programs, bytes as they are, and errors beside them."""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, BinaryIO, TextIO

from tfm.cli.exits import Exit
from tfm.errors import TfmError
from tfm.info import FileInfo
from tfm.path import Path
from tfm.wording import explain, visible


class OutputError(TfmError):
    """What is printed can't be written; no `OSError`, which would be taken for one of the path that was read."""


class Bytes:
    """Bytes on their way out.

    Args:
        stream: Where they go.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, data: bytes) -> int:
        """Write them.

        Args:
            data: All of them.

        Raises:
            BrokenPipeError: Nobody reads any more.
            OutputError: They can't be written.
        """
        try:
            return self._stream.write(data)
        except OSError as error:
            raise unwritten(error) from error

    def writelines(self, lines: Iterable[bytes]) -> None:
        """Write one after the other.

        Args:
            lines: With their line breaks.
        """
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Write what is held back."""
        try:
            self._stream.flush()
        except OSError as error:
            raise unwritten(error) from error


def unwritten(error: OSError) -> Exception:
    """Give what is to be raised when the output can't be written.

    Args:
        error: Why.
    """
    return (
        error if isinstance(error, BrokenPipeError) else OutputError(f"The output can't be written: {error.strerror}")
    )


class Console:
    """The output of one verb.

    Args:
        as_json: Print one JSON object a line.
        out: Where lines and bytes go.
        err: Where errors go.
    """

    def __init__(self, as_json: bool = False, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self.as_json = as_json
        self._out = sys.stdout if out is None else out
        self._err = sys.stderr if err is None else err
        self._for_people = self._out.isatty()
        self.failures = 0

    def show(self, text: str | Sequence[str], record: Mapping[str, Any], end: str = "\n") -> None:
        """Print a line, or some lines that are one JSON object.

        Args:
            text: For people, and for programs that read lines; names in it are escaped on a terminal only.
            record: The same as JSON; what is `None` is left out.
            end: What ends the line of text.
        """
        if self.as_json:
            known = {name: value for name, value in record.items() if value is not None}
            self._print(json.dumps(known, default=str) + "\n")
            return
        for line in [text] if isinstance(text, str) else text:
            self._print((visible(line) if self._for_people else line) + end)

    def _print(self, text: str) -> None:
        try:
            self._out.write(text)
        except OSError as error:
            raise unwritten(error) from error

    def flush(self) -> None:
        """Write what is held back.

        Raises:
            BrokenPipeError: Nobody reads any more.
            OutputError: It can't be written.
        """
        try:
            self._out.flush()
        except OSError as error:
            raise unwritten(error) from error

    @property
    def bytes(self) -> Bytes:
        """Where bytes go as they are; what was printed before comes before them."""
        self.flush()
        return Bytes(self._out.buffer)

    @contextmanager
    def contents(self, path: object) -> Iterator[Bytes | JsonLines]:
        """Give what bytes of a file are written to: they come out as they are, or as a JSON object for each line.

        Args:
            path: The file; `None` is the standard input.
        """
        if not self.as_json:
            yield self.bytes
            return
        lines = JsonLines(self, "-" if path is None else str(path))
        yield lines
        lines.end()

    def fail(self, error: Exception, about: object = "") -> None:
        """Say what failed, and that something did.

        Args:
            error: Why.
            about: The path, where the error does not name it.
        """
        self.failures += 1
        if not isinstance(error, OutputError):
            self.flush()
        self.complain(explain(error, str(about)), error, about)

    def complain(self, sentence: str, error: Exception | None = None, about: object = "") -> None:
        """Print what is wrong beside the output: a line, or a JSON object.

        Args:
            sentence: It in words.
            error: What was raised, if anything was.
            about: The path, where the error does not name it.
        """
        if not self.as_json:
            print(f"tfm: {sentence}", file=self._err)
            return
        number = getattr(error, "errno", None)
        path = getattr(error, "filename", None) or about or None
        code = getattr(error, "code", "") or errno.errorcode.get(number or 0)
        known = {"error": sentence, "path": None if path is None else str(path), "code": code}
        print(json.dumps({name: value for name, value in known.items() if value is not None}), file=self._err)

    def exit(self, found: bool = True) -> Exit:
        """Give the exit code of what was done.

        Args:
            found: Whether there was anything to print.
        """
        if self.failures:
            return Exit.FAILED
        return Exit.OK if found else Exit.NOTHING


class JsonLines:
    """Lines of a file on their way out as JSON, as far as they are whole.

    Args:
        console: Where they go.
        path: What the file is called.
    """

    def __init__(self, console: Console, path: str) -> None:
        self._console = console
        self._path = path
        self._rest = b""

    def write(self, data: bytes) -> int:
        """Write bytes.

        Args:
            data: Of one line or of several.
        """
        *whole, self._rest = (self._rest + data).split(b"\n")
        for line in whole:
            self._show(line)
        return len(data)

    def writelines(self, lines: Iterable[bytes]) -> None:
        """Write one after the other.

        Args:
            lines: With their line breaks.
        """
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Write what is held back, whole lines only."""
        self._console.flush()

    def end(self) -> None:
        """Write the last line, which nothing ends."""
        if self._rest:
            self._show(self._rest)

    def _show(self, line: bytes) -> None:
        self._console.show("", {"path": self._path, "text": line.decode(errors="surrogateescape")})


def record(path: Path, info: FileInfo, kind: str = "") -> dict[str, Any]:
    """Give what is known of an entry as JSON shows it.

    Args:
        path: The entry.
        info: What is known.
        kind: What it is, where one name is both a file and a directory.
    """
    known = kind or ("link" if info.link else info.kind)
    return {
        "path": str(path),
        "name": info.name,
        "type": known,
        "size": None if known == "directory" else info.size,
        "mtime": stamp(info.mtime),
        "etag": info.etag,
        "storage_class": info.storage_class,
        "version_id": info.version_id,
    }


def stamp(mtime: float | None) -> str | None:
    """Write a time as ISO 8601 in UTC.

    Args:
        mtime: Seconds since the epoch.
    """
    if mtime is None:
        return None
    return datetime.fromtimestamp(mtime, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
