"""Counting the requests that really leave, below the cache and below boto3."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tfm.s3.client import Boto3Client
from tfm.s3.fast.access import StepAside
from tfm.s3.fast.client import FastClient
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
    """Count what the client of a place sends from now on, by either engine."""
    requests = Requests()
    client: Any = client_for(place)
    while not isinstance(client, Boto3Client):
        if isinstance(client, FastClient):
            _count_fast(client, requests)
            client = client._behind
        else:
            client = client._client

    def sent(operation_name: str, **_: Any) -> None:
        requests.by_operation[operation_name] += 1

    client._boto3().meta.events.register("request-created.s3", sent)
    return requests


def _count_fast(client: FastClient, requests: Requests) -> None:
    try:
        dispatcher: Any = client._reach()
    except StepAside:
        return
    send = dispatcher._once

    def once(request: Any) -> Any:
        requests.by_operation["".join(word.capitalize() for word in request.operation.split("_"))] += 1
        return send(request)

    dispatcher._once = once
