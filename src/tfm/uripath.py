"""URIPath: the names of a path that is a URI; the half of pathlib that looks at text alone.

It works on segments exactly as `PurePosixPath`, save that nothing in a URI is normalised: an empty segment, `.` and
`..` are names there, because S3 has such keys.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import takewhile
from pathlib import PurePath, PurePosixPath
from typing import TYPE_CHECKING, Any, TypeVar

from tfm import uriparser
from tfm.errors import InvalidPathError
from tfm.info import FileInfo
from tfm.parents import Parents
from tfm.path import Path
from tfm.patterns import pattern_parts, right_match
from tfm.registry import implementation_of
from tfm.uri import RELATIVE, anchor_length, check_bucket, parse, printed

if TYPE_CHECKING:
    from typing import Self

    Segment = str | os.PathLike[str]

P = TypeVar("P", bound="URIPath")


class _BySegments:
    """`_of` of a class with its own `with_segments`: what is made from a path is made by that, as in pathlib."""

    def __get__(self, path: Any, kind: Any) -> Any:
        plain = URIPath._of.__func__.__get__(kind)  # type: ignore[attr-defined]  # it is a class method
        if path is None:
            return plain

        def derived(uri: str, info: FileInfo | None = None) -> Any:
            made = path.with_segments(plain(uri))
            made._info = info
            return made

        return derived


class URIPath(Path):
    """A path whose text is a URI: immutable, hashable, ordered, picklable.

    Args:
        segments: The first is a URI or another path of this kind; the others are joined to it.
    """

    __slots__ = ("_info", "_uri")

    parser: Any = uriparser

    _uri_is_all = True
    """Whether the URI says everything of the path; a version of an object, for one, is more."""

    if TYPE_CHECKING:
        _uri: str
        _info: FileInfo | None
        _lead_text: str

    def __new__(cls, *segments: Segment, **options: Any) -> Self:  # noqa: D102 - documented by its class
        if options and cls.__init__ is object.__init__:
            raise TypeError(f"{cls.__name__} takes no keyword arguments, and got {', '.join(options)}")
        first = segments[0] if segments else None
        if isinstance(first, str) and (first.startswith(cls._lead_text) or cls._is_implementation(first)):
            uri = parse(first)
        elif isinstance(first, URIPath) and first.scheme == cls.scheme:
            uri = first._uri
        elif first is None:
            uri = RELATIVE  # the empty path, as `pathlib.Path()` is
        else:
            raise InvalidPathError(f"{first!r} is not the URI of a {cls.__name__}.")
        if len(segments) > 1:
            for segment in segments[1:]:
                uri = _join(uri, segment)
        self = object.__new__(cls)
        self._uri = uri
        self._info = None
        return self

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._lead_text = cls.scheme + "://"
        own = cls.with_segments is not URIPath.with_segments or cls.__init__ is not object.__init__
        if own and not isinstance(vars(cls).get("_of"), _BySegments):
            cls._of = _BySegments()  # type: ignore[assignment, method-assign]

    @classmethod
    def _is_implementation(cls, text: str) -> bool:
        found = implementation_of(text)
        return found is not None and issubclass(cls, found)

    @classmethod
    def _of(cls, uri: str, info: FileInfo | None = None) -> Self:
        self = object.__new__(cls)
        self._uri = uri
        self._info = info
        return self

    # What it is

    def __str__(self) -> str:
        return printed(self._uri)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return self._uri == other._uri if isinstance(other, URIPath) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._uri)

    def __lt__(self, other: PurePath) -> bool:
        return self.parts < other.parts if isinstance(other, URIPath) else NotImplemented

    def __le__(self, other: PurePath) -> bool:
        return self.parts <= other.parts if isinstance(other, URIPath) else NotImplemented

    def __gt__(self, other: PurePath) -> bool:
        return self.parts > other.parts if isinstance(other, URIPath) else NotImplemented

    def __ge__(self, other: PurePath) -> bool:
        return self.parts >= other.parts if isinstance(other, URIPath) else NotImplemented

    def __reduce__(self) -> Any:
        return _restore, (type(self), self._uri)

    def __bytes__(self) -> bytes:
        return os.fsencode(str(self))

    # Its parts

    def _lead(self) -> tuple[str, ...]:
        return (self.anchor,) if self.anchor else ()

    def _segments(self) -> list[str]:
        tail = self._uri[anchor_length(self._uri) :]
        return tail.split("/") if tail else []

    @property
    def parts(self) -> tuple[str, ...]:
        """The anchor and then each segment."""
        return (*self._lead(), *self._segments())

    @property
    def drive(self) -> str:
        """Always empty, as on POSIX: the anchor is the root."""
        return ""

    @property
    def root(self) -> str:
        """The same as the anchor."""
        return self.anchor

    @property
    def anchor(self) -> str:
        """`s3://` or `s3://place@`; empty for a relative path."""
        uri = self._uri
        return "" if uri.startswith(RELATIVE) else uri[: anchor_length(uri)]

    @property
    def name(self) -> str:
        """The last segment; empty for the anchor."""
        uri = self._uri
        return uri[max(uri.rfind("/") + 1, anchor_length(uri)) :]

    @property
    def suffix(self) -> str:
        """The last dot of the name and what follows."""
        return PurePosixPath(self.name).suffix

    @property
    def suffixes(self) -> list[str]:
        """Every suffix of the name."""
        return PurePosixPath(self.name).suffixes

    @property
    def stem(self) -> str:
        """The name without its suffix."""
        return PurePosixPath(self.name).stem

    @property
    def parent(self) -> Self:
        """The path without its last segment; the anchor is its own parent."""
        uri = self._uri
        return self._of(uri[: max(uri.rfind("/"), anchor_length(uri))])

    @property
    def parents(self) -> Sequence[Self]:
        """All ancestors, nearest first."""
        return Parents(self)

    # Others made from it

    def with_segments(self, *segments: Segment) -> Self:
        """Make a path of the same kind.

        Args:
            segments: As for the constructor.
        """
        return type(self)(*segments)

    def joinpath(self, *segments: Segment) -> Self:
        """Join segments; empty and `.` ones vanish, an absolute URI replaces what is left of it.

        Args:
            segments: Names, relative paths or URIs.
        """
        uri = self._uri
        for index, segment in enumerate(segments):
            if isinstance(segment, str) and ":/" in segment and implementation_of(segment) not in (None, type(self)):
                return Path(*segments[index:])  # type: ignore[return-value]  # another kind of storage takes over
            if isinstance(segment, URIPath) and not segment._uri_is_all and segment.is_absolute():
                return Path(*segments[index:])  # type: ignore[return-value]  # what would be lost by joining its URI
            uri = _join(uri, segment)
        return self._of(uri)

    def __truediv__(self, segment: Segment) -> Self:
        try:
            return self.joinpath(segment)
        except TypeError:
            return NotImplemented

    def __rtruediv__(self, left: Segment) -> Self:
        # `local / s3_path`: an absolute path replaces the left side; a relative one can't be joined to text.
        return self if self.is_absolute() and isinstance(left, str | os.PathLike) else NotImplemented

    def listed_child(self, info: FileInfo) -> Self:
        """Give the child that a listing found, with what the listing knows of it.

        Args:
            info: An entry of `scan`.
        """
        return self._of(_append(self._uri, info.name), info)

    def child(self, name: str) -> Self:
        """Give the child of exactly this name: nothing is normalised, `..` and an empty name are names.

        Args:
            name: One segment, without a slash.

        Raises:
            InvalidPathError: The name has a slash, or can't be a bucket's.
        """
        if "/" in name:
            raise InvalidPathError(f"{name!r} has a slash: it is more than one name.")
        return self._of(_append(self._uri, name))

    def with_name(self, name: str) -> Self:
        """Replace the last segment.

        Args:
            name: The new one.

        Raises:
            ValueError: The path has no name, or the new one is none.
        """
        self._need_name()
        if not name or "/" in name or name == ".":
            raise ValueError(f"Invalid name {name!r}")
        return self.parent.child(name)

    def with_stem(self, stem: str) -> Self:
        """Replace the name's stem and keep its suffix.

        Args:
            stem: The new one.
        """
        return self.with_name(stem + self.suffix)

    def with_suffix(self, suffix: str) -> Self:
        """Replace, add or (when empty) drop the name's suffix.

        Args:
            suffix: The new one with its dot.

        Raises:
            ValueError: It is not a suffix, or the path has no name.
        """
        self._need_name()
        return self.with_name(PurePosixPath(self.name).with_suffix(suffix).name)

    def _need_name(self) -> None:
        if not self.name:
            raise ValueError(f"{self!r} has an empty name")

    def relative_to(  # type: ignore[override]  # the signature of Python 3.14, and 3.11's further segments
        self, other: Segment, *more: Segment, walk_up: bool = False
    ) -> Self:
        """Give the path as seen from another.

        Args:
            other: An ancestor, as a path or URI.
            more: Joined to it.
            walk_up: Allow `..` segments.

        Raises:
            ValueError: It is not below the other one.
        """
        base = Path(other, *more)
        if not isinstance(base, URIPath):
            raise ValueError(f"{str(self)!r} is not in the subpath of {str(base)!r}")
        ours, theirs = self.parts, base.parts
        common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(ours, theirs, strict=False)))
        if common < len(theirs) and not (walk_up and self.anchor == base.anchor):
            raise ValueError(f"{str(self)!r} is not in the subpath of {str(base)!r}")
        if ".." in theirs[common:]:
            raise ValueError(f"'..' segment in {str(base)!r} cannot be walked")
        rest = [".."] * (len(theirs) - common) + list(ours[common:])
        if rest == [""]:
            raise ValueError(f"{str(self)!r} ends in an empty segment, which has no relative form")
        return self._of(RELATIVE + "/".join(rest))

    def is_relative_to(self, other: Segment, *more: Segment) -> bool:
        """Whether the path is another one or below it.

        Args:
            other: A path or URI.
            more: Joined to it.
        """
        base = Path(other, *more)
        return self.parts[: len(base.parts)] == base.parts

    def is_absolute(self) -> bool:
        """Whether the path has an anchor."""
        return not self._uri.startswith(RELATIVE)

    def is_reserved(self) -> bool:
        """Never: S3 reserves no names."""
        return False

    def as_posix(self) -> str:
        """The same as `str`."""
        return str(self)

    def as_uri(self) -> str:
        """The same as `str`.

        Raises:
            ValueError: The path is relative.
        """
        if not self.is_absolute():
            raise ValueError(f"relative path {str(self)!r} can't be expressed as a URI")
        return str(self)

    def match(self, path_pattern: Segment, *, case_sensitive: bool | None = None) -> bool:
        """Whether the path matches a pattern, from the right when the pattern is relative.

        Args:
            path_pattern: The pattern; `**` is the same as `*` here.
            case_sensitive: `False` to ignore case.
        """
        return right_match(self.parts, pattern_parts(path_pattern), case_sensitive is not False)


def _join(uri: str, segment: Segment) -> str:
    if isinstance(segment, URIPath):
        if segment.is_absolute():
            return segment._uri
        for name in segment._segments():
            uri = _append(uri, name)
        return uri
    text = os.fspath(segment)
    if not isinstance(text, str):
        raise TypeError(f"a segment is text or a path, not {type(segment).__name__}")
    if ":/" in text and implementation_of(text) is not None:
        return parse(text)
    if text.startswith("/") and not uri.startswith(RELATIVE):
        bucket = uri.find("/", anchor_length(uri))
        uri = uri if bucket == -1 else uri[:bucket]
    for name in text.split("/"):
        if name and name != ".":
            uri = _append(uri, name)
    return uri


def _append(uri: str, name: str) -> str:
    if len(uri) > anchor_length(uri):
        return f"{uri}/{name}"
    if not uri.startswith(RELATIVE):
        check_bucket(name, uri + name)
    return uri + name


def _restore(cls: type[P], uri: str) -> P:
    return cls._of(uri)
