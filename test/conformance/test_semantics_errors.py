"""The rules of docs/semantics.md on errors, with a server that refuses or is not there, and on odd names."""

from __future__ import annotations

import errno
import os
import pickle
import subprocess
import sys
from typing import Any

import pytest
from grounds import ServerGround
from stub_s3 import Reply, Request, StubS3, refusal

from tfm import Path
from tfm.errors import InvalidPathError, S3AuthError, S3BaseError, S3ConnectionError, S3NotFoundError


def test_errors_are_ours_and_oserrors(server_ground: ServerGround, bucket: str) -> None:
    """Every error is ours and the matching `OSError`, with `errno`, `filename`, code, bucket and key."""
    path = server_ground.root / "missing"
    with pytest.raises(S3NotFoundError) as caught:
        path.read_bytes()
    error = caught.value
    assert isinstance(error, FileNotFoundError)
    assert isinstance(error, S3BaseError)
    assert (error.errno, error.filename, error.bucket, error.key) == (errno.ENOENT, str(path), bucket, "top/missing")
    assert error.code == "NoSuchKey"
    assert str(path) in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.code, again.filename) == (
        type(error),
        str(error),
        error.code,
        error.filename,
    )
    with pytest.raises(S3NotFoundError, match="bucket"):
        Path("s3://no-such-bucket-anywhere/x").read_bytes()


@pytest.mark.usefixtures("engine")
def test_forbidden_is_not_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """403 is never "not there": `exists()` raises `PermissionError`."""
    with StubS3(lambda request: refusal(403, "AccessDenied")) as stub:
        monkeypatch.setenv("AWS_ENDPOINT_URL", stub.endpoint)
        path = Path("s3://bucket/key")
        of_bucket = path.parent.exists
        for question in (path.exists, path.is_file, path.is_dir, path.stat, path.read_bytes, of_bucket):
            with pytest.raises(PermissionError) as caught:
                question()
            assert isinstance(caught.value, S3AuthError)
            if question is not of_bucket:
                assert (caught.value.filename, caught.value.key) == (str(path), "key")
                assert str(caught.value).startswith(f"{path}: ")
        assert stub.requests


@pytest.mark.usefixtures("engine")
def test_a_listing_may_answer_for_a_forbidden_head(monkeypatch: pytest.MonkeyPatch) -> None:
    listing = (
        b"<ListBucketResult><IsTruncated>false</IsTruncated><EncodingType>url</EncodingType><Contents><Key>key</Key>"
        b"<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;x&quot;</ETag><Size>3</Size></Contents>"
        b"</ListBucketResult>"
    )

    def answer(request: Request) -> Reply:
        return Reply(200, listing) if "list-type" in request.path else refusal(403, "AccessDenied")

    with StubS3(answer) as stub:
        monkeypatch.setenv("AWS_ENDPOINT_URL", stub.endpoint)
        assert Path("s3://bucket/key").exists()
        assert not Path("s3://bucket/ke").is_file()


@pytest.mark.usefixtures("engine")
def test_network_failure_is_not_false() -> None:
    """A network failure is never `False`."""
    path = Path("s3://bucket/key")  # the tests' own endpoint is one where nothing listens
    for question in (path.exists, path.is_file, path.is_dir, lambda: list(path.glob("*"))):
        with pytest.raises(S3ConnectionError, match=r"127.0.0.1:9"):
            question()


def test_no_credentials(monkeypatch: pytest.MonkeyPatch, s3_server: Any) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(S3AuthError, match=r"aws configure|AWS_ACCESS_KEY_ID") as caught:
        Path("s3://bucket/key").exists()
    assert isinstance(caught.value, PermissionError)


def test_no_home(s3_server: Any, bucket: str) -> None:
    code = (
        "import sys; from tfm import Path\n"
        f"p = Path('s3://{bucket}/x'); p.write_text('ok'); print(p.read_text(), Path('.').resolve().is_dir())"
    )
    environment = {name: value for name, value in os.environ.items() if name != "HOME"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["ok", "True"]


def test_unknown_place() -> None:
    with pytest.raises(S3AuthError, match="nowhere"):
        Path("s3://nowhere@bucket/key").exists()


@pytest.mark.usefixtures("engine")
def test_clock_skew(monkeypatch: pytest.MonkeyPatch) -> None:
    skewed = refusal(
        403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large."
    )
    with StubS3(lambda request: skewed) as stub:
        monkeypatch.setenv("AWS_ENDPOINT_URL", stub.endpoint)
        with pytest.raises(S3AuthError, match="clock"):
            Path("s3://bucket/key").exists()


@pytest.mark.usefixtures("engine")
def test_bucket_in_another_region(monkeypatch: pytest.MonkeyPatch) -> None:
    listing = b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"

    def answer(request: Request) -> Reply:
        if "/eu-west-1/s3/" in request.headers["authorization"]:
            return Reply(200, listing)
        return refusal(301, "PermanentRedirect", x_amz_bucket_region="eu-west-1")

    with StubS3(answer) as stub:
        monkeypatch.setenv("AWS_ENDPOINT_URL", stub.endpoint)
        assert list(Path("s3://elsewhere").iterdir()) == []


@pytest.mark.parametrize(
    "key", ["a\nb", "a\tb", "a\rb", "a\x01b", "a\x7fb", " lead", "trail ", "a%2Fb", "a+b c", "é", "😀", "a&<>\"'b"]
)
def test_odd_keys(server_ground: ServerGround, key: str) -> None:
    path = server_ground.root / key
    path.write_bytes(b"x")
    assert server_ground.files() == [key]
    assert path.is_file()
    assert [p.name for p in server_ground.root.iterdir()] == [key]
    assert [name for page in server_ground.root.scan_tree() for name, _ in page] == [key]
    assert path.rename(server_ground.root / "plain").read_bytes() == b"x"
    (server_ground.root / "plain").rename(path)
    assert server_ground.root.delete_below([key]) == {}
    assert server_ground.files() == []
    (path / key).write_bytes(b"x")
    assert (path.rename(server_ground.root / f"{key}d") / key).read_bytes() == b"x"
    assert server_ground.files() == [f"{key}d/{key}"]
    (server_ground.root / f"{key}d").rmtree()
    assert server_ground.files() == []


@pytest.mark.needs("long_names")
def test_key_of_the_largest_size(server_ground: ServerGround) -> None:
    key = "k" * (1024 - len("top/"))
    (server_ground.root / key).write_bytes(b"x")
    assert server_ground.files() == [key]
    with pytest.raises((OSError, InvalidPathError), match=r"1,?024|long"):
        (server_ground.root / (key + "k")).write_bytes(b"x")
    assert server_ground.files() == [key]


def test_names_on_disk_that_are_not_utf8(tmp_path: Any, server_ground: ServerGround) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    with open(os.fsencode(str(tmp_path)) + b"/caf\xe9.txt", "wb") as stream:
        stream.write(b"x")
    local = Path(str(tmp_path))
    assert [path.name for path in local.iterdir()] == [name]
    assert [info.name for page in local.scan() for info in page] == [name]
    assert (local / name).read_bytes() == b"x"
    assert (local / name).copy(local / "copied").read_bytes() == b"x"
    with pytest.raises(InvalidPathError, match="Unicode"):
        (local / name).copy_into(server_ground.root)
    assert server_ground.files() == []
    assert (local / name).exists()
