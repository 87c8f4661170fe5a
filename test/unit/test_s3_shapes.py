"""Between the protocol's values and boto3's dictionaries."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from tfm.s3.protocol import ObjectFacts, Page, WriteOptions
from tfm.s3.shapes import (
    PARAMETERS,
    answered_at,
    attributes,
    condition,
    conditions,
    copied,
    etag_of,
    facts_of,
    fits_xml,
    is_read,
    listing_of,
)

WHEN = datetime(2026, 1, 2, tzinfo=UTC)


def test_facts_are_of_the_whole_object() -> None:
    answer = {"ContentLength": 3, "ContentRange": "bytes 0-2/100", "LastModified": WHEN, "ETag": '"e"'}
    assert facts_of("k", answer) == ObjectFacts("k", 100, WHEN.timestamp(), '"e"', "STANDARD", described=WriteOptions())
    assert facts_of("k", {**answer, "ContentRange": "bytes 0-2/*"}).size == 3
    more = {"StorageClass": "GLACIER", "VersionId": "v", "ContentType": "t", "Metadata": {"a": "b"}}
    said = WriteOptions(content_type="t", metadata={"a": "b"}, storage_class="GLACIER")
    expected = ObjectFacts("k", 1, 0.0, "", "GLACIER", "v", "t", {"a": "b"}, said)
    assert facts_of("k", {"ContentLength": 1, **more}) == expected


def test_a_rewrite_says_again_all_that_a_head_told() -> None:
    told = {name: f"{name} of it" for name in PARAMETERS.values()} | {"Metadata": {"a": "b"}}
    facts = facts_of("k", {"ContentLength": 1, **told, "TagCount": 2})
    assert facts.described is not None
    assert attributes(facts.described) == told
    assert facts.tag_count == 2
    headers = {"ResponseMetadata": {"HTTPHeaders": {"x-amz-tagging-count": "3"}}}
    assert facts_of("k", {"ContentLength": 1, **headers}).tag_count == 3  # boto3 reads it of a HEAD only since 1.37


def test_a_copy_is_described_by_its_source_or_anew() -> None:
    options = WriteOptions(content_type="t", storage_class="GLACIER")
    assert copied(options, replace=False) == {"StorageClass": "GLACIER"}
    anew = {"ContentType": "t", "StorageClass": "GLACIER", "MetadataDirective": "REPLACE"}
    assert copied(options, replace=True) == anew
    tagged = copied(WriteOptions(tags={"a b": "c&d", "e": ""}), replace=False)
    assert tagged == {"Tagging": "a%20b=c%26d&e=", "TaggingDirective": "REPLACE"}


@pytest.mark.parametrize(
    ("options", "sent", "kind"),
    [
        (WriteOptions(), {}, ""),
        (WriteOptions(if_none_match=True), {"IfNoneMatch": "*"}, "none"),
        (WriteOptions(if_match='"e"'), {"IfMatch": '"e"'}, "match"),
    ],
)
def test_conditions(options: WriteOptions, sent: dict[str, str], kind: str) -> None:
    assert conditions(options) == sent
    assert condition(options) == kind


def test_attributes_are_sent_only_when_given() -> None:
    assert attributes(WriteOptions()) == {}
    assert attributes(WriteOptions(content_type="t", metadata={"a": "b"})) == {
        "ContentType": "t",
        "Metadata": {"a": "b"},
    }


def test_the_time_of_an_answer() -> None:
    answer = {"ResponseMetadata": {"HTTPHeaders": {"date": "Fri, 02 Jan 2026 00:00:00 GMT"}}}
    assert answered_at(answer) == WHEN.timestamp()
    for without in ({}, {"ResponseMetadata": {"HTTPHeaders": {"date": "soon"}}}):
        assert abs(answered_at(without) - time.time()) < 60


def test_an_etag_is_in_quotes_whatever_the_server_wrote() -> None:
    assert [etag_of({"ETag": etag}) for etag in ('"a"', "a", 'W/"a"', "")] == ['"a"', '"a"', 'W/"a"', ""]
    assert etag_of({}) == ""


def test_reads_and_writes() -> None:
    assert all(map(is_read, ("get_object", "head_bucket", "list_parts", "select_object_content")))
    assert not any(map(is_read, ("put_object", "delete_objects", "copy_object", "upload_part", "restore_object")))


def test_what_xml_can_carry() -> None:
    assert all(map(fits_xml, ("plain", "ü 🙂 <&>\"'", "\x85\u2028")))
    assert not any(map(fits_xml, ("\x00", "a\nb", "\t", "\r", "\x7f", "\uffff", "\ud800")))


def test_a_page_as_boto3_would_answer() -> None:
    page = Page([ObjectFacts("k", 1, WHEN.timestamp(), '"e"')], ["p/"], "token")
    assert listing_of(page) == {
        "Contents": [{"Key": "k", "LastModified": WHEN, "ETag": '"e"', "Size": 1, "StorageClass": "STANDARD"}],
        "CommonPrefixes": [{"Prefix": "p/"}],
        "KeyCount": 2,
        "IsTruncated": True,
        "NextContinuationToken": "token",
    }
    assert listing_of(Page([], [])) == {"KeyCount": 0, "IsTruncated": False}
