"""What the pages point to exists: files, commands and anchors of pictures."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?<![\w/])(?:\./)?(tools/[a-z_]+(?:\.py)?|\.ci/run)\b(?!/)")


def ids(page: Path) -> str:
    return str(page.relative_to(ROOT))


def test_there_are_pages() -> None:
    assert len(PAGES) >= 5


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_links_lead_somewhere(page: Path) -> None:
    links = [link.partition("#")[0] for link in LINK.findall(page.read_text()) if "://" not in link]
    assert [link for link in links if link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_commands_exist(page: Path) -> None:
    commands = set(COMMAND.findall(page.read_text()))
    missing = [one for one in commands if not (ROOT / one).is_file()]
    assert missing == []
    assert [one for one in commands if not one.endswith(".py") and not os.access(ROOT / one, os.X_OK)] == []


def test_readme_names_the_two_commands() -> None:
    blocks = re.findall(r"```bash\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert blocks == ["./tools/demo\n", "./tools/test\n"]


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "design"
    pages = {page.name for page in folder.glob("*.md")} - {"README.md"}
    assert all(re.match(r"\d{4}-\d{2}-\d{2}-[a-z0-9-]+\.md", page) for page in pages)
    assert set(LINK.findall((folder / "README.md").read_text())) == pages


def test_changelog_has_an_entry() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    assert re.search(r"^## .+\n\n- \S", text, re.MULTILINE)
