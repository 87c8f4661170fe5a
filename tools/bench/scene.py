"""Where cases are measured: the server, directories to work in, and how much there is to do."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.server import BUILT, Server

MEMORY = Path("/dev/shm")
"""A file system in memory, where there is one: a disk would be measured otherwise."""
SMALL = 4096
PATTERN = 8 << 20
"""What made-up objects consist of, over and over; see `server/store.c`."""


@dataclass(frozen=True)
class Sizes:
    """How much there is to do.

    Args:
        listing: Keys of a recursive listing.
        directory: Entries of one directory.
        small: Small objects that go up and down.
        delete: Objects that are deleted.
        copy: Objects that are copied inside the server.
        verb: Requests of one verb; a page of a listing or a batch of deletes is one for 50 of them.
        large: Bytes of the large object.
        local_small: Small files of a local copy.
        local_large: Bytes of the large file of a local copy.
    """

    listing: int = 100_000
    directory: int = 5_000
    small: int = 5_000
    delete: int = 10_000
    copy: int = 2_000
    verb: int = 600
    large: int = 1 << 30
    local_small: int = 5_000
    local_large: int = 2 << 30


FULL = Sizes()
QUICK = Sizes(
    listing=30_000, directory=2_000, small=2_000, delete=3_000, copy=1_000, verb=300, large=256 << 20,
    local_small=2_000, local_large=512 << 20,
)  # fmt: skip


@dataclass
class Scene:
    """Everything that a case needs.

    Args:
        server: The running server.
        sizes: How much there is to do.
        chain: The certificate of https; `None` without.
        disk: A directory on disk for local copies.
        memory: A directory in memory, or on disk where there is no such file system.
        home: An empty home, so that nobody's settings count.
    """

    server: Server
    sizes: Sizes
    chain: Path | None
    disk: Path
    memory: Path
    home: Path
    _pattern: bytes = field(default=b"", repr=False)

    @classmethod
    def make(cls, server: Server, sizes: Sizes, chain: Path | None) -> Scene:
        """Make the directories; `remove` removes them.

        Args:
            server: The running server.
            sizes: How much there is to do.
            chain: The certificate of https; `None` without.
        """
        BUILT.mkdir(parents=True, exist_ok=True)
        disk = Path(tempfile.mkdtemp(prefix="work-", dir=BUILT))
        needed = 3 * sizes.large
        roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > needed
        memory = Path(tempfile.mkdtemp(prefix="tfm-bench-", dir=MEMORY)) if roomy else disk / "memory"
        home = disk / "home"
        for directory in (memory, home):
            directory.mkdir(exist_ok=True)
        return cls(server, sizes, chain, disk, memory, home)

    def remove(self) -> None:
        """Remove the directories."""
        for directory in (self.memory, self.disk):
            shutil.rmtree(directory, ignore_errors=True)

    def variables(self, *, tls: bool = False) -> dict[str, str]:
        """Give the environment of what is measured: the server, fake keys, an empty home, and nothing of the user.

        Args:
            tls: Whether the server is reached by https.
        """
        kept: Mapping[str, str] = os.environ
        names = ("PATH", "LANG", "LC_ALL", "TMPDIR")
        endpoint = self.server.tls_endpoint if tls else self.server.endpoint
        made = {
            **{name: kept[name] for name in names if name in kept},
            "HOME": str(self.home),
            "AWS_ACCESS_KEY_ID": "bench",
            "AWS_SECRET_ACCESS_KEY": "bench-secret",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ENDPOINT_URL_S3": endpoint,
            "S3_ENDPOINT_URL": endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "*",
            "TFM_CONFIG": "",
        }
        if tls and self.chain:
            made |= dict.fromkeys(("AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), str(self.chain))
        return made

    def pattern(self) -> bytes:
        """Give the bytes that made-up objects consist of."""
        if not self._pattern:
            self.server.control(clear="pattern")
            self.server.control(fill="pattern", shape="one", count=1, size=PATTERN, prefix="pattern")
            self._pattern = self.server.content("pattern", "pattern")
        return self._pattern

    def write_large(self, file: Path, size: int) -> Path:
        """Write a file of the pattern, unless it is there.

        Args:
            file: The file.
            size: Its bytes.
        """
        if not (file.exists() and file.stat().st_size == size):
            with file.open("wb") as out:
                for at in range(0, size, PATTERN):
                    out.write(self.pattern()[: size - at])
        return file

    def is_pattern(self, file: Path, size: int) -> bool:
        """Tell whether a file has that size and consists of the pattern.

        Args:
            file: The file.
            size: Its bytes.
        """
        if not file.is_file() or file.stat().st_size != size:
            return False
        pattern = self.pattern()
        with file.open("rb", buffering=0) as stream:
            return all(stream.read(PATTERN) == pattern[: size - at] for at in range(0, size, PATTERN))

    def write_small(self, directory: Path, count: int) -> Path:
        """Write a directory of small files, unless it is there.

        Args:
            directory: The directory.
            count: How many.
        """
        if not directory.exists():
            directory.mkdir(parents=True)
            for number in range(count):
                (directory / f"file-{number:08d}.bin").write_bytes(self.pattern()[:SMALL])
        return directory

    def is_small(self, directory: Path, count: int) -> bool:
        """Tell whether a directory holds so many small files of the right bytes.

        Args:
            directory: The directory.
            count: How many.
        """
        right = self.pattern()[:SMALL]
        names = {entry.name for entry in os.scandir(directory)} if directory.is_dir() else set()
        wanted = {f"file-{number:08d}.bin" for number in range(count)}
        return names == wanted and all((directory / name).read_bytes() == right for name in names)
