"""The public names of `pathlib.PurePath` and `pathlib.Path` in Python 3.14, with their parameters.

Written down from the documentation, because the oldest supported Pythons don't have them all; tests compare every
implementation with this list, and `pathlib_page.py` makes the reference page of it.

Source: https://docs.python.org/3.14/library/pathlib.html
"""

from __future__ import annotations

from typing import NamedTuple


class Name(NamedTuple):
    """One public name.

    Args:
        name: As in the documentation.
        parameters: After `self` or `cls`, as in the documentation; `None` for an attribute.
        since: The first Python that has it, or has its newest parameter; empty when that is 3.11.
        adds: What that Python brought: empty for the name itself, otherwise the parameters.
    """

    name: str
    parameters: str | None
    since: str = ""
    adds: str = ""


PURE = [
    Name("anchor", None),
    Name("as_posix", ""),
    Name("as_uri", ""),
    Name("drive", None),
    Name("full_match", "pattern, *, case_sensitive=None", "3.13"),
    Name("is_absolute", ""),
    Name("is_relative_to", "other"),
    Name("is_reserved", ""),
    Name("joinpath", "*pathsegments"),
    Name("match", "path_pattern, *, case_sensitive=None", "3.12", "case_sensitive"),
    Name("name", None),
    Name("parent", None),
    Name("parents", None),
    Name("parser", None, "3.13"),
    Name("parts", None),
    Name("relative_to", "other, *, walk_up=False", "3.12", "walk_up"),
    Name("root", None),
    Name("stem", None),
    Name("suffix", None),
    Name("suffixes", None),
    Name("with_name", "name"),
    Name("with_segments", "*pathsegments", "3.12"),
    Name("with_stem", "stem"),
    Name("with_suffix", "suffix"),
]
"""What looks at the text of a path alone."""

CONCRETE = [
    Name("absolute", ""),
    Name("chmod", "mode, *, follow_symlinks=True"),
    Name("copy", "target, *, follow_symlinks=True, preserve_metadata=False", "3.14"),
    Name("copy_into", "target_dir, *, follow_symlinks=True, preserve_metadata=False", "3.14"),
    Name("cwd", ""),
    Name("exists", "*, follow_symlinks=True", "3.12", "follow_symlinks"),
    Name("expanduser", ""),
    Name("from_uri", "uri", "3.13"),
    Name("glob", "pattern, *, case_sensitive=None, recurse_symlinks=False", "3.13", "case_sensitive, recurse_symlinks"),
    Name("group", "*, follow_symlinks=True", "3.13", "follow_symlinks"),
    Name("hardlink_to", "target"),
    Name("home", ""),
    Name("info", None, "3.14"),
    Name("is_block_device", ""),
    Name("is_char_device", ""),
    Name("is_dir", "*, follow_symlinks=True", "3.13", "follow_symlinks"),
    Name("is_fifo", ""),
    Name("is_file", "*, follow_symlinks=True", "3.13", "follow_symlinks"),
    Name("is_junction", "", "3.12"),
    Name("is_mount", ""),
    Name("is_socket", ""),
    Name("is_symlink", ""),
    Name("iterdir", ""),
    Name("lchmod", "mode"),
    Name("lstat", ""),
    Name("mkdir", "mode=0o777, parents=False, exist_ok=False"),
    Name("move", "target", "3.14"),
    Name("move_into", "target_dir", "3.14"),
    Name("open", "mode='r', buffering=-1, encoding=None, errors=None, newline=None"),
    Name("owner", "*, follow_symlinks=True", "3.13", "follow_symlinks"),
    Name("read_bytes", ""),
    Name("read_text", "encoding=None, errors=None, newline=None", "3.13", "newline"),
    Name("readlink", ""),
    Name("rename", "target"),
    Name("replace", "target"),
    Name("resolve", "strict=False"),
    Name(
        "rglob", "pattern, *, case_sensitive=None, recurse_symlinks=False", "3.13", "case_sensitive, recurse_symlinks"
    ),
    Name("rmdir", ""),
    Name("samefile", "other_path"),
    Name("stat", "*, follow_symlinks=True"),
    Name("symlink_to", "target, target_is_directory=False"),
    Name("touch", "mode=0o666, exist_ok=True"),
    Name("unlink", "missing_ok=False"),
    Name("walk", "top_down=True, on_error=None, follow_symlinks=False", "3.12"),
    Name("write_bytes", "data"),
    Name("write_text", "data, encoding=None, errors=None, newline=None"),
]
"""What looks at a storage."""
