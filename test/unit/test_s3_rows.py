"""What the expression reads of a listing is what the XML parser reads."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote_plus
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfm.errors import S3GenericError
from tfm.s3 import rows
from tfm.s3.listing import parse_by_tree, parse_listing
from tfm.s3.protocol import Page

SPACE = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


@pytest.fixture(autouse=True)
def _short_bodies_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "SHORT", 0)


def body_of(inner: str, *, space: str = SPACE, head: str = "", encoded: bool = True) -> bytes:
    how = "<EncodingType>url</EncodingType>" if encoded else ""
    return f"{head}<ListBucketResult{space}><Name>b</Name>{how}{inner}</ListBucketResult>".encode()


def row(key: str, *, more: str = "", last: str = "<StorageClass>STANDARD</StorageClass>", size: str = "7") -> str:
    when = "<LastModified>2026-01-02T03:04:05.123Z</LastModified>"
    etag = "<ETag>&quot;0a-2&quot;</ETag>"
    return f"<Contents><Key>{key}</Key>{when}{etag}{more}<Size>{size}</Size>{last}</Contents>"


def outcome(parse: Callable[[bytes], Page], body: bytes) -> Page | str:
    try:
        return parse(body)
    except S3GenericError as error:
        return error.code


def read_by_expression(body: bytes) -> bool:
    parts = rows.cut(body)
    return parts is not None and rows.objects_of(parts, encoded=True) is not None


OWNER = "<Owner><ID>0f</ID><DisplayName>me</DisplayName></Owner>"
RESTORE = "<RestoreStatus><IsRestoreInProgress>true</IsRestoreInProgress></RestoreStatus>"
CHECKSUMS = "<ChecksumAlgorithm>CRC32</ChecksumAlgorithm>"


@pytest.mark.parametrize(
    "inner",
    [
        row("a") + row("b"),
        row("a%2Fb+c%25") + row("%E2%82%AC") + row("d%0Ae"),
        row("a", more=CHECKSUMS) + row("b", more=CHECKSUMS * 3) + row("c") + row("d", more=OWNER + RESTORE),
        row("a", last="") + row("b", last=""),
        row("a") + row("b", last="") + row("c", last="<StorageClass></StorageClass>"),
        row("a", last="<StorageClass>GLACIER</StorageClass>" + OWNER + "<Type>Normal</Type>") * 3,
        row("a") + row("b").replace("<ETag>&quot;0a-2&quot;</ETag>", ""),
        row("a") + row("b") + "<CommonPrefixes><Prefix>c+%2F</Prefix></CommonPrefixes>",
        "<IsTruncated>true</IsTruncated><NextContinuationToken>t&lt;</NextContinuationToken>" + row("a") + row("b"),
    ],
)
@pytest.mark.parametrize("space", [SPACE, ""])
@pytest.mark.parametrize("encoded", [True, False])
def test_regular_rows_are_read_by_the_expression(inner: str, space: str, encoded: bool) -> None:
    body = body_of(inner, space=space, encoded=encoded)
    assert read_by_expression(body)
    assert parse_listing(body) == parse_by_tree(body)
    assert parse_listing(body).objects


@pytest.mark.parametrize(
    "inner",
    [
        row("a") + row("\u20ac"),
        row("a") + row("x&amp;y"),
        row("a") + "\n" + row("b"),
        row("a") + "<!-- " + row("b") + " -->" + row("c"),
        "<!-- " + row("a") + row("b") + " -->",
        "<![CDATA[" + row("a") + row("b") + "]]>",
        "<Other>" + row("a") + row("b") + "</Other>",
        row("a") + "<Other>" + row("b") + "</Other>" + row("c"),
        row("a", more="<Key>z</Key>") + row("b"),
        row("a") + row("b", more="<Owner><Key>z</Key></Owner>"),
        row("a") + row("b", more="<Size>8</Size>"),
        row("") + row("b"),
        row("a") + row(""),
        row("a") + row("b", size="x"),
        row("a") + row("b", size=""),
        row("a") + row("b", size=" 9\n"),
        row("a") + row("\x01"),
        row("a") + row("x\r\ny"),
        row("a") + row("b]]>"),
        row("a") + row("b", more="<ChecksumAlgorithm>&nothing;</ChecksumAlgorithm>"),
        row("a") + row("b").replace("2026-01", "2026-13"),
        row("a") + row("b").replace("</Key>", "</Size>"),
        row("a") + row("b").replace("<Key>b</Key>", "<Key/>"),
        row("a") + row("b").replace("<Key>", '<Key a="1">'),
        row("a") + row("b").replace("<Contents>", "<Contents >"),
        row("a") + row("b").replace("&quot;0a-2&quot;", "&quot;&amp;&quot;"),
        row("a") + row("b").replace("</Contents>", "") + "</Contents>",
        row("a") + row("b") + "</Contents>",
        row("a") + row("b") + "<IsTruncated>true</IsTruncated>",
        "<x:Contents xmlns:x='y'>" + row("a") + row("b") + "</x:Contents>",
    ],
)
@pytest.mark.parametrize("space", [SPACE, "", ' xmlns:s="http://s3"'])
def test_irregular_rows_are_left_to_the_parser(inner: str, space: str) -> None:
    body = body_of(inner, space=space)
    assert outcome(parse_listing, body) == outcome(parse_by_tree, body)


def test_rows_of_another_namespace_are_left_to_the_parser() -> None:
    body = body_of(row("a") + row("b")).replace(b"<ListBucketResult xmlns=", b"<s:ListBucketResult xmlns:s=")
    body = body.replace(b"</ListBucketResult>", b"</s:ListBucketResult>")
    assert parse_listing(body) == parse_by_tree(body) == Page([], [])


def test_a_document_that_defines_its_own_quote() -> None:
    head = '<!DOCTYPE x [<!ENTITY quot "q">]>'
    body = body_of(row("a") + row("b"), head=head)
    assert outcome(parse_listing, body) == outcome(parse_by_tree, body)


# Random listings

KEYS = st.text(st.characters(codec="utf-8", exclude_categories=()), min_size=1, max_size=8)
STRAY = st.sampled_from(["", "", "", "", " ", "\n", "x", "<!-- c -->", "<?p i?>", "<Size>3</Size>", "<Foo/>", "&quot;"])


@st.composite
def one_row(draw: st.DrawFn, encoded: bool, order: list[str]) -> str:
    key = draw(KEYS)
    texts = {
        "Key": quote_plus(key) if encoded else escape(key),
        "Size": str(draw(st.integers(0, 5 << 40))),
        "LastModified": draw(st.datetimes()).isoformat() + draw(st.sampled_from(["Z", "", "+01:00", ".5Z"])),
        "ETag": draw(st.sampled_from(["&quot;0f&quot;", '"0f"', "0f", "", "&amp;&quot;", "&#34;"])),
        "StorageClass": draw(st.sampled_from(["STANDARD", "GLACIER", ""])),
        "ChecksumAlgorithm": draw(st.sampled_from(["CRC32", "", "&lt;"])),
        "Owner": "<ID>1</ID><DisplayName>n</DisplayName>",
    }
    parts = [f"<{name}>{texts[name]}</{name}>" for name in order if draw(st.integers(0, 30))]
    if not draw(st.integers(0, 8)):
        parts.insert(draw(st.integers(0, len(parts))), draw(STRAY))
    return f"<Contents>{''.join(parts)}</Contents>"


@st.composite
def listings(draw: st.DrawFn) -> bytes:
    encoded = draw(st.booleans())
    names = ["Key", "LastModified", "ETag", "Size", "StorageClass", "ChecksumAlgorithm", "ChecksumAlgorithm", "Owner"]
    order = draw(st.permutations(names)) if draw(st.booleans()) else names[:5]
    inner = "".join(draw(st.lists(one_row(encoded, order), min_size=2, max_size=6)))
    return body_of(inner, space=draw(st.sampled_from([SPACE, ""])), encoded=encoded)


@settings(deadline=None)
@given(listings())
def test_any_listing_is_read_as_the_parser_reads_it(body: bytes) -> None:
    assert outcome(parse_listing, body) == outcome(parse_by_tree, body)


@settings(deadline=None)
@given(st.lists(KEYS, min_size=2, max_size=30))
def test_keys_survive(keys: list[str]) -> None:
    body = body_of("".join(row(quote_plus(key)) for key in keys))
    assert read_by_expression(body)
    assert [facts.key for facts in parse_listing(body).objects] == keys


# What it is for


def test_a_full_page_is_left_to_the_parser_but_for_one_row() -> None:
    body = body_of("".join(row(f"data/part-{number:06}", more=CHECKSUMS) for number in range(1000)))
    parts = rows.cut(body)
    assert parts is not None
    assert parts.around.count("<Contents>") == 1
    assert parse_listing(body) == parse_by_tree(body)


def test_what_is_short_is_left_to_the_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert rows.cut(body_of(row("a") * 20)) is None
    assert rows.cut(body_of(row("a") * 200)) is not None
