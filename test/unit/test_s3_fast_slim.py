"""How a place is reached, found without botocore: the installed botocore judges every answer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from awsjudge import KEYS, home, judged, told
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tfm.s3.fast.access import StepAside
from tfm.s3.fast.slim import slim_access
from tfm.s3.protocol import Place

STORED = "[default]\naws_access_key_id = AKIDSTORED\naws_secret_access_key = stored/secret\n"
WORK = "[work]\naws_access_key_id = AKIDWORK\naws_secret_access_key = work/secret\naws_session_token = work-token\n"
LOCAL = "http://127.0.0.1:9000"
SERVICES = """[services local]
s3 =
  endpoint_url = http://127.0.0.1:9002
dynamodb =
  endpoint_url = http://127.0.0.1:9003
"""
OTHERS = """# mine
[default]
; not mine
output = json
region=eu-west-3
s3 =
  max_concurrent_requests = 20
[plugins]
x = y
[profile other]
sso_session = x
role_arn = y
[sso-session x]
sso_region = z
"""

# variables (beside the keys, unless "files" says that those are in the files), config, credentials, place
ANSWERED: dict[str, tuple[dict[str, str], str, str, Place]] = {
    "nothing but keys": (KEYS, "", "", Place()),
    "a region": ({**KEYS, "AWS_DEFAULT_REGION": "eu-west-1"}, "", "", Place()),
    "two variables that agree": (
        {**KEYS, "AWS_DEFAULT_REGION": "eu-west-1", "AWS_REGION": "eu-west-1"}, "", "", Place(),
    ),
    "the global endpoint": ({**KEYS, "AWS_DEFAULT_REGION": "us-east-1"}, "", "", Place()),
    "not the global endpoint": (
        {**KEYS, "AWS_DEFAULT_REGION": "us-east-1", "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT": "regional"}, "", "", Place(),
    ),
    "not the global endpoint by a nested key": (
        KEYS, "[default]\nregion = us-east-1\ns3 =\n  us_east_1_regional_endpoint = regional\n", "", Place(),
    ),
    "a token": ({**KEYS, "AWS_SESSION_TOKEN": "tok/en=="}, "", "", Place()),
    "an old token": ({**KEYS, "AWS_SECURITY_TOKEN": "old", "AWS_SESSION_TOKEN": "new"}, "", "", Place()),
    "a server": ({**KEYS, "AWS_ENDPOINT_URL_S3": LOCAL}, "", "", Place()),
    "a server for all services": ({**KEYS, "AWS_ENDPOINT_URL": LOCAL + "/"}, "", "", Place()),
    "a server with a name and a strange region": (
        {**KEYS, "AWS_ENDPOINT_URL": "https://minio.example.com:9000", "AWS_DEFAULT_REGION": "auto"}, "", "", Place(),
    ),
    "a server that is ignored": (
        {**KEYS, "AWS_ENDPOINT_URL": LOCAL, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, "", "", Place(),
    ),
    "a server of the place": (KEYS, "", "", Place(endpoint=LOCAL, region="eu-west-1", addressing="path")),
    "buckets in hosts": (KEYS, "", "", Place(endpoint="https://minio.example.com", addressing="virtual")),
    "buckets in paths": (KEYS, "", "", Place(region="us-east-2", addressing="path")),
    "stored keys": ({}, "[default]\nregion = eu-north-1\n", STORED, Place()),
    "keys in the config": ({}, STORED + "region = eu-north-1\n", "", Place()),
    "keys in both": ({}, STORED.replace("STORED", "CONFIG"), STORED, Place()),
    "a profile by variable": ({"AWS_PROFILE": "work"}, "[profile work]\nregion = ap-southeast-2\n", WORK, Place()),
    "an old variable": ({"AWS_DEFAULT_PROFILE": "work"}, "[profile work]\nregion = us-west-2\n", WORK, Place()),
    "keys before a profile": ({**KEYS, "AWS_PROFILE": "work"}, "[profile work]\nregion = us-west-1\n", "", Place()),
    "a place's profile before keys": ({**KEYS, "AWS_PROFILE": "x"}, "", WORK, Place("work", profile="work")),
    "a place's profile before a server": (
        {"AWS_ENDPOINT_URL": LOCAL}, "[profile work]\nendpoint_url = http://127.0.0.1:9001\n", WORK,
        Place("work", profile="work"),
    ),
    "a place's region before the profile's": (
        {"AWS_REGION": "x"}, "[profile work]\nregion = us-west-1\n", WORK, Place("w", "work", region="us-west-2"),
    ),
    "services": (
        {}, "[default]\nservices = local\n" + SERVICES, STORED, Place(),
    ),
    "an endpoint of the profile": ({}, "[default]\nendpoint_url = " + LOCAL + "\n", STORED, Place()),
    "attempts": ({**KEYS, "AWS_MAX_ATTEMPTS": "7"}, "", "", Place()),
    "attempts and mode of the profile": (KEYS, "[default]\nmax_attempts = 2\nretry_mode = standard\n", "", Place()),
    "a mode": ({**KEYS, "AWS_RETRY_MODE": "standard"}, "", "", Place()),
    "an old mode": ({**KEYS, "AWS_RETRY_MODE": "legacy"}, "", "", Place()),
    "no checksums": (
        {**KEYS, "AWS_REQUEST_CHECKSUM_CALCULATION": "WHEN_REQUIRED"},
        "[default]\nresponse_checksum_validation = when_required\n", "", Place(),
    ),
    "certificates": ({**KEYS, "AWS_CA_BUNDLE": "/tmp/ca.pem", "REQUESTS_CA_BUNDLE": "/tmp/r.pem"}, "", "", Place()),
    "certificates of requests": ({**KEYS, "REQUESTS_CA_BUNDLE": "/tmp/r.pem"}, "", "", Place()),
    "certificates of the profile": (KEYS, "[default]\nca_bundle = /tmp/p.pem\n", "", Place()),
    "comments and other people's settings": (
        KEYS, OTHERS, "", Place(),
    ),
}  # fmt: skip

LEFT = {
    "no keys": ({}, "", ""),
    "half a pair": ({"AWS_ACCESS_KEY_ID": "AKID"}, "", ""),
    "half a stored pair": ({}, "", "[default]\naws_access_key_id = AKID\n"),
    "keys that expire": ({**KEYS, "AWS_CREDENTIAL_EXPIRATION": "2030-01-01T00:00:00Z"}, "", ""),
    "a profile that is not there": ({**KEYS, "AWS_PROFILE": "nobody"}, "", STORED),
    "two profiles": ({"AWS_PROFILE": "work", "AWS_DEFAULT_PROFILE": "default"}, "", WORK + STORED),
    "a role": ({}, "[default]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = default\n", STORED),
    "a role of a container": ({**KEYS, "AWS_ROLE_ARN": "arn", "AWS_WEB_IDENTITY_TOKEN_FILE": "/x"}, "", ""),
    "single sign-on": ({}, "[default]\nsso_session = x\nsso_account_id = 1\nsso_role_name = r\n", ""),
    "a login": ({}, "[default]\nlogin_session = arn\n", ""),
    "a process": ({}, "[default]\ncredential_process = /bin/false\n", ""),
    "a process beside keys": ({}, "[default]\ncredential_process = /bin/false\n", STORED),
    "a role for the web": ({}, "[default]\nweb_identity_token_file = /x\nrole_arn = arn\n", ""),
    "China": ({**KEYS, "AWS_DEFAULT_REGION": "cn-north-1"}, "", ""),
    "the government": ({**KEYS, "AWS_DEFAULT_REGION": "us-gov-west-1"}, "", ""),
    "a pseudo region": ({**KEYS, "AWS_DEFAULT_REGION": "aws-global"}, "", ""),
    "FIPS": ({**KEYS, "AWS_USE_FIPS_ENDPOINT": "true"}, "", ""),
    "FIPS by region": ({**KEYS, "AWS_DEFAULT_REGION": "fips-us-east-1"}, "", ""),
    "FIPS by region of a server": (
        {**KEYS, "AWS_DEFAULT_REGION": "fips-us-east-1", "AWS_ENDPOINT_URL": "http://h"}, "", "",
    ),
    "dual stack": ({**KEYS, "AWS_USE_DUALSTACK_ENDPOINT": "true"}, "", ""),
    "dual stack, nested": (KEYS, "[default]\ns3 =\n  use_dualstack_endpoint = true\n", ""),
    "acceleration": (KEYS, "[default]\ns3 =\n  use_accelerate_endpoint = true\n", ""),
    "signed bodies": (KEYS, "[default]\ns3 =\n  payload_signing_enabled = true\n", ""),
    "an old signature": (KEYS, "[default]\ns3 =\n  signature_version = s3\n", ""),
    "a nested key that is not known": (KEYS, "[default]\ns3 =\n  whatever = 1\n", ""),
    "a key that is not known": (KEYS, "[default]\nauth_scheme_preference = sigv4a\n", ""),
    "a variable that is not known": ({**KEYS, "AWS_NEW_SETTING": "1"}, "", ""),
    "a plugin": ({**KEYS, "BOTOCORE_EXPERIMENTAL__PLUGINS": "a=b"}, "", ""),
    "a proxy": ({**KEYS, "HTTPS_PROXY": "http://127.0.0.1:3128"}, "", ""),
    "a proxy in small letters": ({**KEYS, "http_proxy": "http://127.0.0.1:3128"}, "", ""),
    "another retry mode": ({**KEYS, "AWS_RETRY_MODE": "adaptive"}, "", ""),
    "no attempts": ({**KEYS, "AWS_MAX_ATTEMPTS": "0"}, "", ""),
    "attempts in words": ({**KEYS, "AWS_MAX_ATTEMPTS": "many"}, "", ""),
    "another mode of defaults": ({**KEYS, "AWS_DEFAULTS_MODE": "standard"}, "", ""),
    "checksums in words": ({**KEYS, "AWS_REQUEST_CHECKSUM_CALCULATION": "sometimes"}, "", ""),
    "a region that only others read": ({**KEYS, "AWS_REGION": "eu-west-1"}, "", ""),
    "an empty region": ({**KEYS, "AWS_DEFAULT_REGION": ""}, "", ""),
    "a wrong setting that goes unused": (
        {**KEYS, "AWS_ENDPOINT_URL": LOCAL, "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT": "global"}, "", "",
    ),
    "no certificates": ({**KEYS, "AWS_CA_BUNDLE": ""}, "", ""),
    "an endpoint with a path": ({**KEYS, "AWS_ENDPOINT_URL": "http://h/base"}, "", ""),
    "an endpoint of AWS": ({**KEYS, "AWS_ENDPOINT_URL": "https://s3.eu-west-1.amazonaws.com"}, "", ""),
    "services that are not there": (KEYS, "[default]\nservices = x\n", ""),
    "a broken file": (KEYS, "[default\n", ""),
    "a file with a mark of its encoding": (KEYS, "\ufeff[default]\nregion = eu-west-1\n", ""),
    "a doubled key": (KEYS, "[default]\nregion = a\nregion = b\n", ""),
    "broken credentials": (KEYS, "", "[default\n"),
    "keys with letters of other languages": ({}, "", STORED + "aws_session_token = \u00fc\n"),
    "keys with spaces": ({**KEYS, "AWS_SECRET_ACCESS_KEY": "se cret"}, "", ""),
    "keys with a line end": ({**KEYS, "AWS_SECRET_ACCESS_KEY": "secret\r"}, "", ""),
    "a value of several lines": ({}, "[default]\nregion = eu-west-1\n  eu-west-2\n", STORED),
}  # fmt: skip


@pytest.mark.parametrize("case", ANSWERED)
def test_answers_as_botocore(case: str, tmp_path: Path) -> None:
    variables, config, credentials, place = ANSWERED[case]
    with home(tmp_path, variables, config, credentials):
        assert told(slim_access(place)) == judged(place)


@pytest.mark.parametrize("case", LEFT)
def test_left_to_botocore(case: str, tmp_path: Path) -> None:
    with home(tmp_path, *LEFT[case]), pytest.raises(StepAside) as caught:
        slim_access(Place())
    assert "secret" not in str(caught.value).lower()


def test_models_of_the_users_own_are_botocores(tmp_path: Path) -> None:
    with home(tmp_path, KEYS):
        slim_access(Place())
        (tmp_path / ".aws" / "models").mkdir()
        with pytest.raises(StepAside, match="models"):
            slim_access(Place())


def test_anonymous_places_need_no_keys(tmp_path: Path) -> None:
    with home(tmp_path, {"AWS_DEFAULT_REGION": "eu-west-1"}):
        access = slim_access(Place("open", anonymous=True))
    assert access.credentials() is None
    assert (access.endpoint, access.region) == ("https://s3.eu-west-1.amazonaws.com", "eu-west-1")


def test_a_system_with_a_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib.request.getproxies", lambda: {"https": "http://127.0.0.1:3128"})
    with home(tmp_path, KEYS):
        slim_access(Place())
        monkeypatch.setattr(sys, "platform", "darwin")
        with pytest.raises(StepAside, match="proxy"):
            slim_access(Place())


def test_botocore_is_not_imported(tmp_path: Path) -> None:
    code = (
        "import sys; from tfm.s3.fast.slim import slim_access; from tfm.s3.protocol import Place; slim_access(Place());"
        "print(sorted({'boto3', 'botocore', 'urllib3', 'configparser', 'certifi', 'dataclasses'} & set(sys.modules)))"
    )
    with home(tmp_path, KEYS, "[default]\nregion = eu-west-1\n", STORED):
        result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


REGIONS = (
    "", "us-east-1", "eu-west-1", "ap-south-2", "auto", "us-gov-west-1", "aws-global", "EU-WEST-1", "x_y", "1",
    "eu-isoe-west-1", "s3-external-1", "fips-us-east-1", "cn-north-1", "us-west-9", "eu-x-10",
)  # fmt: skip
ENDPOINTS = (
    LOCAL,
    LOCAL + "/",
    "https://minio.example.com",
    "http://h:0",
    "http://H",
    "http://h/x",
    "ftp://h",
    "h",
    "",
)
VALUES = {
    "AWS_ACCESS_KEY_ID": ("AKID", ""),
    "AWS_SECRET_ACCESS_KEY": ("secret", ""),
    "AWS_SESSION_TOKEN": ("token", ""),
    "AWS_SECURITY_TOKEN": ("old", ""),
    "AWS_PROFILE": ("default", "work", "none", ""),
    "AWS_DEFAULT_PROFILE": ("default", "work"),
    "AWS_DEFAULT_REGION": REGIONS,
    "AWS_REGION": REGIONS[:4],
    "AWS_ENDPOINT_URL": ENDPOINTS,
    "AWS_ENDPOINT_URL_S3": ENDPOINTS,
    "AWS_ENDPOINT_URL_STS": ENDPOINTS[:1],
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": ("true", "TRUE", "false", "", "1"),
    "AWS_MAX_ATTEMPTS": ("1", "9", "0", "-1", "x", "", " 3"),
    "AWS_RETRY_MODE": ("standard", "legacy", "adaptive", "Standard", ""),
    "AWS_REQUEST_CHECKSUM_CALCULATION": ("when_required", "WHEN_SUPPORTED", "", "x"),
    "AWS_RESPONSE_CHECKSUM_VALIDATION": ("when_required", "When_Supported"),
    "AWS_CA_BUNDLE": ("/tmp/a.pem", ""),
    "REQUESTS_CA_BUNDLE": ("/tmp/b.pem", ""),
    "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT": ("legacy", "regional", "x"),
    "AWS_USE_DUALSTACK_ENDPOINT": ("false", "true", ""),
    "AWS_USE_FIPS_ENDPOINT": ("false", "true"),
    "AWS_STS_REGIONAL_ENDPOINTS": ("legacy", "x"),
    "AWS_S3_USE_ARN_REGION": ("true", "false"),
    "AWS_LAMBDA_FUNCTION_NAME": ("f",),
}
SETTINGS = (
    "region = eu-west-1", "region = us-east-1", "region =", "aws_access_key_id = AKIDFILE",
    "aws_secret_access_key = filesecret", "aws_session_token = filetoken", "aws_security_token = oldtoken",
    "endpoint_url = http://127.0.0.1:9001", "services = own", "retry_mode = standard", "retry_mode: legacy",
    "max_attempts = 4", "output = json", "ca_bundle = /tmp/c.pem", "ignore_configured_endpoint_urls = true",
    "request_checksum_calculation = when_required", "response_checksum_validation=WHEN_REQUIRED",
    "use_fips_endpoint = false", "s3_us_east_1_regional_endpoint = regional", "aws_account_id = 1",
    "s3 =\n  addressing_style = path", "s3 =\n  addressing_style = virtual\n  max_queue_size = 4",
    "s3 =\n\n  us_east_1_regional_endpoint = regional\n  # a comment\n  signature_version = s3v4", "s3 = x",
    "s3 =\n  addressing_style = x", "s3 =\n  use_accelerate_endpoint = false",
)  # fmt: skip
KEY_PAIR = ["aws_access_key_id = AKIDPAIR", "aws_secret_access_key = pairsecret"]


def _section(header: str) -> st.SearchStrategy[list[str]]:
    """Make a section, or none; with a pair of keys or without."""
    some = st.lists(st.sampled_from(SETTINGS), max_size=4, unique_by=lambda line: line.split()[0].strip(":="))
    pair = st.sampled_from([KEY_PAIR, KEY_PAIR, []])
    made = st.tuples(pair, some).map(
        lambda both: [header, *both[0], *(line for line in both[1] if not both[0] or "_key" not in line)]
    )
    return st.just([header]) if header == SERVED else st.one_of(made, made.map(list), st.just([]))


def _file(*headers: str) -> st.SearchStrategy[str]:
    """Make files of some of these sections; what is broken is the business of the reader's own test."""
    sections = st.tuples(*map(_section, headers))
    return sections.map(lambda each: "\n".join(line for section in each for line in section))


SERVED = "[services own]\ns3 =\n  endpoint_url = http://127.0.0.1:9002"
CONFIGS = _file("[default]", "[profile work]", SERVED)
CREDENTIALS = _file("[default]", "[work]")
VARIABLES = st.lists(
    st.sampled_from(sorted(VALUES)).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(VALUES[name]))),
    max_size=4,
).map(dict)
PLACES = st.builds(
    Place,
    name=st.just("own"),
    profile=st.sampled_from([None, None, "work", "default"]),
    endpoint=st.sampled_from([None, None, LOCAL, "https://minio.example.com:9000"]),
    region=st.sampled_from([None, None, "eu-central-1", "us-east-1"]),
    addressing=st.sampled_from(["auto", "path", "virtual"]),
    **{name: st.just(False) for name in ("read_only", "requester_pays", "anonymous")},
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VARIABLES, CONFIGS, CREDENTIALS, PLACES, st.booleans())
def test_the_same_as_botocore_or_nothing(
    tmp_path_factory: pytest.TempPathFactory, variables: dict[str, str], config: str, credentials: str, place: Place,
    keys: bool,
) -> None:  # fmt: skip
    path = tmp_path_factory.getbasetemp() / "fast-slim"
    path.mkdir(exist_ok=True)
    with home(path, {**(KEYS if keys else {}), **variables}, config, credentials):
        try:
            access = slim_access(place)
        except StepAside:
            return
        assert told(access) == judged(place)
