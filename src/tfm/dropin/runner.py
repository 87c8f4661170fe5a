"""`python -m tfm.dropin script.py args…`: runs a script as `python script.py args…` does, with S3 in reach."""

from __future__ import annotations

import atexit
import gc
import io
import os
import sys
import threading
from collections.abc import Sequence
from types import CodeType, ModuleType, TracebackType
from typing import NoReturn

from tfm.dropin import dropin
from tfm.dropin.opened import finish

USAGE = "usage: python -m tfm.dropin script.py [argument ...]"
_HERE = os.path.dirname(os.path.abspath(__file__))


class _NoScript(Exception):
    pass


def main(arguments: Sequence[str]) -> int:
    """Run a script; gives the exit code.

    Args:
        arguments: The script and its own arguments.
    """
    if not arguments or arguments[0] in ("-h", "--help"):
        print(USAGE, file=sys.stderr if not arguments else sys.stdout)
        return 0 if arguments else 2
    script = arguments[0]
    try:
        source = _read(script)
    except _NoScript as error:
        print(f"tfm.dropin: {error}", file=sys.stderr)
        return 2
    end = _End()
    try:
        code = _run(script, source, list(arguments), end)
    except SystemExit as error:
        end.come()
        if end.lost and not error.code:
            return 1
        raise
    end.come()
    return code or int(end.lost)


def _read(script: str) -> bytes:
    try:
        with io.open_code(os.path.abspath(script)) as stream:
            return stream.read()
    except IsADirectoryError as error:
        raise _NoScript(f"{script!r} is a directory: name a script.") from error
    except OSError as error:
        raise _NoScript(f"can't open the script {script!r}: {error.strerror}; check its name.") from error


class _End:
    """What is left to do when the script has ended: what it registered, and to write the files that it left open."""

    def __init__(self) -> None:
        self.main = ModuleType("__main__")
        self.error: BaseException | None = None
        """What the script died of; it holds what was open then, until that is dropped."""
        self.lost = False
        self._coming = False
        self._session = dropin()
        self._session.__enter__()  # for good: what the script registers with atexit needs S3 too
        atexit.register(self._last)  # the first to be registered is the last to run

    def come(self) -> None:
        """End now, while threads can still be started, unless threads of the script go on."""
        others = [thread for thread in threading.enumerate() if thread is not threading.current_thread()]
        if all(thread.daemon for thread in others):
            self._coming = True
            atexit._run_exitfuncs()

    def keep_uploads(self) -> None:
        """Let uploads that are open outlive what the script registered with atexit: `_last` completes them."""
        writer = sys.modules.get("tfm.s3.writer")
        if writer is not None:
            atexit.unregister(writer.abort_all)

    def _last(self) -> None:
        """Drop what the script holds, as the interpreter does at its end, and tell what was lost."""
        failures = finish(keep=False) if self.error is not None else []
        died, self.error = self.error is not None, None
        vars(self.main).clear()
        gc.collect()
        failures += finish(keep=True)
        if "tfm.s3.writer" in sys.modules:
            sys.modules["tfm.s3.writer"].abort_all()
        for sentence in failures:
            print(f"tfm.dropin: {sentence}", file=sys.stderr)
        self.lost = bool(failures)
        if self.lost and not died and not self._coming:
            _exit_now(1)


def _exit_now(code: int) -> NoReturn:
    """Leave with a code that `atexit` can't give otherwise."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


def _run(script: str, source: bytes, arguments: list[str], end: _End) -> int:
    """Run the script as `__main__`; what it raises is shown as Python shows it."""
    path = os.path.abspath(script)
    end.main.__dict__.update(__file__=path, __builtins__=sys.modules["builtins"], __cached__=None)
    sys.modules["__main__"] = end.main
    sys.argv[:] = arguments
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0] = os.path.dirname(os.path.realpath(path))
    try:
        code: CodeType = compile(source, path, "exec", dont_inherit=True)
        exec(code, end.main.__dict__)  # noqa: S102 - that is the purpose
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever a script raises ends it
        end.error = error
        _show(error)
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    finally:
        end.keep_uploads()
    return 0


def _show(error: BaseException) -> None:
    """Hand an exception to the script's own `sys.excepthook`, without the frames that are not the script's."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            each.__traceback__ = _without_ours(each.__traceback__)
            waiting += [each.__cause__, each.__context__]
    sys.excepthook(type(error), error, error.__traceback__)


def _without_ours(trace: TracebackType | None) -> TracebackType | None:
    if trace is None:
        return None
    rest = _without_ours(trace.tb_next)
    if trace.tb_frame.f_code.co_filename.startswith(_HERE):
        return rest
    trace.tb_next = rest
    return trace
