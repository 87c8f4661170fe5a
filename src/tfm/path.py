"""Path: the factory, and the part of pathlib that reads and writes, once for all storages, on a few primitives.

A storage implements the primitives (`PathImpl`); the rest is written here on top of them. `LocalPathImpl` inherits the
standard library's methods first, so for local paths this fills the gaps of older Pythons.
"""

from __future__ import annotations

import io
import os
import pathlib
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any

from tfm import globbing, opening
from tfm.asking import Asking
from tfm.copying import copy_path, move_path
from tfm.interchange import Interchange
from tfm.patterns import full_match, pattern_parts
from tfm.registry import LOCAL, implementation_of, load

if TYPE_CHECKING:
    from typing import Self

    # To a type checker every tfm path is a pathlib.Path, so that it can be dropped in.
    _Base = pathlib.Path
    Segment = str | os.PathLike[str]
else:
    _Base = object


class Path(Asking, Interchange, _Base):
    """A path of any storage: `Path("/tmp")`, `Path("s3://bucket/key")`.

    `Path(...)` gives a `LocalPathImpl`, which is a `pathlib.Path`, an `S3PathImpl`, or what is registered for the
    scheme.

    Args:
        segments: Text or paths, joined; the last absolute URI among them decides the storage.
    """

    __slots__ = ()

    if not TYPE_CHECKING:
        parser = os.path  # of local paths; other storages have their own

        def __new__(cls, *segments: Segment, **options: Any) -> Path:  # noqa: D102 - documented by its class
            if options and cls.__init__ is object.__init__:
                raise TypeError(f"{cls.__name__} takes no keyword arguments, and got {', '.join(options)}")
            if cls is Path and len(segments) == 1 and type(segments[0]) is str:  # nearly every path is made so
                text = segments[0]
                if ":/" not in text:
                    local = _local or _load_local()
                    return object.__new__(local) if _MADE_BY_INIT else local.__new__(local, text)
                implementation = implementation_of(text) or _local or _load_local()
                return implementation.__new__(implementation, text)
            implementation, start = _implementation(segments)
            if cls is not Path:
                implementation = _subclass(cls, implementation)
            return implementation.__new__(implementation, *segments[start:])

    # Asking

    @classmethod
    def cwd(cls) -> Self:
        """Give the current directory, which is always local."""
        here: Self = _local_class(cls)(os.getcwd())
        return here

    @classmethod
    def home(cls) -> Self:
        """Give the home directory, which is always local."""
        home: Self = _local_class(cls)(os.path.expanduser("~"))
        return home

    @classmethod
    def from_uri(cls, uri: str) -> Self:
        """Make a path of a URI: `file:///tmp/x` or `s3://bucket/key`.

        Args:
            uri: The URI.

        Raises:
            ValueError: It is not one.
        """
        if not issubclass(cls, _local or _load_local()) and implementation_of(uri) is not None:
            return cls(uri)
        from urllib.parse import unquote_to_bytes

        local = uri.removeprefix("file:")
        local = local.removeprefix("//localhost") if local.startswith("//localhost/") else local
        local = local[2:] if local.startswith("///") else local
        if local == uri or not local.startswith("/") or local.startswith("//"):
            raise ValueError(f"{uri!r} is not a 'file:' URI of an absolute path, nor one of a storage that tfm knows")
        return cls(os.fsdecode(unquote_to_bytes(local)))

    def samefile(self, other_path: Segment) -> bool:
        """Whether the other path leads to the same file.

        Args:
            other_path: A path or its text.
        """
        other = other_path if isinstance(other_path, Path) else Path(other_path)
        self.stat(), other.stat()  # both must be there, as on a local disk
        return self.resolve() == other.resolve()

    def full_match(self, pattern: Segment, *, case_sensitive: bool | None = None) -> bool:
        """Whether the whole path matches a pattern.

        Args:
            pattern: The pattern, in which `**` stands for any number of segments.
            case_sensitive: `False` to ignore case.
        """
        return full_match(self.parts, pattern_parts(pattern), case_sensitive is not False)

    def walk(
        self,
        top_down: bool = True,
        on_error: Callable[[OSError], object] | None = None,
        follow_symlinks: bool = False,
    ) -> Iterator[tuple[Self, list[str], list[str]]]:
        """Go through the tree; see `os.walk`.

        Args:
            top_down: Give a directory before those below it.
            on_error: Called with the error of a directory that can't be listed.
            follow_symlinks: Go into directories that are links.
        """
        return globbing.walk(self, top_down, on_error, follow_symlinks)  # type: ignore[return-value]

    # Directories

    def iterdir(self) -> Iterator[Self]:  # type: ignore[override]  # nothing is sent into it
        """Give the children; raises at once when there is no such directory."""
        pages = self.scan()
        return (self.listed_child(info) for page in pages for info in page)

    def glob(  # type: ignore[override]  # the signature of Python 3.13
        self, pattern: Segment, *, case_sensitive: bool | None = None, recurse_symlinks: bool = False
    ) -> Iterator[Self]:
        """Find what matches a pattern relative to this path.

        Args:
            pattern: With `*`, `?`, `[…]` in a segment and `**` for any number of segments.
            case_sensitive: `False` to ignore case.
            recurse_symlinks: Let `**` follow links; S3 has none.
        """
        return globbing.glob(self, pattern, case_sensitive is not False)  # type: ignore[return-value]

    def rglob(  # type: ignore[override]  # the signature of Python 3.13
        self, pattern: Segment, *, case_sensitive: bool | None = None, recurse_symlinks: bool = False
    ) -> Iterator[Self]:
        """Find what matches a pattern anywhere below.

        Args:
            pattern: As for `glob`, with `**/` before it.
            case_sensitive: `False` to ignore case.
            recurse_symlinks: Let `**` follow links; S3 has none.
        """
        return self.glob(f"**/{os.fspath(pattern)}", case_sensitive=case_sensitive, recurse_symlinks=recurse_symlinks)

    # Contents

    def open(  # type: ignore[override]  # the overloads of pathlib are what a checker sees through the base class
        self,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        **options: Any,
    ) -> IO[Any]:
        """Open the file as the built-in `open` does.

        Args:
            mode: `r`, `w` or `x`, with `b` or `t`.
            buffering: 0 for none (binary only), 1 for lines, otherwise bytes.
            encoding: Of text; the locale's when `None`.
            errors: What to do with text that can't be decoded or encoded.
            newline: How line ends are translated.
            options: What the storage keeps with a file that is written: on S3 `content_type`, `metadata`, `tags`,
                `storage_class`, `encryption` and more.

        Raises:
            FileNotFoundError: It is to be read and not there.
            FileExistsError: Mode `x`, and it is there.
            IsADirectoryError: It is a directory.
        """
        return opening.open_path(self, mode, buffering, encoding, errors, newline, options)

    def read_bytes(self) -> bytes:
        """Read the whole file."""
        with self.open_reader() as stream:
            return stream.read()

    def read_text(self, encoding: str | None = None, errors: str | None = None, newline: str | None = None) -> str:
        """Read the whole file as text.

        Args:
            encoding: The locale's when `None`.
            errors: What to do with bytes that can't be decoded.
            newline: How line ends are translated.
        """
        with self.open("r", -1, io.text_encoding(encoding), errors, newline) as stream:
            text: str = stream.read()
            return text

    def write_bytes(self, data: Any, **options: Any) -> int:
        """Write the file anew.

        Args:
            data: Anything with the buffer protocol.
            options: As for `open`.

        Returns:
            The number of bytes.
        """
        view = memoryview(data)
        with self.open("wb", **options) as stream:
            stream.write(view)
        return view.nbytes

    def write_text(
        self,
        data: str,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        **options: Any,
    ) -> int:
        """Write the file anew, as text.

        Args:
            data: The text.
            encoding: The locale's when `None`.
            errors: What to do with text that can't be encoded.
            newline: How line ends are translated.
            options: As for `open`.

        Returns:
            The number of characters.
        """
        if not isinstance(data, str):
            raise TypeError(f"data must be str, not {type(data).__name__}")
        with self.open("w", -1, io.text_encoding(encoding), errors, newline, **options) as stream:
            return stream.write(data)

    # Whole files and trees

    def copy(self, target: Any, *, follow_symlinks: bool = True, preserve_metadata: bool = False) -> Any:
        """Copy the file or tree to a path of any storage.

        Args:
            target: The new path; a file there is replaced, a directory may not exist.
            follow_symlinks: Copy what a link leads to.
            preserve_metadata: Keep time and mode, where the target can.

        Returns:
            The target as a path.
        """
        return copy_path(self, _as_path(target), follow_symlinks, preserve_metadata)

    def copy_into(self, target_dir: Any, *, follow_symlinks: bool = True, preserve_metadata: bool = False) -> Any:
        """Copy the file or tree into a directory of any storage, under its own name.

        Args:
            target_dir: The directory.
            follow_symlinks: Copy what a link leads to.
            preserve_metadata: Keep time and mode, where the target can.

        Returns:
            The new path.
        """
        target = _as_path(target_dir).child(self._own_name())
        return self.copy(target, follow_symlinks=follow_symlinks, preserve_metadata=preserve_metadata)

    def move(self, target: Any) -> Any:
        """Move the file or tree to a path of any storage: renamed where that works, else copied, checked, deleted.

        Args:
            target: The new path.

        Returns:
            The target as a path.
        """
        return move_path(self, _as_path(target))

    def move_into(self, target_dir: Any) -> Any:
        """Move the file or tree into a directory of any storage, under its own name.

        Args:
            target_dir: The directory.
        """
        return self.move(_as_path(target_dir).child(self._own_name()))

    def _own_name(self) -> str:
        if not self.name:
            raise ValueError(f"{self!r} has an empty name")
        return self.name


def _as_path(value: Any) -> Path:
    return value if isinstance(value, Path) else Path(value)


def _local_class(cls: Any) -> Any:
    """Give the class by which a local path is made: of a class of another storage, the one that both come from."""
    return cls if not cls.scheme else getattr(cls, "_user_class", Path)


_MADE_BY_INIT = sys.version_info >= (3, 12)
"""Whether `pathlib` reads the segments in `__init__`, not in `__new__`."""

_local: Any = None


def _load_local() -> Any:
    global _local  # noqa: PLW0603 - the class of local paths imports this module, so it is found when first needed
    _local = load(LOCAL)
    return _local


def _implementation(segments: Sequence[Any]) -> tuple[Any, int]:
    """Find the class that the last absolute URI asks for, and where that URI stands; without one, the local class."""
    for index in range(len(segments) - 1, -1, -1):
        segment = segments[index]
        if isinstance(segment, str):
            found = implementation_of(segment) if ":/" in segment else None
            if found is not None:
                return found, index
        elif isinstance(segment, Path) and segment.scheme and (index == 0 or segment.anchor):
            return type(segment), index
    return load(LOCAL), 0


_subclasses: dict[tuple[type, type], type] = {}


class _Initialised:
    """What `super().__init__(*segments)` of a user's class reaches where the path is made already, by `__new__`."""

    __slots__ = ()

    def __init__(self, *segments: object) -> None:
        del segments


def _subclass(cls: type, implementation: type) -> type:
    """Join a user's `class MyPath(Path)` with the class of a storage, once for each pair."""
    pair = (cls, implementation)
    if issubclass(implementation, cls):
        return implementation
    if pair not in _subclasses:
        names = {"__slots__": (), "__reduce__": _reduce, "__module__": cls.__module__}
        names |= {"_user_class": cls, "_storage_class": implementation}
        initialised = cls.__init__ is not object.__init__ and implementation.__init__ is object.__init__  # type: ignore[misc]
        try:
            _subclasses[pair] = type(cls.__name__, (cls, _Initialised, implementation) if initialised else pair, names)
        except TypeError as error:
            if any(base.__dict__.get("__slots__") for base in cls.__mro__):
                told = f"{cls.__name__} names __slots__, which the paths of no storage can take on: leave them out"
                raise TypeError(told) from error
            raise
    return _subclasses[pair]


def _reduce(self: Any) -> Any:
    # The joined class has no importable name of its own: unpickling goes through the user's.
    return self._user_class, (self._storage_class(self),)
