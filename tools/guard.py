"""Run a program until stdin closes: `guard.py PROGRAM [ARGUMENTS]`.

Whoever starts the guard holds the other end of its stdin, so the program also ends when its starter is killed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading

STOP_SECONDS = 2


def end_with_stdin(process: subprocess.Popen[bytes]) -> None:
    """Wait until stdin closes, then end the program: politely at first, by force after two seconds."""
    while os.read(0, 1024):  # not by sys.stdin, whose lock would be held when this program ends
        pass
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def main() -> int:
    """Run the program to its end, or to the end of stdin; give its exit code."""
    process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
    threading.Thread(target=end_with_stdin, args=(process,), daemon=True).start()
    return process.wait()


if __name__ == "__main__":
    sys.exit(main())
