"""Importing is free: neither the package nor an S3 path loads a third-party module, and a first answer loads few."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from stub_s3 import Reply, StubS3

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
SLOW = {
    "argparse", "asyncio", "concurrent", "configparser", "dataclasses", "email", "http", "importlib.metadata",
    "inspect", "logging", "mimetypes", "multiprocessing", "shutil", "subprocess", "tempfile", "tomllib", "unittest",
    "urllib.request", "xml.sax",
}  # fmt: skip
"""Parts of the standard library that take a fresh process milliseconds, and that a first answer does not need."""

MADE = "from tfm import Path; p = Path('s3://bucket/key'); p / 'x'; p.parent; str(p); hash(p); p == p"
ASKED = "from tfm import Path; assert Path('s3://bucket/key').exists(); assert not Path('s3://bucket/missing').exists()"
KEY = b"<Contents><Key>key</Key><LastModified>2026-01-02T03:04:05Z</LastModified><Size>1</Size></Contents>"
LISTING = b"<ListBucketResult><IsTruncated>false</IsTruncated>%s</ListBucketResult>"


def loaded_by(code: str, **variables: str) -> set[str]:
    """Run code in a new process and give the modules that it loads, and the packages that they are in."""
    report = "print(json.dumps(sorted(set(loaded) - at_first)))"
    program = f"import sys; at_first = {{*sys.modules}}\n{code}\nloaded = [*sys.modules]; import json; {report}"
    command = [sys.executable, "-c", program]
    env = {**os.environ, **variables}
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert result.returncode == 0, result.stderr
    names = set(json.loads(result.stdout))
    return names | {name.partition(".")[0] for name in names}


@pytest.mark.parametrize(
    "code",
    [
        "import tfm",
        "from tfm import Path",
        "from tfm import Path; Path('/tmp').exists()",
        MADE,
        "import tfm_path",
        "import tfm.__main__",
        "import tfm.errors, tfm.info, tfm.s3.protocol",
    ],
)
def test_loads_nothing_heavy(code: str) -> None:
    assert loaded_by(code) & HEAVY == set()


def test_the_measure_sees_what_is_loaded() -> None:
    assert {"boto3", "botocore", "urllib3"} <= loaded_by("import boto3") & HEAVY
    assert {"logging", "email"} <= loaded_by("import email.utils, logging") & SLOW


def test_the_package_alone_is_one_module() -> None:
    loaded = loaded_by("import tfm")
    assert {name for name in loaded if name.startswith("tfm")} == {"tfm"}
    assert loaded - {"tfm"} <= {
        "__future__",
        "importlib",
        "importlib._bootstrap",
        "importlib._bootstrap_external",
        "warnings",
        "_warnings",
    }


def test_making_paths_loads_little() -> None:
    local, remote = loaded_by("from tfm import Path; Path('/tmp').exists()"), loaded_by(MADE)
    assert (local | remote) & (SLOW | {"socket", "ssl", "hashlib", "xml", "random"}) == set()
    assert not {"tfm.s3.client", "tfm.s3.caching", "tfm.s3.writer", "tfm.config"} & remote
    assert not {name for name in local if name.startswith("tfm.s3")}


@pytest.mark.parametrize("variables", [{}, {"AWS_ENDPOINT_URL": "", "AWS_PROFILE": "stub"}], ids=["variables", "files"])
def test_a_first_answer_loads_neither_botocore_nor_much_else(
    variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("aws") / "config"
    stub = StubS3(lambda request: Reply(body=LISTING % (KEY if "prefix=key" in request.path else b"")))
    with stub:
        file.write_text(f"[profile stub]\nregion = eu-west-1\nendpoint_url = {stub.endpoint}\n")
        given = {"AWS_ENDPOINT_URL": stub.endpoint, "AWS_CONFIG_FILE": str(file), **variables}
        loaded = loaded_by(ASKED, **given)
    assert [request.method for request in stub.requests] == ["GET", "GET"]
    assert "tfm.s3.fast.client" in loaded
    assert loaded & (HEAVY - {"cachetools"}) == set()
    assert loaded & (SLOW | {"ssl", "certifi"}) == set()


def test_a_named_place_is_found_without_botocore(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("aws") / "config"
    file.write_text("[profile own]\nregion = eu-west-1\n")
    code = "from tfm.s3.places import place; assert place('own').profile == 'own'"
    assert loaded_by(code, AWS_CONFIG_FILE=str(file), TFM_CONFIG="") & HEAVY == set()


def test_sdk_is_loaded_without_the_screen() -> None:
    assert loaded_by("import tfm.s3.client, tfm.operations") & {"textual", "rich", "moto"} == set()
