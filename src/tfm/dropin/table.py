"""The table: everything of the standard library that `dropin()` changes, one row for each name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from tfm.dropin import disguise, files, names, pandas, trees
from tfm.dropin.files import on_path, on_two, refuse
from tfm.dropin.guard import watch
from tfm.dropin.late import waiting
from tfm.dropin.names import on_list, on_text, on_texts
from tfm.dropin.patches import Patch, installed

NO_BITS = "there are no permission bits, owners and times to set."
NO_LINKS = "there are no links; copy the file."
NO_DISK = "there is no disk whose space could be told."
NO_CURRENT = "it can't be the current directory; use whole URIs."

_OPEN = on_path(files.open_file, "file")

_FILES: dict[str, Callable[[Any], Any]] = {
    "access": on_path(files.access),
    "listdir": on_path(files.listdir),
    "lstat": on_path(partial(files.stat, follow_symlinks=False)),
    "makedirs": on_path(files.makedirs, "name"),
    "mkdir": on_path(files.mkdir),
    "open": on_path(files.open_descriptor),
    "remove": on_path(files.remove),
    "removedirs": on_path(files.removedirs, "name"),
    "rename": on_two(files.rename),
    "replace": on_two(files.rename),
    "rmdir": on_path(files.rmdir),
    "scandir": on_path(files.Scan),
    "stat": on_path(files.stat),
    "truncate": on_path(files.truncate),
    "unlink": on_path(files.remove),
    **dict.fromkeys(("chflags", "chmod", "chown", "lchmod", "lchown", "utime"), refuse(NO_BITS)),
    **dict.fromkeys(("link", "symlink", "readlink"), refuse(NO_LINKS)),
    "fwalk": refuse("there are no numbers of open directories; use os.walk()."),
    **dict.fromkeys(("mkfifo", "mknod"), refuse("there are files and directories only.")),
    **dict.fromkeys(("getxattr", "listxattr", "removexattr", "setxattr"), refuse("there are no extended attributes.")),
    **dict.fromkeys(("pathconf", "statvfs"), refuse(NO_DISK)),
    **dict.fromkeys(("chdir", "chroot"), refuse(NO_CURRENT)),
}

_NAMES: dict[str, Callable[[Any], Any]] = {
    "abspath": on_text(names.normpath),
    "basename": on_text(names.basename),
    "commonpath": on_list(names.commonpath),
    "dirname": on_text(names.dirname),
    "exists": on_path(lambda path: path.exists()),
    "isabs": on_text(lambda _: True),
    "isdir": on_path(lambda path: path.is_dir(), "s"),
    "isfile": on_path(lambda path: path.is_file()),
    "islink": on_path(lambda _: False),
    "ismount": on_path(lambda _: False),
    "join": on_texts(names.join),
    "lexists": on_path(lambda path: path.exists()),
    "normpath": on_text(names.normpath),
    "realpath": on_text(names.realpath),
    "relpath": on_texts(names.relpath),
    "samefile": on_two(files.samefile),
    "split": on_text(names.split),
    "splitdrive": on_text(names.splitdrive),
    "splitext": on_text(names.splitext),
}

_TREES: dict[str, Callable[[Any], Any]] = {
    "copyfile": on_two(trees.copyfile),
    "copymode": on_two(trees.copymode),
    "copystat": on_two(trees.copystat),
    "rmtree": on_path(trees.rmtree),
    "disk_usage": refuse(NO_DISK),
    "chown": refuse(NO_BITS),
}


def _table() -> list[Patch]:
    watch()
    return [
        Patch("builtins", "open", _OPEN),
        Patch("io", "open", _OPEN),
        # Modules that took `open` when they were imported.
        Patch("tarfile", "bltn_open", _OPEN),
        Patch("bz2", "_builtin_open", _OPEN),
        Patch("tokenize", "_builtin_open", _OPEN),
        *(Patch("os", name, make) for name, make in _FILES.items()),
        *(Patch("os.path", name, make) for name, make in _NAMES.items()),
        *(Patch("shutil", name, make) for name, make in _TREES.items()),
        Patch("pathlib:Path", "__new__", disguise.new_path),
        Patch("pathlib:PurePath", "__new__", disguise.new_path),
        Patch("pathlib:PurePath", "__truediv__", disguise.join_one),
        Patch("pathlib:PurePath", "joinpath", disguise.join_many),
        Patch("tfm.uripath:URIPath", "__fspath__", disguise.fspath, adds=True),
    ]


@contextmanager
def session() -> Iterator[None]:
    """Have everything in place inside the block."""
    with installed(_table), waiting(pandas.PATCHES):
        yield
