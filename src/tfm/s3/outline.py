"""`Outline`: the directories among the keys of a long listing, as far as they were asked for. Pure.

One listing with a delimiter tells where up to a thousand directories begin: places that are known to have keys, which
no guess is. What is not known, or has no directories, is left to the guesses of `KeySpace`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from tfm.s3.keyspace import common


class Look:
    """A question for the directories in a directory.

    Args:
        directory: Its prefix.
    """

    __slots__ = ("directory",)
    token = None
    start = ""

    def __init__(self, directory: str) -> None:
        self.directory = directory


class Outline:
    """Directories, each with those right below it.

    Args:
        prefix: Of the listing.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._below: dict[str, Sequence[str]] = {}
        self._asked: set[str] = set()
        self._whole = False

    @property
    def ends(self) -> bool:
        """Whether all directories right below the prefix are known, so that nothing is to be found behind them."""
        return self._whole

    def learn(self, directory: str, below: Sequence[str], *, whole: bool) -> None:
        """Take note of the directories in one.

        Args:
            directory: Its prefix.
            below: Theirs; none where nobody could tell.
            whole: Whether these are all.
        """
        self._below[directory] = sorted(below)
        if directory == self._prefix:
            self._whole = whole and bool(below)

    def ask(self, low: str, high: str | None) -> tuple[str | None, bool]:
        """Give the directory to ask for, to know where the keys behind one can be split, and whether to wait for one.

        Args:
            low: A key.
            high: A greater text, or `None` for the end of all keys.
        """
        for directory, begin, end in self._known(low, high):
            if begin is None:
                wanted = "/" in low[len(directory) :]
                asked = directory in self._asked
                if wanted:
                    self._asked.add(directory)
                return directory if wanted and not asked else None, asked
            if end > begin:
                break
        return None, False

    def between(self, low: str, high: str | None) -> str | None:
        """Give where the middle one of the directories behind a key begins; `None` when none is known.

        Args:
            low: A key.
            high: A greater text, or `None` for the end of all keys.
        """
        for directory, begin, end in self._known(low, high):
            if begin is not None and end > begin:
                return self._below[directory][(begin + end) // 2]
        return None

    def part(self, first: str, low: str, high: str | None) -> float | None:
        """Tell how many times the directories from `first` to `low` there are from `low` to `high`.

        Args:
            first: A key.
            low: A key that is not less.
            high: A greater text, or `None` for the end of all keys.
        """
        for directory, begin, end in self._known(low, high):
            if begin is None:
                break
            passed = begin - bisect_right(self._below[directory], first)
            if passed > 0 or end > begin:
                return (end - begin + 0.5) / (max(passed, 0) + 0.5)
        return None

    def _known(self, low: str, high: str | None) -> Iterator[tuple[str, int | None, int]]:
        """Give the directories that hold a key, from the one that also holds the other text on.

        With each come the places of those directories in it that are between the two; the first one whose content is
        not known is the last.
        """
        at = low.rfind("/", 0, common(low, high)) + 1 if high is not None else 0
        at = max(at, len(self._prefix))
        while True:
            directory = low[:at]
            below = self._below.get(directory)
            if below is None:
                yield directory, None, 0
                return
            yield directory, bisect_right(below, low), len(below) if high is None else bisect_left(below, high)
            at = low.find("/", at) + 1
            if not at:
                return
