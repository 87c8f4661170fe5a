"""The XML of S3: the documents that are sent, and elements of those that come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_APART = "\x00"
_SPACE = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


def deletion(delete: Mapping[str, Any]) -> bytes:
    """Write the document of a DeleteObjects.

    Args:
        delete: boto3's parameter.

    Raises:
        KeyError: It has members that are not known here.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
    """
    if delete.keys() != {"Objects"}:
        raise KeyError(*delete)
    rows = delete["Objects"]
    keys = [row["Key"] for row in rows if len(row) == 1]
    if len(keys) < len(rows):
        return _document("Delete", "".join([_members("Object", row, ("Key", "ETag")) for row in rows]))
    text = _APART.join(keys)
    if text.count(_APART) >= max(len(keys), 1):
        raise KeyError(_APART)  # no document can hold such a key
    inside = _escaped(text).replace(_APART, "</Key></Object><Object><Key>")  # all of them at once, in C
    return _document("Delete", f"<Object><Key>{inside}</Key></Object>" if keys else "")


def completion(upload: Mapping[str, Any]) -> bytes:
    """Write the document of a CompleteMultipartUpload.

    Args:
        upload: boto3's parameter.

    Raises:
        KeyError: It has members that are not known here.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
    """
    if upload.keys() != {"Parts"}:
        raise KeyError(*upload)
    root = "CompleteMultipartUpload"
    return _document(root, "".join([_members("Part", row, ("PartNumber", "ETag")) for row in upload["Parts"]]))


def _document(root: str, inside: str) -> bytes:
    return f"<{root}{_SPACE}>{inside}</{root}>".encode()


def _members(name: str, row: Mapping[str, Any], known: tuple[str, ...]) -> str:
    for member in row:
        if member not in known:
            raise KeyError(member)
    inside = "".join([f"<{each}>{_escaped(str(row[each]))}</{each}>" for each in known if each in row])
    return f"<{name}>{inside}</{name}>"


def _escaped(text: str) -> str:
    """Write text into XML; `xml.sax` would do it too, and load half of the standard library's networking."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def parse(body: bytes) -> Element | None:
    """Parse a document; `None` when it is none, or not whole.

    Args:
        body: As it came; S3 sends spaces before it while it works.
    """
    from xml.etree.ElementTree import ParseError, fromstring

    try:
        return fromstring(body.strip())  # noqa: S314 (expat itself limits what entities expand to)
    except (ParseError, ValueError):
        return None


def name_of(element: Element) -> str:
    """Give the name of an element, without its namespace, which some servers leave out."""
    return element.tag.rpartition("}")[2]


def members(element: Element) -> dict[str, str]:
    """Give the text of each child of an element, by its name."""
    return {name_of(child): child.text or "" for child in element}
