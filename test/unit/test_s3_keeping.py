"""What is stored with the bytes: keywords, media types, what a rewrite keeps."""

from __future__ import annotations

from typing import Any

import pytest

from tfm.s3.keeping import KEYWORDS, kept, media_type, new_object, options_of, overlaid, tags_of
from tfm.s3.protocol import NO_OPTIONS, WriteOptions
from tfm.testing import MemoryS3


def test_keywords_are_the_options_without_conditions() -> None:
    assert set(KEYWORDS) == set(WriteOptions._fields) - {"if_match", "if_none_match"}
    for name in ("if_match", "if_none_match", "colour"):
        with pytest.raises(TypeError, match=name):
            options_of("open", {name: "x"})
    assert options_of("open", {}) == NO_OPTIONS


def test_a_key_means_encryption_by_it() -> None:
    assert options_of("open", {"kms_key": "k"}).encryption == "aws:kms"
    assert options_of("open", {"kms_key": "k", "encryption": "aws:kms:dsse"}).encryption == "aws:kms:dsse"


@pytest.mark.parametrize("wrong", ["text", [("a", "b")], {"a": 1}, {1: "a"}, 5])
def test_what_is_no_mapping_of_text(wrong: Any) -> None:
    for name in ("metadata", "tags"):
        with pytest.raises(TypeError, match=name):
            options_of("open", {name: wrong})


def test_tags_may_be_any_text_and_metadata_not() -> None:
    assert options_of("open", {"tags": {"größe": "ä"}}).tags == {"größe": "ä"}
    for metadata in ({"größe": "a"}, {"a": "ä"}):
        with pytest.raises(ValueError, match="ASCII"):
            options_of("open", {"metadata": metadata})


def test_headers_are_what_a_request_can_carry() -> None:
    good = {"metadata": {"a-b_c.1": "any (text)"}, "content_disposition": 'attachment; filename="x y"'}
    assert options_of("open", good)._asdict().items() >= good.items()
    for name in ("", "a b", "a:b", "a\n"):
        with pytest.raises(ValueError, match="header"):
            options_of("open", {"metadata": {name: "x"}})
    for text in ("a\nx-amz-acl: public-read", "\r", "a\0", " a", "a "):
        for options in ({"metadata": {"a": text}}, {"content_type": text}, {"cache_control": text}):
            with pytest.raises(ValueError, match=r"control|space"):
                options_of("open", options)
    for wrong in ({"storage_class": 3}, {"content_type": b"x"}):
        with pytest.raises(TypeError, match="must be text"):
            options_of("open", wrong)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("d.html/a.txt", "text/plain"),
        ("a.tgz", "application/gzip"),
        ("a.json.zst", "application/zstd"),
        ("a.br", "application/x-brotli"),
        ("a.md", "text/markdown"),
        (".html", None),
        ("", None),
        ("a", None),
        ("data:text/css,a.txt", "text/plain"),
    ],
)
def test_media_types(name: str, kind: str | None) -> None:
    assert media_type(name) == kind


def test_a_new_object_is_what_is_given_and_what_its_name_tells() -> None:
    assert new_object("a.txt", NO_OPTIONS) == WriteOptions(content_type="text/plain")
    assert new_object("a.txt", WriteOptions(content_type=""), if_none_match=True) == WriteOptions(True, content_type="")


def test_overlaid() -> None:
    base = WriteOptions(content_type="a", metadata={"x": "y"}, bucket_key=True)
    above = WriteOptions(metadata={}, bucket_key=False, cache_control="no-cache")
    expected = WriteOptions(content_type="a", metadata={}, bucket_key=False, cache_control="no-cache")
    assert overlaid(base, above) == expected


def test_tags_are_asked_for_only_where_there_are_some() -> None:
    client = MemoryS3()
    client.create_bucket("b")
    client.put("b", "plain", b"", WriteOptions(metadata={"a": "b"}))
    client.put("b", "tagged", b"", WriteOptions(tags={"t": "u"}))
    plain, tagged = client.head("b", "plain"), client.head("b", "tagged")
    client.requests.clear()
    assert kept(client, "b", plain, NO_OPTIONS).metadata == {"a": "b"}
    assert kept(client, "b", tagged, WriteOptions(tags={})).tags == {}
    assert client.requests.total() == 0
    assert kept(client, "b", tagged, NO_OPTIONS).tags == {"t": "u"} == tags_of(client, "b", "tagged")
