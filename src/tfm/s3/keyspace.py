"""`KeySpace`: where between two keys others may be, guessed from keys that were seen. Pure.

Keys are taken as numbers: each position is a digit whose values are the characters seen at that position, with those
that usually come with them (all ten digits where there is one). Guesses decide only how well work is balanced.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from string import ascii_lowercase, ascii_uppercase, digits

DEPTH = 96
"""Positions behind the prefix of which the characters are remembered."""
STEPS = (4, 8, 16)
"""Positions, from the first one on which two keys differ, that are tried to find a key between them."""
SAMPLES = 8
"""Keys of a page that are looked at."""
FEW = 3
"""Letters that must be seen at a position before the whole alphabet is expected there: words are mostly fixed."""
LAST = 0x10FFFF
LONGEST = 1024
"""Bytes of a key. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html"""


class _Place:
    """The characters at one position of the keys."""

    __slots__ = ("bound", "characters", "seen")

    def __init__(self, character: str) -> None:
        self.seen = {character}
        self.bound = ""  # no others are expected from this character on; empty for no bound
        self._expect()

    def see(self, character: str) -> None:
        self.seen.add(character)
        self._expect()

    def limit(self, character: str) -> None:
        """Take note that keys go on elsewhere before they have this character here."""
        if not self.bound or character < self.bound:
            self.bound = character
            self._expect()

    def _expect(self) -> None:
        more = _expected(self.seen)
        if self.bound:
            more = {each for each in more if each < self.bound}
        self.characters: Sequence[str] = sorted(more.union(filter(str.isprintable, self.seen)))


class KeySpace:
    """The keys below a prefix, as far as they are known.

    Args:
        prefix: What all of them begin with.
    """

    def __init__(self, prefix: str) -> None:
        self._skip = len(prefix)
        self._places: list[_Place] = []

    def learn(self, keys: Sequence[str]) -> None:
        """Take note of the characters of keys.

        Args:
            keys: Those of a page, in order.
        """
        skip, places = self._skip, self._places
        for key in (*keys[:: max(len(keys) // SAMPLES, 1)], keys[-1]):
            text = key[skip : skip + DEPTH]
            for place, character in zip(places, text, strict=False):
                if character not in place.seen:
                    place.see(character)
            places.extend(map(_Place, text[len(places) :]))
        # Where the first character that differs changes, all behind it have come to their end and begin anew.
        turn = common(keys[0], keys[-1]) + 1
        last = keys[bisect_right(keys, keys[0][:turn], key=lambda key: key[:turn]) - 1]
        for place, character in zip(places[turn - skip :], last[turn:], strict=False):
            place.limit(character)

    def learn_gap(self, low: str, start: str, first: str | None) -> None:
        """Take note that there is nothing between a key that was guessed and the next one.

        Args:
            low: A key before the gap.
            start: Where the gap begins.
            first: Where it ends; `None` for the end of all keys.
        """
        position = common(low, start)
        if position < len(start) and (first is None or common(start, first) < position):
            place = position - self._skip
            if 0 <= place < len(self._places):
                self._places[place].limit(start[position])

    def between(self, low: str, high: str | None) -> str | None:
        """Guess a key halfway from one to another; `None` when there seems to be none.

        Args:
            low: A key.
            high: A greater one, or `None` for the end of all keys.
        """
        start = common(low, high) if high is not None else self._skip
        for count in STEPS:
            alphabets = self._alphabets(start, count)
            first, last = self._number(low, start, alphabets), self._number(high, start, alphabets)
            if last - first < 2:
                continue
            key = low[:start] + _text((first + last) // 2, alphabets)
            if key > low and (high is None or key < high) and len(key.encode()) <= LONGEST:
                return key
        return None

    def part(self, first: str, low: str, high: str | None) -> float:
        """Guess how many times the keys from `first` to `low` there are from `low` to `high`.

        Args:
            first: A key.
            low: A key that is not less.
            high: A greater one, or `None` for the end of all keys.
        """
        start = common(first, high) if high is not None else self._skip
        alphabets = self._alphabets(start, STEPS[1])
        begin, middle, end = (self._number(key, start, alphabets) for key in (first, low, high))
        return max(end - middle, 0) / max(middle - begin, 1)

    def _alphabets(self, start: int, count: int) -> list[Sequence[str]]:
        """Give the characters that are expected at some positions."""
        start = max(start - self._skip, 0)
        found = [place.characters for place in self._places[start : start + count]]
        return found + [digits] * (count - len(found))

    def _number(self, key: str | None, start: int, alphabets: list[Sequence[str]]) -> int:
        number, behind = 0, key is None
        length = 0 if key is None else len(key)
        for position, characters in enumerate(alphabets, start):
            size = len(characters)
            if behind:
                digit = size
            elif key is None or position >= length:
                digit = 0
            else:
                digit = bisect_left(characters, key[position])
                if digit < size and characters[digit] == key[position]:
                    digit += 1
                else:
                    behind = True  # of all keys with the character before
            number = number * (size + 1) + digit
        return number


def _text(number: int, alphabets: list[Sequence[str]]) -> str:
    found = []
    for characters in reversed(alphabets):
        number, digit = divmod(number, len(characters) + 1)
        found.append(characters[digit - 1] if digit else "")
    found.reverse()
    return "".join(found[: found.index("")] if "" in found else found)


def _expected(seen: set[str]) -> set[str]:
    """Give the characters that usually come where some were seen."""
    every: set[str] = set()
    if not seen.isdisjoint(digits):
        every.update(digits)
    for alphabet in (ascii_lowercase, ascii_uppercase):
        letters = seen.intersection(alphabet)
        if len(letters) >= FEW or (letters and not seen.isdisjoint(digits)):
            every.update(alphabet[:6] if max(letters) <= alphabet[5] else alphabet)  # hexadecimal, or all of them
    return every


def common(one: str, other: str) -> int:
    """Count the characters that two texts begin with both.

    Args:
        one: A text.
        other: Another one.
    """
    for position, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return position
    return min(len(one), len(other))


def leap(first: str, last: str) -> str | None:
    """Give a text behind two keys that is about as far from the second as that is from the first.

    Args:
        first: A key.
        last: A greater one.
    """
    position = common(first, last)
    if position == len(first):
        return None
    code = 2 * ord(last[position]) - ord(first[position])
    return beyond(last[:position] + chr(code), position) if code < LAST and not 0xD800 <= code < 0xE000 else None


def beyond(key: str, position: int) -> str | None:
    """Give a text behind all keys that have the same characters up to a position, itself included.

    Args:
        key: A key.
        position: Counted from 0.

    Returns:
        A text without control characters, or `None` when there is none.
    """
    for code in range(ord(key[position]) + 1, LAST):
        if chr(code).isprintable():
            found = key[:position] + chr(code)
            return found if len(found.encode()) <= LONGEST else None
    return None
