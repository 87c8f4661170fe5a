"""The arguments of the `tfm` command: what may be given, and one sentence for what may not."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from tfm.cli.verbs import VERBS
from tfm.errors import TfmError
from tfm.path import Path
from tfm.uri import scheme_of

DESCRIPTION = "A file manager with two panes, for local disks and S3 at once."

EPILOG = f"""\
commands, which need no terminal; see tfm COMMAND --help:
{chr(10).join(f"  {name:11} {summary}" for name, summary in VERBS.items())}

examples:
  tfm                             both panes in the current directory
  tfm ~/data s3://bucket/prefix   local on the left, S3 on the right
  tfm s3://                       the buckets of the default credentials
  tfm report.csv                  its directory, with the cursor on the file
  tfm ./ls                        a directory that has the name of a command
  tfm --demo                      try it on sample data, with a server of its own

S3 is reached as by the AWS command line: AWS_PROFILE, AWS_ENDPOINT_URL_S3, ~/.aws/config and so on.
Press ? inside for all keys.

exit codes:
  0    done, or you quit
  1    something failed, and was named
  2    a wrong argument, or no terminal
  3    nothing matched
  4    what was compared is not the same
  130  ended by Ctrl-C
"""


class UsageError(TfmError):
    """The command was given something that it cannot use; the text is one sentence."""


class Start(NamedTuple):
    """Where a pane begins.

    Args:
        directory: The directory to show.
        name: The entry to put the cursor on, or an empty string.
    """

    directory: Path
    name: str = ""


class Arguments(NamedTuple):
    """What was asked for.

    Args:
        left: The left pane's beginning.
        right: The right pane's beginning.
        demo: Whether to run on sample data instead.
    """

    left: Start | None
    right: Start | None
    demo: bool = False


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:].rstrip('.')}; see tfm --help.")


def parser(version: str) -> argparse.ArgumentParser:
    """Make the parser.

    Args:
        version: The version that `--version` prints.
    """
    made = _Parser(
        prog="tfm", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )  # fmt: skip
    made.add_argument(
        "left", nargs="?", metavar="LEFT",
        help="what the left pane shows: a directory, a file, or s3://bucket/prefix (default: the current directory)",
    )  # fmt: skip
    made.add_argument("right", nargs="?", metavar="RIGHT", help="what the right pane shows (default: the same)")
    made.add_argument("--demo", action="store_true", help="run on sample data, with an S3 server that ends with it")
    made.add_argument("--version", action="version", version=f"tfm {version}")
    return made


def parse(arguments: Sequence[str], version: str) -> Arguments:
    """Understand the arguments.

    Args:
        arguments: Without the program's name.
        version: The version that `--version` prints.

    Raises:
        UsageError: One of them is wrong; the text says which and why.
        SystemExit: `--help` or `--version` was printed.
    """
    given = parser(version).parse_args(list(arguments))
    if given.demo:
        if given.left is not None:
            raise UsageError("--demo brings its own directories: leave the others out.")
        return Arguments(None, None, demo=True)
    left = start_at(given.left if given.left is not None else _current())
    right = start_at(given.right) if given.right is not None else Start(left.directory)
    return Arguments(left, right)


def _current() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:
        raise UsageError("The current directory was deleted: name a directory, as in tfm /tmp.") from None


def start_at(text: str) -> Start:
    """Where a pane begins that was given a text. Only local paths are looked at: a server might not answer.

    Args:
        text: A path or a URI.

    Raises:
        UsageError: It is malformed, or there is nothing at that local path.
    """
    if not text:
        raise UsageError("A path is empty: name a directory, such as . or s3://bucket.")
    scheme, slashes = scheme_of(text)
    if scheme == "s3" and slashes < 2 and not os.path.lexists(text):
        rest = text.partition(":")[2].lstrip("/")
        raise UsageError(f"{text!r} is not a URI of S3, which has two slashes: write s3://{rest}.")
    try:
        path = Path(text)
        if path.capabilities.server_copy:
            return Start(path)
        return _local_start(path.absolute(), text)
    except ValueError as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        raise UsageError(f"{text!r} can't be used: {error.strerror}.") from None


def _local_start(path: Path, text: str) -> Start:
    path = Path(os.path.normpath(os.fspath(path)))
    if path.is_dir():
        return Start(path)
    if os.path.lexists(path):
        return Start(path.parent, path.name)
    raise UsageError(f"There is no file or directory {text!r}.")
