"""Listings: the XML of ListObjectsV2 to a `Page`, by the C parser, and pages one after another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus
from xml.etree.ElementTree import Element, ParseError, fromstring

from tfm.errors import S3BaseError, S3GenericError
from tfm.s3.protocol import ObjectFacts, Page
from tfm.s3.rows import READ, cut, objects_of, seconds

if TYPE_CHECKING:
    from concurrent.futures import Future

    from tfm.s3.spreading import Spreading

LONG = 3
"""Pages after which a listing counts as long."""


def parse_listing(body: bytes) -> Page:
    """Turn the body of a ListObjectsV2 answer into a page.

    Args:
        body: The XML; with `EncodingType` `url` its names are decoded as forms are, `+` being a space.

    Raises:
        S3GenericError: The body is no listing, or says that it goes on but not where.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
    """
    try:
        return _by_rows(body) or _page(_root(body))
    except (ParseError, ValueError) as error:
        raise _malformed(str(error)) from error


def parse_by_tree(body: bytes) -> Page:
    """Do the same by the XML parser alone: for bodies that are not regular, and to compare with.

    Args:
        body: The XML.
    """
    try:
        return _page(_root(body))
    except (ParseError, ValueError) as error:
        raise _malformed(str(error)) from error


def _by_rows(body: bytes) -> Page | None:
    parts = cut(body)
    if parts is None:
        return None
    root = _root(parts.around)
    page = _page(root)
    objects = objects_of(parts, encoded=_is_encoded(root))
    if objects is None or objects[:1] != page.objects:  # the first row is read by both
        return None
    return page._replace(objects=objects)


def _root(body: bytes | str) -> Element:
    root = fromstring(body)  # noqa: S314 (expat itself limits what entities expand to)
    name = root.tag[len(_space(root)) :]
    if name != "ListBucketResult":
        raise _malformed(f"its root is {name[:40]!r}")
    return root


def _space(root: Element) -> str:
    return root.tag[: root.tag.rfind("}") + 1]


def _is_encoded(root: Element) -> bool:
    return root.findtext(f"{_space(root)}EncodingType") == "url"


def _page(root: Element) -> Page:
    space = _space(root)
    contents, common, prefix = f"{space}Contents", f"{space}CommonPrefixes", f"{space}Prefix"
    key, size, time, etag, storage = (f"{space}{name}" for name in READ)
    encoded = _is_encoded(root)
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
                ObjectFacts(name, int(count), seconds(modified), text(etag) or "", text(storage) or "STANDARD")
            )
        elif element.tag == common:
            name = element.findtext(prefix) or ""
            prefixes.append(unquote_plus(name) if encoded else name)
    token = root.findtext(f"{space}NextContinuationToken") or None
    truncated = root.findtext(f"{space}IsTruncated") == "true"
    if truncated and token is None:
        raise ValueError("it goes on but has no NextContinuationToken")
    return Page(objects, prefixes, token if truncated else None)


def _malformed(why: str) -> S3GenericError:
    return S3GenericError(
        f"the server's answer is not a listing ({why}); check that the endpoint is an S3 server",
        code="MalformedListing",
    )


def follow(
    first: Page, fetch: Callable[[str], Page], spread: Callable[[list[Page]], Spreading] | None = None
) -> Iterator[Page]:
    """Hand out a page and those after it; from the second on, the next is on its way while the caller has this one.

    Who takes only the first page causes no other request. Closing the iterator forgets pages that are on their way.

    Args:
        first: The first page.
        fetch: Gives the page of a token.
        spread: Takes over from the first `LONG` pages, when there are more.
    """
    page = first
    if page.token is not None:
        yield page
        page = fetch(page.token)
    pages = [first, page]
    while page.token is not None:
        if spread is not None and len(pages) == LONG:
            rest = spread(pages)
            try:
                yield page
                yield from rest.pages()
            finally:
                rest.close()
            return
        ahead = _begin(fetch, page.token)
        yield page
        page = ahead.result()
        if spread is not None:
            pages.append(page)
    yield page


def _begin(fetch: Callable[[str], Page], token: str) -> Future[Page]:
    """Fetch in a thread of its own: a daemon, so that a server which never answers can't hold up the program's end."""
    from concurrent.futures import Future  # loaded when a listing has a second page

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
