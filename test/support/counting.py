"""Counting the requests that really leave, below the cache and below boto3."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tfm.s3.client import Boto3Client
from tfm.s3.places import client_for


class Requests:
    """The requests of one client, by operation."""

    def __init__(self) -> None:
        self.by_operation: Counter[str] = Counter()

    @property
    def total(self) -> int:
        """How many there were."""
        return sum(self.by_operation.values())

    def take(self) -> dict[str, int]:
        """Give the counts and begin again."""
        counts = dict(self.by_operation)
        self.by_operation.clear()
        return counts


def counted(place: str) -> Requests:
    """Count what the client of a place sends from now on."""
    requests = Requests()
    client: Any = client_for(place)
    while not isinstance(client, Boto3Client):
        client = client._client

    def sent(operation_name: str, **_: Any) -> None:
        requests.by_operation[operation_name] += 1

    client._boto3().meta.events.register("request-created.s3", sent)
    return requests
