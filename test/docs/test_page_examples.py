"""Every Python block of README and of the guide runs, and prints what its comments say.

A block that begins with the name of a file, such as `# conftest.py`, belongs to a project, which another test runs.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "guide").rglob("*.md"))]
BLOCK = re.compile(r"^```python\n(?!# \w+\.py\n)(.*?)^```$", re.MULTILINE | re.DOTALL)
SAID = re.compile(r"^\s*print\(.*\)  # (.*)$", re.MULTILINE)


def test_readme_has_an_example() -> None:
    assert BLOCK.findall((ROOT / "README.md").read_text())


@pytest.mark.parametrize("page", [page for page in PAGES if BLOCK.search(page.read_text())], ids=lambda page: page.name)
def test_examples_run(
    page: Path, s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All blocks of a page run one after the other, as a reader would, in an empty directory and with empty buckets."""
    monkeypatch.chdir(tmp_path)
    code = "\n".join(BLOCK.findall(page.read_text()))
    buckets = sorted(set(re.findall(r"s3://([a-z0-9][a-z0-9.-]{2,62})", code)))
    for name in buckets:
        s3.create_bucket(Bucket=name)
    try:
        exec(compile(code, str(page), "exec"), {"__name__": "example"})
        assert capsys.readouterr().out.splitlines() == SAID.findall(code)
    finally:
        for name in buckets:
            listed = s3.list_object_versions(Bucket=name)
            for entry in [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]:
                s3.delete_object(Bucket=name, Key=entry["Key"], VersionId=entry["VersionId"])
            s3.delete_bucket(Bucket=name)
