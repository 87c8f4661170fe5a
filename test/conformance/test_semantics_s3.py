"""The rules of docs/semantics.md on what S3 has beyond pathlib, checked against plain boto3 and S3 in memory."""

from __future__ import annotations

import pickle
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from grounds import ServerGround

from tfm import Path
from tfm.errors import S3ChangedError, S3ExistsError, S3NotFoundError, UnsupportedOperation
from tfm.operations import copy
from tfm.s3.protocol import WriteOptions
from tfm.s3.versions import S3VersionPath
from tfm.testing import WrappingClient

MIB = 1024 * 1024
EXPIRES = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
OPTIONS: dict[str, Any] = {
    "metadata": {"author": "me", "empty": ""},
    "tags": {"team": "a b:c@d", "none": ""},
    "storage_class": "STANDARD_IA",
    "cache_control": "no-cache",
    "content_disposition": "attachment",
    "content_encoding": "gzip",
    "content_language": "de",
    "expires": EXPIRES,
    "encryption": "AES256",
}


def told(path: Any) -> dict[str, Any]:
    """Read all of it back through tfm."""
    facts = path._head()
    found = facts.described._asdict()
    return {name: found[name] for name in OPTIONS if name != "tags"} | {"tags": path.tags}


def told_by_boto3(s3: Any, bucket: str, key: str) -> dict[str, Any]:
    """Read all of it back by other means."""
    head = s3.head_object(Bucket=bucket, Key=key)
    tags = s3.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]
    return {
        "metadata": head["Metadata"],
        "tags": {each["Key"]: each["Value"] for each in tags},
        "storage_class": head.get("StorageClass"),
        "cache_control": head.get("CacheControl"),
        "content_disposition": head.get("ContentDisposition"),
        "content_encoding": head.get("ContentEncoding"),
        "content_language": head.get("ContentLanguage"),
        "expires": head.get("Expires"),
        "encryption": head.get("ServerSideEncryption"),
    }


@pytest.mark.needs("tags_on_write")
@pytest.mark.needs("empty_metadata")
def test_options_on_write(s3_ground: Any) -> None:
    """What is given to `open`, `write_bytes` and `write_text` is stored with the object: metadata, tags, headers."""
    for name, write in {
        "bytes": lambda path: path.write_bytes(b"x", **OPTIONS),
        "text": lambda path: path.write_text("x", **OPTIONS),
        "parts": lambda path: path.write_bytes(b"x" * (9 * MIB), **OPTIONS),
    }.items():
        path: Any = s3_ground.root / name
        write(path)
        assert told(path) == OPTIONS
        if isinstance(s3_ground, ServerGround):
            assert told_by_boto3(s3_ground._client, s3_ground._bucket, f"top/{name}") == OPTIONS
    with (s3_ground.root / "opened").open("x", content_type="text/csv", **OPTIONS) as stream:
        stream.write("a,b")
    assert (s3_ground.root / "opened").content_type == "text/csv"


@pytest.mark.needs("empty_metadata")
def test_options_are_kept(s3_ground: Any) -> None:
    """Appending, editing, touching, copying and renaming keep what is stored with an object."""
    path = s3_ground.root / "kept.txt"
    path.write_bytes(b"x", **OPTIONS)
    with path.open("a") as stream:
        stream.write("y")
    assert told(path) == OPTIONS
    with path.open("r+b") as stream:
        stream.write(b"z")
    assert told(path) == OPTIONS
    path.touch()
    assert told(path) == OPTIONS
    with path.local("r+") as local:
        local.write_bytes(b"edited")
    assert told(path) == OPTIONS
    assert path.content_type == "text/plain"
    copied = path.copy(s3_ground.root / "copied")
    assert told(copied) | {"storage_class": "", "encryption": ""} == OPTIONS | {"storage_class": "", "encryption": ""}
    (s3_ground.root / "d").mkdir()
    path.move_into(s3_ground.root / "d")
    (s3_ground.root / "d" / "kept.txt").set_storage_class("STANDARD_IA")
    moved = (s3_ground.root / "d").rename(s3_ground.root / "e") / "kept.txt"
    assert told(moved) | {"encryption": ""} == OPTIONS | {"encryption": ""}
    assert moved.read_bytes() == b"edited"


@pytest.mark.needs("empty_metadata")
def test_options_are_kept_between_places(server_ground: ServerGround, s3: Any, bucket: str, monkeypatch: Any) -> None:
    """A copy to another place keeps what is stored with the object, except how it is encrypted."""
    monkeypatch.setenv("TFM_PLACE_OTHER_REGION", "us-east-1")
    source = server_ground.root / "source.txt"
    source.write_bytes(b"x", **OPTIONS)
    there: Any = Path(f"s3://other@{bucket}/top")
    expected = OPTIONS | {"encryption": ""}
    source.copy(there / "copied")
    source.copy(there / "to-be-moved")
    (there / "to-be-moved").move(server_ground.root / "moved")
    job = copy([source], there, names={source: "by a job"})
    job.start()
    assert job.wait(60)
    for name in ("copied", "moved", "by a job"):
        assert told_by_boto3(s3, bucket, f"top/{name}") | {"encryption": ""} == expected
        assert s3.head_object(Bucket=bucket, Key=f"top/{name}")["ContentType"] == "text/plain"


@pytest.mark.needs("empty_metadata")
def test_large_appends_keep_options(server_ground: ServerGround, s3: Any, bucket: str) -> None:
    path = server_ground.root / "large"
    path.write_bytes(b"x" * (6 * MIB), **OPTIONS)
    with path.open("ab") as stream:
        stream.write(b"y")
    assert told_by_boto3(s3, bucket, "top/large") == OPTIONS
    assert path.stat().st_size == 6 * MIB + 1


@pytest.mark.needs("tags_on_write")
def test_options_given_to_an_append_or_edit(s3_ground: Any) -> None:
    path = s3_ground.root / "f"
    path.write_bytes(b"x", **OPTIONS)
    with path.open("a", metadata={"new": "1"}, tags={}) as stream:
        stream.write("y")
    assert told(path) == OPTIONS | {"metadata": {"new": "1"}, "tags": {}}
    with path.open("r+", cache_control="max-age=1"):
        pass  # nothing is written, and the option is stored all the same
    assert told(path)["cache_control"] == "max-age=1"
    assert path.read_bytes() == b"xy"
    path.write_bytes(b"anew")
    assert path.metadata == {}


def test_options_that_are_none(s3_ground: Any, tmp_path: Any) -> None:
    """An option that a storage does not know is a `TypeError`, before anything is written."""
    path = s3_ground.root / "f"
    for wrong in ({"colour": "red"}, {"metadata": "text"}, {"tags": {"a": 1}}):
        with pytest.raises(TypeError, match=next(iter(wrong))):
            path.write_bytes(b"x", **wrong)
        with pytest.raises(TypeError):
            path.open("a", **wrong)
    with pytest.raises(TypeError):
        Path(str(tmp_path / "f")).write_bytes(b"x", metadata={"a": "b"})
    with pytest.raises(TypeError):
        Path(str(tmp_path / "f")).open("w", content_type="text/csv")
    assert s3_ground.files() == []
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="ASCII"):
        path.write_bytes(b"x", metadata={"name": "é"})
    path.write_bytes(b"x")
    with pytest.raises(ValueError, match="metadata"):
        path.open("r", metadata={"a": "b"})


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.html", "text/html"),
        ("a.CSV", "text/csv"),
        ("a.json", "application/json"),
        ("a.tar.gz", "application/gzip"),
        ("a.csv.bz2", "application/x-bzip2"),
        ("a.parquet", "application/vnd.apache.parquet"),
        ("http:a.txt", "text/plain"),
        ("data", None),
        ("a.unknown-kind", None),
    ],
)
@pytest.mark.needs("default_content_type")
def test_media_types(s3_ground: Any, name: str, kind: str | None) -> None:
    path = s3_ground.root / name
    path.write_bytes(b"x")
    assert path.content_type == (kind or "binary/octet-stream")


def test_media_type_by_name(s3_ground: Any, tmp_path: Any) -> None:
    """The media type is guessed from the name, the same on every machine, unless it is given."""
    (tmp_path / "page.html").write_bytes(b"<p>")
    Path(str(tmp_path / "page.html")).copy_into(s3_ground.root)
    assert (s3_ground.root / "page.html").content_type == "text/html"
    (s3_ground.root / "page.html").write_bytes(b"x", content_type="application/x-own")
    assert (s3_ground.root / "page.html").content_type == "application/x-own"
    (s3_ground.root / "new.json").touch()
    assert (s3_ground.root / "new.json").content_type == "application/json"


@pytest.mark.needs("empty_metadata")
def test_attributes_are_read(s3_ground: Any) -> None:
    """`content_type`, `metadata`, `tags`, `storage_class`, `etag`, `checksum` and `version_id` tell what S3 keeps."""
    path = s3_ground.root / "f.txt"
    path.write_bytes(b"hello", **OPTIONS)
    assert path.content_type == "text/plain"
    assert (path.metadata, path.tags) == (OPTIONS["metadata"], OPTIONS["tags"])
    assert (path.storage_class, path.encryption) == ("STANDARD_IA", "AES256")
    assert path.etag == '"5d41402abc4b2a76b9719d911017c592"'
    assert (path.checksum.algorithm, path.checksum.value, path.checksum.whole) == ("CRC32", "NhCmhg==", True)
    assert path.version_id is None
    path.metadata["author"] = "somebody else"  # a copy: nothing of it is kept
    assert path.metadata == OPTIONS["metadata"]
    for name in ("content_type", "metadata", "tags", "storage_class", "etag", "checksum", "encryption", "version_id"):
        with pytest.raises(S3NotFoundError):
            getattr(s3_ground.root / "missing", name)
        with pytest.raises(IsADirectoryError):
            getattr(s3_ground.root.parent, name)


def test_attributes_are_set(s3_ground: Any) -> None:
    """`set_metadata`, `set_content_type`, `set_storage_class` and `set_tags` change that and nothing else."""
    path = s3_ground.root / "f"
    path.write_bytes(b"bytes", **OPTIONS)
    expected = dict(OPTIONS)
    path.set_metadata({"only": "this"})
    expected["metadata"] = {"only": "this"}
    assert told(path) == expected
    path.set_tags({"a": "b"})
    expected["tags"] = {"a": "b"}
    assert told(path) == expected
    path.set_storage_class("ONEZONE_IA")
    path.set_content_type("text/csv")
    path.set_attributes(cache_control="no-store", content_language="en")
    expected |= {"storage_class": "ONEZONE_IA", "cache_control": "no-store", "content_language": "en"}
    assert told(path) == expected
    assert (path.content_type, path.read_bytes()) == ("text/csv", b"bytes")
    path.set_tags({})
    assert path.tags == {}
    with pytest.raises(S3NotFoundError):
        (s3_ground.root / "missing").set_metadata({})
    with pytest.raises(TypeError, match="colour"):
        path.set_attributes(colour="red")
    assert s3_ground.files() == ["f"]


def test_setting_loses_no_write(s3_ground: Any) -> None:
    """Setting something on an object that somebody else writes at that moment fails, or keeps their bytes."""
    from tfm.s3.places import client_for, use_client

    client = client_for()

    class Racing(WrappingClient):
        def copy(self, *args: Any, **options: Any) -> Any:
            client.put(args[1], args[2], b"theirs", WriteOptions())
            return self.client.copy(*args, **options)

    path = s3_ground.root / "f"
    path.write_bytes(b"ours")
    use_client("", Racing(client))
    try:
        path.set_metadata({"a": "b"})
    except S3ChangedError:
        assert path.metadata == {}
    else:
        assert isinstance(s3_ground, ServerGround)  # moto knows no x-amz-copy-source-if-match
    assert s3_ground.get("f") == b"theirs"


@pytest.fixture
def history(s3_ground: Any) -> Any:
    """An object that was written three times and then deleted."""
    from tfm.s3.places import client_for

    client_for().call(
        "put_bucket_versioning", Bucket=s3_ground.root.bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    path = s3_ground.root / "f.txt"
    (s3_ground.root / "f.txt2").write_text("a neighbour")
    for text in ("one", "two", "three"):
        path.write_text(text, metadata={"said": text}, tags={"t": text})
    path.unlink()
    return path


def test_versions(history: Any, s3_ground: Any) -> None:
    """`versions()` lists every version of an object, the newest first, and a deletion is one of them."""
    versions = history.versions()
    assert [version.is_delete_marker for version in versions] == [True, False, False, False]
    assert [version.read_text() for version in versions[1:]] == ["three", "two", "one"]
    assert [version.stat().st_size for version in versions[1:]] == [5, 3, 3]
    assert not history.exists()
    assert len((s3_ground.root / "f.txt2").versions()) == 1
    with pytest.raises(S3NotFoundError):
        (s3_ground.root / "f.tx").versions()
    with pytest.raises(FileNotFoundError):
        versions[0].read_text()
    with pytest.raises(FileNotFoundError):
        versions[0].stat()
    assert not versions[0].exists()
    if isinstance(s3_ground, ServerGround):
        rows = s3_ground._client.list_object_versions(Bucket=s3_ground._bucket, Prefix="top/f.txt")
        ids = [row["VersionId"] for row in rows["Versions"] if row["Key"] == "top/f.txt"]
        assert [version.version_id for version in versions[1:]] == ids


@pytest.mark.needs("tags_of_versions")
def test_a_version_is_a_path(history: Any) -> None:
    """The path of a version reads that version and no other, has the object's names, and can't be changed."""
    old = history.versions()[3]
    again = history.at_version(old.version_id)
    assert again == old
    assert hash(again) == hash(old)
    assert old != history
    assert history != old
    assert pickle.loads(pickle.dumps(old)) == old
    assert Path(old) == old
    assert old.parent.parent / old == Path("s3://", old) == Path("/tmp") / old == old
    assert (old.name, old.suffix, old.parent, type(old.parent)) == ("f.txt", ".txt", history.parent, type(history))
    assert str(old) == f"{history}?versionId={old.version_id}"
    for path in (old, again):
        assert path.read_text() == "one"
        assert (path.metadata, path.tags, path.content_type) == ({"said": "one"}, {"t": "one"}, "text/plain")
        assert path.is_file()
        assert not path.is_dir()
        with path.open("rb") as stream:
            stream.seek(1)
            assert stream.read() == b"ne"
        with path.local() as local:
            assert local.read_text() == "one"
    with pytest.raises(NotADirectoryError):
        list(old.iterdir())
    for change in (
        lambda: old.write_text("x"),
        lambda: old.open("a"),
        lambda: old.open("r+"),
        lambda: old.set_metadata({}),
        lambda: old.set_tags({}),
        old.unlink,
        old.touch,
        lambda: old.rename(history),
        lambda: (history.parent / "f.txt2").copy(old),
        lambda: (history.parent / "f.txt2").rename(old),
    ):
        with pytest.raises(UnsupportedOperation, match="version"):
            change()
    assert len(history.versions()) == 4
    assert (history.parent / "f.txt2").exists()


@pytest.mark.needs("deletion_markers")
def test_missing_versions(history: Any) -> None:
    missing = history.at_version("0123456789abcdef0123456789abcdef")
    assert not missing.exists()
    with pytest.raises(FileNotFoundError):
        missing.read_text()
    with pytest.raises(FileNotFoundError):
        missing.restore()
    with pytest.raises(ValueError, match="id"):
        history.at_version("")
    deletion = history.at_version(history.versions()[0].version_id)
    assert deletion.is_delete_marker
    assert not deletion.exists()
    assert not history.at_version(history.versions()[1].version_id).is_delete_marker


def test_restore(history: Any, s3_ground: Any) -> None:
    """`restore()` brings a deleted object back, and on a version makes it the latest; no version is lost by it."""
    assert history.restore() == history
    assert (history.read_text(), history.metadata, history.tags) == ("three", {"said": "three"}, {"t": "three"})
    with pytest.raises(S3ExistsError, match="not deleted"):
        history.restore()
    first = history.versions()[-1]
    assert first.restore() == history
    assert s3_ground.get("f.txt") == b"one"
    assert (history.metadata, history.tags) == ({"said": "one"}, {"t": "one"})
    texts = [version.read_text() for version in history.versions() if not version.is_delete_marker]
    assert texts == ["one", "three", "three", "two", "one"]
    copied = first.copy(s3_ground.root / "copy")
    assert (copied.read_text(), copied.metadata) == ("one", {"said": "one"})


def test_presigned_urls(server_ground: ServerGround) -> None:
    """`presign()` gives a URL by which anybody may read, or with `PUT` write, that object for a while."""
    path = server_ground.root / "päth with spaces+%.txt"
    path.write_bytes(b"hello")
    with urllib.request.urlopen(path.presign()) as answer:
        assert (answer.read(), answer.headers["Content-Type"]) == (b"hello", "text/plain")
    url = path.presign("PUT", timedelta(minutes=1), content_type="text/csv", metadata={"a": "b"})
    headers = {"Content-Type": "text/csv", "x-amz-meta-a": "b"}
    urllib.request.urlopen(urllib.request.Request(url, b"theirs", headers, method="PUT")).close()
    path.refresh()
    assert (path.read_bytes(), path.content_type, path.metadata) == (b"theirs", "text/csv", {"a": "b"})
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url
    assert "X-Amz-Expires=60" in url
    for wrong in (0, -1, 7 * 24 * 3600 + 1, timedelta(days=8)):
        with pytest.raises(ValueError, match="seconds"):
            path.presign(expires=wrong)
    with pytest.raises(ValueError, match="DELETE"):
        path.presign("DELETE")
    with pytest.raises(TypeError):
        path.presign(content_type="text/csv")
    with pytest.raises(IsADirectoryError):
        server_ground.root.parent.presign()


def test_a_presigned_url_of_a_version(server_ground: ServerGround, s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    path = server_ground.root / "f"
    path.write_bytes(b"old")
    path.write_bytes(b"new")
    old = path.versions()[1]
    assert isinstance(old, S3VersionPath)
    with urllib.request.urlopen(old.presign()) as answer:
        assert answer.read() == b"old"
