"""Listings: the XML of ListObjectsV2 to a `Page`, by the C parser, and pages one after another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime
from urllib.parse import unquote_plus
from xml.etree.ElementTree import Element, ParseError, fromstring

from tfm.errors import S3BaseError, S3GenericError
from tfm.s3.protocol import ObjectFacts, Page


def parse_listing(body: bytes) -> Page:
    """Turn the body of a ListObjectsV2 answer into a page.

    Args:
        body: The XML; with `EncodingType` `url` its names are decoded as forms are, `+` being a space.

    Raises:
        S3GenericError: The body is no listing, or says that it goes on but not where.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
    """
    try:
        root = fromstring(body)  # noqa: S314 (expat itself limits what entities expand to)
        space = root.tag[: root.tag.rfind("}") + 1]
        if root.tag != f"{space}ListBucketResult":
            raise _malformed(f"its root is {root.tag[len(space) :][:40]!r}")
        return _page(root, space)
    except (ParseError, ValueError) as error:
        raise _malformed(str(error)) from error


def _page(root: Element, space: str) -> Page:
    contents, common, prefix = f"{space}Contents", f"{space}CommonPrefixes", f"{space}Prefix"
    key, size, time, etag, storage = (
        f"{space}{name}" for name in ("Key", "Size", "LastModified", "ETag", "StorageClass")
    )
    encoded = root.findtext(f"{space}EncodingType") == "url"
    objects: list[ObjectFacts] = []
    prefixes: list[str] = []
    for element in root:
        if element.tag == contents:
            text = element.findtext  # in C, as the loop over the elements is
            name, count, modified = text(key), text(size), text(time)
            if not name or count is None or modified is None:
                raise ValueError("an object has no Key, Size or LastModified")
            if encoded and ("%" in name or "+" in name):
                name = unquote_plus(name)
            objects.append(
                ObjectFacts(name, int(count), _seconds(modified), text(etag) or "", text(storage) or "STANDARD")
            )
        elif element.tag == common:
            name = element.findtext(prefix) or ""
            prefixes.append(unquote_plus(name) if encoded else name)
    token = root.findtext(f"{space}NextContinuationToken") or None
    truncated = root.findtext(f"{space}IsTruncated") == "true"
    if truncated and token is None:
        raise ValueError("it goes on but has no NextContinuationToken")
    return Page(objects, prefixes, token if truncated else None)


def _seconds(text: str) -> float:
    modified = datetime.fromisoformat(text)
    return (modified if modified.tzinfo else modified.replace(tzinfo=UTC)).timestamp()


def _malformed(why: str) -> S3GenericError:
    return S3GenericError(
        f"the server's answer is not a listing ({why}); check that the endpoint is an S3 server",
        code="MalformedListing",
    )


def follow(first: Page, fetch: Callable[[str], Page]) -> Iterator[Page]:
    """Hand out a page and those after it; from the second on, the next is on its way while the caller has this one.

    Who takes only the first page causes no other request. Closing the iterator forgets a page that is on its way.

    Args:
        first: The first page.
        fetch: Gives the page of a token.
    """
    page = first
    if page.token is not None:
        yield page
        page = fetch(page.token)
    while page.token is not None:
        ahead = _begin(fetch, page.token)
        yield page
        page = ahead.result()
    yield page


def _begin(fetch: Callable[[str], Page], token: str) -> Future[Page]:
    """Fetch in a thread of its own: a daemon, so that a server which never answers can't hold up the program's end."""
    ahead: Future[Page] = Future()

    def run() -> None:
        try:
            ahead.set_result(fetch(token))
        except S3BaseError as error:
            ahead.set_exception(error)
        finally:
            if not ahead.done():
                ahead.set_exception(RuntimeError("the next page of a listing can't be fetched"))

    threading.Thread(target=run, name="tfm-listing", daemon=True).start()
    return ahead
