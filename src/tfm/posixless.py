"""What only a POSIX file system can do: on other storages each of these says so at once, and does nothing."""

from __future__ import annotations

from typing import Any, NoReturn

from tfm.errors import UnsupportedOperation


class Posixless:
    """The operations of `pathlib.Path` that a storage without links, owners and permission bits can't have."""

    __slots__ = ()

    def _unsupported(self, operation: str, why: str) -> NoReturn:
        raise UnsupportedOperation(f"{operation}() on {str(self)!r}: {why}")

    def chmod(self, mode: int, *, follow_symlinks: bool = True) -> None:
        """Unsupported: there are no permission bits."""
        self._unsupported("chmod", "there are no permission bits here; access is a matter of policies.")

    def lchmod(self, mode: int) -> None:
        """Unsupported: there are no permission bits."""
        self._unsupported("lchmod", "there are no permission bits here; access is a matter of policies.")

    def owner(self, *, follow_symlinks: bool = True) -> str:
        """Unsupported: there are no owners by name."""
        self._unsupported("owner", "there are no owners by name here.")

    def group(self, *, follow_symlinks: bool = True) -> str:
        """Unsupported: there are no groups."""
        self._unsupported("group", "there are no groups here.")

    def readlink(self) -> Any:
        """Unsupported: there are no links."""
        self._unsupported("readlink", "there are no links here.")

    def symlink_to(self, target: Any, target_is_directory: bool = False) -> None:
        """Unsupported: there are no links."""
        self._unsupported("symlink_to", "there are no links here; copy the file.")

    def hardlink_to(self, target: Any) -> None:
        """Unsupported: there are no links."""
        self._unsupported("hardlink_to", "there are no links here; copy the file.")

    def link_to(self, target: Any) -> None:
        """Unsupported: there are no links. Python 3.12 dropped the name."""
        self._unsupported("link_to", "there are no links here; copy the file.")

    def is_mount(self) -> bool:
        """Never: nothing is mounted here."""
        return False

    def is_junction(self) -> bool:
        """Never: there are no links."""
        return False

    def is_socket(self) -> bool:
        """Never: there are files and directories only."""
        return False

    def is_fifo(self) -> bool:
        """Never: there are files and directories only."""
        return False

    def is_block_device(self) -> bool:
        """Never: there are files and directories only."""
        return False

    def is_char_device(self) -> bool:
        """Never: there are files and directories only."""
        return False
