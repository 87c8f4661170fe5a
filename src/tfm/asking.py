"""What is asked of one path: is it there, what is it, how large and how old; all from `facts`."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from tfm.implementation import PathImpl
from tfm.info import FileInfo, LazyInfo, stat_result


class Asking(PathImpl):
    """The questions of `pathlib.Path` about one file or directory."""

    __slots__ = ()

    @property
    def info(self) -> Any:
        """What is known of the path: from its listing, or asked once when first needed."""
        return LazyInfo(self.facts)

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        """Give size, time and mode; what the storage doesn't keep is 0.

        Args:
            follow_symlinks: Tell of the target of a link, not of the link.
        """
        return stat_result(self.facts(follow_symlinks=follow_symlinks))

    def lstat(self) -> os.stat_result:
        """Give size, time and mode of the path itself, even if it is a link."""
        return self.stat(follow_symlinks=False)

    def exists(self, *, follow_symlinks: bool = True) -> bool:
        """Whether the path is there; a storage that won't or can't say raises.

        Args:
            follow_symlinks: A broken link is not there.
        """
        return self._is(lambda _: True, follow_symlinks)

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        """Whether the path is a directory.

        Args:
            follow_symlinks: Tell of the target of a link.
        """
        return self._is(FileInfo.is_dir, follow_symlinks)

    def known_directory(self) -> bool:
        """Whether the path is a directory and no file, as far as the storage can tell without a request."""
        return self.is_dir()

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        """Whether the path is a regular file.

        Args:
            follow_symlinks: Tell of the target of a link.
        """
        return self._is(FileInfo.is_file, follow_symlinks)

    def is_symlink(self) -> bool:
        """Whether the path is a symbolic link."""
        return self._is(FileInfo.is_symlink, False)

    def _is(self, question: Callable[[FileInfo], bool], follow_symlinks: bool) -> bool:
        try:
            return question(self.facts(follow_symlinks=follow_symlinks))
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return False
