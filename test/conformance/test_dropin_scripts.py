"""Scripts that know nothing of S3: the same output and the same tree on a directory and on S3."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import tfm

SCRIPTS = sorted((Path(__file__).resolve().parents[1] / "dropin_scripts").glob("*.py"))
EMPTYING = ("pathlib_report", "shutil_backup")
"""Scripts that empty a directory and go on using it."""
TREE = {
    "one.json": '{"a": 1, "ü": "ä"}'.encode(),
    "two.json": b'{"b": [1, 2, 3]}',
    "table.csv": b"name,count\nx,1\ny,2\n",
    "a/table.csv": b"name,count\nx,10\nz,30\n",
    "a/deep/er/table.csv": b"name,count\ny,200\n",
    "a/deep/note.txt": b"a note\r\n",
    "a/gone/empty.tmp": b"",
    "b/x.log": b"one\n",
    "b/y z.log": b"two\n",
    "b/big.bin": bytes(range(256)) * 5000,
}


def local_tree(top: Path) -> dict[str, bytes | None]:
    """Read a directory by plain `os`: the bytes of each file, and `None` for a directory."""
    found: dict[str, bytes | None] = {}
    for directory, directories, files in os.walk(top):
        for name in directories:
            found[os.path.relpath(os.path.join(directory, name), top)] = None
        for name in files:
            with open(os.path.join(directory, name), "rb") as stream:
                found[os.path.relpath(os.path.join(directory, name), top)] = stream.read()
    return found


def s3_tree(s3: Any, bucket: str, prefix: str) -> dict[str, bytes | None]:
    """Read a prefix by plain boto3, in the same form."""
    found: dict[str, bytes | None] = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix + "/"):
        for row in page.get("Contents", []):
            name = row["Key"][len(prefix) + 1 :]
            parts = name.split("/")
            found.update({"/".join(parts[:end]): None for end in range(1, len(parts))})
            if parts[-1]:
                found[name] = s3.get_object(Bucket=bucket, Key=row["Key"])["Body"].read()
    return found


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with this tfm; its bytes on stdout are compared, so they are UTF-8 everywhere."""
    source = str(Path(tfm.__file__).resolve().parents[1])
    environment = {**os.environ, "PYTHONPATH": source, "PYTHONUTF8": "1"}
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False, env=environment)


def test_there_are_enough_scripts() -> None:
    assert len(SCRIPTS) >= 6


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(each, id=each.stem, marks=[pytest.mark.needs("flat_namespace")] * (each.stem in EMPTYING))
        for each in SCRIPTS
    ],
)
def test_script(script: Path, s3: Any, bucket: str, tmp_path: Path) -> None:
    """A script run by `python -m tfm.dropin` does on S3 what it does on a directory without it."""
    if script.stem.startswith("pandas") and importlib.util.find_spec("pandas") is None:
        pytest.skip("pandas is not installed: it is no dependency of tfm")
    tops = [tmp_path / "plain" / "top", tmp_path / "dropin" / "top"]
    for names, data in TREE.items():
        for top in tops:
            (top / names).parent.mkdir(parents=True, exist_ok=True)
            (top / names).write_bytes(data)
        s3.put_object(Bucket=bucket, Key=f"some/top/{names}", Body=data)

    plain = run(str(script), str(tops[0]))
    passed = run("-m", "tfm.dropin", str(script), str(tops[1]))
    on_s3 = run("-m", "tfm.dropin", str(script), f"s3://{bucket}/some/top")

    for result in (plain, passed, on_s3):
        assert result.stderr == ""
        assert result.returncode == 0
    assert plain.stdout
    assert passed.stdout.replace(str(tops[1]), "TOP") == plain.stdout.replace(str(tops[0]), "TOP")
    assert on_s3.stdout.replace(f"s3://{bucket}/some/top", "TOP") == plain.stdout.replace(str(tops[0]), "TOP")
    expected = local_tree(tops[0])
    assert expected != dict.fromkeys(TREE)
    assert local_tree(tops[1]) == expected
    assert s3_tree(s3, bucket, "some/top") == expected
    assert s3_tree(s3, bucket, "some").keys() - {"top"} == {f"top/{name}" for name in expected}
    assert not (Path.cwd() / "s3:").exists()
