"""Run CPython's own tests of pathlib on a class of paths, and print what each came to, as JSON.

A program of its own: the tests change the working directory and the umask, and their warnings are not ours.
Arguments: `plain`, `local` or `factory`.
"""

from __future__ import annotations

import importlib
import json
import pathlib
import sys
import unittest
import warnings
from typing import Any

# In Python 3.11 to 3.13; a class that a version lacks is passed over.
CASES = ("PosixPathTest", "PathTest", "PathSubclassTest", "_BasePathTest", "_BasePurePathTest", "PurePathTest")
CASES += ("PurePosixPathTest",)
MODULES = ("test.test_pathlib", "test.test_pathlib.test_pathlib")


class Outcomes(unittest.TestResult):
    """What each test came to, by its name."""

    def __init__(self) -> None:
        super().__init__()
        self.by_name: dict[str, str] = {}

    def _note(self, test: unittest.TestCase, outcome: str) -> None:
        if hasattr(test, "test_case"):  # a subtest
            test = test.test_case
        name = test.id().rpartition(".")[2]
        key = f"{type(test).__name__}.{name}"
        if self.by_name.get(key, "ok") in ("ok", "skipped"):
            self.by_name[key] = outcome

    def addSuccess(self, test: Any) -> None:  # noqa: N802 - the name of unittest
        self._note(test, "ok")

    def addSkip(self, test: Any, reason: str) -> None:  # noqa: N802 - the name of unittest
        self._note(test, "skipped")

    def addError(self, test: Any, error: Any) -> None:  # noqa: N802 - the name of unittest
        self._note(test, f"{error[0].__name__}: {error[1]}")

    def addFailure(self, test: Any, error: Any) -> None:  # noqa: N802 - the name of unittest
        self._note(test, f"{error[0].__name__}: {error[1]}")

    def addSubTest(self, test: Any, subtest: Any, error: Any) -> None:  # noqa: N802 - the name of unittest
        if error is not None:
            self._note(subtest, f"{error[0].__name__}: {error[1]}")

    def addExpectedFailure(self, test: Any, error: Any) -> None:  # noqa: N802 - the name of unittest
        self._note(test, "expected failure")


def cases(path: Any) -> unittest.TestSuite:
    """Give every test, on this class of paths instead of pathlib's."""
    suite = unittest.TestSuite()
    own = type("OwnPath", (path,), {"__module__": __name__})
    globals()["OwnPath"] = own  # to be pickled
    vars(pathlib).setdefault(type(path("x")).__name__, type(path("x")))  # the tests evaluate there what `repr` gives
    for module_name in MODULES:
        try:
            module = importlib.import_module(module_name)
        except ModuleNotFoundError:
            continue
        for name in CASES:
            case = getattr(module, name, None)
            if case is not None:
                made = type(name, (case,) if issubclass(case, unittest.TestCase) else (case, unittest.TestCase), {})
                made.cls = own if name == "PathSubclassTest" else path  # type: ignore[attr-defined]
                suite.addTests(unittest.defaultTestLoader.loadTestsFromTestCase(made))
    return suite


def class_of(kind: str) -> Any:
    """Give the class to test."""
    if kind == "plain":
        return type(pathlib.Path())
    from tfm import LocalPathImpl, Path

    return LocalPathImpl if kind == "local" else Path


def main() -> int:
    """Run and print."""
    outcomes = Outcomes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cases(class_of(sys.argv[1])).run(outcomes)
    print(json.dumps(outcomes.by_name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
