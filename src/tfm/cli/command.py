"""Runs one verb: its arguments, its exit code, and what every verb does alike."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

from tfm.cli.console import Console, OutputError
from tfm.cli.exits import Exit
from tfm.cli.globs import NoMatchError
from tfm.cli.verbs import VERBS
from tfm.errors import InvalidPathError, RefusedError, TfmError
from tfm.wording import explain

HELD = "\0"
"""Stands before a name that looks like an option while options are looked for: no argument of a process can have it."""


class VerbParser(argparse.ArgumentParser):
    """Says what is wrong in one sentence."""

    as_json = False
    """Whether it is said as JSON."""

    def error(self, message: str) -> NoReturn:
        """Print the sentence and end.

        Args:
            message: From argparse.
        """
        sentence = f"{message[:1].upper()}{message[1:].rstrip('.')}; see {self.prog} --help."
        Console(self.as_json).complain(sentence)
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
        add_help=False,
    )
    own = getattr(verb, "SIZES", False)  # where -h asks for sizes, as everybody is used to, only --help is left
    made.add_argument(*["--help"] if own else ["-h", "--help"], action="help", help="show this and exit")
    made.add_argument("--json", action="store_true", help="print one JSON object a line")
    verb.configure(made)
    return made


def joined(arguments: Sequence[str], *, counts: bool = False) -> list[str]:
    """Join an option with a value that begins with a minus and a digit, which argparse takes for an option of its own.

    Args:
        arguments: Such as `--size -10M`, which becomes `--size=-10M`.
        counts: Whether `-5` means `--lines 5`.
    """
    found: list[str] = []
    for argument in arguments:
        negative = argument[:1] == "-" and argument[1:2].isdigit()
        if negative and "--" not in found and found[-1:] in (["--size"], ["-size"]):
            found[-1] = f"--size={argument}"
        elif negative and counts and "--" not in found and argument[1:].isdigit():
            found += ["--lines", argument[1:]]
        else:
            found.append(argument)
    return found


def parsed(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace:
    """Parse options and names in any order; behind `--` everything is a name, which argparse forgets when they mix.

    Args:
        parser: The verb's.
        arguments: What stands behind the verb.
    """
    end = arguments.index("--") if "--" in arguments else len(arguments)
    names = [f"{HELD}{name}" if name.startswith("-") and name != "-" else name for name in arguments[end + 1 :]]
    given = parser.parse_intermixed_args([*arguments[:end], *names])
    return argparse.Namespace(**{name: _released(value) for name, value in vars(given).items()})


def _released(value: Any) -> Any:
    if isinstance(value, list):
        return [_released(each) for each in value]
    return value.removeprefix(HELD) if isinstance(value, str) else value


def _drop_output() -> None:
    """Let what is still held back go nowhere, so that the exit has nothing to complain of."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run_verb(name: str, arguments: Sequence[str]) -> int:
    """Run a verb and give the exit code.

    Args:
        name: One of `VERBS`.
        arguments: What stands behind it.
    """
    verb = import_module(f"tfm.cli.verbs.{name}")
    parser = parser_of(name, verb)
    parser.as_json = "--json" in arguments
    given = parsed(parser, joined(arguments, counts=name in ("head", "tail")))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="surrogateescape")  # names that are not UTF-8 come out as they are
    console = Console(given.json)
    try:
        code = verb.run(given, console)
        console.flush()
        return int(code)
    except (InvalidPathError, RefusedError) as error:
        console.complain(explain(error), error)
        return int(Exit.USAGE)
    except NoMatchError as error:
        console.fail(error)
        return int(Exit.NOTHING)
    except BrokenPipeError:
        _drop_output()
        return int(Exit.PIPE)
    except OutputError as error:
        _drop_output()
        console.fail(error)
        return int(Exit.FAILED)
    except KeyboardInterrupt:
        return int(Exit.INTERRUPTED)
    except (TfmError, OSError, ValueError) as error:
        console.fail(error)
        return int(Exit.FAILED)
