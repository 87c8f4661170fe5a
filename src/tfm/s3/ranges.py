"""`Ranges`: a long listing split into key ranges that are listed at the same time, and put together again. Pure.

A range is listed from a text on (`StartAfter`), and then by its tokens. It ends where the first key of the next range
turns up in it, so that what is handed out is what following the tokens alone would have given, on a server of any
order: a split can be useless, and never wrong. A range that the one before it passes without meeting it is dropped.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Sequence
from itertools import islice
from operator import eq, lt

from tfm.errors import S3BaseError
from tfm.s3.keyspace import KeySpace, beyond, common, leap
from tfm.s3.objects import keys_of
from tfm.s3.outline import Look, Outline
from tfm.s3.protocol import ObjectFacts, Page

WIDTH = 24
"""Requests at once, at most."""
WAITING = 128
"""Pages that may wait for the reader, with those on their way."""
FREE_SPLITS = 2
"""Splits of a listing that is not long. Each costs at most one request."""
SMALL = 5
"""Pages of a listing that is not long; it may be split twice for each one that it has beyond these."""
MOST = 1.4
"""Splits for each page, at most, however many turn out useless."""
WORTH = 3
"""Pages that are expected in a range that is worth to be split."""
LAST = "\U0010ffff"


class Range:
    """Some of the keys, in order, and how far their listing has come.

    Args:
        start: Where it begins, exclusive.
        high: Where it is expected to end; `None` for the end of all keys.
    """

    __slots__ = (
        "asked", "count", "delayed", "dropped", "ended", "failure", "first", "held", "high", "last", "pages", "start",
        "token",
    )  # fmt: skip

    directory = None

    def __init__(self, start: str, high: str | None) -> None:
        self.start = self.last = start
        self.high = high
        self.first: str | None = None  # until its first page has come
        self.token: str | None = None
        self.count = 0
        self.pages: deque[Page] = deque()  # that wait for the reader
        self.held: Page | None = None  # what may belong to the next range, until that has its first page
        self.asked = self.ended = self.dropped = self.delayed = False
        self.failure: S3BaseError | None = None

    @property
    def may_be_asked(self) -> bool:
        """Whether its next page is known to be needed, and not asked for."""
        return not (self.asked or self.ended or self.held is not None or self.failure is not None)


class Ranges:
    """Which page to ask for next, and which one is the next to hand out.

    Args:
        prefix: Of the listing.
        pages: The first pages, which have been handed out; the last one has a token.
        by_bytes: Whether the server is known to list in the order of bytes. One that goes through directories may leave
            out keys such as `a-b` behind a start such as `a/c`, so that ranges begin at no such place.
    """

    def __init__(self, prefix: str, pages: Sequence[Page], *, by_bytes: bool = True) -> None:
        self._by_bytes = by_bytes
        self._space = KeySpace(prefix)
        self._outline = Outline(prefix)
        self._prefix = prefix
        self._size = max(len(page.objects) for page in pages)
        front = Range("", None)
        self._ranges = [front]
        self._flying = self._waiting = self._splits = 0
        self._received = sum(len(page.objects) for page in pages)
        self.width = self._most = WIDTH
        self._splitting = True
        self._trust = 1.0
        for page in pages:
            self._note(front, page)
        self._first = front.first or ""

    @property
    def over(self) -> bool:
        """Whether everything has been handed out."""
        return not self._ranges

    def limit(self, width: int) -> None:
        """Say how many requests at once are of use; it is never more than `WIDTH`, and half of it after each error.

        Args:
            width: Requests at once.
        """
        self.width = min(width, self._most)

    # What to ask for.

    def ask(self) -> Range | Look | None:
        """Give what is to be asked for now: the next page of a range, after its token or else its start, or a look."""
        self._pass_on()
        if self._flying >= self.width or not self._ranges:
            return None
        near = self._near()
        for each in near:
            if each.may_be_asked and (not each.delayed or each is self._ranges[0]):
                return self._asked(each)
        split = self._split(near)
        if isinstance(split, Look):
            self._flying += 1
            return split
        return None if split is None else self._asked(split)

    def _near(self) -> list[Range]:
        """Give the ranges that are near enough to the reader to be listed now.

        While few pages wait, all are. Then those of which all keys before them will soon have been read, as far as one
        can tell: a listing may be much longer than what is kept for a reader who is slow.
        """
        unended = [each for each in self._ranges if not each.ended]
        waiting = self._waiting + self._flying
        if waiting < WAITING // 2:
            return unended
        count, ahead = 0, 0.0
        while count < len(unended) and waiting < WAITING and ahead <= WAITING * self._size:
            ahead += self._left(unended[count])
            count += 1
        return unended[:count] if count or len(self._ranges[0].pages) > 1 else unended[:1]  # what the reader waits for

    def _asked(self, each: Range) -> Range:
        each.asked = True
        self._flying += 1
        return each

    def _split(self, near: list[Range]) -> Range | Look | None:
        """Begin a range in the middle of the one that seems to have most keys left, or look where that may be."""
        pages = self._received / max(self._size, 1)
        if not self._splitting or self._splits >= max(FREE_SPLITS, min(2 * (pages - SMALL), MOST * pages)):
            return None
        reaching = self._reach() if near and near[-1] is self._ranges[-1] and not self._outline.ends else None
        if reaching is not None:
            return reaching
        candidates = [
            (self._left(each), index)
            for index, each in enumerate(near)
            if each.count and each.held is None and (each.high is not None or self._by_bytes)
        ]
        for left, index in sorted(candidates, reverse=True):
            if left < WORTH * self._size:
                break
            each = near[index]
            directory, awaited = self._outline.ask(each.last, each.high) if self._by_bytes else (None, False)
            if directory is not None:
                self._splits += 1
                return Look(directory)
            point = None if awaited else self._point(each)
            if point is not None and self._may_begin(point, each.last):
                return self._insert(self._ranges.index(each) + 1, point)
        return None

    def _point(self, each: Range) -> str | None:
        """Give where a range can be split: where a directory begins, or else by a guess."""
        point = self._outline.between(each.last, each.high)
        return point or (self._space.between(each.last, each.high) if each.high is not None else None)

    def _left(self, each: Range) -> float:
        """Guess how many keys of a range are still to be asked for."""
        first = each.first or ""
        part = self._outline.part(first, each.last, each.high)
        return self._trust * each.count * (self._space.part(first, each.last, each.high) if part is None else part)

    def _reach(self) -> Range | None:
        """Begin a range further on than any key that is known, to find out where the keys end."""
        ranges = self._ranges
        fresh = next(count for count, each in enumerate(reversed(ranges)) if each.first is not None)
        end = ranges[-1 - fresh]
        if fresh > 1 or end.ended or end.held is not None:
            return None
        varies = common(self._first, end.last)
        points = [beyond(end.last, position) for position in range(varies - 1, len(self._prefix) - 1, -1)]
        start, high = ranges[-1].start, ranges[-1].high or LAST
        further = [each for each in points if each and start < each < high and self._may_begin(each, end.last)]
        if further:
            return self._insert(len(ranges), further[min(2 * fresh, len(further) - 1)])
        if fresh or end.high is not None:
            return None
        point = self._space.between(end.last, None)
        if point is None or common(point, end.last) > varies:
            point = leap(self._first, end.last)  # no characters are known behind those that were seen
        return self._insert(len(ranges), point) if point and self._may_begin(point, end.last) else None

    def _may_begin(self, point: str, low: str) -> bool:
        """Whether a range may begin at a text behind a key: in any order that servers list in, or in that of bytes."""
        if self._by_bytes:
            return True
        beginning = common(low, point)
        return "/" not in point[len(self._prefix) :] and min(point[beginning:]) > "/"

    def _insert(self, index: int, start: str) -> Range:
        before = self._ranges[index - 1]
        made = Range(start, before.high)
        before.high = start
        self._ranges.insert(index, made)
        self._splits += 1
        return made

    # What has come.

    def arrived(self, each: Range | Look, page: Page) -> None:
        """Take a page that was asked for.

        Args:
            each: From `ask`.
            page: Its next page.
        """
        self._flying -= 1
        if isinstance(each, Look):
            self._outline.learn(each.directory, page.prefixes, whole=page.token is None)
            return
        each.asked = False
        before = None if each.dropped else self._neighbour(each, -1)
        if each.first is None and before is not None:
            self._space.learn_gap(before.last, each.start, page.objects[0].key if page.objects else None)
            if self._begins(each, page):
                self._take_in(each, page)
            self._judge(each)
            self._resume(before)
        elif not each.dropped:
            self._take_in(each, page)

    def failed(self, each: Range | Look, error: S3BaseError) -> None:
        """Take an error instead of a page; what the reader does not wait for is asked for again when he does.

        Args:
            each: From `ask`.
            error: Why there is no page.
        """
        self._flying -= 1
        self._splitting = False
        self._most = max(self._most // 2, 1)
        self.limit(self.width)
        if isinstance(each, Look):
            return
        each.asked = False
        before = None if each.dropped else self._neighbour(each, -1)
        if before is None:
            each.failure = error
        elif each.first is None:
            self._drop(each)
            self._resume(before)
        each.delayed = True

    def _resume(self, each: Range) -> None:
        """Go on with what was held back until it was known where the next range begins."""
        if each.held is not None and not each.dropped:
            held, each.held = each.held, None
            self._put(each, held)

    def _judge(self, split: Range) -> None:
        """Take note whether a split was worth it: more than a page was in it."""
        short = split.dropped or split.ended
        self._trust = max(self._trust * 0.8, 0.1) if short else min(self._trust * 1.25, 1.0)

    def _neighbour(self, each: Range, step: int) -> Range | None:
        index = self._ranges.index(each) + step
        return self._ranges[index] if 0 <= index < len(self._ranges) else None

    def _begins(self, each: Range, page: Page) -> bool:
        """Tell whether the first page of a range shows that there is one; otherwise drop it."""
        after = self._neighbour(each, 1)
        if not page.objects:
            while after is not None and after.first is None:  # nothing is behind this, so nothing behind those
                self._drop(after)
                after = self._neighbour(each, 1)
            self._drop(each, each.start)
            return False
        first = page.objects[0].key
        if first <= each.start:
            self._splitting = False  # it knows no `StartAfter`, or has an order of its own
            self._drop(each)
        elif after is None or after.first is None or first < after.first:
            return True
        else:
            self._drop(each, each.start)
        return False

    def _drop(self, each: Range, high: str | None = None) -> None:
        before = self._neighbour(each, -1)
        if before is not None:
            before.high = high or each.high
        each.dropped = True
        self._waiting -= len(each.pages)
        self._received -= sum(len(page.objects) for page in each.pages)
        self._ranges.remove(each)

    def _take_in(self, each: Range, page: Page) -> None:
        self._note(each, page)
        if not each.dropped:
            self._put(each, page)

    def _note(self, each: Range, page: Page) -> None:
        each.token = page.token
        if page.objects:
            keys = keys_of(page.objects)
            if each.count:
                keys = (each.last, *keys)
            if not all(map(lt, keys, islice(keys, 1, None))):
                self._follow_only()
            self._space.learn(keys)
            if each.first is None:
                each.first = keys[0]
            each.last = keys[-1]
            each.count += len(page.objects)

    def _follow_only(self) -> None:
        """Give up ranges on a server with another order than that of bytes: who knows what it lists behind a text."""
        self._splitting = False
        unended = next(index for index, each in enumerate(self._ranges) if not each.ended)
        for each in self._ranges[unended + 1 :]:
            self._drop(each)
        self._resume(self._ranges[unended])

    def _put(self, each: Range, page: Page) -> None:
        """Let the reader have a page up to where the next range begins."""
        while (after := self._neighbour(each, 1)) is not None:
            objects, keys = page.objects, keys_of(page.objects)
            if after.first is None:  # where it begins will be known when its first page has come
                end = bisect_right(keys, after.start)
                if page.token is None and end == len(objects):
                    end = 0  # it is the last page if there is no next range
                if end < len(objects) or page.token is None:
                    each.held = page._replace(objects=objects[end:])
                    objects = objects[:end]
                self._hand_out(each, objects, page.token or after.start)
                return
            end = bisect_left(keys, after.first)
            each.ended = _begin_alike(keys[end:], after)
            if each.ended or (end == len(objects) and page.token is not None):
                self._hand_out(each, objects[:end], page.token or after.start)
                return
            self._drop(after)
        each.ended = page.token is None
        self._hand_out(each, page.objects, page.token)

    def _hand_out(self, each: Range, objects: Sequence[ObjectFacts], token: str | None) -> None:
        if objects or token is None:
            each.pages.append(Page(objects, [], token))
            self._waiting += 1
            self._received += len(objects)

    # What to hand out.

    def take(self) -> Page | None:
        """Give the next page, or `None` when it has not come yet, or when everything has been given.

        Raises:
            S3BaseError: What the reader waits for can't be had.
        """
        self._pass_on()
        if not self._ranges:
            return None
        front = self._ranges[0]
        if front.pages:
            self._waiting -= 1
            return front.pages.popleft()
        if front.failure is not None:
            raise front.failure
        return None

    def _pass_on(self) -> None:
        while self._ranges and self._ranges[0].ended and not self._ranges[0].pages:
            self._ranges.pop(0)


def _begin_alike(keys: Sequence[str], after: Range) -> bool:
    """Tell whether keys are those with which a range begins, as far as both are known here."""
    if not keys or keys[0] != after.first:
        return False
    return all(map(eq, keys, keys_of(after.pages[0].objects) if after.pages else ()))
