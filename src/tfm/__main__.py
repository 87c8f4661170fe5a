"""The `tfm` command: looks at its arguments, then loads what they need and nothing else."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from tfm.cli.arguments import Arguments, Start, UsageError, parse
from tfm.cli.verbs import VERBS

NO_TERMINAL = (
    "tfm needs a terminal: its input, output and error output must be one. In scripts, use `from tfm import Path`."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives the exit code.

    Args:
        arguments: Without the program's name; those of the process when `None`.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given and given[0] in VERBS:
        from tfm.cli.command import run_verb

        return run_verb(given[0], given[1:])
    try:
        asked = parse(given, _version())
        if not _has_terminal():
            raise UsageError(NO_TERMINAL)
    except UsageError as error:
        print(f"tfm: {error}" if not str(error).startswith("tfm ") else str(error), file=sys.stderr)
        return 2
    if asked.demo:
        from tfm.demo.run import run_demo

        return int(run_demo() or 0)
    return _run_app(asked)


def _version() -> str:
    import tfm

    return tfm.__version__


def _has_terminal() -> bool:
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return all(stream is not None and stream.isatty() for stream in streams)


def _run_app(asked: Arguments) -> int:
    from tfm.app import TfmApp

    assert asked.left is not None
    assert asked.right is not None
    app = TfmApp(
        asked.left.directory, asked.right.directory, left_cursor=_cursor(asked.left), right_cursor=_cursor(asked.right)
    )
    app.run()
    return app.return_code or 0


def _cursor(start: Start) -> tuple[str, str] | None:
    return (start.name, "") if start.name else None


if __name__ == "__main__":
    sys.exit(main())
