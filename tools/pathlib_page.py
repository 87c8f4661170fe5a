"""Make docs/reference/pathlib.md: every name of `pathlib.Path`, with what it does on local paths and on S3.

Run `python tools/pathlib_page.py`; a test compares the page with what this gives.
"""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path as PlainPath

from pathlib_names import CONCRETE, PURE, Name
from tfm import S3PathImpl

PAGE = PlainPath(__file__).resolve().parent.parent / "docs" / "reference" / "pathlib.md"

HEAD = """\
# The names of pathlib

<!-- Made by tools/pathlib_page.py from tools/pathlib_names.py and the docstrings. Don't edit. -->

Every public name of `pathlib.PurePath` and `pathlib.Path` of Python 3.14, with its parameters, is on both kinds of
paths under every Python from 3.11 on. "pathlib" in the second column is the running Python's own method; with
a version, older Pythons get the name, or the parameters in brackets, from tfm. What the last column says of S3 is the
first line of the method's documentation: `help(Path("s3://bucket").rename)` has the rest.
"""

OWN = {
    "copy": "tfm: to any storage; nobody sees half a file",
    "copy_into": "tfm: to any storage",
    "move": "tfm: to any storage; renamed where that works",
    "move_into": "tfm: to any storage",
    "joinpath": "pathlib; a URI of another storage replaces what is left of it",
    "rename": "pathlib; a target in another storage is `EXDEV`",
    "replace": "pathlib; a target in another storage is `EXDEV`",
    "is_relative_to": "pathlib; `False` for a path of another storage",
}
"""What local paths don't leave to the standard library alone."""


def on_local(entry: Name) -> str:
    """Tell who does it on a local path.

    Args:
        entry: One name.
    """
    if entry.name in OWN:
        return OWN[entry.name]
    if not entry.since:
        return "pathlib"
    return f"pathlib from {entry.since}" + (f" (`{entry.adds}`)" if entry.adds else "")


def on_s3(entry: Name) -> str:
    """Give the first line of the documentation of a name on S3 paths.

    Args:
        entry: One name.
    """
    if entry.name == "parser":
        return "`tfm.uriparser`, which splits URIs as `posixpath` splits local paths."
    text = inspect.getdoc(inspect.getattr_static(S3PathImpl, entry.name)) or ""
    return re.sub(r"\s+", " ", text.split("\n\n")[0]).replace("|", r"\|")


def rows(entries: list[Name]) -> list[str]:
    """Make the lines of a table.

    Args:
        entries: The names.
    """
    lines = ["| Name | On local paths | On S3 |", "|---|---|---|"]
    for entry in entries:
        shown = entry.name if entry.parameters is None else f"{entry.name}({entry.parameters})"
        lines.append(f"| `{shown}` | {on_local(entry)} | {on_s3(entry)} |")
    return lines


def page() -> str:
    """Make the text of the page."""
    parts = [HEAD, "## Of the text alone\n", *rows(PURE), "\n## Of the storage\n", *rows(CONCRETE)]
    return "\n".join(parts) + "\n"


def main() -> int:
    """Write the page."""
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), "utf-8")
    print(f"{PAGE.name}: {len(PURE) + len(CONCRETE)} names")
    return 0


if __name__ == "__main__":
    sys.exit(main())
