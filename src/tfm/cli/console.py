"""What a verb prints: lines for people or JSON for programs, bytes as they are, and errors beside them."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, BinaryIO, TextIO

from tfm.cli.exits import Exit
from tfm.info import FileInfo
from tfm.path import Path
from tfm.wording import explain, visible


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
            self._out.write(json.dumps(known, default=str) + "\n")
            return
        for line in [text] if isinstance(text, str) else text:
            self._out.write((visible(line) if self._for_people else line) + end)

    @property
    def bytes(self) -> BinaryIO:
        """Where bytes go as they are; what was printed before comes before them."""
        self._out.flush()
        return self._out.buffer if hasattr(self._out, "buffer") else self._out  # type: ignore[return-value]

    def fail(self, error: Exception, about: object = "") -> None:
        """Say what failed, and that something did.

        Args:
            error: Why.
            about: The path, where the error does not name it.
        """
        self.failures += 1
        self._out.flush()
        print(f"tfm: {explain(error, str(about))}", file=self._err)

    def exit(self, found: bool = True) -> Exit:
        """Give the exit code of what was done.

        Args:
            found: Whether there was anything to print.
        """
        if self.failures:
            return Exit.FAILED
        return Exit.OK if found else Exit.NOTHING


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
