"""Runs one verb: its arguments, its exit code, and what every verb does alike."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

from tfm.cli.console import Console
from tfm.cli.exits import Exit
from tfm.cli.globs import NoMatchError
from tfm.cli.verbs import VERBS
from tfm.errors import InvalidPathError, RefusedError, TfmError
from tfm.wording import explain


class VerbParser(argparse.ArgumentParser):
    """Says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Print the sentence and end.

        Args:
            message: From argparse.
        """
        sentence = f"{message[:1].upper()}{message[1:].rstrip('.')}; see {self.prog} --help."
        print(f"tfm: {sentence}", file=sys.stderr)
        raise SystemExit(int(Exit.USAGE))


def parser_of(name: str, verb: Any) -> VerbParser:
    """Make the parser of a verb.

    Args:
        name: Its name.
        verb: Its module.
    """
    examples = "\n".join(f"  {line}" for line in verb.EXAMPLES)
    made = VerbParser(
        prog=f"tfm {name}",
        description=f"{VERBS[name]}.",
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("--json", action="store_true", help="print one JSON object a line")
    verb.configure(made)
    return made


def joined(arguments: Sequence[str]) -> list[str]:
    """Join an option with a value that begins with a minus and a digit, which argparse takes for an option of its own.

    Args:
        arguments: Such as `--size -10M`, which becomes `--size=-10M`.
    """
    found: list[str] = []
    for argument in arguments:
        if "--" not in found and found[-1:] == ["--size"] and argument[:1] == "-" and argument[1:2].isdigit():
            found[-1] += f"={argument}"
        else:
            found.append(argument)
    return found


def run_verb(name: str, arguments: Sequence[str]) -> int:
    """Run a verb and give the exit code.

    Args:
        name: One of `VERBS`.
        arguments: What stands behind it.
    """
    verb = import_module(f"tfm.cli.verbs.{name}")
    given = parser_of(name, verb).parse_intermixed_args(joined(arguments))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="surrogateescape")  # names that are not UTF-8 come out as they are
    console = Console(given.json)
    try:
        code = verb.run(given, console)
        sys.stdout.flush()
        return int(code)
    except (InvalidPathError, RefusedError) as error:
        print(f"tfm: {explain(error)}", file=sys.stderr)
        return int(Exit.USAGE)
    except NoMatchError as error:
        console.fail(error)
        return int(Exit.NOTHING)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the exit has nothing to complain of
        return int(Exit.PIPE)
    except KeyboardInterrupt:
        return int(Exit.INTERRUPTED)
    except (TfmError, OSError, ValueError) as error:
        console.fail(error)
        return int(Exit.FAILED)
