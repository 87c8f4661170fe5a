"""`tfm head`: the beginning of files; of an object no more is fetched than is needed."""

from __future__ import annotations

import argparse
from itertools import islice

from tfm.cli.console import Console
from tfm.cli.exits import Exit
from tfm.cli.inputs import inputs, opened
from tfm.cli.quantities import size
from tfm.cli.rules import argued

EXAMPLES = [
    "tfm head s3://bucket/table.csv          the first 10 lines",
    "tfm head -n 1 's3://bucket/*.csv'       the header of each table",
    "tfm head -c 4 image.png                 the first 4 bytes",
]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments.

    Args:
        parser: The verb's.
    """
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a file, a pattern, or - for the standard input")
    parser.add_argument("-n", "--lines", type=int, default=10, metavar="N", help="so many lines (default: 10)")
    parser.add_argument("-c", "--bytes", type=argued(size), metavar="SIZE", help="so many bytes instead")
    parser.add_argument("-q", "--quiet", action="store_true", help="no line with the name above each of several files")


def run(given: argparse.Namespace, console: Console) -> Exit:
    """Print.

    Args:
        given: The arguments.
        console: Where the bytes go.
    """
    paths = inputs(given.paths)
    for number, path in enumerate(paths):
        try:
            with opened(path) as stream, console.contents(path) as out:
                title(console, path, number, quiet=given.quiet or len(paths) == 1)
                if given.bytes is not None:
                    out.write(stream.read(given.bytes))
                else:
                    out.writelines(islice(stream, max(given.lines, 0)))
        except BrokenPipeError:
            raise
        except OSError as error:
            console.fail(error, path or "-")
    return console.exit()


def title(console: Console, path: object, number: int, *, quiet: bool) -> None:
    """Print the line above one of several files.

    Args:
        console: Where to.
        path: The file; `None` is the standard input.
        number: Which of them it is, from 0.
        quiet: Print nothing.
    """
    if not quiet and not console.as_json:
        name = "standard input" if path is None else str(path)
        console.bytes.write(f"{'' if number == 0 else chr(10)}==> {name} <==\n".encode(errors="surrogateescape"))
