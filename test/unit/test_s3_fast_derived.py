"""How a place is reached, told by its boto3 client: roles, other partitions and rules, and what is left to it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from awsjudge import KEYS, home, judged, told

from tfm.s3.client import Boto3Client
from tfm.s3.fast.access import StepAside
from tfm.s3.fast.derived import derived_access
from tfm.s3.protocol import Place

PROXY = "http://127.0.0.1:3128"

ANSWERED: dict[str, tuple[dict[str, str], str]] = {
    "nothing but keys": (KEYS, ""),
    "China": ({**KEYS, "AWS_DEFAULT_REGION": "cn-north-1"}, ""),
    "the government": ({**KEYS, "AWS_DEFAULT_REGION": "us-gov-west-1"}, ""),
    "FIPS": ({**KEYS, "AWS_DEFAULT_REGION": "us-west-2", "AWS_USE_FIPS_ENDPOINT": "true"}, ""),
    "dual stack": ({**KEYS, "AWS_DEFAULT_REGION": "us-west-2", "AWS_USE_DUALSTACK_ENDPOINT": "true"}, ""),
    "both": (KEYS, "[default]\nregion = us-east-2\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n"),
    "an endpoint of AWS": ({**KEYS, "AWS_ENDPOINT_URL": "https://s3.eu-west-1.amazonaws.com"}, ""),
    "a region that only others read": ({**KEYS, "AWS_REGION": "eu-west-1"}, ""),
    "a name in quotes": ({**KEYS, "AWS_PROFILE": "my own"}, '[profile "my own"]\nregion = eu-west-1\n'),
    "a mode of defaults": ({**KEYS, "AWS_DEFAULTS_MODE": "standard"}, ""),
    "a proxy for others": ({**KEYS, "HTTPS_PROXY": PROXY, "NO_PROXY": "127.0.0.1,.amazonaws.com"}, ""),
    "an unknown setting": (KEYS, "[default]\nwhatever = 1\n"),
}

LEFT: dict[str, tuple[dict[str, str], str]] = {
    "no keys": ({}, ""),
    "half a pair": ({"AWS_ACCESS_KEY_ID": "AKID"}, ""),
    "a broken file": (KEYS, "[default\n"),
    "a proxy": ({**KEYS, "HTTPS_PROXY": PROXY}, ""),
    "acceleration": (KEYS, "[default]\ns3 =\n  use_accelerate_endpoint = true\n"),
    "signed bodies": (KEYS, "[default]\ns3 =\n  payload_signing_enabled = true\n"),
    "an old signature": (KEYS, "[default]\ns3 =\n  signature_version = s3\n"),
    "another retry mode": ({**KEYS, "AWS_RETRY_MODE": "adaptive"}, ""),
    "an endpoint with a path": ({**KEYS, "AWS_ENDPOINT_URL": "http://h/base"}, ""),
    "buckets in hosts without TLS": (
        {**KEYS, "AWS_ENDPOINT_URL": "http://minio.example.com"}, "[default]\ns3 =\n  addressing_style = virtual\n",
    ),
    "no certificates": ({**KEYS, "AWS_CA_BUNDLE": ""}, ""),
}  # fmt: skip


@pytest.mark.parametrize("case", ANSWERED)
def test_answers_as_botocore(case: str, tmp_path: Path) -> None:
    with home(tmp_path, *ANSWERED[case]):
        assert told(derived_access(Boto3Client())) == judged(Place())


@pytest.mark.parametrize("case", LEFT)
def test_left_to_botocore(case: str, tmp_path: Path) -> None:
    with home(tmp_path, *LEFT[case]), pytest.raises(StepAside):
        derived_access(Boto3Client())


def test_other_regions_by_the_same_rules(tmp_path: Path) -> None:
    with home(tmp_path, {**KEYS, "AWS_DEFAULT_REGION": "us-west-2", "AWS_USE_DUALSTACK_ENDPOINT": "true"}):
        regional = derived_access(Boto3Client()).regional
        assert regional is not None
        assert regional("eu-west-1") == "https://s3.dualstack.eu-west-1.amazonaws.com"
        with pytest.raises(StepAside):
            regional("not a region")
    with home(tmp_path, {**KEYS, "AWS_DEFAULT_REGION": "us-east-1"}):
        regional = derived_access(Boto3Client()).regional
        assert regional is not None
        assert regional("eu-west-1") == "https://s3.eu-west-1.amazonaws.com"
    with home(tmp_path, {**KEYS, "AWS_ENDPOINT_URL": "http://127.0.0.1:9000"}):
        assert derived_access(Boto3Client()).regional is None


def test_anonymous_places_sign_nothing(tmp_path: Path) -> None:
    with home(tmp_path, {}):
        assert derived_access(Boto3Client(Place("open", anonymous=True))).credentials() is None


def _process(path: Path, lifetime: float) -> str:
    """Write a program that gives other keys each time; gives the config that names it."""
    program = path / "keys.py"
    program.write_text(
        "import json, pathlib, sys, time\n"
        f"count = pathlib.Path({str(path / 'count')!r})\n"
        "turn = int(count.read_text() or 0) + 1 if count.exists() else 1\n"
        "count.write_text(str(turn))\n"
        "if turn > 2: sys.exit('no more keys')\n"
        f"end = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() + {lifetime}))\n"
        "print(json.dumps({'Version': 1, 'AccessKeyId': f'AKID{turn}', 'SecretAccessKey': 's', 'SessionToken': 't',"
        " 'Expiration': end}))\n"
    )
    return f"[default]\ncredential_process = {sys.executable} {program}\n"


def test_credentials_of_a_process_are_renewed(tmp_path: Path) -> None:
    with home(tmp_path, {}, _process(tmp_path, 3600)):
        credentials = derived_access(Boto3Client()).credentials
        assert [credentials() for _ in range(3)] == [("AKID1", "s", "t")] * 3
        assert "AKID1" not in repr(credentials())


def test_credentials_that_can_t_be_renewed_are_botocores(tmp_path: Path) -> None:
    with home(tmp_path, {}, _process(tmp_path, 30)):
        credentials = derived_access(Boto3Client()).credentials
        assert credentials() == ("AKID2", "s", "t")
        with pytest.raises(StepAside) as caught:
            credentials()
    assert "no more keys" in str(caught.value.__cause__)


def test_a_botocore_that_keeps_its_parts_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with home(tmp_path, KEYS):
        boto3 = Boto3Client()
        client: Any = boto3.sdk()
        for name in ("_endpoint", "_ruleset_resolver", "_request_signer"):
            with monkeypatch.context() as patch:
                patch.delattr(client, name)
                with pytest.raises(StepAside):
                    derived_access(boto3)
        assert derived_access(boto3).region == "us-east-1"


def test_a_handler_of_the_client(tmp_path: Path) -> None:
    with home(tmp_path, KEYS):
        boto3 = Boto3Client()
        boto3.sdk().meta.events.register("before-send.s3", lambda **_: None)
        with pytest.raises(StepAside, match="handles events"):
            derived_access(boto3)


def test_a_client_certificate(tmp_path: Path) -> None:
    with home(tmp_path, KEYS):
        boto3 = Boto3Client()
        boto3.sdk()._endpoint.http_session._cert_file = "/tmp/own.pem"
        with pytest.raises(StepAside, match="certificate"):
            derived_access(boto3)
