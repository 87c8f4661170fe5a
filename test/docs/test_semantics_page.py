"""docs/semantics.md and the tests that carry its rules are one list."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path


def rules_of_the_page(root: Path) -> list[str]:
    text = (root / "docs/semantics.md").read_text("utf-8")
    items = re.findall(r"^- (.+?)(?=^- |^#|^$|\Z)", text, re.MULTILINE | re.DOTALL)
    return [" ".join(item.split()) for item in items]


def sentences_of_the_tests(root: Path) -> list[str]:
    found = []
    for file in sorted((root / "test/conformance").glob("test_semantics_*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            is_test = isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
            text = ast.get_docstring(node) if is_test else None  # type: ignore[arg-type]
            found += [" ".join(text.split())] if text else []
    return found


def test_each_rule_has_one_test(root: Path) -> None:
    rules, sentences = rules_of_the_page(root), sentences_of_the_tests(root)
    assert len(rules) > 40
    assert sorted(set(rules) - set(sentences)) == []
    assert sorted(set(sentences) - set(rules)) == []
    assert [rule for rule, count in Counter(rules + sentences).items() if count != 2] == []
