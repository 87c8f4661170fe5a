"""The usage examples of the design document that the S3 support comes from, as a user would paste them, on a server.

One thing differs on purpose: a parent prints without a trailing slash, and the one with it compares equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from counting import counted


@pytest.fixture
def my_bucket(s3: Any) -> Iterator[Any]:
    s3.create_bucket(Bucket="my-bucket")
    s3.put_object(Bucket="my-bucket", Key="documents/report.pdf", Body=b"%PDF")
    s3.put_object(Bucket="my-bucket", Key="top.pdf", Body=b"%PDF")
    s3.put_object(Bucket="my-bucket", Key="my-file.txt", Body=b"old")
    yield s3
    for row in s3.list_objects_v2(Bucket="my-bucket").get("Contents", []):
        s3.delete_object(Bucket="my-bucket", Key=row["Key"])
    s3.delete_bucket(Bucket="my-bucket")


def test_basic_path_operations() -> None:
    from tfm_path import Path

    bucket = Path("s3://my-bucket/")
    file_path = Path("s3://my-bucket/documents/report.pdf")
    assert bucket == Path("s3://my-bucket")
    assert file_path.name == "report.pdf"
    assert file_path.suffix == ".pdf"
    assert file_path.parent == Path("s3://my-bucket/documents/")
    assert str(file_path.parent) == "s3://my-bucket/documents"
    assert file_path.with_name("summary.pdf") == Path("s3://my-bucket/documents/summary.pdf")
    assert file_path.with_suffix(".csv") == Path("s3://my-bucket/documents/report.csv")
    assert file_path.with_stem("x") == Path("s3://my-bucket/documents/x.pdf")
    assert Path("s3://my-bucket/").joinpath("a", "b") == Path("s3://my-bucket/") / "a/b"


def test_file_operations_with_automatic_caching(my_bucket: Any) -> None:
    from tfm_path import Path

    requests = counted("")
    s3_path = Path("s3://my-bucket/my-file.txt")
    assert s3_path.exists()
    assert requests.total == 1
    assert s3_path.exists()
    assert requests.total == 1
    s3_path.write_text("new content")
    assert requests.total == 2
    assert s3_path.exists()
    assert requests.total == 3
    assert my_bucket.get_object(Bucket="my-bucket", Key="my-file.txt")["Body"].read() == b"new content"


def test_directory_operations(my_bucket: Any) -> None:
    from tfm_path import Path

    bucket = Path("s3://my-bucket/")
    assert [f"Found: {item}" for item in bucket.iterdir()] == [
        "Found: s3://my-bucket/documents",
        "Found: s3://my-bucket/my-file.txt",
        "Found: s3://my-bucket/top.pdf",
    ]
    new_dir = Path("s3://my-bucket/new-folder/")
    new_dir.mkdir()
    assert my_bucket.head_object(Bucket="my-bucket", Key="new-folder/")["ContentLength"] == 0
    assert [f"PDF: {pdf_file}" for pdf_file in bucket.glob("*.pdf")] == ["PDF: s3://my-bucket/top.pdf"]
    assert [str(p) for p in bucket.rglob("*.pdf")] == ["s3://my-bucket/documents/report.pdf", "s3://my-bucket/top.pdf"]
    new_dir.rmdir()
    assert not new_dir.exists()


def test_file_management(my_bucket: Any) -> None:
    from tfm_path import Path

    path = Path("s3://my-bucket/my-file.txt")
    renamed = path.rename("s3://my-bucket/renamed.txt")
    renamed.touch()
    assert renamed.read_text() == "old"
    renamed.unlink()
    assert not renamed.exists()


def test_cache_configuration(my_bucket: Any) -> None:
    from tfm_path import Path
    from tfm_s3 import configure_s3_cache, get_s3_cache_stats

    configure_s3_cache(ttl=120, max_entries=2000)
    Path("s3://my-bucket/my-file.txt").exists()
    stats = get_s3_cache_stats()
    assert f"Cache entries: {stats['total_entries']}" == "Cache entries: 1"
    assert (stats["max_entries"], stats["default_ttl"], stats["expired_entries"]) == (2000, 120, 0)
    configure_s3_cache(ttl=30)
    configure_s3_cache(max_entries=500)
    assert get_s3_cache_stats()["default_ttl"] == 30


def test_cache_management(my_bucket: Any) -> None:
    from tfm_path import Path
    from tfm_s3 import S3Cache, clear_s3_cache, get_s3_cache

    Path("s3://my-bucket/my-file.txt").exists()
    clear_s3_cache()
    cache = get_s3_cache()
    assert isinstance(cache, S3Cache)
    assert cache.get_stats()["total_entries"] == 0
    Path("s3://my-bucket/my-file.txt").exists()
    assert cache.get_stats()["total_entries"] == 1
    cache.invalidate_bucket("my-bucket")
    assert cache.get_stats()["total_entries"] == 0
    cache.put("head_object", "bucket", "path/to/file.txt", {"size": 1})
    assert cache.get("head_object", "bucket", "path/to/file.txt") == {"size": 1}
    cache.invalidate_key("bucket", "path/to/file.txt")
    assert cache.get("head_object", "bucket", "path/to/file.txt") is None
    cache.put("head_object", "bucket", "path/to/file.txt", {"size": 1})
    cache.invalidate_prefix("bucket", "path/to/")
    assert cache.get("head_object", "bucket", "path/to/file.txt") is None


def test_ttl_of_one_call(my_bucket: Any) -> None:
    from tfm_path import Path

    requests = counted("")
    s3_path = Path("s3://my-bucket/my-file.txt")
    for _ in range(2):
        answer = s3_path._cached_api_call("head_object", ttl=300, Bucket="my-bucket", Key="my-file.txt")
        assert answer["ContentLength"] == 3
    assert requests.total == 1
