"""The house's limits of size, over everything in src/."""

from __future__ import annotations

import ast
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "src"
FILE_LINES = 400
FUNCTION_LINES = 50
AVERAGE_LINES = 12


def functions(file: Path) -> list[tuple[str, int]]:
    """Give (where and name, lines) of each function of a file, nested ones and methods included."""
    return [
        (f"{file.relative_to(SOURCES)}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def every_function() -> list[tuple[str, int]]:
    found = [entry for file in SOURCES.rglob("*.py") for entry in functions(file)]
    assert found
    return found


def test_no_file_is_too_long() -> None:
    sizes = {str(file.relative_to(SOURCES)): len(file.read_text().splitlines()) for file in SOURCES.rglob("*.py")}
    assert sizes
    assert {name: lines for name, lines in sizes.items() if lines > FILE_LINES} == {}


def test_no_function_is_too_long() -> None:
    assert [(name, lines) for name, lines in every_function() if lines > FUNCTION_LINES] == []


def test_functions_are_short_on_average() -> None:
    lines = [lines for _, lines in every_function()]
    assert sum(lines) / len(lines) <= AVERAGE_LINES


def test_the_measure_counts_a_long_function(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setitem(globals(), "SOURCES", tmp_path)
    file = tmp_path / "long.py"
    file.write_text("def f():\n" + "    x = 1\n" * 60)
    assert functions(file) == [("long.py:1 f", 61)]
