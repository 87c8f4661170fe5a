"""Which class implements the paths of a scheme; names of classes, loaded when first needed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tfm.errors import InvalidPathError
from tfm.uri import scheme_of

if TYPE_CHECKING:
    from tfm.uripath import URIPath

ENTRY_POINTS = "tfm.implementations"
"""The entry point group by which other packages add schemes: name the scheme, point to a `URIPath` class."""

LOCAL = ""
"""Stands for the scheme of paths that have none."""

_names: dict[str, str] = {LOCAL: "tfm.local:LocalPathImpl", "s3": "tfm.s3.path:S3PathImpl"}
_classes: dict[str, Any] = {}
_others_read = False


def register(scheme: str, implementation: str | type[URIPath]) -> None:
    """Let `Path` make paths of a scheme with this class.

    Args:
        scheme: Such as `mem`, without the colon.
        implementation: A class, or `module:Class` to load when the first such path is made.
    """
    _classes.pop(scheme, None)
    if isinstance(implementation, str):
        _names[scheme] = implementation
    else:
        _names[scheme] = f"{implementation.__module__}:{implementation.__qualname__}"
        _classes[scheme] = implementation


def schemes() -> list[str]:
    """List the schemes that `Path` knows."""
    _read_others()
    return sorted(name for name in _names if name != LOCAL)


def implementation_of(text: str) -> type[URIPath] | None:
    """Find the class for a text, or `None` when it is a local name.

    Args:
        text: A path as a user writes it.

    Raises:
        InvalidPathError: The text has a known scheme and one slash, as `pathlib` leaves a URI that went through it.
    """
    head, colon, _ = text.partition("://")
    if colon and head and head in _classes:  # the quick way, for nearly every URI
        known: type[URIPath] = _classes[head]
        return known
    scheme, slashes = scheme_of(text)
    if not scheme or not slashes:
        return None
    if scheme not in _names:
        _read_others()
    if scheme not in _names:
        return None
    if slashes == 1:
        rest = text.partition(":/")[2]
        raise InvalidPathError(
            f"{text!r} has one slash behind {scheme!r}: write '{scheme}://{rest}' for the URI, or './{text}' for a "
            "local file of that name."
        )
    implementation: type[URIPath] = load(scheme)
    return implementation


def load(scheme: str) -> Any:
    """Give the class of a scheme, importing it when this is the first time.

    Args:
        scheme: A registered one.
    """
    found = _classes.get(scheme)
    if found is None:
        module, _, name = _names[scheme].partition(":")
        found = _classes[scheme] = getattr(import_module(module), name)
    return found


def _read_others() -> None:
    global _others_read  # noqa: PLW0603 - read once per process, at the first unknown scheme
    if not _others_read:
        _others_read = True
        from importlib import metadata  # slow to import, and hardly ever needed

        for entry in metadata.entry_points(group=ENTRY_POINTS):
            _names.setdefault(entry.name, entry.value)
