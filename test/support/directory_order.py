"""A server that keeps directories and lists by going through them, as SeaweedFS does: `a/c` before `a-b`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tfm.s3.protocol import ObjectFacts, Page
from tfm.testing.wrappers import WrappingClient

PAGE = 3


class ThroughDirectories(WrappingClient):
    """Lists through directories, three names a page; `listings` tells which prefixes were asked for, and how."""

    def __init__(self, client: Any) -> None:
        super().__init__(client)
        self.listings: list[tuple[str, str]] = []

    @property
    def lists_by_bytes(self) -> bool:
        return False

    def pages(self, bucket: str, prefix: str = "", *, delimiter: str = "/", start_after: str = "") -> Iterator[Page]:
        self.listings.append((prefix, delimiter))
        found = list(super().pages(bucket, prefix, delimiter=delimiter, start_after=start_after))
        rows: list[ObjectFacts | str] = [facts for page in found for facts in page.objects]
        rows += [name for page in found for name in page.prefixes]
        rows.sort(key=lambda row: (row.removesuffix("/") if isinstance(row, str) else row.key).replace("/", "\0"))
        for start in range(0, max(len(rows), 1), PAGE):
            part = rows[start : start + PAGE]
            objects = [row for row in part if not isinstance(row, str)]
            prefixes = [row for row in part if isinstance(row, str)]
            yield Page(objects, prefixes, "more" if start + PAGE < len(rows) else None)
