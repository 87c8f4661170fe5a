"""Importing is free: neither the package nor an S3 path loads a third-party module."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {
    "boto3",
    "botocore",
    "s3transfer",
    "urllib3",
    "textual",
    "rich",
    "cachetools",
    "moto",
    "flask",
    "duckdb",
    "pyarrow",
}


def loaded_by(code: str) -> set[str]:
    """Run code in a new process and give the top-level modules that it has loaded in the end."""
    report = "import sys, json; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    result = subprocess.run([sys.executable, "-c", f"{code}\n{report}"], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return set(json.loads(result.stdout))


@pytest.mark.parametrize(
    "code",
    [
        "import tfm",
        "from tfm import Path",
        "from tfm import Path; Path('/tmp').exists()",
        "from tfm import Path; p = Path('s3://b/k'); p / 'x'; p.parent; str(p); hash(p); p == p",
        "import tfm_path",
        "import tfm.__main__",
        "import tfm.errors, tfm.info, tfm.s3.protocol",
    ],
)
def test_loads_nothing_heavy(code: str) -> None:
    assert loaded_by(code) & HEAVY == set()


def test_the_measure_sees_what_is_loaded() -> None:
    assert {"boto3", "botocore", "urllib3"} <= loaded_by("import boto3") & HEAVY


def test_sdk_is_loaded_without_the_screen() -> None:
    assert loaded_by("import tfm.s3.client, tfm.operations") & {"textual", "rich", "moto"} == set()
