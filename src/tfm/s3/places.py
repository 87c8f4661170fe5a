"""Places, and the one pooled client that every path of a place shares in this process."""

from __future__ import annotations

import os
import threading

from tfm.s3.client import Boto3Client
from tfm.s3.protocol import Place, S3Client

_lock = threading.Lock()
_clients: dict[str, S3Client] = {}


def place(name: str = "") -> Place:
    """Give the place of a name: the environment's for the empty one, else the AWS profile of that name.

    Args:
        name: The name before `@` in a URI.
    """
    return Place(name=name, profile=name or None)


def client_for(name: str = "") -> S3Client:
    """Give the client of a place, the same one each time.

    Args:
        name: The name of the place; empty for the default one.
    """
    with _lock:
        if name not in _clients:
            _clients[name] = Boto3Client(place(name))
        return _clients[name]


def use_client(name: str, client: S3Client) -> None:
    """Put another client in the place of a name, for tests and for special needs.

    Args:
        name: The name of the place; empty for the default one.
        client: Any client of the protocol.
    """
    with _lock:
        _clients[name] = client


def reset() -> None:
    """Drop every client; the next ones read the environment again."""
    with _lock:
        _clients.clear()


os.register_at_fork(after_in_child=reset)
