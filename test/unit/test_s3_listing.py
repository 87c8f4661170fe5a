"""Listings are parsed as botocore would, only faster, and pages follow each other."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from botocore.parsers import create_parser
from botocore.session import get_session

from tfm.errors import S3ConnectionError, S3GenericError
from tfm.s3.listing import follow, parse_listing
from tfm.s3.protocol import ObjectFacts, Page

SPACE = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


def listing(rows: str = "", *, space: str = SPACE, encoding: str = "<EncodingType>url</EncodingType>") -> bytes:
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f"{head}<ListBucketResult{space}><Name>b</Name>{encoding}{rows}</ListBucketResult>".encode()


def row(key: str, *, size: int = 1, time: str = "2026-01-02T03:04:05.000Z", more: str = "") -> str:
    return (
        f"<Contents><Key>{key}</Key><LastModified>{time}</LastModified><ETag>&quot;e&quot;</ETag>"
        f"<Size>{size}</Size>{more}</Contents>"
    )


def by_botocore(body: bytes) -> dict[str, Any]:
    model = get_session().get_service_model("s3").operation_model("ListObjectsV2")
    parsed = create_parser("rest-xml").parse({"body": body, "headers": {}, "status_code": 200}, model.output_shape)
    return dict(parsed)


@pytest.mark.parametrize("space", [SPACE, ""])
def test_the_same_as_botocore(space: str) -> None:
    body = listing(
        row("a%2Fb+c%25", size=5 * 2**40, more="<StorageClass>GLACIER</StorageClass>")
        + row("z", time="2025-12-31T23:59:59.123Z", more="<Owner><ID>x</ID></Owner>")
        + "<CommonPrefixes><Prefix>d+1%2F</Prefix></CommonPrefixes><CommonPrefixes><Prefix>e/</Prefix></CommonPrefixes>"
        + "<IsTruncated>true</IsTruncated><NextContinuationToken>t+%2F=</NextContinuationToken>",
        space=space,
    )
    page = parse_listing(body)
    theirs = by_botocore(body)
    assert [facts.key for facts in page.objects] == ["a/b c%", "z"]
    assert page.prefixes == ["d 1/", "e/"]
    assert page.token == theirs["NextContinuationToken"] == "t+%2F="
    for facts, their in zip(page.objects, theirs["Contents"], strict=True):
        assert (facts.size, facts.etag) == (their["Size"], their["ETag"])
        assert facts.mtime == their["LastModified"].timestamp()
    assert [facts.storage_class for facts in page.objects] == ["GLACIER", "STANDARD"]


def test_names_are_taken_literally_without_encoding() -> None:
    body = listing(row("a+b%20&amp;c") + "<CommonPrefixes><Prefix>p+%2F/</Prefix></CommonPrefixes>", encoding="")
    page = parse_listing(body)
    assert page.objects[0].key == "a+b%20&c"
    assert page.prefixes == ["p+%2F/"]


def test_control_characters_and_unicode() -> None:
    page = parse_listing(listing(row("x%01%0A%C3%A9%F0%9F%99%82%00")))
    assert page.objects[0].key == "x\x01\n\xe9\U0001f642\x00"


def test_an_empty_listing() -> None:
    assert parse_listing(listing("<IsTruncated>false</IsTruncated>")) == Page([], [], None)
    assert parse_listing(listing()) == Page([], [], None)


@pytest.mark.parametrize("when", ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05", "2026-01-02T04:04:05.000+01:00"])
def test_times_are_utc(when: str) -> None:
    assert parse_listing(listing(row("k", time=when))).objects[0].mtime == 1767323045.0


def test_a_token_without_truncation_is_none() -> None:
    body = listing("<IsTruncated>false</IsTruncated><NextContinuationToken>t</NextContinuationToken>")
    assert parse_listing(body).token is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>Sign in</body></html>",
        b'{"error": 1}',
        listing()[:-5],
        b"<Error><Code>SlowDown</Code></Error>",
        listing("<IsTruncated>true</IsTruncated>"),
        listing("<Contents><Key>k</Key></Contents>"),
        listing(row("k", time="yesterday")),
        listing(row("k").replace("<Size>1", "<Size>one")),
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><ListBucketResult>&b;</Other>',
    ],
)
def test_what_is_no_listing_is_refused(body: bytes) -> None:
    with pytest.raises(S3GenericError, match="not a listing") as caught:
        parse_listing(body)
    assert caught.value.code == "MalformedListing"


def test_a_page_of_a_thousand_is_quick() -> None:
    body = listing("".join(row(f"data/part-{number:06}", size=number) for number in range(1000)))
    best = min(timed(parse_listing, body) for _ in range(5))
    theirs = min(timed(by_botocore, body) for _ in range(2))
    assert best * 3 < theirs


def timed(action: Any, *given: Any) -> float:
    begin = time.perf_counter()
    action(*given)
    return time.perf_counter() - begin


# Pages one after another


def pages_of(count: int) -> list[Page]:
    return [
        Page([ObjectFacts(str(number), 0, 0.0)], [], str(number + 1) if number + 1 < count else None)
        for number in range(count)
    ]


@pytest.mark.parametrize("count", [1, 2, 3, 10])
def test_follow_gives_every_page_once(count: int) -> None:
    pages = pages_of(count)
    asked: list[str] = []

    def fetch(token: str) -> Page:
        asked.append(token)
        return pages[int(token)]

    assert list(follow(pages[0], fetch)) == pages
    assert asked == [str(number) for number in range(1, count)]


def test_who_takes_the_first_page_causes_no_other_request() -> None:
    asked: list[str] = []

    def fetch(token: str) -> Page:
        asked.append(token)
        return pages_of(5)[int(token)]

    source = follow(pages_of(5)[0], fetch)
    assert next(source).token == "1"
    assert asked == []
    source.close()  # type: ignore[attr-defined]
    assert asked == []


def test_the_next_page_is_on_its_way_while_this_one_is_used() -> None:
    third = threading.Event()

    def fetch(token: str) -> Page:
        if token == "2":
            third.set()
        return pages_of(5)[int(token)]

    source = follow(pages_of(5)[0], fetch)
    next(source)
    next(source)
    assert third.wait(10)
    source.close()  # type: ignore[attr-defined]


def test_an_error_comes_at_its_page_and_ends_the_listing() -> None:
    def fetch(token: str) -> Page:
        if token == "3":
            raise S3ConnectionError("gone")
        return pages_of(5)[int(token)]

    source = follow(pages_of(5)[0], fetch)
    assert [next(source).token for _ in range(3)] == ["1", "2", "3"]
    with pytest.raises(S3ConnectionError, match="gone"):
        next(source)
    assert list(source) == []
